"""Why a queued post waits, and until when. Derived from the pause, the connection and its lane, never stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shutterpost.channels import ChannelRow, Connection, ConnectionStatus, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.circuits import Circuits
from shutterpost.flows.planning.deadlines import LEASE
from shutterpost.flows.refusals import budget_command
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Intent, Lane, Pause, Pauses, Schedule, ScheduleStatus, Step

_BEFORE_SUBMISSION = frozenset({None, Step.BEGUN, Step.PREPARED})


class HoldCause(StrEnum):
    """What a held post waits for: the end of the pause, a working token, a monthly budget, a closed circuit breaker,
    its publish time by the channel's spacing, quota or budget, or its next attempt."""

    PAUSE = "pause"
    CONNECTION = "connection"
    BUDGET = "budget"
    CIRCUIT = "circuit"
    LANE = "lane"
    RETRY = "retry"


class Hold(Value):
    """Why a post is held; `until` is `null` if an operator must end it."""

    cause: HoldCause
    because: str
    until: datetime | None = None


@flow
class Holds:
    clock: Clock
    connections: ConnectionStore
    pauses: Pauses
    circuits: Circuits

    def of(self, schedules: Iterable[Schedule]) -> dict[str, Hold]:
        """The holds by schedule id; each pause, connection and lane is read once."""
        reading = _Reading(self)
        holds = ((schedule.schedule_id, reading.hold_of(schedule)) for schedule in schedules)
        return {schedule_id: hold for schedule_id, hold in holds if hold is not None}


@dataclass(frozen=True)
class _Reading:
    holds: Holds
    pauses: dict[str, Pause | None] = field(default_factory=dict)
    connections: dict[str, dict[str, Connection]] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def hold_of(self, schedule: Schedule) -> Hold | None:
        now = self.holds.clock.now()
        if schedule.intent is Intent.WITHDRAW or schedule.cancel_requested:
            return None
        if schedule.status is ScheduleStatus.PROCESSING:
            return waiting_retry(schedule, now)
        if schedule.status is not ScheduleStatus.QUEUED or schedule.step not in _BEFORE_SUBMISSION:
            return None
        row = self.holds.circuits.catalogue.row(schedule.channel)
        return self._by_person(schedule, row) or self._by_circuit(schedule, now) or _by_time(schedule, now, row)

    def _by_person(self, schedule: Schedule, row: ChannelRow) -> Hold | None:
        pause = self._pause(schedule.owner)
        if pause is not None:
            return Hold(cause=HoldCause.PAUSE, because=f"posting is paused: {pause.reason}")
        connection = self._connection(schedule)
        if connection is not None and connection.status is ConnectionStatus.ERROR:
            reason = connection.status_reason or "its token does not work"
            return Hold(cause=HoldCause.CONNECTION, because=f"{connection.display_name} is in error: {reason}")
        if connection is not None and row.lacks_budget(connection):
            because = f"{connection.display_name} has no monthly budget; set it: {budget_command(connection)}"
            return Hold(cause=HoldCause.BUDGET, because=because)
        return None

    def _by_circuit(self, schedule: Schedule, now: datetime) -> Hold | None:
        circuit = self.holds.circuits.of_schedule(schedule, self.lanes)
        if circuit is None or circuit.until <= max(now, schedule.start_at):
            return None
        because = f"{schedule.channel} refused several posts ({circuit.reason})"
        return Hold(cause=HoldCause.CIRCUIT, because=because, until=circuit.until)

    def _pause(self, owner: str) -> Pause | None:
        if owner not in self.pauses:
            self.pauses[owner] = self.holds.pauses.of(owner)
        return self.pauses[owner]

    def _connection(self, schedule: Schedule) -> Connection | None:
        persona_id = schedule.persona_id
        if persona_id not in self.connections:
            listed = self.holds.connections.list(persona_id)
            self.connections[persona_id] = {connection.connection_id: connection for connection in listed}
        return self.connections[persona_id].get(schedule.connection_id)


def waiting_retry(schedule: Schedule, now: datetime) -> Hold | None:
    """The hold of a publication that waits for its next attempt, before anything is submitted."""
    if schedule.error_code is None or schedule.lease_until is None or schedule.step not in _BEFORE_SUBMISSION:
        return None
    next_attempt_at = schedule.lease_until - LEASE
    return _retry(schedule, next_attempt_at) if next_attempt_at > max(now, schedule.expected_at) else None


def _by_time(schedule: Schedule, now: datetime, row: ChannelRow) -> Hold | None:
    if schedule.error_code is not None and schedule.start_at > max(now, schedule.run_at):
        return _retry(schedule, schedule.start_at)
    if schedule.publish_at is not None and schedule.publish_at > max(now, schedule.run_at):
        because = f"{schedule.channel} accepts posts only at a distance and up to a daily number"
        if row.prices is not None:
            because = f"this month's budget of {schedule.channel} is used up"
        return Hold(cause=HoldCause.LANE, because=because, until=schedule.publish_at)
    return None


def _retry(schedule: Schedule, until: datetime) -> Hold:
    because = f"the last attempt failed ({schedule.error_code}: {schedule.error_message})"
    return Hold(cause=HoldCause.RETRY, because=because, until=until)
