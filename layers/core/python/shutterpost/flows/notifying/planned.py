"""Conditions of a persona's schedules and of its slots.

A run reads the schedules of eleven days in one query, the claim and the decision of each slot of the last day, each
schedule that a standing notice names, and the claims on the photos of those that failed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.ports import Observed
from shutterpost.flows.posting.successors import Successors
from shutterpost.personas import Persona, PersonaStatus, coming_slots
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    Pauses,
    Posts,
    Review,
    Schedule,
    ScheduleNotFound,
    Schedules,
    ScheduleStatus,
    Step,
    slot_claim_key,
)

BACK, AHEAD = timedelta(days=7), timedelta(days=4)
# An empty slot is noticed for so long, although later ones are filled; the last slot for as long as it is the last.
EMPTY_FOR = timedelta(days=1)
# A notice names this many empty slots.
MAX_NAMED = 5
# A handed-over post that is not out this long after its time is not sent.
SENT_WITHIN = timedelta(hours=1)
# The approval is asked for again when this is left.
LAST_CALL = timedelta(hours=3)
# A failed post that nobody retries is no longer reminded of.
FAILED_FOR = timedelta(days=14)
# The outcomes that only a person can resolve.
ASKS_PERSON = frozenset({"needs-a-person", "word-contradicted"})
_OF_POSTS = frozenset(
    {
        NoticeKind.POST_FAILED,
        NoticeKind.POST_MAY_FAIL,
        NoticeKind.OUTCOME_UNKNOWN,
        NoticeKind.APPROVAL_NEEDED,
        NoticeKind.VETO_OPEN,
        NoticeKind.NOT_SENT,
    }
)
_BUFFER = "https://publish.buffer.com"


@flow
class PlanObserver:
    schedules: Schedules
    posts: Posts
    claims: Claims
    pauses: Pauses
    successors: Successors

    def observe(self, persona: Persona, now: datetime, known: Collection[str]) -> Observed:
        """The conditions of the persona's schedules and slots."""
        near = list(self.schedules.between(persona.persona_id, now - BACK, now + AHEAD))
        schedules = {schedule.schedule_id: schedule for schedule in near}
        for schedule_id in known:
            if schedule_id not in schedules and (schedule := self._read(schedule_id)) is not None:
                schedules[schedule_id] = schedule
        slots = {slot.run_at for slot in coming_slots(persona, now - BACK, now)}
        succeeded = self.successors.of(schedules.values())
        conditions = {
            item.key: item
            for schedule in schedules.values()
            if schedule.schedule_id not in succeeded
            for item in _of_schedule(persona, schedule, now, in_slot=schedule.run_at in slots)
        }
        kinds = _OF_POSTS
        empty = self._empty_slots(persona, sorted(slots), schedules, now)
        if empty is not None:
            kinds |= {NoticeKind.SLOT_EMPTY}
            conditions |= {item.key: item for item in empty}
        return Observed(list(conditions.values()), Scope(persona_id=persona.persona_id, kinds=kinds))

    def _read(self, schedule_id: str) -> Schedule | None:
        if "-" not in schedule_id:
            return None
        try:
            return self.schedules.get(schedule_id)
        except ScheduleNotFound:
            return None

    def _empty_slots(
        self, persona: Persona, slots: Sequence[datetime], schedules: Mapping[str, Schedule], now: datetime
    ) -> Sequence[Condition] | None:
        """The condition of the slots that were left empty, if any; `None` if that is not known of the last slot."""
        if not slots or persona.status is not PersonaStatus.ACTIVE or self.pauses.of(persona.owner) is not None:
            return None
        recent = [slot_at for slot_at in slots if slot_at > now - EMPTY_FOR or slot_at == slots[-1]]
        reasons = {slot_at: self._why_empty(persona, slot_at, schedules, now) for slot_at in recent}
        empty = {slot_at: reason for slot_at, reason in reasons.items() if reason}
        if empty:
            return [_empty(persona, empty)]
        return None if reasons[slots[-1]] is None else []

    def _why_empty(
        self, persona: Persona, slot_at: datetime, schedules: Mapping[str, Schedule], now: datetime
    ) -> str | None:
        claim = self.claims.get(slot_claim_key(persona.persona_id, slot_at))
        if claim is not None and claim.state is ClaimState.HELD:
            return _why_skipped([item for item in schedules.values() if item.post_id == claim.holder]) or ""
        decision = self.posts.decision(persona.persona_id, slot_at)
        if decision is not None and decision.post_id is None:
            return str(decision.body.get("reason") or "No photo was picked.")
        if decision is not None or now <= slot_at + persona.late_grace or slot_at <= persona.slots_since:
            return None
        return "Nothing was picked: the slot's timer was not armed or not delivered."


