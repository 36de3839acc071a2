"""The doctor on a stack of its own: each thing that may be amiss, told with what mends it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError

from shutterpost.console import app
from shutterpost.console.checks import aws_checks
from shutterpost.console.checks.findings import Severity, run_check
from shutterpost.console.client.version import version_of
from shutterpost.runtime.clients import client
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import slot_name
from tests.api.world import TIMERS
from tests.support.builders import NOW
from tests.support.consoles import Console, in_process_client
from tests.support.folders import Deployed

STACK = "shutterpost-test"
TARGET = {"Arn": TIMERS.start_function_arn, "RoleArn": TIMERS.scheduler_role_arn}
Findings = dict[str, dict[str, str]]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ready(shutterpost: Console, world: Deployed, monkeypatch: pytest.MonkeyPatch) -> Deployed:
    """A deployment in which all is as it should be."""
    reach = in_process_client(world)
    told = reach.deployment.model_copy(update={"stack": STACK})
    monkeypatch.setattr(app.DeploymentChoice, "api", lambda _: replace(reach, deployment=told))
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="owner@example.org")
    deploy(topic)
    for name in aws_checks.ALARMS:
        ring(name, topic, "OK")
    for job in aws_checks.JOBS:
        arm(f"{STACK}-Timers{job}-1A2B")
    world.caller.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "18:00"}]})
    arm(slot_name(world.persona_id, NOW.replace(hour=17)))
    world.world.connection(world.caller, world.persona_id)
    return world


def deploy(topic: str, version: str | None = None) -> None:
    outputs = {"Version": version or version_of(), "ScheduleGroup": TIMERS.schedule_group, "AlarmTopicArn": topic}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))


def ring(name: str, topic: str, state: str) -> None:
    alarm = f"{STACK}-Alarms{name}0F1E-X"
    client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        AlarmDescription="Look there.",
        AlarmActions=[topic],
        Namespace="n",
        MetricName=name,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Threshold=0,
        Period=60,
        Statistic="Maximum",
    )
    client("cloudwatch").set_alarm_state(AlarmName=alarm, StateValue=state, StateReason="so")


def arm(name: str, state: str = "ENABLED") -> None:
    client("scheduler").create_schedule(
        Name=name,
        GroupName=TIMERS.schedule_group,
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=TARGET,
        State=state,
    )


def disarm(name: str) -> None:
    client("scheduler").delete_schedule(Name=name, GroupName=TIMERS.schedule_group)


def examined(shutterpost: Console) -> tuple[int, Findings]:
    """Exit code, and findings by what was looked at."""
    said = shutterpost("doctor")
    told = json.loads(said.out)
    assert {0: "green", 6: "yellow", 1: "red"}[said.code] == told["worst"]
    return said.code, {one["check"]: one for one in told["findings"]}


def test_all_is_green_where_everything_stands_ready(shutterpost: Console, ready: Deployed) -> None:
    code, found = examined(shutterpost)
    assert code == 0
    assert {one["level"] for one in found.values()} == {"green", "not checked here"}
    assert found["version"]["found"] == f"{version_of()}, deployed and here"
    assert found["alarm subscriptions"]["found"] == "1 subscribed (email)"
    assert found["slots of Nature Explorer"]["found"] == "1 in the next day, each with a timer or post"
    assert found["instagram instagram-1"]["found"].startswith("works")
    assert found["instagram instagram-1, quota"]["found"] == "0 of 50 posts in 24 hours"
    assert found["clock"]["found"] == "within seconds of AWS's clock"


def test_each_finding_is_a_line_for_people(shutterpost: Console, ready: Deployed) -> None:
    ready.caller.send(ready.caller.event("PUT", "/pause", {"reason": "Trouble."}))
    said = shutterpost("doctor", "--no-json")
    assert said.code == 6
    assert "✓ job Sync: queries the platforms; enabled" in said.out
    assert "Trouble.\n    → shutterpost resume\n" in said.out
    assert said.out.endswith("Result: yellow.\n")


def _no_slot(world: Deployed) -> None:
    disarm(slot_name(world.persona_id, NOW.replace(hour=17)))


def _no_job(world: Deployed) -> None:
    disarm(f"{STACK}-TimersArmSlots-1A2B")


def _disabled_job(world: Deployed) -> None:
    _no_job(world)
    arm(f"{STACK}-TimersArmSlots-1A2B", "DISABLED")


def _ringing(world: Deployed) -> None:
    ring("Overdue", client("sns").list_topics()["Topics"][0]["TopicArn"], "ALARM")


def _no_alarm(world: Deployed) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[f"{STACK}-AlarmsSync0F1E-X"])


def _broken_token(world: Deployed) -> None:
    connection = world.caller.get(f"/personas/{world.persona_id}/connections").body["connections"][0]["connection_id"]
    report = {"persona_id": world.persona_id, "connection_id": connection, "works": False, "detail": "It has ended."}
    world.world.functions.reports[world.persona_id] = report


@pytest.mark.parametrize(
    ("amiss", "check", "do"),
    [
        (_no_slot, "slots of Nature Explorer", "shutterpost personas update 'Nature Explorer' --status active"),
        (_no_job, "job ArmSlots", "make deploy"),
        (_disabled_job, "job ArmSlots", "enable it"),
        (_ringing, "alarm Overdue", "docs/runbook.md"),
        (_no_alarm, "alarm Sync", "make deploy"),
        (_broken_token, "instagram instagram-1", "shutterpost connections add instagram instagram-1"),
    ],
)
def test_what_is_broken_is_red_with_what_mends_it(
    shutterpost: Console, ready: Deployed, amiss: Any, check: str, do: str
) -> None:
    amiss(ready)
    code, found = examined(shutterpost)
    assert (code, found[check]["level"]) == (1, "red")
    assert do in found[check]["do"]
    assert [name for name, one in found.items() if one["level"] == "red"] == [check]


def test_another_version_is_yellow(shutterpost: Console, ready: Deployed) -> None:
    client("cloudformation").delete_stack(StackName=STACK)
    deploy(client("sns").list_topics()["Topics"][0]["TopicArn"], version="0123456789ab")
    code, found = examined(shutterpost)
    assert code == 6
    assert found["version"]["found"] == f"deployed is 0123456789ab, this checkout is {version_of()}"


def test_a_post_without_a_timer_is_yellow(shutterpost: Console, ready: Deployed) -> None:
    ready.world.photo(ready.persona_id, "fog.jpg")
    post = ready.caller.post(f"/personas/{ready.persona_id}/posts", {"photo": "fog.jpg", "at": "2026-03-01T20:00:00"})
    [schedule] = post.body["schedules"]
    assert examined(shutterpost)[1]["posts"]["level"] == "green"
    disarm(f"{schedule['schedule_id']}-1")
    code, found = examined(shutterpost)
    assert (code, found["posts"]["level"]) == (6, "yellow")
    assert post.body["post_id"] in found["posts"]["found"]


def test_a_stack_that_is_not_there_leaves_the_rest_to_be_looked_at(shutterpost: Console, ready: Deployed) -> None:
    client("cloudformation").delete_stack(StackName=STACK)
    _, found = examined(shutterpost)
    assert found["stack"]["level"] == found["alarms"]["level"] == found["timers"]["level"] == "not checked here"
    assert found["instagram instagram-1"]["level"] == "green"


def test_no_deployment_is_red(shutterpost: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: object) -> None:
        raise Refusal("There is no stack.")

    monkeypatch.setattr(app.DeploymentChoice, "api", nowhere)
    code, found = examined(shutterpost)
    assert (code, found["deployment"]["found"]) == (1, "There is no stack.")


def test_a_clock_that_is_off_is_told_by_how_much(shutterpost: Console, world: Deployed) -> None:
    def levels(seconds: float) -> Severity:
        there = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return aws_checks.clock(there, NOW, NOW).level

    assert [levels(seconds) for seconds in (0, -20, 60, -60, 400)] == ["green", "green", "yellow", "yellow", "red"]
    assert aws_checks.clock(None, NOW, NOW).level is Severity.UNCHECKED


def test_what_may_not_be_looked_at_says_which_right_it_needs() -> None:
    def forbidden() -> Iterator[Any]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")
        yield

    [found] = run_check("alarms", forbidden)
    assert (found.level, found.do) == (Severity.UNCHECKED, "allow DescribeAlarms for your role to have it checked")


@pytest.mark.parametrize(
    ("status", "level"),
    [("UPDATE_ROLLBACK_COMPLETE", "yellow"), ("ROLLBACK_COMPLETE", "red"), ("UPDATE_IN_PROGRESS", "yellow")],
)
def test_a_deploy_that_went_wrong_is_told(status: str, level: str) -> None:
    [found, _] = aws_checks.stack({"StackName": STACK, "StackStatus": status})
    assert found.level == level
