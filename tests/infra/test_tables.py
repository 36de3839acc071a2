"""The tables of the template against the models of the packs."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from pynamodb.attributes import TTLAttribute
from pynamodb.models import Model

from tests.infra.reading import Synthesised

PACKS = {
    "Personas": "personas",
    "Channels": "channels",
    "Photos": "photos",
    "Posts": "scheduling",
    "Authoring": "authoring",
}


@pytest.mark.parametrize(("table", "pack"), PACKS.items())
def test_tables_equal_models(prod: Synthesised, table: str, pack: str) -> None:
    result = prod.template.only("AWS::DynamoDB::Table", named=table)
    schemas = [model._get_schema() for model in _models(pack)]
    assert schemas
    for schema in schemas:
        assert _keys(schema["key_schema"]) == _keys(result["KeySchema"])
    indexes = {index["index_name"]: index for schema in schemas for index in schema["global_secondary_indexes"]}
    assert {
        index["IndexName"]: (_keys(index["KeySchema"]), index["Projection"])
        for index in result.get("GlobalSecondaryIndexes", [])
    } == {name: (_keys(index["key_schema"]), index["projection"]) for name, index in indexes.items()}
    assert _types(result["AttributeDefinitions"]) == {
        name: kind for schema in schemas for name, kind in _types(schema["attribute_definitions"]).items()
    }


def test_tables_are_on_demand_and_encrypted_with_the_key_of_aws(either: Synthesised) -> None:
    tables = either.template.of("AWS::DynamoDB::Table")
    assert len(tables) == len(PACKS)
    for table in tables.values():
        assert table["BillingMode"] == "PAY_PER_REQUEST"
        assert "SSESpecification" not in table


def test_items_that_expire_have_the_attribute_that_the_table_removes_by(prod: Synthesised) -> None:
    expiring = {
        model.__name__: attribute.attr_name
        for pack in PACKS.values()
        for model in _models(pack)
        for attribute in model.get_attributes().values()
        if isinstance(attribute, TTLAttribute)
    }
    assert expiring.keys() >= {"StoredResponseItem", "WeekItem"}
    for table in prod.template.of("AWS::DynamoDB::Table").values():
        assert {table["TimeToLiveSpecification"]["AttributeName"]} == set(expiring.values())


def test_production_tables_survive_mistakes(prod: Synthesised) -> None:
    for table in prod.template.of("AWS::DynamoDB::Table").values():
        assert table["DeletionProtectionEnabled"] is True
        assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    kept = [
        resource["DeletionPolicy"]
        for resource in prod.template.body["Resources"].values()
        if resource["Type"].endswith("::Table")
    ]
    assert kept == ["RetainExceptOnCreate"] * len(PACKS)


def test_tables_of_a_laptop_go_with_it(local: Synthesised) -> None:
    for table in local.template.body["Resources"].values():
        if table["Type"] == "AWS::DynamoDB::Table":
            assert table["DeletionPolicy"] == "Delete"
            assert table["Properties"]["DeletionProtectionEnabled"] is False


def _models(pack: str) -> list[type[Model]]:
    """Every model a pack defines."""
    package = importlib.import_module(f"shutterpost.{pack}")
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return [model for model in _below(Model) if model.__module__.startswith(f"{package.__name__}.")]


def _below(model: type[Model]) -> Iterator[type[Model]]:
    for derived in model.__subclasses__():
        yield derived
        yield from _below(derived)


def _keys(schema: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {key["KeyType"]: key["AttributeName"] for key in schema}


def _types(definitions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    return {definition["AttributeName"]: definition["AttributeType"] for definition in definitions}
