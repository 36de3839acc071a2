"""Sync: what the platforms say of what was handed over, and everything that did not go by itself (DESIGN §2).

Works from the sparse due index alone; bounded per run, and what is not reached stays due for the next.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shutterpost.channels import Account, Cause, Failure
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.publishing.decision import Action, Evidence, is_handed_over, next_action
from shutterpost.flows.syncing.actions import Actions
from shutterpost.flows.syncing.evidence import Sight, look, seen
from shutterpost.flows.syncing.preflight import Preflight, ShownPhotos
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Schedule, ScheduleStatus

# Schedules per shard and run; four shards and a run every few minutes carry a burst of thousands within the hour.
LIMIT = 100
# One remote listing goes back as far as this.
LISTED_BACK = timedelta(days=1)
# What a platform has not sent so long after its instant is overdue.
SENT_WITHIN = timedelta(hours=1)
# A decision leads on to another a few times at most: looked, taken off its chain, moved.
ROUNDS = 6
# A sync for one persona looks at what was due lately and what is planned.
WINDOW_BACK = timedelta(days=30)
WINDOW_AHEAD = timedelta(days=366)
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
        for group in self._listings([one for one in schedules if is_handed_over(one)]):
            yield [schedule.schedule_id for schedule, _ in group], partial(self._listing, group)
        ahead = [one for one in schedules if _is_ahead(one, now)]
        for schedule in schedules:
            if not is_handed_over(schedule) and not _is_ahead(schedule, now):
                yield [schedule.schedule_id], partial(self._one, schedule, now)
        # Last, because what is due now must not wait for it.
        looks = self.preflight.run()
        for schedule in ahead:
            yield [schedule.schedule_id], partial(self._look, looks, schedule)

    def _of_persona(self, persona_id: str, now: datetime) -> Iterable[Schedule]:
        window = self.chain.schedules.between(persona_id, now - WINDOW_BACK, now + WINDOW_AHEAD)
        return (schedule for schedule in window if schedule.is_open)

    def _one(self, schedule: Schedule, now: datetime) -> list[ScheduleUpdate]:
        return _update(schedule, self._decided(schedule, now, None)) if _is_due(schedule, now) else []

    def _decided(self, schedule: Schedule, now: datetime, sight: Sight | None) -> Schedule | None:
        """What becomes of a schedule whose turn it is: decided, carried out, and decided again where that leads on."""
        moved: Schedule | None = None
        for _ in range(ROUNDS):
            evidence = sight.evidence if sight else Evidence.UNREAD
            decision = next_action(schedule, evidence, self.chain.policy(schedule), now)
            if decision.action is Action.LOOK:
                sight = look(self.chain, schedule)
                continue
            after = self.actions.carry_out(decision, schedule, sight)
            moved = after or moved
            if after is None or after.status is not ScheduleStatus.QUEUED or not _is_due(after, now):
                break
            schedule, sight = after, None
        return moved

    @property
    def actions(self) -> Actions:
        """What carries decisions out."""
        return Actions(chain=self.chain, creator=self.scheduler)

    def _look(self, looks: ShownPhotos, schedule: Schedule) -> list[ScheduleUpdate]:
        return _update(schedule, looks.look(schedule))

    def _listings(self, schedules: Sequence[Schedule]) -> Iterable[Listing]:
        """One remote listing per listing key answers for all its schedules (platform-apis.md §1.3)."""
        groups: dict[str, Listing] = defaultdict(list)
        for schedule in schedules:
            account = self.chain.account(schedule)
            if isinstance(account, Failure):
                self._decided(schedule, self.chain.clock.now(), look(self.chain, schedule))
            else:
                groups[account.connection.listing_key].append((schedule, account))
        return groups.values()

    def _listing(self, group: Listing) -> list[ScheduleUpdate]:
        now = self.chain.clock.now()
        adapter = self.chain.adapter(group[0][0])
        accounts = {account.connection.connection_id: account for _, account in group}
        # What is long overdue is asked about by itself, so that the window of a listing stays short.
        since = max(min(schedule.goes_at for schedule, _ in group), now - LISTED_BACK) - timedelta(minutes=1)
        answer = adapter.statuses(tuple(accounts.values()), since)
        if isinstance(answer, Failure):
            self._note_failure(group, answer)
        updates: list[ScheduleUpdate] = []
        for schedule, account in group:
            status = answer if isinstance(answer, Failure) else answer.get(schedule.ref or "")
            if status is None:
                status = adapter.status(account, schedule.ref or "")
            sight = seen(self.chain, schedule, account, status)
            updates += _update(schedule, self._decided(schedule, now, sight))
        return updates

    def _note_failure(self, group: Sequence[tuple[Schedule, Account]], failure: Failure) -> None:
        logger.warning("statuses not read", code=failure.code, reason=failure.message)
        for _, account in group if failure.cause is Cause.TOKEN else ():
            self.chain.connections.mark_error(account.connection, failure.message, self.chain.clock.now())

    def _overdue(self, schedule: Schedule, now: datetime) -> float:
        """Seconds past grace of what should have been started, settled or sent; 0 where nothing is wrong or all is
        paused."""
        if not schedule.is_open or self.chain.pauses.of(schedule.owner) is not None:
            return 0.0
        allowed = SENT_WITHIN if is_handed_over(schedule) else self.chain.grace(schedule)
        return max(0.0, (now - schedule.goes_at - allowed).total_seconds())


def _is_due(schedule: Schedule, now: datetime) -> bool:
    """Whether its turn has come; looks keep their distance whoever asks for them."""
    return schedule.due_at is not None and schedule.due_at <= now


def _is_ahead(schedule: Schedule, now: datetime) -> bool:
    """Whether it is due before its start, which means that it is to be looked at."""
    due = schedule.due_at is not None and schedule.due_at <= now
    return schedule.status in WAITING and due and now < schedule.start_at


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
