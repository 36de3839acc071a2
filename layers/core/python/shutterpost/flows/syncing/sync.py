"""Sync: what the platforms say of what was handed over, and everything that did not go by itself (DESIGN §2).

Works from the sparse due index alone; bounded per run, and what is not reached stays due for the next.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shutterpost.channels import Account, Cause, ConnectionStatus, Failure, FailureClass, RemoteState, Status
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.deadlines import TIMER_SLACK, queue_after_veto
from shutterpost.flows.posting.slots import free_slots
from shutterpost.flows.publishing.context import LEASE, PublishContext
from shutterpost.flows.publishing.publish import HOLD, succeed
from shutterpost.flows.syncing.preflight import Preflight, ShownPhotos
from shutterpost.flows.syncing.reconcile import reconcile
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Committed, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    EventOutcome,
    Intent,
    LateAction,
    Review,
    Schedule,
    ScheduleStatus,
    StaleWrite,
    Step,
    late_action,
    slot_claim_key,
)

# Schedules per shard and run; four shards and a run every few minutes carry a burst of thousands within the hour.
LIMIT = 100
# A handed-over post is asked about again this much later while the platform has not sent it.
ASK_AGAIN = timedelta(seconds=60)
# A sync for one persona looks at what was due lately and what is planned.
WINDOW_BACK = timedelta(days=30)
WINDOW_AHEAD = timedelta(days=366)
SLOTS_AHEAD = timedelta(days=14)
WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})


Listing = list[tuple[Schedule, Account]]
Work = tuple[list[str], Callable[[], list["ScheduleUpdate"]]]


class ScheduleUpdate(Value):
    """A schedule that sync moved."""

    schedule_id: str
    post_id: str
    before: ScheduleStatus
    after: ScheduleStatus
    external_id: str | None = None
    external_url: str | None = None
    reason: str | None = None


class SyncReport(Value):
    """What a run did: schedules looked at, those moved, by how long the worst is overdue past its grace, and those
    that could not be worked on and stay due."""

    looked_at: int
    updated: tuple[ScheduleUpdate, ...]
    overdue_seconds: float
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Syncer:
    """Brings statuses home, resolves what is unclear, starts what is overdue and resumes what is stuck."""

    chain: PublishContext
    scheduler: PostCreator
    preflight: Preflight

    def run(self, persona_id: str | None = None) -> SyncReport:
        """One run over what is due, or over all open schedules of one persona."""
        now = self.chain.clock.now()
        found = list(self._of_persona(persona_id, now) if persona_id else self.chain.schedules.due(now, limit=LIMIT))
        schedules = [self.chain.schedules.get(schedule.schedule_id) for schedule in found]
        overdue = max((self._overdue(schedule, now) for schedule in schedules), default=0.0)
        updates: list[ScheduleUpdate] = []
        failed: list[str] = []
        for schedule_ids, work in self._work(schedules, now):
            try:
                updates += work()
            except Exception:  # noqa: BLE001 - whatever it is, the others go on and the run is told as failed
                logger.exception("not synced; stays due", schedules=schedule_ids)
                failed += schedule_ids
        logger.info("synced", looked_at=len(schedules), updated=len(updates), failed=len(failed), overdue=overdue)
        return SyncReport(
            looked_at=len(schedules), updated=tuple(updates), overdue_seconds=overdue, failed=tuple(failed)
        )

    def _work(self, schedules: Sequence[Schedule], now: datetime) -> Iterable[Work]:
        """What to do, each piece by itself: one that cannot be done must not stop the others."""
        for group in self._listings([one for one in schedules if _is_handed_over(one)]):
            yield [schedule.schedule_id for schedule, _ in group], partial(self._listing, group)
        ahead = [one for one in schedules if _is_ahead(one, now)]
        for schedule in schedules:
            if not _is_handed_over(schedule) and not _is_ahead(schedule, now):
                yield [schedule.schedule_id], partial(self._one, schedule, now)
        # Last, because what is due now must not wait for it.
        looks = self.preflight.run()
        for schedule in ahead:
            yield [schedule.schedule_id], partial(self._look, looks, schedule)

    def _of_persona(self, persona_id: str, now: datetime) -> Iterable[Schedule]:
        window = self.chain.schedules.between(persona_id, now - WINDOW_BACK, now + WINDOW_AHEAD)
        return (schedule for schedule in window if schedule.is_open)

    def _one(self, schedule: Schedule, now: datetime) -> list[ScheduleUpdate]:
        due = schedule.due_at is not None and schedule.due_at <= now
        if schedule.status is ScheduleStatus.UNKNOWN:
            moved = reconcile(self.chain, self.scheduler.starter, schedule)
        elif schedule.status in WAITING and due:
            moved = self._waited(schedule, now)
        elif schedule.status is ScheduleStatus.PROCESSING and due:
            moved = self._resume_stuck(schedule, now)
        else:
            moved = None
        return _update(schedule, moved)

    def _waited(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """What waited long enough is started, or ends unapproved."""
        if schedule.review is None:
            return self._start_overdue(schedule, now)
        if schedule.review is Review.VETO:
            queued = queue_after_veto(self.chain.schedules, schedule, now)
            return self._start_overdue(queued, now) if queued else None
        return self._unapproved(schedule, now)

    def _look(self, looks: ShownPhotos, schedule: Schedule) -> list[ScheduleUpdate]:
        return _update(schedule, looks.look(schedule))

    def _unapproved(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """A pick that nobody approved ends once its slot is past the persona's grace; its photo is picked again."""
        late_at = schedule.run_at + self.chain.grace(schedule)
        if now < late_at:
            self.chain.schedules.move(schedule, schedule.status, now=now, due_at=late_at)
            return None
        failure = Failure(
            failure_class=FailureClass.PERMANENT,
            cause=Cause.ACCOUNT,
            code="not-approved",
            message=f"Nobody approved it by {iso(late_at)}; retry to post it after all.",
        )
        details = self.chain.posts.details(schedule.post_id)
        if not self.chain.releaser.end_pick(details, failure, EventOutcome.NOT_APPROVED, slot_at=None):
            return None
        ended = self.chain.schedules.get(schedule.schedule_id)
        self.chain.releaser.free_photo(ended)
        return ended

    def _listings(self, schedules: Sequence[Schedule]) -> Iterable[Listing]:
        """One remote listing per listing key answers for all its schedules (platform-apis.md §1.3)."""
        groups: dict[str, Listing] = defaultdict(list)
        for schedule in schedules:
            account = self.chain.account(schedule)
            if isinstance(account, Failure):
                self._ask_again(schedule, HOLD)
            else:
                groups[account.connection.listing_key].append((schedule, account))
        return groups.values()

    def _listing(self, group: Listing) -> list[ScheduleUpdate]:
        adapter = self.chain.adapter(group[0][0])
        accounts = {account.connection.connection_id: account for _, account in group}
        since = min(schedule.run_at for schedule, _ in group) - timedelta(minutes=1)
        answer = adapter.statuses(tuple(accounts.values()), since)
        if isinstance(answer, Failure):
            self._note_failure(group, answer)
            return []
        updates: list[ScheduleUpdate] = []
        for schedule, account in group:
            listed = answer.get(schedule.ref or "")
            status = listed if listed is not None else adapter.status(account, schedule.ref or "")
            updates += _update(schedule, self._bring_home(schedule, status))
        return updates

    def _bring_home(self, schedule: Schedule, status: Status | Failure) -> Schedule | None:
        if isinstance(status, Failure) or status.state in {
            RemoteState.SCHEDULED,
            RemoteState.WORKING,
            RemoteState.READY,
        }:
            return self._ask_again(schedule, ASK_AGAIN)
        if status.state is RemoteState.PUBLISHED:
            known = {"external_url": status.external_url, "posted_at": status.posted_at}
            return succeed(self.chain, schedule, external_id=status.external_id or schedule.ref, **known)
        ended = self.chain.releaser.end(schedule, ScheduleStatus.FAILED, status.failure or _gone(schedule))
        self.chain.copies.remove(schedule.public_keys)
        if ended is not None:
            self.chain.releaser.free_photo(ended)
        return ended

    def _ask_again(self, schedule: Schedule, pause: timedelta) -> Schedule | None:
        now = self.chain.clock.now()
        due_at = max(now, schedule.goes_at) + pause
        moved = self.chain.schedules.move(schedule, ScheduleStatus.PROCESSING, now=now, due_at=due_at)
        return None if isinstance(moved, StaleWrite) else moved

    def _note_failure(self, group: Sequence[tuple[Schedule, Account]], failure: Failure) -> None:
        logger.warning("statuses not read", code=failure.code, reason=failure.message)
        for schedule, account in group:
            if failure.cause is Cause.TOKEN:
                self.chain.connections.mark_error(account.connection, failure.message, self.chain.clock.now())
            self._ask_again(schedule, timedelta(seconds=failure.retry_after or ASK_AGAIN.total_seconds()))

    def _start_overdue(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """Start what its timer did not, by the persona's late policy (DESIGN §2, rule 7)."""
        connection = self.chain.connections.get(schedule.persona_id, schedule.connection_id)
        if connection.status is ConnectionStatus.ERROR or self.chain.pauses.of(schedule.owner) is not None:
            self.chain.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, due_at=now + HOLD)
            return None
        persona = self.chain.personas.get(schedule.persona_id)
        grace = timedelta(minutes=persona.late_grace_minutes)
        action = late_action(run_at=schedule.run_at, now=now, grace=grace, then=persona.late_then)
        if schedule.intent is Intent.WITHDRAW or action is LateAction.START:
            return self._start(schedule, now)
        if action is LateAction.NEXT_SLOT:
            return self._to_next_slot(schedule, now)
        return self._skip(schedule)

    def _start(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """A new revision, so that an execution that ended without doing anything is no obstacle."""
        moved = self.chain.schedules.move(
            schedule,
            schedule.status,
            now=now,
            revision=schedule.revision + 1,
            start_at=now,
            due_at=now + (LEASE if schedule.status is ScheduleStatus.PROCESSING else TIMER_SLACK),
        )
        if isinstance(moved, StaleWrite):
            return None
        self.scheduler.starter.start(moved)
        return moved

    def _resume_stuck(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """A chain whose lease ended: a new revision goes on from the recorded step."""
        logger.warning("chain resumed after its lease ended", schedule_id=schedule.schedule_id, step=schedule.step)
        return self._start(schedule, now)

    def _to_next_slot(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """Move a late schedule to the persona's next slot that nobody has, claiming it; without one it is skipped."""
        persona = self.chain.personas.get(schedule.persona_id)
        targets = (schedule.connection_id,)
        ahead = now + TIMER_SLACK, now + SLOTS_AHEAD
        for slot in free_slots(self.scheduler, persona, targets, *ahead, post_id=schedule.post_id):
            start_at = self.scheduler.start_instant(schedule.channel, slot.run_at, now)
            writes = self.chain.schedules.moving(
                schedule,
                ScheduleStatus.QUEUED,
                now=now,
                revision=schedule.revision + 1,
                run_at=slot.run_at,
                wall_time=slot.wall_time.isoformat(),
                zone=slot.zone,
                publish_at=None,
                start_at=start_at,
                due_at=start_at + TIMER_SLACK,
            )
            key, owner = slot_claim_key(persona.persona_id, slot.run_at), schedule.owner
            take = self.chain.claims.take
            writes.append(take("slot", key, holder=schedule.post_id, owner=owner, now=now, again=True))
            if isinstance(commit(writes), Committed):
                moved = self.chain.schedules.get(schedule.schedule_id)
                self.scheduler.arm(moved)
                logger.warning(
                    "late: moved to the next slot", schedule_id=schedule.schedule_id, run_at=iso(moved.run_at)
                )
                return moved
        return self._skip(schedule)

    def _skip(self, schedule: Schedule) -> Schedule | None:
        late = Failure(
            failure_class=FailureClass.PERMANENT,
            cause=Cause.ACCOUNT,
            code="too-late",
            message=f"Due at {iso(schedule.run_at)}, later now than the persona's grace; retry to post it.",
        )
        ended = self.chain.releaser.end(schedule, ScheduleStatus.SKIPPED, late)
        if ended is not None:
            self.chain.releaser.free_photo(ended)
        return ended

    def _overdue(self, schedule: Schedule, now: datetime) -> float:
        """Seconds past grace of what should have been started or settled; 0 where nothing is wrong or all is paused."""
        waiting = schedule.status is ScheduleStatus.QUEUED or schedule.step is not Step.HANDED_OVER
        late = (now - schedule.run_at - self.chain.grace(schedule)).total_seconds()
        wrong = late > 0 and waiting and schedule.is_open and self.chain.pauses.of(schedule.owner) is None
        return late if wrong else 0.0


def _is_ahead(schedule: Schedule, now: datetime) -> bool:
    """Whether it is due before its start, which means that it is to be looked at."""
    due = schedule.due_at is not None and schedule.due_at <= now
    return schedule.status in WAITING and due and now < schedule.start_at


def _is_handed_over(schedule: Schedule) -> bool:
    handed = schedule.status is ScheduleStatus.PROCESSING and schedule.step is Step.HANDED_OVER
    return handed and schedule.intent is Intent.PUBLISH


def _gone(schedule: Schedule) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code="removed-at-platform",
        message=f"The platform no longer has {schedule.ref}; somebody removed it there. Retry to hand it over again.",
    )


def _update(before: Schedule, after: Schedule | None) -> list[ScheduleUpdate]:
    if after is None or after.status is before.status:
        return []
    return [
        ScheduleUpdate(
            schedule_id=after.schedule_id,
            post_id=after.post_id,
            before=before.status,
            after=after.status,
            external_id=after.external_id,
            external_url=after.external_url,
            reason=after.error_message,
        )
    ]