def _of_schedule(persona: Persona, schedule: Schedule, now: datetime, *, in_slot: bool) -> Iterator[Condition]:
    reason = schedule.error_message or "The platform gave no reason."
    retry = f"shutterpost post retry {schedule.schedule_id}"
    show = f"shutterpost post show {schedule.schedule_id}"
    match schedule.status:
        case ScheduleStatus.FAILED if now - schedule.updated_at <= FAILED_FOR:
            yield _condition(persona, schedule, NoticeKind.POST_FAILED, reason, show, retry)
        case ScheduleStatus.SKIPPED if (
            schedule.error_code == "too-late" and not in_slot and now - schedule.updated_at <= FAILED_FOR
        ):
            yield _condition(persona, schedule, NoticeKind.POST_FAILED, reason, retry)
        case ScheduleStatus.UNKNOWN if schedule.error_code in ASKS_PERSON:
            resolve = f"shutterpost post resolve {schedule.schedule_id}"
            commands = (f"{resolve} --live ADDRESS", f"{resolve} --not-live")
            level = schedule.error_code or ""
            yield _condition(persona, schedule, NoticeKind.OUTCOME_UNKNOWN, reason, *commands, level=level)
        case ScheduleStatus.PENDING if schedule.review is not None and now <= schedule.run_at + persona.late_grace:
            yield _review(persona, schedule, now)
        case ScheduleStatus.PROCESSING if _is_not_sent(schedule, now):
            cancel = f"shutterpost post cancel {schedule.schedule_id}"
            what = schedule.error_message or "The channel reports that it still holds the post."
            yield _condition(persona, schedule, NoticeKind.NOT_SENT, what, show, cancel, link=_BUFFER)
    if schedule.is_open and schedule.step is None and schedule.concern and now < schedule.expected_at:
        at = f"At its check on {schedule.checked_at:%Y-%m-%d %H:%M} UTC: " if schedule.checked_at else ""
        what = f"{at}{schedule.concern}"
        yield _condition(persona, schedule, NoticeKind.POST_MAY_FAIL, what, show, deadline=schedule.start_at)


def _review(persona: Persona, schedule: Schedule, now: datetime) -> Condition:
    approves, post_id = schedule.review is Review.APPROVAL, schedule.post_id
    deadline = schedule.run_at + persona.late_grace if approves else schedule.start_at
    last_call = deadline - LAST_CALL
    approve = (f"shutterpost post approve {post_id}",) if approves else ()
    return _condition(
        persona,
        schedule,
        NoticeKind.APPROVAL_NEEDED if approves else NoticeKind.VETO_OPEN,
        "A photo was picked and waits for its review.",
        *approve,
        f"shutterpost post reject {post_id} REASON",
        subject=post_id,
        level="last call" if approves and now >= last_call else "",
        deadline=deadline,
        remind_at=last_call if approves and now < last_call else None,
    )


def _is_not_sent(schedule: Schedule, now: datetime) -> bool:
    return schedule.step is Step.HANDED_OVER and now > schedule.expected_at + SENT_WITHIN


def _why_skipped(schedules: Sequence[Schedule]) -> str | None:
    by_person = {"skipped-by-person", "rejected-by-person"}
    skipped = all(item.status is ScheduleStatus.SKIPPED and item.error_code not in by_person for item in schedules)
    return schedules[0].error_message if schedules and skipped else None


def _empty(persona: Persona, reasons: Mapping[datetime, str]) -> Condition:
    newest = sorted(reasons, reverse=True)
    texts = [f"The slot of {at:%Y-%m-%d %H:%M} UTC was left empty. {reasons[at]}" for at in newest[:MAX_NAMED]]
    if len(newest) > MAX_NAMED:
        texts.append(f"So were {len(newest) - MAX_NAMED} more in the last day.")
    return Condition(
        kind=NoticeKind.SLOT_EMPTY,
        subject="",
        persona_id=persona.persona_id,
        label=persona.name,
        what=" ".join(texts),
        commands=(
            f"shutterpost plan --days 3 --persona {persona.persona_id}",
            f"shutterpost pick --persona {persona.persona_id}",
        ),
        zone=persona.zone,
    )


def _condition(
    persona: Persona,
    schedule: Schedule,
    kind: NoticeKind,
    what: str,
    *commands: str,
    subject: str | None = None,
    level: str = "",
    link: str | None = None,
    deadline: datetime | None = None,
    remind_at: datetime | None = None,
) -> Condition:
    return Condition(
        kind=kind,
        subject=subject or schedule.schedule_id,
        persona_id=persona.persona_id,
        label=f"{persona.name}, {schedule.channel}, {schedule.wall_time[:16].replace('T', ' ')}",
        what=what,
        level=level,
        post_id=schedule.post_id,
        commands=commands,
        link=link,
        deadline=deadline,
        remind_at=remind_at,
        zone=persona.zone,
    )
