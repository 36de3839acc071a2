"""When a schedule may go: its turn in the connection's lane, the circuit breakers, the platform's quota.

A backlog never bursts: whatever started its chain, a post goes out at the instant that its lane gave it (DESIGN §2,
rule 7).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shutterpost.channels import Catalogue, Cause, ChannelRow, Failure, Healthy
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import BreakerRules, Lane, LaneRules, Lanes, Schedule

# Nobody waits for less than this: a step later is soon enough.
SOON = timedelta(seconds=5)
# What is later than this at its publish asks for a new instant, so that posts keep their distance.
LATE = timedelta(seconds=10)
# While others are about to use what the quota has left, it is asked for again after this.
LOOK_AGAIN = timedelta(seconds=60)
# A refusal for so long is the quota of a day; a shorter one passes with the retries.
QUOTA_PAUSE = timedelta(hours=1)
# What tells of the account; of these, trouble at the platform tells of the whole channel.
COUNTED = frozenset({Cause.ACCOUNT, Cause.QUOTA, Cause.PLATFORM})


@dataclass(frozen=True)
class Wait:
    """Not yet: begin again at `until`; `publish_at` is the instant that was booked, where one was."""

    until: datetime
    publish_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class PublishTimes:
    """Gives each schedule its instant, and keeps count of what the platforms took and refused."""

    clock: Clock
    lanes: Lanes
    catalogue: Catalogue

    def reserve_publish_time(self, schedule: Schedule, grace: timedelta) -> datetime | Wait:
        """The instant at which `schedule` may go out, booked in its lane; or how long to wait before it begins.

        What cannot go out within `grace` after its instant waits for the late policy.
        """
        now = self.clock.now()
        closed = self._closed_until(schedule, now)
        if closed is not None:
            return Wait(until=closed)
        row = self.catalogue.row(schedule.channel)
        publish_at = self._book(schedule, max(schedule.run_at, now), keep=schedule.publish_at)
        if publish_at > schedule.run_at + grace:
            return Wait(until=publish_at, publish_at=publish_at)
        begin_at = publish_at - timedelta(seconds=row.lead)
        if not row.hands_over and begin_at > now + SOON:
            return Wait(until=begin_at, publish_at=publish_at)
        return publish_at

    def renew_publish_time(self, schedule: Schedule) -> datetime | None:
        """A later instant for a post that missed its own, or `None` where it may go out now."""
        now = self.clock.now()
        if now <= schedule.goes_at + LATE:
            return None
        publish_at = self._book(schedule, now)
        return publish_at if publish_at > now + SOON else None

    def must_let_pass(self, schedule: Schedule, healthy: Healthy) -> datetime | None:
        """When to look again, where the posts that come before this one may need all that the platform has left."""
        if healthy.remaining is None:
            return None
        ahead = self.lanes.get(schedule.connection_id).ahead_of(schedule.schedule_id)
        return self.clock.now() + LOOK_AGAIN if ahead and ahead >= healthy.remaining else None

    def note_taken(self, schedule: Schedule) -> None:
        """The platform has the post: its booking is counted there, and the circuits close."""
        for key in (schedule.connection_id, _channel_key(schedule)):
            self.lanes.change(key, schedule.owner, lambda lane: lane.taken(schedule.schedule_id))

    def note_failure(self, schedule: Schedule, failure: Failure) -> datetime | None:
        """Count a failed attempt; where that opened or keeps open a circuit, until when."""
        if failure.cause not in COUNTED:
            return None
        now, row = self.clock.now(), self.catalogue.row(schedule.channel)
        rules = breaker_rules(row)
        pause = timedelta(seconds=failure.retry_after or 0)

        def failed(lane: Lane) -> Lane:
            circuit = lane.circuit.failed(schedule.schedule_id, rules, now)
            return lane.model_copy(update={"circuit": circuit})

        def refused(lane: Lane) -> Lane:
            full = failure.cause is Cause.QUOTA and pause >= QUOTA_PAUSE
            return failed(lane.full(lane_rules(row), now, pause=pause) if full else lane)

        circuits = [self.lanes.change(schedule.connection_id, schedule.owner, refused).circuit]
        if failure.cause is Cause.PLATFORM:
            circuits.append(self.lanes.change(_channel_key(schedule), schedule.owner, failed).circuit)
        ends = [circuit.open_until(schedule.schedule_id, rules, now) for circuit in circuits]
        until = max((end for end in ends if end is not None), default=None)
        if until is not None:
            logger.warning("circuit open", connection_id=schedule.connection_id, until=iso(until), code=failure.code)
        return until

    def _book(self, schedule: Schedule, wanted: datetime, *, keep: datetime | None = None) -> datetime:
        """Book in the lane, and be the probe of circuits that are half open."""
        now, rules = self.clock.now(), lane_rules(self.catalogue.row(schedule.channel))

        def let_through(lane: Lane) -> Lane:
            return lane.model_copy(update={"circuit": lane.circuit.let_through(schedule.schedule_id, now)})

        def booked(lane: Lane) -> Lane:
            return let_through(lane.book(schedule.schedule_id, wanted, rules, now, keep=keep))

        self.lanes.change(_channel_key(schedule), schedule.owner, let_through)
        booking = self.lanes.change(schedule.connection_id, schedule.owner, booked).booked(schedule.schedule_id)
        return booking.at if booking else wanted

    def _closed_until(self, schedule: Schedule, now: datetime) -> datetime | None:
        rules = breaker_rules(self.catalogue.row(schedule.channel))
        keys = (schedule.connection_id, _channel_key(schedule))
        ends = [self.lanes.get(key).circuit.open_until(schedule.schedule_id, rules, now) for key in keys]
        return max((end for end in ends if end is not None), default=None)


def lane_rules(row: ChannelRow) -> LaneRules:
    """The distance and the quota of a channel's posts.

    The quota is asked for a lead before a post goes out, when the oldest one still counts: hence the longer window.
    """
    quota = row.quota
    window = timedelta(seconds=quota.window if quota else 86_400)
    return LaneRules(
        spacing=timedelta(seconds=row.spacing),
        quota=quota.posts if quota else None,
        window=window + timedelta(seconds=row.lead) + LOOK_AGAIN,
    )


def breaker_rules(row: ChannelRow) -> BreakerRules:
    """When a channel's circuits open, and for how long."""
    breaker = row.breaker
    return BreakerRules(
        failures=breaker.failures,
        window=timedelta(seconds=breaker.window),
        cooldown=timedelta(seconds=breaker.cooldown),
    )


def _channel_key(schedule: Schedule) -> str:
    return f"{schedule.owner}#{schedule.channel}"
