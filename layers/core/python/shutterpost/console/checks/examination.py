"""The checks of `shutterpost doctor`, in order; later checks use what the stack's check found."""

from collections.abc import Iterator
from datetime import datetime

from shutterpost.console import Json
from shutterpost.console.checks import api_checks, aws_checks
from shutterpost.console.checks.findings import Finding, Severity, run_check
from shutterpost.console.checks.trials import Trials
from shutterpost.console.client.api_client import ApiClient


class Examination:
    """All findings about a deployment at `now`; a check that cannot run does not stop the others."""

    def __init__(self, api: ApiClient, now: datetime, *, trials: bool = False) -> None:
        self._api = api
        self._now = now
        self._trials = trials
        self._outputs: dict[str, str] = {}
        self._timers: dict[str, str] | None = None
        self._personas: list[Json] = []

    def __iter__(self) -> Iterator[Finding]:
        yield from aws_checks.credentials(self._api)
        for check, examine in (
            ("stack", self._stack),
            ("timers", self._jobs),
            ("alarms", self._alarms),
            ("alarm subscriptions", self._subscriptions),
            ("Lambda", lambda: aws_checks.concurrency(self._api)),
            ("API", lambda: api_checks.pause(self._api)),
            ("slots", self._slots),
            ("connections", lambda: api_checks.connections(self._api, self._personas, self._now)),
        ):
            yield from run_check(check, examine)
        if self._trials:
            persona_id = self._personas[0]["persona_id"] if self._personas else None
            yield from Trials(self._api, self._outputs, persona_id)

    def _stack(self) -> Iterator[Finding]:
        name = self._api.deployment.stack
        if name is None:
            yield _unchecked("stack", "the deployment's description names no stack")
            return
        described = self._api.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self._outputs = aws_checks.outputs_of(described)
        yield from aws_checks.stack(described)

    def _jobs(self) -> Iterator[Finding]:
        if "ScheduleGroup" not in self._outputs:
            yield _unchecked("timers")
            return
        self._timers = aws_checks.timers_of(self._api, self._outputs["ScheduleGroup"])
        yield from aws_checks.scheduled_jobs(self._timers)

    def _alarms(self) -> Iterator[Finding]:
        name = self._api.deployment.stack
        if name is None or not self._outputs:
            yield _unchecked("alarms")
            return
        yield from aws_checks.alarms(self._api, name, self._outputs.get("AlarmTopicArn"))

    def _subscriptions(self) -> Iterator[Finding]:
        if "AlarmTopicArn" not in self._outputs:
            yield _unchecked("alarm subscriptions")
            return
        yield from aws_checks.subscriptions(self._api, self._outputs["AlarmTopicArn"])

    def _slots(self) -> Iterator[Finding]:
        self._personas = list(self._api.pages("/personas", "personas"))
        if self._timers is None:
            yield _unchecked("slots", "the timers could not be listed")
        yield from api_checks.timers(self._api, self._personas, self._timers, self._now)


def _unchecked(check: str, why: str = "the stack could not be described") -> Finding:
    return Finding(check=check, level=Severity.UNCHECKED, found=why)
