"""An examination of a deployment, from the outside in: each look goes on from what the ones before it found."""

from collections.abc import Iterator
from datetime import datetime

from shutterpost.console.checks import api_checks, aws_checks
from shutterpost.console.checks.findings import Finding, Severity, looked_at
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.arguments import Json


class Examination:
    """What is found of the deployment at `now`, in order; what cannot be looked at keeps nothing else back."""

    def __init__(self, reach: ApiClient, now: datetime) -> None:
        self._reach = reach
        self._now = now
        self._outputs: dict[str, str] = {}
        self._timers: dict[str, str] | None = None
        self._personas: list[Json] = []

    def __iter__(self) -> Iterator[Finding]:
        """Look, thing by thing."""
        yield from aws_checks.credentials(self._reach)
        for check, look in (
            ("stack", self._stack),
            ("timers", self._jobs),
            ("alarms", self._alarms),
            ("who hears alarms", self._ears),
            ("Lambda", lambda: aws_checks.concurrency(self._reach)),
            ("API", lambda: api_checks.pause(self._reach)),
            ("slots", self._slots),
            ("connections", lambda: api_checks.connections(self._reach, self._personas, self._now)),
        ):
            yield from looked_at(check, look)

    def _stack(self) -> Iterator[Finding]:
        name = self._reach.deployment.stack
        if name is None:
            yield _unknown("stack", "the deployment's description names none")
            return
        told = self._reach.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
        self._outputs = aws_checks.outputs_of(told)
        yield from aws_checks.stack(told)

    def _jobs(self) -> Iterator[Finding]:
        if "ScheduleGroup" not in self._outputs:
            yield _unknown("timers")
            return
        self._timers = aws_checks.timers_of(self._reach, self._outputs["ScheduleGroup"])
        yield from aws_checks.standing_jobs(self._timers)

    def _alarms(self) -> Iterator[Finding]:
        name = self._reach.deployment.stack
        if name is None or not self._outputs:
            yield _unknown("alarms")
            return
        yield from aws_checks.alarms(self._reach, name, self._outputs.get("AlarmTopicArn"))

    def _ears(self) -> Iterator[Finding]:
        if "AlarmTopicArn" not in self._outputs:
            yield _unknown("who hears alarms")
            return
        yield from aws_checks.subscriptions(self._reach, self._outputs["AlarmTopicArn"])

    def _slots(self) -> Iterator[Finding]:
        self._personas = list(self._reach.pages("/personas", "personas"))
        if self._timers is None:
            yield _unknown("slots", "what is armed could not be seen")
        yield from api_checks.armed(self._reach, self._personas, self._timers, self._now)


def _unknown(check: str, why: str = "the stack could not be seen") -> Finding:
    return Finding(check=check, level=Severity.UNCHECKED, found=why)
