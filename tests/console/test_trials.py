"""`shutterpost doctor --try` on a deployment in this process: what works, and each part that does not."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from botocore.stub import ANY, Stubber
from PIL import Image

from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.checks.trials import Trials
from shutterpost.runtime.clients import client
from sync_status.handler import TryFetchEvent
from tests.api.world import TIMERS, TOKENS
from tests.support.aws import BUCKET
from tests.support.consoles import Console, in_process_client
from tests.support.folders import Deployed

CDN, FUNCTION, LOGS = "cdn.example.test", "post-next-best", "/aws/lambda/post-next-best"
EXECUTION = "arn:aws:states:eu-central-1:123456789012:execution:publish:trial"
OUTPUTS = {
    "CdnDomain": CDN,
    "TokenPrefix": TOKENS,
    "StateMachineArn": TIMERS.state_machine_arn,
    "ScheduleGroup": TIMERS.schedule_group,
    "TimerRoleArn": TIMERS.scheduler_role_arn,
    "PostNextBestFunction": FUNCTION,
    "SyncStatusFunction": "sync-status",
}
FETCHED = {"fetched": True, "detail": "The platform fetched the picture."}


@pytest.fixture
def function(world: Deployed) -> None:
    """The function that the trial's timer starts, with its log."""
    trust = {"Version": "2012-10-17", "Statement": []}
    role = client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("handler.py", "")
    client("logs").create_log_group(logGroupName=LOGS)
    client("logs").create_log_stream(logGroupName=LOGS, logStreamName="one")
    client("lambda").create_function(
        FunctionName=FUNCTION,
        Runtime="python3.13",
        Role=role,
        Handler="handler.handler",
        Code={"ZipFile": code.getvalue()},
    )


@pytest.fixture
def machine(world: Deployed) -> Iterator[Stubber]:
    """Step Functions as it answers."""
    with Stubber(client("stepfunctions")) as stub:
        yield stub


class Invocations:
    """Lambda's part: the events of `sync-status`, and what it reports of them."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.copies: list[bytes] = []
        self.report: dict[str, Any] = FETCHED
        self.failed = False

    def __call__(self, params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        """Answer in the place of a request; the public copy is there to be fetched meanwhile."""
        assert params["url_path"] == "/2015-03-31/functions/sync-status/invocations"
        event = json.loads(params["body"])
        self.events.append(event)
        self.copies.append(serve(f"https://{CDN}/{event['public_key']}").content)
        failed = {"FunctionError": "Unhandled"} if self.failed else {}
        response = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(self.report).encode()), **failed}
        return SimpleNamespace(status_code=200), response


@pytest.fixture
def invocations(world: Deployed) -> Iterator[Invocations]:
    answering = Invocations()
    events = client("lambda").meta.events
    events.register_first("before-call.lambda.Invoke", answering)
    yield answering
    events.unregister("before-call.lambda.Invoke", answering)


@pytest.fixture
def instagram(invocations: Invocations, world: Deployed) -> Invocations:
    """Lambda's part, with a connected Instagram account to ask."""
    world.world.connection(world.caller, world.persona_id)
    return invocations


