"""What no release may change, for it would replace what holds data; see docs/decisions/0013."""

import copy
import json
from collections import Counter
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

from tests.infra.last_release import last_release
from tests.infra.reading import Resource, Synthesised, text

# What keeps data or work: items, photos, messages, timers and what they name, executions, a confirmed subscription,
# and the addresses that callers have.
KEPT = (
    "AWS::ApiGatewayV2::Api",
    "AWS::CloudFront::Distribution",
    "AWS::DynamoDB::Table",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Function",
    "AWS::S3::Bucket",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::StepFunctions::StateMachine",
)
TIMERS_PASS = "TimersTimerRole"
Resources = dict[str, Resource]


def replaced(before: Resources, after: Resources) -> list[str]:
    """What an update would remove or replace of `KEPT`; CloudFormation's schemas say which changes replace."""
    lost = []
    for name, resource in before.items():
        if resource["Type"] not in KEPT and not name.startswith(TIMERS_PASS):
            continue
        today = after.get(name, {"Type": "nothing"})
        if today["Type"] != resource["Type"]:
            lost.append(f"{name} becomes {today['Type']}")
            continue
        lost += [
            f"{name}.{path}"
            for path in create_only(resource["Type"])
            if resource.get("Properties", {}).get(path) != today.get("Properties", {}).get(path)
        ]
    return lost


def create_only(kind: str) -> list[str]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    names = ("createOnlyProperties", "conditionalCreateOnlyProperties")
    return [path.split("/")[2] for name in names for path in schema.get(name) or []]


def indexes(table: Resource) -> dict[str, Any]:
    return {index["IndexName"]: index for index in table["Properties"].get("GlobalSecondaryIndexes", [])}


def index_changes(before: Resources, after: Resources) -> dict[str, tuple[set[str], set[str]]]:
    """By table, the indexes that are added, and those that are removed or changed."""
    changes = {}
    for name, table in before.items():
        if table["Type"] == "AWS::DynamoDB::Table":
            then, now = indexes(table), indexes(after[name])
            changed = {index for index in then if now.get(index) != then[index]}
            changes[name] = (now.keys() - then.keys(), changed)
    return changes


@pytest.fixture
def today(prod: Synthesised) -> Resources:
    """A copy of today's resources, to be changed."""
    resources: Resources = copy.deepcopy(prod.template.body["Resources"])
    return resources


def test_an_update_from_the_last_release_replaces_nothing_that_is_kept(prod: Synthesised) -> None:
    before = last_release()["Resources"]
    assert {each["Type"] for each in before.values()} >= set(KEPT)
    assert replaced(before, prod.template.body["Resources"]) == []


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("AWS::DynamoDB::Table", "TableName", "another"),
        ("AWS::DynamoDB::Table", "KeySchema", [{"AttributeName": "id", "KeyType": "HASH"}]),
        ("AWS::S3::Bucket", "BucketName", "another"),
        ("AWS::SQS::Queue", "QueueName", "another"),
        ("AWS::Scheduler::ScheduleGroup", "Name", "another"),
        ("AWS::StepFunctions::StateMachine", "StateMachineType", "EXPRESS"),
        ("AWS::Lambda::Function", "FunctionName", "another"),
        ("AWS::SNS::Topic", "TopicName", "another"),
        ("AWS::IAM::Role", "RoleName", "another"),
    ],
)
def test_a_change_that_replaces_is_seen(today: Resources, kind: str, name: str, value: Any) -> None:
    changed = next(id_ for id_ in today if today[id_]["Type"] == kind and (kind[5:8] != "IAM" or TIMERS_PASS in id_))
    today[changed]["Properties"][name] = value
    assert replaced(last_release()["Resources"], today) == [f"{changed}.{name}"]


@pytest.mark.parametrize("kind", KEPT)
def test_a_new_logical_id_is_seen(today: Resources, kind: str) -> None:
    moved = next(name for name in today if today[name]["Type"] == kind)
    today["Another"] = today.pop(moved)
    assert replaced(last_release()["Resources"], today) == [f"{moved} becomes nothing"]


def test_what_holds_data_is_kept_when_its_stack_goes(prod: Synthesised) -> None:
    resources = prod.template.body["Resources"].values()
    kept = [each for each in resources if each.get("DeletionPolicy") == "RetainExceptOnCreate"]
    assert Counter(each["Type"] for each in kept) == {"AWS::DynamoDB::Table": 5, "AWS::S3::Bucket": 1}
    assert {each["UpdateReplacePolicy"] for each in kept} == {"Retain"}


def test_a_release_adds_at_most_one_index_to_a_table(prod: Synthesised) -> None:
    for name, (added, changed) in index_changes(last_release()["Resources"], prod.template.body["Resources"]).items():
        assert changed == set(), name
        assert len(added) <= 1, f"{name}: DynamoDB creates one index per deploy"


def test_a_changed_index_is_seen(today: Resources) -> None:
    (posts,) = [name for name in today if name.startswith("PostsTable")]
    first, *others = today[posts]["Properties"]["GlobalSecondaryIndexes"]
    today[posts]["Properties"]["GlobalSecondaryIndexes"] = [{**first, "Projection": {}}, *others, {"IndexName": "new"}]
    assert index_changes(last_release()["Resources"], today)[posts] == ({"new"}, {first["IndexName"]})


def test_the_tables_are_made_after_what_an_account_may_be_refused(prod: Synthesised) -> None:
    tables = [each for each in prod.template.body["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table"]
    ((distribution, _),) = prod.template.of("AWS::CloudFront::Distribution").items()
    assert all(distribution in table["DependsOn"] for table in tables)


def test_items_that_are_dated_go_by_themselves(prod: Synthesised) -> None:
    for table in prod.template.of("AWS::DynamoDB::Table").values():
        assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


def test_names_that_all_regions_of_an_account_share_hold_the_region(prod: Synthesised) -> None:
    access = prod.template.only("AWS::CloudFront::OriginAccessControl")["OriginAccessControlConfig"]["Name"]
    caching = prod.template.only("AWS::CloudFront::CachePolicy")["CachePolicyConfig"]["Name"]
    assert "<AWS::Region>" in text(access)
    assert "<AWS::Region>" in text(caching)


def test_the_machine_s_role_is_assumed_for_this_account_alone(prod: Synthesised) -> None:
    (trust,) = prod.template.only("AWS::IAM::Role", named="ChainRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert "*" not in json.dumps(trust)
