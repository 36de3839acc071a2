"""What all steps of a publish chain share: reading under the lease, noting failures, deciding on a retry."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shutterpost.channels import (
    Account,
    Catalogue,
    Cause,
    Channel,
    ChannelFactory,
    ChannelRow,
    ConnectionStatus,
    ConnectionStore,
    ConnectionUnknown,
    Failure,
    FailureClass,
    Status,
    Tokens,
)
from shutterpost.flows.posting.release import BROKE_OFF, Releaser, event_of, noted_error
from shutterpost.flows.publishing.decision import Action, Evidence, Policy, is_handed_over, next_action
from shutterpost.flows.publishing.outcomes import StepOutcome
from shutterpost.flows.publishing.publish_times import PublishTimes
from shutterpost.personas import Personas
from shutterpost.photos import Photos, PublicCopies
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Write
from shutterpost.scheduling import (
    Claims,
    EventOutcome,
    Intent,
    Lanes,
    Pauses,
    Posts,
    PublishEvent,
    Schedule,
    Schedules,
    ScheduleStatus,
    StaleWrite,
    Step,
    remote_claim_key,
)

# Longer than any step may take (Lambda timeout 60 s) and than the poll cadence's longest wait.
LEASE = timedelta(minutes=10)

UNUSABLE = "connection-unusable"

SUPERSEDED = StepOutcome(outcome="superseded")
SETTLE = StepOutcome(outcome="settle")


@dataclass(frozen=True, kw_only=True)
class PublishContext:
    """The stores and ports the steps work with."""

    clock: Clock
    personas: Personas
    photos: Photos
    connections: ConnectionStore
    tokens: Tokens
    channels: ChannelFactory
    catalogue: Catalogue
    posts: Posts
    schedules: Schedules
    claims: Claims
    lanes: Lanes
    pauses: Pauses
    copies: PublicCopies

    @property
    def releaser(self) -> Releaser:
        """What ends schedules without a post."""
        return Releaser(
            clock=self.clock,
            schedules=self.schedules,
            posts=self.posts,
            claims=self.claims,
            lanes=self.lanes,
            photos=self.photos,
        )

    @property
    def traffic(self) -> PublishTimes:
        """What gives schedules their turn."""
        return PublishTimes(clock=self.clock, lanes=self.lanes, catalogue=self.catalogue)

    def current(self, schedule_id: str, revision: int, *, at: Collection[Step] = frozenset(Step)) -> Schedule | None:
        """The schedule while this revision's chain holds it and has come just as far as one of `at`, else `None`.

        An invocation that is delivered again later finds the chain further on, and must not turn it back. Raises
        `ScheduleNotFound`.
        """
        schedule = self.schedules.get(schedule_id)
        held = schedule.status is ScheduleStatus.PROCESSING and schedule.run_id == schedule.execution_name
        return schedule if held and schedule.revision == revision and schedule.step in at else None

    def row(self, schedule: Schedule) -> ChannelRow:
        """The catalogue row of the schedule's channel."""
        return self.catalogue.row(schedule.channel)

    def submits_visibly(self, schedule: Schedule) -> bool:
        """Whether a submission can already be seen or go out by itself, so that a lost answer to it is unclear."""
        return self.row(schedule).ambiguous_from == "submitting"

    def adapter(self, schedule: Schedule) -> Channel:
        """The adapter of the schedule's channel."""
        return self.channels(schedule.channel)

    def account(self, schedule: Schedule) -> Account | Failure:
        """The connection with its token, or why it cannot be used."""
        try:
            connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        except ConnectionUnknown as refusal:
            return _unusable(refusal.detail)
        if connection.status is not ConnectionStatus.CONNECTED:
            return _unusable(f"The connection is {connection.status}; reconnect it, then retry this schedule.")
        return self.tokens.account(connection)

    def policy(self, schedule: Schedule) -> Policy:
        """What decides on the schedule besides itself; what is handed over depends on nothing else."""
        visible = self.submits_visibly(schedule)
        if is_handed_over(schedule):
            return Policy(grace=timedelta(0), then="skip", held=False, visible=visible)
        persona = self.personas.get(schedule.persona_id)
        connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        held = connection.status is ConnectionStatus.ERROR or self.pauses.of(schedule.owner) is not None
        grace = timedelta(minutes=persona.late_grace_minutes)
        return Policy(grace=grace, then=persona.late_then, held=held, visible=visible)

    def must_stop(self, schedule: Schedule) -> bool:
        """Whether a chain about to publish is taken off it: everything is paused by now, or it is too late."""
        decision = next_action(schedule, Evidence.UNREAD, self.policy(schedule), self.clock.now())
        return decision.action is Action.REQUEUE

    def set_back(self, schedule: Schedule) -> Schedule | None:
        """Back to the queue at the step it has come to, for sync to decide at once; `None` where it had moved."""
        now = self.clock.now()
        changes: dict[str, Any] = {"lease_until": None, "start_at": now, "due_at": now}
        revision = schedule.revision + 1
        moved = self.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, revision=revision, **changes)
        return None if isinstance(moved, StaleWrite) else moved

    def claim_remote(self, schedule: Schedule, remote_id: str | None) -> list[Write]:
        """The write by which a remote post is this schedule's and no other's."""
        if remote_id is None:
            return []
        key, holder = remote_claim_key(schedule.channel, remote_id), schedule.schedule_id
        now = self.clock.now()
        return [self.claims.take("remote", key, holder=holder, owner=schedule.owner, now=now, again=True)]

    def is_free(self, schedule: Schedule, found: Status) -> bool:
        """Whether what was found is no other schedule's."""
        claim = self.claims.get(remote_claim_key(schedule.channel, found.external_id or found.ref))
        return claim is None or claim.holder == schedule.schedule_id

    def slot_left(self, schedule: Schedule, at: datetime, reason: str) -> list[Write]:
        """The writes that free what the schedule has of a slot ahead at `at`, which it leaves."""
        details = self.posts.details(schedule.post_id)
        return self.releaser.slot_given_back(details, {schedule.schedule_id}, at, reason, self.clock.now())

    def renew_copies(self, schedule: Schedule) -> None:
        """Make the pictures' public copies anew, so that they live on while the platform may still fetch them."""
        details = self.posts.details(schedule.post_id)
        variant = next(one for one in details.variants if one.connection_id == schedule.connection_id)
        profile = self.row(schedule).rendition
        for photo_id, public_key in zip(variant.photo_ids, schedule.public_keys, strict=False):
            rendition = self.photos.get(schedule.persona_id, photo_id).renditions.get(profile)
            if rendition is not None:
                self.copies.publish(rendition, public_key)

    def advance(
        self,
        schedule: Schedule,
        *,
        unless_cancelled: bool = False,
        event: PublishEvent | None = None,
        along: Sequence[Write] = (),
        **changes: Any,
    ) -> Schedule | None:
        """Write the chain's next fact under its lease; `None` where the lease or the race was lost."""
        # A withdrawal has no instant to wait for: one that dies is resumed soon.
        withdraws = schedule.intent is Intent.WITHDRAW
        goes_at = self.clock.now() if withdraws else changes.get("publish_at") or schedule.goes_at
        lease_until = max(self.clock.now(), goes_at, changes.pop("wake_at", goes_at)) + LEASE
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.PROCESSING,
            now=self.clock.now(),
            event=event,
            along=along,
            unless_cancelled=unless_cancelled,
            **{"lease_until": lease_until, "due_at": lease_until, **changes},
        )
        return None if isinstance(moved, StaleWrite) else moved

    def lost(self, schedule: Schedule) -> StepOutcome:
        """Why a write of this chain did not hold: a cancel to honour, or another run's work."""
        now = self.schedules.get(schedule.schedule_id)
        same = now.revision == schedule.revision and now.status is ScheduleStatus.PROCESSING
        return SETTLE if same and now.cancel_requested else SUPERSEDED

    def fail(
        self, schedule: Schedule, failure: Failure, *, retry_step: Step | None = None, **changes: Any
    ) -> StepOutcome:
        """Note `failure` and answer `retry_at` where it passes in time, else `settle`.

        `retry_step` is where a retry continues from; `changes` go with it.
        """
        if failure.cause is Cause.TOKEN and failure.code != UNUSABLE:
            seen = self.connections.get(schedule.persona_id, schedule.connection_id)
            self.connections.mark_error(seen, failure.message, self.clock.now())
        closed_until = self.traffic.note_failure(schedule, failure)
        until = self._retry_instant(schedule, failure, not_before=closed_until)
        noted: dict[str, Any] = {**noted_error(failure), **changes}
        if retry_step is not None:
            noted["step"] = retry_step
        if until is None:
            return SETTLE if self.advance(schedule, **noted) else self.lost(schedule)
        event = event_of(schedule, EventOutcome.RETRIED, at=self.clock.now(), failure=failure)
        noted |= {"retry_count": schedule.retry_count + 1, "wake_at": until}
        moved = self.advance(schedule, event=event, **noted)
        return StepOutcome(outcome="retry_at", until=until) if moved else self.lost(schedule)

    def requeue(self, schedule: Schedule) -> StepOutcome | None:
        """Back to the queue after our own side failed, for sync to start anew; `None` where no try is left."""
        until = None if schedule.cancel_requested else self._retry_instant(schedule, BROKE_OFF)
        if until is None or schedule.intent is Intent.WITHDRAW:
            return None
        now = self.clock.now()
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            event=event_of(schedule, EventOutcome.RETRIED, at=now, failure=BROKE_OFF)
            if schedule.attempt_count
            else None,
            revision=schedule.revision + 1,
            retry_count=schedule.retry_count + 1,
            lease_until=None,
            start_at=until,
            due_at=until,
            **noted_error(BROKE_OFF),
        )
        return self.lost(schedule) if isinstance(moved, StaleWrite) else StepOutcome(outcome="requeued")

    def grace(self, schedule: Schedule) -> timedelta:
        """How late the persona still lets a post go out."""
        return timedelta(minutes=self.personas.get(schedule.persona_id).late_grace_minutes)

    def _retry_instant(
        self, schedule: Schedule, failure: Failure, *, not_before: datetime | None = None
    ) -> datetime | None:
        if failure.failure_class is not FailureClass.RETRYABLE:
            return None
        delay = self.row(schedule).retry.delay(schedule.retry_count + 1, random.random(), failure.retry_after)
        until = max(self.clock.now() + delay, not_before or schedule.created_at) if delay is not None else None
        return until if until and until <= schedule.run_at + self.grace(schedule) else None


def _unusable(message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.TOKEN, code=UNUSABLE, message=message)
