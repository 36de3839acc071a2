"""Publish times: reservations in the account's lane, circuit breakers, the platform's quota and the month's budget.

A post is published at the time that its lane reserved, whatever starts its execution, so a backlog is spread.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shutterpost.channels import Catalogue, Cause, ChannelRow, Failure, Healthy
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.budgets import Budgets
from shutterpost.flows.planning.circuits import Circuits, channel_key
from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import Lane, LaneRules, Lanes, Schedule

# The state machine's own Wait ends this long before the publish time; the rest is slept in-process, to the second.
EARLY = timedelta(seconds=5)
# A wait shorter than this is left to the next step.
SOON = timedelta(seconds=5)
# A post that is later than this when it is published reserves a new time, so that posts keep their spacing.
LATE = timedelta(seconds=10)
# The quota is read again after this while earlier posts may use all that is left of it.
QUOTA_RETRY = timedelta(seconds=60)
# A refusal for this long means that the daily quota is used up; a shorter one is covered by the retries.
QUOTA_PAUSE = timedelta(hours=1)
# Causes that count for the account's circuit breaker; PLATFORM counts for the whole channel's as well.
COUNTED = frozenset({Cause.ACCOUNT, Cause.QUOTA, Cause.PLATFORM, Cause.UNKNOWN})


@dataclass(frozen=True)
class Wait:
    """Begin again at `until`; `publish_at` is the reserved time, if any."""

    until: datetime
    publish_at: datetime | None = None


@flow
class PublishTimes:
    """Reserves publish times and counts what the platforms accepted and refused."""

    clock: Clock
    lanes: Lanes
    catalogue: Catalogue
    circuits: Circuits
    budgets: Budgets

    def reserve_publish_time(self, schedule: Schedule, latest: datetime) -> datetime | Wait:
        """Reserve the schedule's publish time in its lane; a `Wait` if the execution is not to begin yet.

        A time after `latest`, the end of the persona's grace, is left to the late policy.
        """
        now = self.clock.now()
        circuit = self.circuits.of_schedule(schedule)
        if circuit is not None:
            return Wait(until=circuit.until)
        row = self.catalogue.row(schedule.channel)

        def wait(publish_at: datetime) -> Wait | None:
            begin_at = publish_at - timedelta(seconds=row.lead)
            if publish_at > latest:
                return Wait(until=publish_at, publish_at=publish_at)
            if not row.hands_over and begin_at > now + SOON:
                return Wait(until=begin_at, publish_at=publish_at)
            return None

        wanted = max(schedule.run_at, now)
        publish_at = self._book(schedule, wanted, keep=schedule.publish_at, begins=lambda at: wait(at) is None)
        return wait(publish_at) or publish_at

    def renew_publish_time(self, schedule: Schedule) -> datetime | None:
        """Reserve a later time for a post that missed its own; `None` if it may be published now."""
        now = self.clock.now()
        if now <= schedule.expected_at + LATE:
            return None
        publish_at = self._book(schedule, now)
        return publish_at if publish_at > now + SOON else None

    def ahead_of(self, schedule: Schedule) -> int:
        """The number of posts that use the quota before this one; read before the quota, which counts the others."""
        lane = self.lanes.get(schedule.lane_key)
        if lane.booked(schedule.schedule_id) is None:
            # It has waited for longer than the lane keeps a booking.
            self._book(schedule, self.clock.now())
            lane = self.lanes.get(schedule.lane_key)
        return lane.ahead_of(schedule.schedule_id)

    def must_let_pass(self, ahead: int, healthy: Healthy) -> datetime | None:
        """When to read the quota again if the posts ahead may use all that is left of it, else `None`."""
        if healthy.remaining is None:
            return None
        return self.clock.now() + QUOTA_RETRY if ahead and ahead >= healthy.remaining else None

    def note_success(self, schedule: Schedule) -> None:
        """Count the post as accepted by the platform and close the circuit breakers."""
        for key in (schedule.lane_key, channel_key(schedule.owner, schedule.channel)):
            self.lanes.change(key, schedule.owner, lambda lane: lane.accepted(schedule.schedule_id))

    def note_failure(self, schedule: Schedule, failure: Failure) -> datetime | None:
        """Count a failed attempt; returns when an open circuit breaker admits it, if one is open."""
        if failure.cause not in COUNTED:
            return None
        now, row = self.clock.now(), self.catalogue.row(schedule.channel)
        pause = timedelta(seconds=failure.retry_after or 0)

        def refused(lane: Lane) -> Lane:
            full = failure.cause is Cause.QUOTA and pause >= QUOTA_PAUSE
            lane = lane.full(lane_rules(row), now, pause=pause) if full else lane
            return self.circuits.note_failure(lane, schedule, failure)

        self.lanes.change(schedule.lane_key, schedule.owner, refused)
        if failure.cause is Cause.PLATFORM:
            key = channel_key(schedule.owner, schedule.channel)
            self.lanes.change(key, schedule.owner, lambda lane: self.circuits.note_failure(lane, schedule, failure))
        circuit = self.circuits.of_schedule(schedule)
        return circuit.until if circuit else None

    def _book(
        self,
        schedule: Schedule,
        wanted: datetime,
        *,
        keep: datetime | None = None,
        begins: Callable[[datetime], bool] = lambda _at: True,
    ) -> datetime:
        now, name, row = self.clock.now(), schedule.schedule_id, self.catalogue.row(schedule.channel)
        rules = lane_rules(row).model_copy(update=self.budgets.limits(schedule, row))
        cost = self.budgets.cost(schedule, row)

        def booked(lane: Lane) -> Lane:
            lane = lane.book(name, wanted, rules, now, keep=keep, cost=cost)
            booking = lane.booked(name)
            lane = lane.begin(name) if booking is None or begins(booking.at) else lane.wait(name)
            return self.circuits.let_through(lane, schedule)

        key = channel_key(schedule.owner, schedule.channel)
        self.lanes.change(key, schedule.owner, lambda lane: self.circuits.let_through(lane, schedule))
        booking = self.lanes.change(schedule.lane_key, schedule.owner, booked).booked(name)
        return booking.at if booking else wanted


def lane_rules(row: ChannelRow) -> LaneRules:
    """The spacing and the quota of a channel's posts.

    The window is longer than the quota's, because the quota is read a lead before the post is published.
    """
    quota = row.quota
    window = timedelta(seconds=quota.window if quota else 86_400)
    return LaneRules(
        spacing=timedelta(seconds=row.spacing),
        quota=quota.posts if quota else None,
        window=window + timedelta(seconds=row.lead) + QUOTA_RETRY,
    )