def serve(url: str) -> httpx.Response:
    """CloudFront's part: what is under public/."""
    host, _, key = url.removeprefix("https://").partition("/")
    assert host == CDN
    return httpx.Response(200, content=client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


def fire(_: float = 0) -> None:
    """EventBridge's part: the started function writes to its log."""
    scheduler = client("scheduler")
    for timer in scheduler.list_schedules(GroupName=TIMERS.schedule_group)["Schedules"]:
        target = scheduler.get_schedule(Name=timer["Name"], GroupName=TIMERS.schedule_group)["Target"]
        assert target["RoleArn"] == TIMERS.scheduler_role_arn
        assert json.loads(target["Input"]) == {"job": "arm"}
        event = {"timestamp": int(datetime.now(UTC).timestamp() * 1000), "message": "{}"}
        client("logs").put_log_events(logGroupName=LOGS, logStreamName="one", logEvents=[event])


def fails_with(machine: Stubber, *errors: str) -> None:
    """Executions whose first steps fail so."""
    started = {"executionArn": EXECUTION, "startDate": datetime.now(UTC)}
    machine.add_response("start_execution", started, dict.fromkeys(("stateMachineArn", "name", "input"), ANY))
    failed = [
        {
            "id": number,
            "type": "TaskFailed",
            "timestamp": datetime.now(UTC),
            "taskFailedEventDetails": {"resourceType": "lambda", "resource": "invoke", "error": error},
        }
        for number, error in enumerate(errors, start=1)
    ]
    for _ in range(2 if errors else 37):
        machine.add_response("get_execution_history", {"events": failed}, {"executionArn": EXECUTION})


def trials(world: Deployed, **changes: Any) -> dict[str, Finding]:
    """The findings by check."""
    given: dict[str, Any] = {"outputs": OUTPUTS, "persona_id": world.persona_id, "sleep": fire, "fetch": serve}
    result = Trials(in_process_client(world), **{**given, **changes})
    return {finding.check: finding for finding in result}


def left(world: Deployed) -> list[str]:
    """Keys in the bucket."""
    return [item["Key"] for item in client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", ())]


@pytest.mark.parametrize("with_persona", [True, False])
def test_trials_of_a_working_deployment_are_green_and_leave_nothing(
    world: Deployed, function: None, machine: Stubber, instagram: Invocations, with_persona: bool
) -> None:
    before = client("ssm").describe_parameters()["Parameters"]
    fails_with(machine, "ScheduleNotFound", "ScheduleNotFound")
    findings = trials(world, sleep=_slow(fire), persona_id=world.persona_id if with_persona else None)
    assert {finding.level for finding in findings.values()} == {Severity.GREEN}
    assert len(findings) == 6
    assert left(world) == []
    assert client("scheduler").list_schedules(GroupName=TIMERS.schedule_group)["Schedules"] == []
    assert client("ssm").describe_parameters()["Parameters"] == before


def test_instagram_is_asked_once_to_fetch_a_picture(world: Deployed, instagram: Invocations) -> None:
    result = trials(world)["try picture"]
    assert (result.level, "nothing was published" in result.found) == (Severity.GREEN, True)
    [event] = instagram.events
    received = TryFetchEvent.model_validate(event)
    [connected] = world.caller.get(f"/personas/{world.persona_id}/connections").body["connections"]
    assert (received.persona_id, received.connection_id) == (world.persona_id, connected["connection_id"])
    with Image.open(io.BytesIO(instagram.copies[0])) as picture:
        picture.load()
        assert (picture.format, picture.size) == ("JPEG", (400, 400))
    assert left(world) == []


@pytest.mark.parametrize(
    ("report", "level", "repair"),
    [
        ({"fetched": False, "detail": "not fetched (9004/2207052)"}, Severity.RED, "let everyone read the CDN"),
        ({"fetched": None, "detail": "token expired (190/463)"}, Severity.UNCHECKED, "shutterpost doctor"),
        ({"errorMessage": "any"}, Severity.RED, "log of SyncStatusFunction"),
    ],
)
def test_a_picture_that_instagram_does_not_fetch_is_named(
    world: Deployed, instagram: Invocations, report: dict[str, Any], level: Severity, repair: str
) -> None:
    instagram.report, instagram.failed = report, "errorMessage" in report
    result = trials(world)["try picture"]
    assert (result.level, repair in result.do) == (level, True)
    assert report.get("detail", "") in result.found
    assert left(world) == []


@pytest.mark.parametrize("channel", [None, "buffer"])
def test_without_an_instagram_account_no_picture_is_tried(
    world: Deployed, invocations: Invocations, channel: str | None
) -> None:
    if channel:
        world.world.connection(world.caller, world.persona_id, channel)
    result = trials(world)["try picture"]
    assert (result.level, "Buffer has no call" in result.found) == (Severity.UNCHECKED, True)
    assert (invocations.events, left(world)) == ([], [])


def test_an_import_that_does_not_run_is_red(world: Deployed, function: None, machine: Stubber) -> None:
    fails_with(machine, "ScheduleNotFound")
    world.deaf = True
    result = trials(world)["try import"]
    assert (result.level, "log of ImportPhotosFunction" in result.do) == (Severity.RED, True)
    assert left(world) == []


@pytest.mark.parametrize(
    "answer", [lambda _: httpx.Response(403), lambda _: httpx.Response(200, text="a proxy's page"), None]
)
def test_a_cdn_that_does_not_deliver_is_red(world: Deployed, answer: Callable[[str], httpx.Response] | None) -> None:
    def unreachable(_: str) -> httpx.Response:
        raise httpx.ConnectError("no route")

    result = trials(world, fetch=answer or unreachable)["try CDN"]
    assert (result.level, "make deploy" in result.do) == (Severity.RED, True)
    assert left(world) == []


@pytest.mark.parametrize("errors", [("Lambda.AWSLambdaException",), ()])
def test_a_state_machine_that_cannot_run_its_steps_is_red(
    world: Deployed, function: None, machine: Stubber, errors: tuple[str, ...]
) -> None:
    fails_with(machine, *errors)
    result = trials(world)["try state machine"]
    assert (result.level, "log of StepsFunction" in result.do) == (Severity.RED, True)
    assert (errors[0] if errors else "did not end") in result.found


def test_a_timer_that_starts_nothing_is_red(world: Deployed, function: None, machine: Stubber) -> None:
    fails_with(machine, "ScheduleNotFound")
    result = trials(world, sleep=_pause)["try timers"]
    assert (result.level, "make deploy" in result.do) == (Severity.RED, True)
    assert client("scheduler").list_schedules(GroupName=TIMERS.schedule_group)["Schedules"] == []


def test_a_denied_trial_is_not_done(world: Deployed) -> None:
    with Stubber(client("ssm")) as denied:
        denied.add_client_error("put_parameter", "AccessDeniedException")
        result = trials(world)["try tokens"]
    assert (result.level, "PutParameter" in result.do) == (Severity.UNCHECKED, True)


def test_a_demo_has_neither_cdn_nor_timers_to_try(world: Deployed, machine: Stubber) -> None:
    fails_with(machine, "ScheduleNotFound")
    api = in_process_client(world)
    demo = replace(api, deployment=replace(api.deployment, endpoint_url="http://127.0.0.1:9"))
    result = {trial.check: trial.level for trial in Trials(demo, OUTPUTS, world.persona_id, sleep=_slow(fire))}
    assert result["try CDN"] == result["try timers"] == result["try picture"] == Severity.UNCHECKED


def test_an_older_stack_is_tried_as_far_as_it_is_known(world: Deployed) -> None:
    findings = trials(world, outputs={}, sleep=_slow(fire))
    assert {check: finding.level for check, finding in findings.items()} == {
        "try import": Severity.GREEN,
        "try stack": Severity.UNCHECKED,
    }


def test_doctor_tries_only_with_its_option(
    world: Deployed, shutterpost: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks = [finding["check"] for finding in json.loads(shutterpost("doctor").out)["findings"]]
    assert not [check for check in checks if check.startswith("try ")]
    assert left(world) == []
    tried = [finding["check"] for finding in json.loads(shutterpost("doctor", "--try").out)["findings"]]
    assert "try import" in tried


def _pause(_: float) -> None:
    time.sleep(0.05)


def _slow(then: Callable[[float], None]) -> Callable[[float], None]:
    """A short pause for the importing thread, then `then`."""

    def sleep(seconds: float) -> None:
        _pause(seconds)
        then(seconds)

    return sleep
