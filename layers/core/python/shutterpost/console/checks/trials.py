"""Checks of `shutterpost doctor --try`: each uses a part of the deployment, and removes what it made."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from shutterpost.console import Json
from shutterpost.console.checks.aws_checks import DEPLOY
from shutterpost.console.checks.findings import Finding, Severity, run_check
from shutterpost.console.checks.sample_picture import grey_jpeg
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.bucket import list_keys
from shutterpost.console.client.lookup import list_connections

if TYPE_CHECKING:
    import httpx

_PAUSE, _TRIES = 5.0, 36
# EventBridge Scheduler fires within the minute after the instant.
_AHEAD = timedelta(seconds=20)
# The beginning of a JPEG, so that the import opens it with the imaging layer before it is rejected.
_BROKEN_PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_NO_SCHEDULE = "ScheduleNotFound"
_OUTPUTS = (
    "CdnDomain",
    "TokenPrefix",
    "StateMachineArn",
    "ScheduleGroup",
    "TimerRoleArn",
    "PostNextBestFunction",
    "SyncStatusFunction",
)
_LOGS = "read the log of {} and the dead letters (docs/runbook.md)"


def fetch(url: str) -> "httpx.Response":
    """GET `url` without credentials."""
    import httpx

    return httpx.get(url, timeout=30)


@dataclass(frozen=True)
class Trials:
    """The trials of a deployment with the stack `outputs`, with the library of `persona_id` if there is one."""

    api: ApiClient
    outputs: Mapping[str, str]
    persona_id: str | None
    sleep: Callable[[float], None] = time.sleep
    fetch: Callable[[str], "httpx.Response"] = fetch
    name: str = field(default_factory=lambda: f"doctor-{secrets.token_hex(8)}")

    def __iter__(self) -> Iterator[Finding]:
        yield from run_check("try import", self._import)
        if missing := [name for name in _OUTPUTS if name not in self.outputs]:
            found = f"the stack has no output {', '.join(missing)}"
            yield Finding(check="try stack", level=Severity.UNCHECKED, found=found, do=DEPLOY)
            return
        for check, examine in (
            ("try CDN", self._cdn),
            ("try tokens", self._tokens),
            ("try state machine", self._state_machine),
            ("try timers", self._timers),
            ("try picture", self._picture),
        ):
            yield from run_check(check, examine)

    def _import(self) -> Iterator[Finding]:
        s3, bucket = self.api.client("s3"), self.api.deployment.bucket
        path = f"{self.persona_id or 'doctor'}/{self.name}.jpg"
        rejected = f"rejected/{path}"
        s3.put_object(Bucket=bucket, Key=f"photos/{path}", Body=_BROKEN_PHOTO)
        try:
            done = self._wait(lambda: f"{rejected}.reason.json" in set(list_keys(self.api, bucket, rejected)))
        finally:
            for key in (f"photos/{path}", rejected, f"{rejected}.reason.json"):
                s3.delete_object(Bucket=bucket, Key=key)
        found, do = "a broken file went through bucket, queue and function", _LOGS.format("ImportPhotosFunction")
        yield _finding("try import", done, found, "a broken file did not get to rejected/", do)

    def _cdn(self) -> Iterator[Finding]:
        if self._is_demo:
            yield _unchecked("try CDN", "a demo has no CDN")
            return
        import httpx

        s3, bucket, key = self.api.client("s3"), self.api.deployment.bucket, f"public/{self.name}.txt"
        s3.put_object(Bucket=bucket, Key=key, Body=self.name.encode(), ContentType="text/plain")
        try:
            response = self.fetch(f"https://{self.outputs['CdnDomain']}/{key}")
            done, found = response.text == self.name, f"status {response.status_code}"
        except httpx.HTTPError as error:
            done, found = False, type(error).__name__
        finally:
            s3.delete_object(Bucket=bucket, Key=key)
        failed = f"a public copy could not be fetched ({found})"
        do = "wait some minutes after the first deploy; check your network and proxy; then: make deploy"
        yield _finding("try CDN", done, "a public copy was fetched from outside", failed, do)

    def _tokens(self) -> Iterator[Finding]:
        ssm, name = self.api.client("ssm"), f"{self.outputs['TokenPrefix']}/doctor/{self.name}"
        ssm.put_parameter(Name=name, Value=self.name, Type="SecureString")
        try:
            stored = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        finally:
            ssm.delete_parameter(Name=name)
        do = "enable the key aws/ssm in KMS"
        yield _finding("try tokens", stored == self.name, "SSM stores and decrypts a value", "SSM changed a value", do)

    def _state_machine(self) -> Iterator[Finding]:
        steps = self.api.client("stepfunctions")
        given = {"schedule_id": f"p{'0' * 16}-{self.name}", "revision": 1}
        execution = steps.start_execution(
            stateMachineArn=self.outputs["StateMachineArn"], name=self.name, input=json.dumps(given)
        )["executionArn"]
        self._wait(lambda: bool(_task_errors(steps, execution)))
        errors = _task_errors(steps, execution)
        done = _NO_SCHEDULE in errors
        failed = f"its first step ended with {errors[0]}" if errors else "its first step did not end"
        found = "it runs the steps, which read the tables"
        yield _finding("try state machine", done, found, failed, _LOGS.format("StepsFunction"))

    def _timers(self) -> Iterator[Finding]:
        if self._is_demo:
            yield _unchecked("try timers", "a demo's timers are not EventBridge's")
            return
        name = self.outputs["PostNextBestFunction"]
        function = self.api.client("lambda").get_function_configuration(FunctionName=name)
        log_group = function.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}")
        scheduler, group, now = self.api.client("scheduler"), self.outputs["ScheduleGroup"], datetime.now(UTC)
        scheduler.create_schedule(
            Name=self.name,
            GroupName=group,
            ScheduleExpression=f"at({now + _AHEAD:%Y-%m-%dT%H:%M:%S})",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": function["FunctionArn"],
                "RoleArn": self.outputs["TimerRoleArn"],
                # What the daily job does: it sets the timers of slots, and repeating it changes nothing.
                "Input": json.dumps({"job": "arm"}),
                "RetryPolicy": {"MaximumRetryAttempts": 0},
            },
        )
        logs, start = self.api.client("logs"), int(now.timestamp() * 1000)
        try:
            done = self._wait(
                lambda: bool(logs.filter_log_events(logGroupName=log_group, startTime=start, limit=1)["events"])
            )
        finally:
            _delete_timer(scheduler, self.name, group)
        failed = "a timer did not start its function within three minutes"
        do = f"deploy again, which restores the timers' role: {DEPLOY}"
        yield _finding("try timers", done, "a timer started its function", failed, do)

    def _picture(self) -> Iterator[Finding]:
        if self._is_demo:
            yield _unchecked("try picture", "a demo has no CDN")
            return
        connection = self._instagram_connection()
        if connection is None:
            why = "no Instagram account is connected; Buffer has no call that fetches a picture without publishing it"
            yield _unchecked("try picture", why)
            return
        s3, bucket, key = self.api.client("s3"), self.api.deployment.bucket, f"public/{self.name}.jpg"
        event = {name: connection[name] for name in ("persona_id", "connection_id")}
        s3.put_object(Bucket=bucket, Key=key, Body=grey_jpeg(), ContentType="image/jpeg")
        try:
            payload = json.dumps({"job": "try_fetch", **event, "public_key": key})
            answer = self.api.client("lambda").invoke(FunctionName=self.outputs["SyncStatusFunction"], Payload=payload)
            report = json.load(answer["Payload"])
        finally:
            s3.delete_object(Bucket=bucket, Key=key)
        if "FunctionError" in answer:
            failed = "the function that asks Instagram ended in an error"
            yield _finding("try picture", done=False, found="", failed=failed, do=_LOGS.format("SyncStatusFunction"))
        elif report["fetched"] is None:
            do = f"shutterpost doctor, which checks {connection['display_name']}; then repeat this"
            yield Finding(check="try picture", level=Severity.UNCHECKED, found=report["detail"], do=do)
        else:
            found = "Instagram fetched a public copy; nothing was published"
            failed = f"Instagram could not fetch a public copy: {report['detail']}"
            do = "let everyone read the CDN: no block by country, firewall or robots.txt; then: make deploy"
            yield _finding("try picture", report["fetched"], found, failed, do)

    def _instagram_connection(self) -> Json | None:
        for persona in self.api.pages("/personas", "personas"):
            for connection in list_connections(self.api, persona):
                if (connection["channel"], connection["status"]) == ("instagram", "connected"):
                    return connection
        return None

    @property
    def _is_demo(self) -> bool:
        return self.api.deployment.endpoint_url is not None

    def _wait(self, done: Callable[[], bool]) -> bool:
        for _ in range(_TRIES):
            if done():
                return True
            self.sleep(_PAUSE)
        return False


def _task_errors(steps: Any, execution: str) -> list[str]:
    events = steps.get_execution_history(executionArn=execution)["events"]
    failed = [event["taskFailedEventDetails"] for event in events if "taskFailedEventDetails" in event]
    return [details["error"] for details in failed]


def _delete_timer(scheduler: Any, name: str, group: str) -> None:
    try:
        scheduler.delete_schedule(Name=name, GroupName=group)
    except scheduler.exceptions.ResourceNotFoundException:
        return


def _finding(check: str, done: bool, found: str, failed: str, do: str) -> Finding:  # noqa: FBT001 - private
    if done:
        return Finding(check=check, level=Severity.GREEN, found=found)
    return Finding(check=check, level=Severity.RED, found=failed, do=do)


def _unchecked(check: str, why: str) -> Finding:
    return Finding(check=check, level=Severity.UNCHECKED, found=why)
