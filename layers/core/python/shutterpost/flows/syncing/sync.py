"""Sync: reads what the platforms did, continues schedules that did not start or end by themselves, fills missed slots.

Reads the sparse due index, and the claims of slots whose pick was due just now. The work of a run is bounded, and the
rest stays due for the next run.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import chain

from shutterpost.channels import Account, Cause, Failure
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import Action, Evidence, is_handed_over, next_action
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.records.sync_reports import ScheduleUpdate, SyncReport
from shutterpost.flows.syncing.actions import Actions
from shutterpost.flows.syncing.evidence import EvidenceReader, RemoteObservation
from shutterpost.flows.syncing.missed_slots import MissedSlots
from shutterpost.flows.syncing.preflight import Preflight, PreflightRun
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Pauses, Schedule, Schedules, ScheduleStatus

# Schedules per shard and run; four shards and a run every few minutes handle thousands within the hour.
LIMIT = 100
# A remote listing reaches back this far; older posts are asked for one by one.
LISTED_BACK = timedelta(days=1)
# A handed-over post counts as overdue if the platform has not published it this long after its time.
SENT_WITHIN = timedelta(hours=1)
# One decision may lead to another, a few times at most.
ROUNDS = 6
# The range of a sync for one persona.
WINDOW_BACK = timedelta(days=30)
WINDOW_AHEAD = timedelta(days=366)
WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})


Group = list[tuple[Schedule, Account]]
Work = tuple[list[str], Callable[[], list[ScheduleUpdate]]]


@flow
class Syncer:
    clock: Clock
    personas: Personas
    schedules: Schedules
    pauses: Pauses
    access: ChannelAccess
    policies: Policies
    evidence: EvidenceReader
    actions: Actions
    preflight: Preflight
    missed_slots: MissedSlots

    def run(self, persona_id: str | None = None) -> SyncReport:
        """Sync what is due, or all open schedules of one persona."""
        now = self.clock.now()
        due = list(self._of_persona(persona_id, now) if persona_id else self.schedules.due(now, limit=LIMIT))
        schedules = [self.schedules.get(schedule.schedule_id) for schedule in due]
        overdue = max((self._overdue_seconds(schedule, now) for schedule in schedules), default=0.0)
        updates: list[ScheduleUpdate] = []
        failed: list[str] = []
        for names, work in chain(self._work(schedules, now), () if persona_id else self._missed()):
            try:
                updates += work()
            except Exception:  # noqa: BLE001 - one failure must not stop the others; the run reports it
                logger.exception("schedules not synced", schedules=names)
                failed += names
        logger.info("synced", looked_at=len(schedules), updated=len(updates), failed=len(failed), overdue=overdue)
        return SyncReport(
            looked_at=len(schedules), updated=tuple(updates), overdue_seconds=overdue, failed=tuple(failed)
        )

    def _work(self, schedules: Sequence[Schedule], now: datetime) -> Iterable[Work]:
        for group in self._groups([item for item in schedules if is_handed_over(item)]):
            yield [schedule.schedule_id for schedule, _ in group], partial(self._sync_group, group)
        ahead = [item for item in schedules if _is_ahead(item, now)]
        for schedule in schedules:
            if not is_handed_over(schedule) and not _is_ahead(schedule, now):
                yield [schedule.schedule_id], partial(self._sync, schedule, now)
        # Last, because what is due now must not wait for it.
        checks = self.preflight.run()
        for schedule in ahead:
            yield [schedule.schedule_id], partial(self._check, checks, schedule)

    def _missed(self) -> Iterable[Work]:
        for persona, slot_at in self.missed_slots.of_everyone():
            yield [persona.persona_id], partial(self._pick, persona, slot_at)

    def _pick(self, persona: Persona, slot_at: datetime) -> list[ScheduleUpdate]:
        self.missed_slots.pick(persona, slot_at)
        return []

    def _of_persona(self, persona_id: str, now: datetime) -> Iterable[Schedule]:
        window = self.schedules.between(persona_id, now - WINDOW_BACK, now + WINDOW_AHEAD)
        return (schedule for schedule in window if schedule.is_open or schedule.due_at is not None)

    def _sync(self, schedule: Schedule, now: datetime) -> list[ScheduleUpdate]:
        return _updates(schedule, self._decide(schedule, now, None)) if _is_due(schedule, now) else []

    def _check(self, checks: PreflightRun, schedule: Schedule) -> list[ScheduleUpdate]:
        return _updates(schedule, checks.check(schedule))

    def _decide(self, schedule: Schedule, now: datetime, observation: RemoteObservation | None) -> Schedule | None:
        moved: Schedule | None = None
        for _ in range(ROUNDS):
            evidence = observation.evidence if observation else Evidence.UNREAD
            decision = next_action(schedule, evidence, self.policies.of(schedule), now)
            if decision.action is Action.LOOK:
                observation = self.evidence.read(schedule)
                continue
            after = self.actions.carry_out(decision, schedule, observation)
            moved = after or moved
            if after is None or after.status is not ScheduleStatus.QUEUED or not _is_due(after, now):
                break
            schedule, observation = after, None
        return moved

    def _groups(self, schedules: Sequence[Schedule]) -> Iterable[Group]:
        groups: dict[str, Group] = defaultdict(list)
        for schedule in schedules:
            account = self.access.account(schedule)
            if isinstance(account, Failure):
                self._decide(schedule, self.clock.now(), self.evidence.read(schedule))
            else:
                groups[account.connection.listing_key].append((schedule, account))
        return groups.values()

    def _sync_group(self, group: Group) -> list[ScheduleUpdate]:
        now = self.clock.now()
        adapter = self.access.adapter(group[0][0])
        accounts = {account.connection.connection_id: account for _, account in group}
        since = max(min(schedule.expected_at for schedule, _ in group), now - LISTED_BACK) - timedelta(minutes=1)
        answer = adapter.statuses(tuple(accounts.values()), since)
        if isinstance(answer, Failure):
            self._note_failure(group, answer)
        updates: list[ScheduleUpdate] = []
        for schedule, account in group:
            status = answer if isinstance(answer, Failure) else answer.get(schedule.ref or "")
            if status is None:
                status = adapter.status(account, schedule.ref or "")
            observation = self.evidence.observe(schedule, account, status)
            updates += _updates(schedule, self._decide(schedule, now, observation))
        return updates

    def _note_failure(self, group: Group, failure: Failure) -> None:
        logger.warning("statuses not read", code=failure.code, reason=failure.message)
        for _, account in group if failure.cause is Cause.TOKEN else ():
            self.access.connections.mark_error(account.connection, failure.message, self.clock.now())

    def _overdue_seconds(self, schedule: Schedule, now: datetime) -> float:
        """Seconds past the grace of a schedule that should have started or ended; 0 if it is in time or paused."""
        if not schedule.is_open or self.pauses.of(schedule.owner) is not None:
            return 0.0
        handed_over = is_handed_over(schedule)
        allowed = SENT_WITHIN if handed_over else self.personas.get(schedule.persona_id).late_grace
        return max(0.0, (now - schedule.expected_at - allowed).total_seconds())


def _is_due(schedule: Schedule, now: datetime) -> bool:
    return schedule.due_at is not None and schedule.due_at <= now


def _is_ahead(schedule: Schedule, now: datetime) -> bool:
    return schedule.status in WAITING and _is_due(schedule, now) and now < schedule.start_at


def _updates(before: Schedule, after: Schedule | None) -> list[ScheduleUpdate]:
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
