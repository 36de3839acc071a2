"""The guide's commands that restore a table, on the embedded AWS, which knows no earlier state and restores today's."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.emulator import Emulator
from tests.docs.pages import ROOT
from tests.docs.test_aws_commands import commands
from tests.infra.reading import Synthesised
from tests.support.aws_commands import run_command

pytestmark = pytest.mark.emulator

TABLE = "shutterpost-prod-posts"
CREATED = ("TableName", "BillingMode", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes")
KEPT = (
    "KeySchema",
    "AttributeDefinitions",
    "GlobalSecondaryIndexes",
    "BillingModeSummary",
    "DeletionProtectionEnabled",
)


@pytest.fixture
def dynamodb(prod: Synthesised) -> Iterator[Any]:
    """The posts table of the `prod` stage, with three items."""
    template = prod.template.only("AWS::DynamoDB::Table", named="Posts")
    with Emulator(say=lambda _line: None) as aws:
        client = aws.client("dynamodb")
        protected = template["DeletionProtectionEnabled"]
        client.create_table(**{name: template[name] for name in CREATED}, DeletionProtectionEnabled=protected)
        expiry, recovery = template["TimeToLiveSpecification"], template["PointInTimeRecoverySpecification"]
        client.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=expiry)
        client.update_continuous_backups(TableName=TABLE, PointInTimeRecoverySpecification=recovery)
        for number in range(3):
            item = {"pk": f"POST#{number}", "sk": "POST", "timeline": "sea#posts", "timeline_at": f"2026-03-0{number}"}
            client.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in item.items()})
        yield client


def test_commands_of_the_guide_give_the_table_back_as_it_was(dynamodb: Any) -> None:
    before = state_of(dynamodb)
    backup = ""
    for _, operation, *words in commands(ROOT / "docs" / "operations.md"):
        response = run_command(dynamodb, operation, [backup if each == "BACKUP_ARN" else each for each in words])
        if operation == "restore-table-to-point-in-time":
            assert contents(dynamodb, f"{TABLE}-restored") == contents(dynamodb, TABLE)
        if operation == "create-backup":
            backup = response["BackupDetails"]["BackupArn"]

    assert state_of(dynamodb) == before
    assert dynamodb.list_tables()["TableNames"] == [TABLE]


def state_of(dynamodb: Any) -> dict[str, Any]:
    """What the stack sets of the table, and its items."""
    described = dynamodb.describe_table(TableName=TABLE)["Table"]
    expiry = dynamodb.describe_time_to_live(TableName=TABLE)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=TABLE)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    kept = {name: described[name] for name in KEPT}
    return {**kept, "expiry": expiry, "recovery": recovery, "items": contents(dynamodb, TABLE)}


def contents(dynamodb: Any, table: str) -> list[dict[str, Any]]:
    """The items, in the order of the timeline index."""
    condition, values = "timeline = :timeline", {":timeline": {"S": "sea#posts"}}
    page = dynamodb.query(
        TableName=table,
        IndexName="timeline",
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
    )
    items: list[dict[str, Any]] = page["Items"]
    return items
