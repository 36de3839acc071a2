"""What posts need of a person. Pure; the time is passed in."""

from datetime import datetime, timedelta

from shutterpost.channels import Cause, Connection, ConnectionStatus
from shutterpost.flows.overview.accounts import reconnection
from shutterpost.flows.overview.needs import Need, NeedKind, Repair, need_of
from shutterpost.flows.records.calendar import CalendarEntry
from shutterpost.personas import Persona
from shutterpost.scheduling import Review, Schedule, ScheduleStatus, Step

OVERDUE = timedelta(minutes=15)
UPCOMING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN})
_WAITING = frozenset({ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING})
# The codes of unknown outcomes that sync has finished looking at.
_UNDECIDED = frozenset({"needs-a-person", "word-contradicted"})
# Failures that a retry repeats: the post has to be seen, and its photo or text replaced.
_NO_RETRY = frozenset({Cause.PHOTO, Cause.TEXT, Cause.UNKNOWN})


def may_need(schedule: Schedule, now: datetime) -> bool:
    """Whether a post can need a person, so that it must be read."""
    if schedule.status in _WAITING:
        return schedule.run_at < now - OVERDUE
    return schedule.status in {ScheduleStatus.PENDING, ScheduleStatus.FAILED, ScheduleStatus.UNKNOWN}


def post_need(entry: CalendarEntry, persona: Persona, connection: Connection | None, now: datetime) -> Need | None:
    """What a post needs, with its account if that exists; `None` if it needs nobody."""
    if entry.status is ScheduleStatus.PENDING:
        return _review(entry, persona, now)
    if entry.status is ScheduleStatus.FAILED and entry.superseded_by is None:
        return _failure(entry, persona, connection)
    if entry.status is ScheduleStatus.UNKNOWN and entry.error_code in _UNDECIDED:
        why = f"whether it is live is unknown: {entry.error_message}"
        live = Repair(operation="resolveSchedule", parameters=_schedule(entry), asks=("live_url",))
        not_live = Repair(operation="resolveSchedule", parameters=_schedule(entry), body={"not_live": True})
        return _need(entry, persona, NeedKind.UNKNOWN, why, live, not_live)
    if entry.status in _WAITING and entry.run_at < now - OVERDUE and not entry.held:
        return _overdue(entry, persona)
    return None


def _review(entry: CalendarEntry, persona: Persona, now: datetime) -> Need | None:
    reject = Repair(operation="rejectPost", parameters=_post(entry))
    if entry.review is Review.VETO:
        until, why, repairs = entry.start_at, "is published unless it is rejected", [reject]
    else:
        until = entry.run_at + timedelta(minutes=persona.late_grace_minutes)
        why, repairs = (
            "is published only if it is approved",
            [Repair(operation="approvePost", parameters=_post(entry)), reject],
        )
    return _need(entry, persona, NeedKind.REVIEW, why, *repairs, until=until) if now < until else None


def _failure(entry: CalendarEntry, persona: Persona, connection: Connection | None) -> Need:
    cause = entry.error_cause
    if cause == Cause.TOKEN and connection is not None and connection.status is not ConnectionStatus.CONNECTED:
        repair = reconnection(connection)
    elif cause in _NO_RETRY:
        repair = Repair(operation="getPost", parameters=_post(entry))
    else:
        repair = Repair(operation="retrySchedule", parameters=_schedule(entry))
    facts = ", ".join(filter(None, (cause, entry.error_code)))
    why = f"failed ({facts}: {entry.error_message})" if facts else f"failed ({entry.error_message or ''})"
    return _need(entry, persona, NeedKind.FAILED, why, repair, cause=cause)


def _overdue(entry: CalendarEntry, persona: Persona) -> Need:
    if entry.step is not Step.HANDED_OVER:
        sync = Repair(operation="syncPersona", parameters={"persona_id": persona.persona_id})
        return _need(entry, persona, NeedKind.OVERDUE, "overdue", sync)
    why = f"overdue: {entry.channel} has it and has not sent it; approve or resume it there"
    look = Repair(operation="getPost", parameters=_post(entry))
    cancel = Repair(operation="cancelPost", parameters=_post(entry))
    return _need(entry, persona, NeedKind.NOT_SENT, why, look, cancel)


def _need(entry: CalendarEntry, persona: Persona, kind: NeedKind, why: str, *repairs: Repair, **facts: object) -> Need:
    photo_id = entry.photo_ids[0] if entry.photo_ids else None
    name = next(iter(entry.photo_names), photo_id[:12] if photo_id else "no photo")
    ids = {"post_id": entry.post_id, "schedule_id": entry.schedule_id, "connection_id": entry.connection_id}
    what = f"{name} on {entry.channel}, post {entry.post_id}"
    return need_of(persona, kind, what, why, *repairs, photo_id=photo_id, **ids, **facts)


def _post(entry: CalendarEntry) -> dict[str, str]:
    return {"post_id": entry.post_id}


def _schedule(entry: CalendarEntry) -> dict[str, str]:
    return {"schedule_id": entry.schedule_id}
