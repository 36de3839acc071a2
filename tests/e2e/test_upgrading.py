"""Today's deploy over the last release, with data in it and with work under way: nothing is replaced or lost."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any

import pytest

from infra.local.emulator import ACCOUNT, ROOT, Emulator
from infra.local.simulators import running_simulators
from tests.e2e.journey import Json
from tests.infra.last_release import last_release
from tests.support.pictures import jpeg
from tests.support.waiting import eventually

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("deploying"), pytest.mark.timeout(600)]

STACK = "shutterpost-local"
HOLDING = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::Scheduler::ScheduleGroup"}
OWNER = "111122223333/role/Photographer"
STORED: Json = json.loads((ROOT / "tests/contract/stored_items.json").read_text().replace(OWNER, f"{ACCOUNT}/root"))
EVENTS: Json = json.loads((ROOT / "tests/functions/stored_events.json").read_text())


def value(item: Json, name: str) -> str:
    (text,) = item[name].values()
    return str(text)


PERSONA_ID = value(STORED["personas"]["Persona"], "persona_id")
SCHEDULE = STORED["posts"]["Schedule"]
CONNECTION_ID = value(STORED["channels"]["Connection"], "connection_id")
# As the schedule was before it was handed over, on another connection; its time has long passed.
LATE = "2026-01-02T08:00:00.000Z"
QUEUED = {
    **{name: each for name, each in SCHEDULE.items() if name not in {"step", "run_id", "ref", "posted_at", "write_id"}},
    "sk": {"S": f"SCHEDULE#{CONNECTION_ID}"},
    "schedule_id": {"S": f"{value(SCHEDULE, 'post_id')}-{CONNECTION_ID}"},
    "connection_id": {"S": CONNECTION_ID},
    "channel": {"S": "instagram"},
    "status": {"S": "queued"},
    **{name: {"S": LATE} for name in ("run_at", "start_at", "publish_at", "timeline_at")},
}
STORED["posts"]["Queued"] = QUEUED
NAMES = {"schedule_id": value(SCHEDULE, "schedule_id"), "revision": value(SCHEDULE, "revision")}
PHOTO = f"photos/{PERSONA_ID}/Brume d'été (1).jpg"


@dataclass(frozen=True)
class Upgraded:
    """The stack before and after, and the work that was under way."""

    aws: Emulator
    before: dict[str, Json]
    outputs: dict[str, str]
    execution: str
    items: dict[str, list[Json]]
    items_after: dict[str, list[Json]]

    def resources(self) -> dict[str, Json]:
        """The stack's resources by logical id."""
        return resources_of(self.aws)


def resources_of(aws: Emulator) -> dict[str, Json]:
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=STACK)
    return {each["LogicalResourceId"]: each for page in pages for each in page["StackResourceSummaries"]}


@pytest.fixture(scope="module")
def upgraded() -> Iterator[Upgraded]:
    with running_simulators() as simulators, Emulator(say=lambda _line: None) as aws:
        deploy_last_release(aws)
        before = resources_of(aws)
        fill(aws)
        execution, items = put_to_work(aws, before), items_of(aws)
        urls = {"instagram_url": simulators.instagram_url, "facebook_url": simulators.facebook_url}
        # Sync would look at the late schedule.
        outputs = aws.deploy({"stage": "local", "sync_minutes": "60", "buffer_url": simulators.buffer_url, **urls})
        yield Upgraded(aws, before, outputs[STACK], execution, items, items_of(aws))


def deploy_last_release(aws: Emulator) -> None:
    template = last_release(STACK)
    # Its stand-in would take the message that waits for the deploy.
    template["Resources"] = {
        name: each for name, each in template["Resources"].items() if each["Type"] != "AWS::Lambda::EventSourceMapping"
    }
    s3, cloudformation = aws.client("s3"), aws.client("cloudformation")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="last.json", Body=json.dumps(template).encode())
    url = f"{aws.endpoint_url}/templates/last.json"
    cloudformation.create_stack(StackName=STACK, TemplateURL=url, Capabilities=["CAPABILITY_IAM"])
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})


def fill(aws: Emulator) -> None:
    """Every item that release be6a05b wrote, in its table."""
    for table, items in STORED.items():
        for item in items.values():
            aws.client("dynamodb").put_item(TableName=f"{STACK}-{table}", Item=item)


def items_of(aws: Emulator) -> dict[str, list[Json]]:
    return {table: aws.client("dynamodb").scan(TableName=f"{STACK}-{table}")["Items"] for table in STORED}


