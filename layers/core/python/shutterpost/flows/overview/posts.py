"""What posts need of a person. Pure; the time is passed in."""

from datetime import datetime, timedelta

from shutterpost.channels import Cause, Connection, ConnectionStatus
from shutterpost.flows.overview.accounts import reconnection
from shutterpost.flows.overview.needs import Need, NeedKind, need_of
from shutterpost.flows.records.actions import ApiCall
from shutterpost.flows.records.calendar import CalendarEntry
from shutterpost.personas import Persona
from shutterpost.scheduling import Review, Schedule, ScheduleStatus, Step

OVERDUE = timedelta(minutes=15)
UPCOMING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN})
_WAITING = frozenset({ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING})
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
    verdicts = entry.allowed("resolveSchedule")
    if verdicts:
        why = f"whether it is live is unknown: {entry.error_message}"
        return _need(entry, persona, NeedKind.UNKNOWN, why, *verdicts)
    if entry.status in _WAITING and entry.run_at < now - OVERDUE and not entry.held:
        return _overdue(entry, persona)
    return None


def _review(entry: CalendarEntry, persona: Persona, now: datetime) -> Need | None:
    if entry.review is Review.VETO:
        until, why = entry.start_at, "is published unless it is rejected"
        repairs = entry.allowed("rejectPost")
    else:
        until = entry.run_at + timedelta(minutes=persona.late_grace_minutes)
        why, repairs = "is published only if it is approved", entry.allowed("approvePost", "rejectPost")
    return _need(entry, persona, NeedKind.REVIEW, why, *repairs, until=until) if now < until else None


def _failure(entry: CalendarEntry, persona: Persona, connection: Connection | None) -> Need:
    cause, repairs = entry.error_cause, entry.allowed("retrySchedule")
    if cause == Cause.TOKEN and connection is not None and connection.status is not ConnectionStatus.CONNECTED:
        repairs = (reconnection(connection),)
    elif cause in _NO_RETRY:
        repairs = (_look(entry),)
    facts = ", ".join(filter(None, (cause, entry.error_code)))
    why = f"failed ({facts}: {entry.error_message})" if facts else f"failed ({entry.error_message or ''})"
    return _need(entry, persona, NeedKind.FAILED, why, *repairs, cause=cause)


def _overdue(entry: CalendarEntry, persona: Persona) -> Need:
    if entry.step is not Step.HANDED_OVER:
        sync = ApiCall(operation="syncPersona", parameters={"persona_id": persona.persona_id})
        return _need(entry, persona, NeedKind.OVERDUE, "overdue", sync)
    why = f"overdue: {entry.channel} has it and has not sent it; approve or resume it there"
    return _need(entry, persona, NeedKind.NOT_SENT, why, _look(entry), *entry.allowed("cancelPost"))


def _need(entry: CalendarEntry, persona: Persona, kind: NeedKind, why: str, *repairs: ApiCall, **facts: object) -> Need:
    photo_id = entry.photo_ids[0] if entry.photo_ids else None
    name = next(iter(entry.photo_names), photo_id[:12] if photo_id else "no photo")
    ids = {"post_id": entry.post_id, "schedule_id": entry.schedule_id, "connection_id": entry.connection_id}
    what = f"{name} on {entry.where}, post {entry.post_id}"
    return need_of(persona, kind, what, why, *repairs, photo_id=photo_id, **ids, **facts)


def _look(entry: CalendarEntry) -> ApiCall:
    return ApiCall(operation="getPost", parameters={"post_id": entry.post_id})
