"""A persona's limits: the least gap between posts per connection, and the weekly maximum.

The weeks are an optimistic lock: of two concurrent plans, the later one finds its week changed and checks again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.refusals import TooManyWrites, TooNear, WeekFull
from shutterpost.personas import Persona
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import MAX_WRITES, Committed, Refused, Write, commit
from shutterpost.scheduling import OPEN, Schedule, ScheduleNotFound, Schedules, ScheduleStatus, Week, Weeks

_WEEK = timedelta(days=7)
# A local date differs by up to a day from its UTC date.
_REACH = _WEEK + timedelta(days=1)
_COUNT = OPEN | {ScheduleStatus.SUCCESS}
# A round is lost only if another plan for the same persona was committed.
ROUNDS = 20
_FEWER_CONNECTIONS = "name fewer connections, and schedule the post to the others afterwards"


def weeks_of(store: Weeks, persona: Persona, planned: Iterable[Schedule]) -> tuple[Week, ...]:
    """The weeks that schedules touch with their least gap, read consistently; none without limits."""
    if not _has_rules(persona):
        return ()
    zone, gap = ZoneInfo(persona.zone), timedelta(minutes=persona.min_gap_minutes)
    weeks: dict[date, Week] = {}
    for at in dict.fromkeys(map(_time_of, planned)):
        monday, last = _monday(at - gap, zone), _monday(at + gap, zone)
        while monday <= last:
            if monday not in weeks:
                weeks[monday] = store.get(persona.persona_id, monday)
            monday += _WEEK
    return tuple(weeks.values())


def _plan_writes(store: Weeks, persona: Persona, weeks: Sequence[Week], planned: Sequence[Schedule]) -> list[Write]:
    zone = ZoneInfo(persona.zone)
    times = {schedule.schedule_id: _time_of(schedule) for schedule in planned}
    return [
        store.plan(week, persona.owner, {name: at for name, at in times.items() if _monday(at, zone) == week.monday})
        for week in weeks
    ]


def commit_planned(
    store: Weeks,
    schedules: Schedules,
    persona: Persona,
    planned: Sequence[Schedule],
    writes: Sequence[Write],
    *,
    advice: str = _FEWER_CONNECTIONS,
) -> Committed | Refused:
    """Commit `writes`, which plan schedules, those of a post for one time, within the persona's limits.

    A concurrent plan in the same week refuses the commit; the week is then read and checked again. Raises `TooNear`,
    `WeekFull`, and `TooManyWrites` with `advice`.
    """
    for _ in range(ROUNDS):
        weeks = weeks_of(store, persona, planned)
        check_capacity(schedules, persona, planned, weeks)
        whole = [*writes, *_plan_writes(store, persona, weeks, planned)]
        check_size(whole, advice)
        answer = commit(whole)
        if isinstance(answer, Committed) or answer.labels != {"week"}:
            break
    return answer if isinstance(answer, Committed) else Refused(answer.labels - {"week"} or answer.labels)


def check_size(writes: Sequence[Write], advice: str = _FEWER_CONNECTIONS) -> None:
    """Raise `TooManyWrites` if the writes do not fit into one transaction."""
    if len(writes) > MAX_WRITES:
        detail = f"This needs {len(writes)} writes in one transaction, and DynamoDB takes {MAX_WRITES}; {advice}."
        raise TooManyWrites(detail, limit=MAX_WRITES)


def check_capacity(schedules: Schedules, persona: Persona, planned: Sequence[Schedule], weeks: Sequence[Week]) -> None:
    """Raise `TooNear` or `WeekFull` if the limits do not allow schedules, planned together, at their times."""
    for post_id in dict.fromkeys(item.post_id for item in planned):
        own = [item for item in planned if item.post_id == post_id]
        others = [item for item in planned if item.post_id != post_id]
        targets, at = [item.connection_id for item in own], _time_of(own[0])
        conflict = find_conflict(schedules, persona, targets, at, besides=post_id, weeks=weeks, moving=others)
        if conflict is not None:
            raise conflict


def _time_of(schedule: Schedule) -> datetime:
    return schedule.next_run_at or schedule.run_at


def find_conflict(
    schedules: Schedules,
    persona: Persona,
    connection_ids: Collection[str],
    at: datetime,
    *,
    besides: str | None = None,
    weeks: Sequence[Week] = (),
    moving: Sequence[Schedule] = (),
) -> TooNear | WeekFull | None:
    """The limit that forbids a post to `connection_ids` at `at` (aware); the post `besides` is not counted.

    The calendar index is read eventually; the schedules that `weeks` list are read consistently. Those of `moving`
    count at their new times.
    """
    if not _has_rules(persona):
        return None
    gap = timedelta(minutes=persona.min_gap_minutes)
    reach = gap if persona.max_per_week is None else max(gap, _REACH)
    shown = {item.schedule_id: item for item in schedules.between(persona.persona_id, at - reach, at + reach)}
    for week in weeks:
        shown.update(_not_shown(schedules, week, shown))
    shown.update({item.schedule_id: item for item in moving})
    planned = [item for item in shown.values() if item.status in _COUNT and item.post_id != besides]
    return _too_near(planned, connection_ids, at, gap) or _week_full(planned, persona, at)


def _has_rules(persona: Persona) -> bool:
    return bool(persona.min_gap_minutes) or persona.max_per_week is not None


def _not_shown(schedules: Schedules, week: Week, shown: dict[str, Schedule]) -> dict[str, Schedule]:
    missing = {}
    for schedule_id, at in week.planned.items():
        if schedule_id in shown and shown[schedule_id].run_at == at:
            continue
        try:
            schedule = schedules.get(schedule_id)
        except ScheduleNotFound:
            continue
        # A schedule that is withdrawn first counts at its next time.
        missing[schedule_id] = schedule.model_copy(update={"run_at": _time_of(schedule)})
    return missing


def _too_near(
    planned: Iterable[Schedule], connection_ids: Collection[str], at: datetime, gap: timedelta
) -> TooNear | None:
    for item in planned:
        if item.connection_id in connection_ids and abs(item.run_at - at) < gap:
            detail = (
                f"Post {item.post_id} goes to the same connection at {iso(item.run_at)}, and the persona's least gap "
                f"is {int(gap.total_seconds()) // 60} minutes; choose another time."
            )
            return TooNear(detail, schedule_id=item.schedule_id, run_at=iso(item.run_at))
    return None


def _week_full(planned: Iterable[Schedule], persona: Persona, at: datetime) -> WeekFull | None:
    if persona.max_per_week is None:
        return None
    zone = ZoneInfo(persona.zone)
    monday = _monday(at, zone)
    posts = {item.post_id for item in planned if _monday(item.run_at, zone) == monday}
    if len(posts) < persona.max_per_week:
        return None
    detail = (
        f"The week from {monday} has {len(posts)} posts, and the persona's maximum is {persona.max_per_week}; "
        "choose another week, or cancel one of them."
    )
    return WeekFull(detail, week=str(monday), posts=len(posts))


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
