"""Circuit breakers: one for each connection, and one for each owner's channel, which all its connections share."""

from datetime import datetime, timedelta

from shutterpost.channels import Catalogue, ChannelRow, Connection, Failure
from shutterpost.flows.flow import flow
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import BreakerRules, Circuit, Lane, Lanes, Schedule


class OpenCircuit(Value):
    """An open circuit breaker: posts wait `until` then, because of `reason`, the failure that opened it."""

    until: datetime
    reason: str


@flow
class Circuits:
    """Reads circuit breakers, and applies an operator's requests to them."""

    clock: Clock
    lanes: Lanes
    catalogue: Catalogue

    def of_schedule(self, schedule: Schedule, lanes: dict[str, Lane] | None = None) -> OpenCircuit | None:
        """The circuit breaker that holds the schedule longest, if one does; `lanes` keeps what was read."""
        rules, now = self._rules(schedule.channel), self.clock.now()
        keys = (schedule.lane_key, channel_key(schedule.owner, schedule.channel))
        read = {} if lanes is None else lanes
        read.update({key: self.lanes.get(key) for key in keys if key not in read})
        circuits = [read[key].circuit for key in keys]
        return _latest([(circuit.open_until(schedule.schedule_id, rules, now), circuit) for circuit in circuits])

    def of_connection(self, connection: Connection) -> OpenCircuit | None:
        """The circuit breaker that holds the connection's posts now, if one does."""
        rules, now = self._rules(connection.channel), self.clock.now()
        circuits = [self.lanes.get(key).circuit for key in _keys(connection)]
        ends = [(circuit.half_open_at(rules), circuit) for circuit in circuits]
        return _latest([(end, circuit) for end, circuit in ends if end is not None and end > now])

    def admit(self, schedule: Schedule) -> None:
        """Let a schedule that an operator wants published at once pass open circuit breakers."""
        for key in (schedule.lane_key, channel_key(schedule.owner, schedule.channel)):
            self.lanes.change(key, schedule.owner, lambda lane: _with(lane, lane.circuit.admit(schedule.schedule_id)))

    def reset(self, connection: Connection) -> OpenCircuit | None:
        """Close the connection's circuit breakers; returns the one that was open, if any."""
        before = self.of_connection(connection)
        for key in _keys(connection):
            self.lanes.change(key, connection.owner, lambda lane: _with(lane, Circuit()))
        if before is not None:
            logger.info("circuit breaker reset", connection_id=connection.connection_id)
        return before

    def note_failure(self, lane: Lane, schedule: Schedule, failure: Failure) -> Lane:
        rules, now = self._rules(schedule.channel), self.clock.now()
        circuit = lane.circuit.failed(
            schedule.schedule_id, schedule.post_id, rules, now, reason=f"{failure.code}: {failure.message}"
        )
        if circuit.opened_at == now:
            logger.warning(
                "circuit breaker open",
                connection_id=schedule.connection_id,
                until=iso(circuit.half_open_at(rules) or now),
                code=failure.code,
            )
        return _with(lane, circuit)

    def let_through(self, lane: Lane, schedule: Schedule) -> Lane:
        """The lane with the schedule as the probe of its half-open circuit breaker."""
        return _with(lane, lane.circuit.let_through(schedule.schedule_id, self.clock.now()))

    def _rules(self, channel: str) -> BreakerRules:
        return breaker_rules(self.catalogue.row(channel))


def breaker_rules(row: ChannelRow) -> BreakerRules:
    """When a channel's circuit breakers open, and for how long."""
    breaker = row.breaker
    return BreakerRules(
        posts=breaker.posts,
        window=timedelta(seconds=breaker.window),
        cooldown=timedelta(seconds=breaker.cooldown),
        longest=timedelta(seconds=breaker.longest),
    )


def channel_key(owner: str, channel: str) -> str:
    """Key of the lane that has the circuit breaker of an owner's channel."""
    return f"{owner}#{channel}"


def _keys(connection: Connection) -> tuple[str, ...]:
    # Schedules of the first release have the lane of their connection.
    return connection.account_key, connection.connection_id, channel_key(connection.owner, connection.channel)


def _with(lane: Lane, circuit: Circuit) -> Lane:
    return lane.model_copy(update={"circuit": circuit})


def _latest(ends: list[tuple[datetime | None, Circuit]]) -> OpenCircuit | None:
    open_ones = [(end, circuit) for end, circuit in ends if end is not None]
    if not open_ones:
        return None
    until, circuit = max(open_ones, key=lambda pair: pair[0])
    # Timers and executions take milliseconds: cut off there, they would begin before the end and wait again at once.
    until += timedelta(microseconds=-until.microsecond % 1000)
    return OpenCircuit(until=until, reason=circuit.reason or "several posts failed in a row")
