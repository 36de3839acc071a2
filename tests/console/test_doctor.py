"""`shutterpost doctor` on a stack, with each possible problem."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from shutterpost.console import app
from shutterpost.console.checks import aws_checks
from shutterpost.console.checks.findings import Severity, run_check
from shutterpost.console.client.version import version_of
from shutterpost.runtime.clients import client
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import slot_name
from tests.api.world import TIMERS, TOKEN
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
    """A healthy deployment."""
    api = in_process_client(world)
    description = replace(api.deployment, stack=STACK)
    monkeypatch.setattr(app.DeploymentChoice, "api", lambda _: replace(api, deployment=description))
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="owner@example.org")
    deploy(topic)
    for name in aws_checks.ALARMS:
        create_alarm(name, topic, "OK")
    for job in aws_checks.JOBS:
        create_timer(f"{STACK}-Timers{job}-1A2B")
    world.caller.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "18:00"}]})
    create_timer(slot_name(world.persona_id, NOW.replace(hour=17)))
    world.world.connection(world.caller, world.persona_id)
    return world


def deploy(topic: str, version: str | None = None) -> None:
    outputs = {"Version": version or version_of(), "ScheduleGroup": TIMERS.schedule_group, "AlarmTopicArn": topic}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    client("cloudformation").create_stack(StackName=STACK, TemplateBody=json.dumps(template))


def create_alarm(name: str, topic: str, state: str) -> None:
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


def create_timer(name: str, state: str = "ENABLED") -> None:
    client("scheduler").create_schedule(
        Name=name,
        GroupName=TIMERS.schedule_group,
        ScheduleExpression="rate(5 minutes)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=TARGET,
        State=state,
    )


def delete_timer(name: str) -> None:
    client("scheduler").delete_schedule(Name=name, GroupName=TIMERS.schedule_group)


def run_doctor(shutterpost: Console) -> tuple[int, Findings]:
    """Exit code, and findings by check."""
    output = shutterpost("doctor")
    document = json.loads(output.out)
    assert {0: "green", 6: "yellow", 1: "red"}[output.code] == document["worst"]
    return output.code, {finding["check"]: finding for finding in document["findings"]}


def test_doctor_is_green_for_a_healthy_deployment(shutterpost: Console, ready: Deployed) -> None:
    code, result = run_doctor(shutterpost)
    assert code == 0
    assert {item["level"] for item in result.values()} == {"green", "not checked here"}
    assert result["version"]["found"] == f"{version_of()}, deployed and here"
    assert result["alarm subscriptions"]["found"] == "1 subscribed (email)"
    assert result["slots of Nature Explorer"]["found"] == "1 in the next day, each with a timer or post"
    assert result["instagram instagram-1"]["found"].startswith("works")
    assert result["instagram instagram-1, quota"]["found"] == "0 of 50 posts in 24 hours"
    assert result["clock"]["found"] == "within seconds of AWS's clock"


def test_doctor_prints_one_line_per_finding(shutterpost: Console, ready: Deployed) -> None:
    ready.caller.send(ready.caller.event("PUT", "/pause", {"reason": "Trouble."}))
    output = shutterpost("doctor", "--no-json")
    assert output.code == 6
    assert "✓ job Sync: queries the platforms; enabled" in output.out
    assert "Trouble.\n    → shutterpost resume\n" in output.out
    assert output.out.endswith("Result: yellow.\n")


def _no_slot(world: Deployed) -> None:
    delete_timer(slot_name(world.persona_id, NOW.replace(hour=17)))


def _no_job(world: Deployed) -> None:
    delete_timer(f"{STACK}-TimersArmSlots-1A2B")


def _disabled_job(world: Deployed) -> None:
    _no_job(world)
    create_timer(f"{STACK}-TimersArmSlots-1A2B", "DISABLED")


def _in_alarm(world: Deployed) -> None:
    create_alarm("Overdue", client("sns").list_topics()["Topics"][0]["TopicArn"], "ALARM")


def _no_alarm(world: Deployed) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[f"{STACK}-AlarmsSync0F1E-X"])


def _broken_token(world: Deployed) -> None:
    connection = world.caller.get(f"/personas/{world.persona_id}/connections").body["connections"][0]["connection_id"]
    report = {"persona_id": world.persona_id, "connection_id": connection, "works": False, "detail": "It has ended."}
    world.world.functions.reports[world.persona_id] = report


@pytest.mark.parametrize(
    ("problem", "check", "do"),
    [
        (_no_slot, "slots of Nature Explorer", "shutterpost personas update 'Nature Explorer' --status active"),
        (_no_job, "job ArmSlots", "make deploy"),
        (_disabled_job, "job ArmSlots", "enable it"),
        (_in_alarm, "alarm Overdue", "docs/runbook.md"),
        (_no_alarm, "alarm Sync", "make deploy"),
        (_broken_token, "instagram instagram-1", "shutterpost connections add instagram instagram-1"),
    ],
)
def test_doctor_is_red_with_a_repair(shutterpost: Console, ready: Deployed, problem: Any, check: str, do: str) -> None:
    problem(ready)
    code, result = run_doctor(shutterpost)
    assert (code, result[check]["level"]) == (1, "red")
    assert do in result[check]["do"]
    assert [name for name, item in result.items() if item["level"] == "red"] == [check]


@pytest.mark.parametrize(
    ("most", "stated", "level"),
    [
        (5_000, "5000 characters, 4 pictures (version 4.5.0)", "green"),
        (None, "the server stated none; those of the catalogue apply", "yellow"),
    ],
)
def test_doctor_names_the_limits_of_an_accounts_server(
    shutterpost: Console, ready: Deployed, most: int | None, stated: str, level: str
) -> None:
    limits = {"version": "4.5.0", "read_at": NOW.isoformat(), "max_text_length": most, "max_pictures": 4}
    works = {"persona_id": "p", "connection_id": "c", "works": True, "detail": "It works."}
    ready.world.functions.reports["try_candidate"] = {**works, "limits": limits if most else None}
    server = {"channel": "mastodon", "account_id": "1@example.social", "host": "https://example.social"}
    ready.caller.post(f"/personas/{ready.persona_id}/connections", {**server, "display_name": "@anna", "token": "t"})

    _, result = run_doctor(shutterpost)

    assert result["mastodon @anna"]["found"] == "works"
    assert (result["mastodon @anna, limits"]["found"], result["mastodon @anna, limits"]["level"]) == (stated, level)
    assert "instagram instagram-1, limits" not in result


@pytest.mark.parametrize(
    ("account", "level"),
    [
        ({"channel": "threads", "account_id": "9700"}, "green"),
        ({"channel": "instagram", "account_id": "1784", "login": "facebook"}, "yellow"),
    ],
)
def test_a_token_that_is_refreshed_by_itself_is_no_matter_before(
    shutterpost: Console, ready: Deployed, account: dict[str, str], level: str
) -> None:
    ends = {"token": "t", "token_expires_at": (NOW + timedelta(days=12)).isoformat(), "display_name": "mine"}
    ready.caller.post(f"/personas/{ready.persona_id}/connections", {**account, **ends})

    _, result = run_doctor(shutterpost)

    assert result[f"{account['channel']} mine"]["level"] == level


def test_another_version_is_yellow(shutterpost: Console, ready: Deployed) -> None:
    client("cloudformation").delete_stack(StackName=STACK)
    deploy(client("sns").list_topics()["Topics"][0]["TopicArn"], version="0123456789ab")
    code, result = run_doctor(shutterpost)
    assert code == 6
    assert result["version"]["found"] == f"deployed is 0123456789ab, this checkout is {version_of()}"


def test_a_post_without_a_timer_is_yellow(shutterpost: Console, ready: Deployed) -> None:
    ready.world.photo(ready.persona_id, "fog.jpg")
    post = ready.caller.post(f"/personas/{ready.persona_id}/posts", {"photo": "fog.jpg", "at": "2026-03-01T20:00:00"})
    [schedule] = post.body["schedules"]
    assert run_doctor(shutterpost)[1]["posts"]["level"] == "green"
    delete_timer(f"{schedule['schedule_id']}-1")
    code, result = run_doctor(shutterpost)
    assert (code, result["posts"]["level"]) == (6, "yellow")
    assert post.body["post_id"] in result["posts"]["found"]


def test_doctor_checks_the_rest_without_a_stack(shutterpost: Console, ready: Deployed) -> None:
    client("cloudformation").delete_stack(StackName=STACK)
    _, result = run_doctor(shutterpost)
    assert result["stack"]["level"] == result["alarms"]["level"] == result["timers"]["level"] == "not checked here"
    assert result["instagram instagram-1"]["level"] == "green"


def test_doctor_is_red_without_a_deployment(shutterpost: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(_: object) -> None:
        raise Refusal("There is no stack.")

    monkeypatch.setattr(app.DeploymentChoice, "api", nowhere)
    code, result = run_doctor(shutterpost)
    assert (code, result["deployment"]["found"]) == (1, "There is no stack.")


@pytest.mark.parametrize(
    ("arn", "level"),
    [("PendingConfirmation", "yellow"), ("Deleted", "yellow"), ("arn:aws:sns:eu-central-1:1:t:5f", "green")],
)
def test_an_address_that_is_not_confirmed_is_yellow(world: Deployed, arn: str, level: str) -> None:
    listed = {"SubscriptionArn": arn, "Protocol": "email", "Endpoint": "owner@example.org"}
    with Stubber(client("sns")) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [listed]}, {"TopicArn": "topic"})
        [finding] = aws_checks.subscriptions(in_process_client(world), "topic")
    assert finding.level == level
    assert ("confirm" in finding.do) is (level == "yellow")


@pytest.mark.parametrize(("limit", "level"), [(0, "yellow"), (9, "yellow"), (10, "green"), (1000, "green")])
def test_fewer_functions_at_a_time_than_a_new_account_has_are_yellow(world: Deployed, limit: int, level: str) -> None:
    with Stubber(client("lambda")) as stub:
        stub.add_response("get_account_settings", {"AccountLimit": {"UnreservedConcurrentExecutions": limit}}, {})
        [finding] = aws_checks.concurrency(in_process_client(world))
    assert (finding.level, "Service Quotas" in finding.do) == (level, level == "yellow")


def test_clock_check_reports_the_difference(shutterpost: Console, world: Deployed) -> None:
    def levels(seconds: float) -> Severity:
        there = (NOW + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        return aws_checks.clock(there, NOW, NOW).level

    assert [levels(seconds) for seconds in (0, -20, 60, -60, 400)] == ["green", "green", "yellow", "yellow", "red"]
    assert aws_checks.clock(None, NOW, NOW).level is Severity.UNCHECKED


def test_a_denied_check_names_the_permission() -> None:
    def forbidden() -> Iterator[Any]:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeAlarms")
        yield

    [result] = run_check("alarms", forbidden)
    assert (result.level, result.do) == (Severity.UNCHECKED, "allow DescribeAlarms for your role to have it checked")


@pytest.mark.parametrize(
    ("status", "level"),
    [("UPDATE_ROLLBACK_COMPLETE", "yellow"), ("ROLLBACK_COMPLETE", "red"), ("UPDATE_IN_PROGRESS", "yellow")],
)
def test_stack_check_reports_a_failed_deploy(status: str, level: str) -> None:
    [result, _] = aws_checks.stack({"StackName": STACK, "StackStatus": status})
    assert result.level == level


def _paused(world: Deployed) -> None:
    world.caller.send(world.caller.event("PUT", "/pause", {"reason": "Trouble."}))


def _paused_persona(world: Deployed) -> None:
    world.caller.patch(f"/personas/{world.persona_id}", {"status": "paused"})


def _without_slots(world: Deployed) -> None:
    world.caller.patch(f"/personas/{world.persona_id}", {"slots": []})


def _broken_buffer(world: Deployed) -> None:
    [instagram] = world.caller.get(f"/personas/{world.persona_id}/connections").body["connections"]
    world.caller.delete(f"/personas/{world.persona_id}/connections/{instagram['connection_id']}")
    world.world.connection(world.caller, world.persona_id, "buffer")
    _broken_token(world)


@pytest.mark.parametrize(
    ("problem", "check"),
    [
        (_no_slot, "slots of Nature Explorer"),
        (_broken_token, "instagram instagram-1"),
        (_broken_buffer, "buffer buffer-1"),
        (_paused, "pause"),
        (_paused_persona, "slots of Nature Explorer"),
        (_without_slots, "slots of Nature Explorer"),
    ],
)
def test_each_proposed_command_runs_as_printed(shutterpost: Console, ready: Deployed, problem: Any, check: str) -> None:
    problem(ready)
    proposed = run_doctor(shutterpost)[1][check]["do"]
    before = shutterpost("connections", "list").document["connections"]
    name, *words = shlex.split(proposed)
    assert name == "shutterpost"
    result = shutterpost(*words, typed=f"{TOKEN}\n")
    assert result.code == 0, (proposed, result.err)
    after = shutterpost("connections", "list").document["connections"]
    assert [each["display_name"] for each in after] == [each["display_name"] for each in before]


def test_each_command_of_status_runs_as_printed(shutterpost: Console, ready: Deployed) -> None:
    connections = ready.world.services.connector.connections
    [listed] = ready.caller.get(f"/personas/{ready.persona_id}/connections").body["connections"]
    connections.mark_error(connections.get(ready.persona_id, listed["connection_id"]), "Log in again.", NOW)
    _paused(ready)
    for need in shutterpost("status").document["needs_you"]:
        name, *words = shlex.split(need["do"].replace("FOLDER", "."))
        assert name == "shutterpost"
        assert "import" in words or shutterpost(*words, typed=f"{TOKEN}\n").code == 0, need
    needs = shutterpost("status").document["needs_you"]
    assert [need["what"] for need in needs] == ["library of Nature Explorer"]