def put_to_work(aws: Emulator, resources: dict[str, Json]) -> str:
    """A photo whose message waits, a timer in the far future, and an execution at its first step; returns its ARN."""
    bucket = next(
        each["PhysicalResourceId"] for each in resources.values() if each["ResourceType"] == "AWS::S3::Bucket"
    )
    aws.client("s3").put_object(Bucket=bucket, Key=PHOTO, Body=jpeg())
    steps = physical(resources, "StepsFunction")
    function = aws.client("lambda").get_function_configuration(FunctionName=steps)["FunctionArn"]
    role = aws.client("iam").get_role(RoleName=physical(resources, "TimersTimerRole"))["Role"]["Arn"]
    timed = {**NAMES, "schedule_id": value(QUEUED, "schedule_id")}
    aws.client("scheduler").create_schedule(
        Name="old",
        GroupName=STACK,
        ScheduleExpression=f"at({datetime.now(UTC) + timedelta(days=30):%Y-%m-%dT%H:%M:%S})",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": function, "RoleArn": role, "Input": Template(EVENTS["timers"]["start"]).substitute(timed)},
    )
    execution = aws.client("stepfunctions").start_execution(
        stateMachineArn=physical(resources, "ChainMachine"), input=Template(EVENTS["execution"]).substitute(NAMES)
    )
    arn: str = execution["executionArn"]
    eventually(lambda: "WaitToBegin" in states(aws, arn))
    return arn


def physical(resources: dict[str, Json], prefix: str) -> str:
    types = {"AWS::Lambda::Function", "AWS::IAM::Role", "AWS::StepFunctions::StateMachine"}
    (physical_id,) = [
        each["PhysicalResourceId"]
        for name, each in resources.items()
        if name.startswith(prefix) and each["ResourceType"] in types
    ]
    return str(physical_id)


def states(aws: Emulator, execution: str) -> list[str]:
    pages = aws.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    return [each["stateEnteredEventDetails"]["name"] for each in events if "stateEnteredEventDetails" in each]


def status(aws: Emulator, execution: str) -> str:
    return str(aws.client("stepfunctions").describe_execution(executionArn=execution)["status"])


def test_what_holds_data_or_work_is_the_same_resource(upgraded: Upgraded) -> None:
    def holding(resources: dict[str, Json]) -> dict[str, str]:
        kinds = {*HOLDING, "AWS::StepFunctions::StateMachine"}
        return {name: each["PhysicalResourceId"] for name, each in resources.items() if each["ResourceType"] in kinds}

    assert holding(upgraded.resources()).items() >= holding(upgraded.before).items()
    assert len(holding(upgraded.before)) == 9


def test_every_item_is_as_it_was(upgraded: Upgraded) -> None:
    for table, items in upgraded.items.items():
        assert len(items) == len(STORED[table])
        assert [item for item in items if item not in upgraded.items_after[table]] == []


def test_the_api_shows_the_old_persona_and_its_post(upgraded: Upgraded) -> None:
    url = upgraded.aws.http_api_url(upgraded.outputs["ApiId"])
    persona = upgraded.aws.signed_request("GET", f"{url}/personas/{PERSONA_ID}").json()
    assert persona["name"] == "Nature Explorer"
    post = upgraded.aws.signed_request("GET", f"{url}/posts/{value(SCHEDULE, 'post_id')}").json()
    assert {each["schedule_id"] for each in post["schedules"]} == {
        value(each, "schedule_id") for each in (SCHEDULE, QUEUED)
    }


def test_an_execution_in_flight_goes_on_with_the_new_code(upgraded: Upgraded) -> None:
    eventually(lambda: status(upgraded.aws, upgraded.execution) != "RUNNING")
    assert status(upgraded.aws, upgraded.execution) == "SUCCEEDED"
    assert states(upgraded.aws, upgraded.execution)[-1] == "Done"


def test_a_timer_that_was_set_before_still_starts_its_step(upgraded: Upgraded) -> None:
    scheduler = upgraded.aws.client("scheduler")
    waiting = scheduler.get_schedule(Name="old", GroupName=STACK)
    kept = {name: waiting[name] for name in ("Name", "GroupName", "FlexibleTimeWindow", "Target")}
    soon = datetime.now(UTC) + timedelta(seconds=1)
    scheduler.update_schedule(**kept, ScheduleExpression=f"at({soon:%Y-%m-%dT%H:%M:%S})")
    machine = upgraded.outputs["StateMachineArn"]
    steps = upgraded.aws.client("stepfunctions")
    eventually(lambda: len(executions(steps, machine)) == 1)
    (started,) = executions(steps, machine)
    eventually(lambda: status(upgraded.aws, started) == "SUCCEEDED")


def executions(steps: Any, machine: str) -> list[str]:
    """Those of the schedule that waited for the timer."""
    listed = steps.list_executions(stateMachineArn=machine)["executions"]
    return [each["executionArn"] for each in listed if each["name"].startswith(value(QUEUED, "schedule_id"))]


def test_a_message_that_waited_is_imported(upgraded: Upgraded) -> None:
    url = upgraded.aws.http_api_url(upgraded.outputs["ApiId"])

    def imported() -> bool:
        answer = upgraded.aws.signed_request("GET", f"{url}/personas/{PERSONA_ID}/photos").json()
        return PHOTO in {key for each in answer["photos"] for key in each["keys"]}

    eventually(imported, 60)
