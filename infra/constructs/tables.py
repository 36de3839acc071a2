"""The tables of the packs, with the keys and indexes of the packs' models."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from aws_cdk import aws_dynamodb as dynamodb
from pynamodb.models import Model

from constructs import Construct
from infra.constructs.grants import Grants, acknowledge
from infra.stage import Stage
from shutterpost.authoring.store.items import AuthoringItem
from shutterpost.channels.store import ConnectionItem
from shutterpost.personas.store import PersonaItem
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.scheduling.store.items import Item

MODELS: Final[Mapping[str, type[Model]]] = {
    "personas": PersonaItem,
    "channels": ConnectionItem,
    "photos": PhotosTable,
    "posts": Item,
    "authoring": AuthoringItem,
}
"""The model that holds a table's keys and indexes. Only packs and this module use them."""
EXPIRY: Final = "expires_at"
"""DynamoDB removes an item some time after this instant (seconds since 1970), where it has one."""


class PackTable(Construct):
    """A pack's table: on demand, encrypted with AWS's key, with point-in-time recovery if the stage retains data.

    Its fixed name lets a new deployment of the stage import the table, or fail; an empty second table is never created.
    """

    def __init__(self, scope: Construct, construct_id: str, *, name: str, model: type[Model], stage: Stage) -> None:
        super().__init__(scope, construct_id)
        schema = model._get_schema()  # noqa: SLF001 - PynamoDB shows its schema nowhere else
        types = {
            attribute["AttributeName"]: attribute["AttributeType"] for attribute in schema["attribute_definitions"]
        }
        hash_key, range_key = _keys(schema["key_schema"], types)
        self.table = dynamodb.Table(
            self,
            "Table",
            table_name=f"{stage.prefix}-{name}",
            time_to_live_attribute=EXPIRY,
            partition_key=hash_key,
            sort_key=range_key,
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.retain
            ),
            deletion_protection=stage.retain,
            removal_policy=stage.removal,
        )
        indexes = schema["global_secondary_indexes"]
        for index in indexes:
            projection = index["projection"]
            hash_key, range_key = _keys(index["key_schema"], types)
            self.table.add_global_secondary_index(
                index_name=index["index_name"],
                partition_key=hash_key,
                sort_key=range_key,
                projection_type=dynamodb.ProjectionType[projection["ProjectionType"]],
                non_key_attributes=projection.get("NonKeyAttributes"),
            )
        self._index_names = tuple(index["index_name"] for index in indexes)
        if not stage.retain:
            acknowledge(self.table, {"AwsSolutions-DDB3": "The embedded AWS is thrown away with all it holds."})

    @property
    def name(self) -> str:
        return self.table.table_name

    def allow_read(self, grants: Grants) -> None:
        """Allow reads by key, and queries of the table and its indexes; no scans."""
        grants.allow("dynamodb:GetItem", "dynamodb:BatchGetItem", on=[self.table.table_arn])
        indexes = [f"{self.table.table_arn}/index/{name}" for name in self._index_names]
        grants.allow("dynamodb:Query", on=[self.table.table_arn, *indexes])

    def allow_write(self, grants: Grants) -> None:
        """Allow puts and updates; no deletes."""
        grants.allow("dynamodb:PutItem", "dynamodb:UpdateItem", on=[self.table.table_arn])

    def allow_delete(self, grants: Grants) -> None:
        grants.allow("dynamodb:DeleteItem", on=[self.table.table_arn])


def _keys(
    key_schema: Sequence[Mapping[str, Any]], types: Mapping[str, str]
) -> tuple[dynamodb.Attribute, dynamodb.Attribute | None]:
    kinds = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER}
    names = {key["KeyType"]: key["AttributeName"] for key in key_schema}
    keys = {role: dynamodb.Attribute(name=name, type=kinds[types[name]]) for role, name in names.items()}
    return keys["HASH"], keys.get("RANGE")
