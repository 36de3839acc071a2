"""Whether there is room for one more post: the persona's least gap per connection, and its most posts a week.

Read from the calendar and from the weeks, in which every plan leaves its mark: of two plans made at the same moment the
later one finds its week changed, and looks again.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.refusals import TooNear, WeekFull
from shutterpost.personas import Persona
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Committed, Refused, Write, commit
from shutterpost.scheduling import OPEN, Schedule, ScheduleNotFound, Schedules, ScheduleStatus, Week, Weeks

_WEEK = timedelta(days=7)
# A wall date lies up to a day from its UTC date.
_REACH = _WEEK + timedelta(days=1)
_COUNT = OPEN | {ScheduleStatus.SUCCESS}
# Each round lost means that another plan for the same persona won one.
ROUNDS = 20


def weeks_of(store: Weeks, persona: Persona, at: datetime) -> tuple[Week, ...]:
    """The weeks that a post at `at` (aware) has to do with, read consistently: its own, and those its least gap reaches
    into. None where the persona has no such rules."""
    if not _has_rules(persona):
        return ()
    zone, gap = ZoneInfo(persona.zone), timedelta(minutes=persona.min_gap_minutes)
    monday, last = _monday(at - gap, zone), _monday(at + gap, zone)
    found = []
    while monday <= last:
        found.append(store.get(persona.persona_id, monday))
        monday += _WEEK
    return tuple(found)


def _plan_writes(
    store: Weeks, persona: Persona, weeks: Sequence[Week], schedule_ids: Collection[str], at: datetime
) -> list[Write]:
    """The writes that add `schedule_ids` to the weeks; refused as `week` if a week changed since it was read."""
    monday = _monday(at, ZoneInfo(persona.zone))
    mine = dict.fromkeys(schedule_ids, at)
    return [store.plan(week, persona.owner, mine if week.monday == monday else {}) for week in weeks]


def commit_planned(
    store: Weeks, schedules: Schedules, persona: Persona, planned: Sequence[Schedule], writes: Sequence[Write]
) -> Committed | Refused:
    """Commit `writes`, which plan a post's schedules for one time, within the persona's least gap and weekly maximum.

    A concurrent plan in the same week refuses the commit; the week is then read and checked again. Raises `TooNear`
    or `WeekFull`.
    """
    at = planned[0].next_run_at or planned[0].run_at
    schedule_ids = [schedule.schedule_id for schedule in planned]
    for _ in range(ROUNDS):
        weeks = weeks_of(store, persona, at)
        check_capacity(schedules, persona, planned, at, weeks)
        answer = commit([*writes, *_plan_writes(store, persona, weeks, schedule_ids, at)])
        if isinstance(answer, Committed) or answer.labels != {"week"}:
            break
    return answer if isinstance(answer, Committed) else Refused(answer.labels - {"week"} or answer.labels)


def check_capacity(
    schedules: Schedules, persona: Persona, planned: Sequence[Schedule], at: datetime, weeks: Sequence[Week]
) -> None:
    """Raise `TooNear` or `WeekFull` if the persona's limits do not allow a post's schedules at `at`."""
    connection_ids = [schedule.connection_id for schedule in planned]
    conflict = find_conflict(schedules, persona, connection_ids, at, besides=planned[0].post_id, weeks=weeks)
    if conflict is not None:
        raise conflict


def find_conflict(
    schedules: Schedules,
    persona: Persona,
    connection_ids: Collection[str],
    at: datetime,
    *,
    besides: str | None = None,
    weeks: Sequence[Week] = (),
) -> TooNear | WeekFull | None:
    """What keeps `persona` from posting to `connection_ids` at `at` (aware); the post `besides` is not counted.

    The calendar may be a moment behind; what `weeks` name is known to the last write.
    """
    if not _has_rules(persona):
        return None
    gap = timedelta(minutes=persona.min_gap_minutes)
    reach = gap if persona.max_per_week is None else max(gap, _REACH)
    shown = {one.schedule_id: one for one in schedules.between(persona.persona_id, at - reach, at + reach)}
    for week in weeks:
        shown.update(_not_shown(schedules, week, shown))
    planned = [one for one in shown.values() if one.status in _COUNT and one.post_id != besides]
    return _too_near(planned, connection_ids, at, gap) or _week_full(planned, persona, at)


def _has_rules(persona: Persona) -> bool:
    return bool(persona.min_gap_minutes) or persona.max_per_week is not None


def _not_shown(schedules: Schedules, week: Week, shown: dict[str, Schedule]) -> dict[str, Schedule]:
    """What the week names and the calendar does not show where it was planned, read consistently."""
    found = {}
    for schedule_id, at in week.planned.items():
        if schedule_id in shown and shown[schedule_id].run_at == at:
            continue
        try:
            schedule = schedules.get(schedule_id)
        except ScheduleNotFound:
            continue
        # What is withdrawn first is planned for where it moves to.
        found[schedule_id] = schedule.model_copy(update={"run_at": schedule.next_run_at or schedule.run_at})
    return found


def _too_near(
    planned: Iterable[Schedule], connection_ids: Collection[str], at: datetime, gap: timedelta
) -> TooNear | None:
    for one in planned:
        if one.connection_id in connection_ids and abs(one.run_at - at) < gap:
            detail = (
                f"Post {one.post_id} goes to the same connection at {iso(one.run_at)}, and the persona's least gap is "
                f"{int(gap.total_seconds()) // 60} minutes; choose another time."
            )
            return TooNear(detail, schedule_id=one.schedule_id, run_at=iso(one.run_at))
    return None


def _week_full(planned: Iterable[Schedule], persona: Persona, at: datetime) -> WeekFull | None:
    if persona.max_per_week is None:
        return None
    zone = ZoneInfo(persona.zone)
    monday = _monday(at, zone)
    posts = {one.post_id for one in planned if _monday(one.run_at, zone) == monday}
    if len(posts) < persona.max_per_week:
        return None
    detail = (
        f"The week from {monday} has {len(posts)} posts, and the persona's most is {persona.max_per_week}; "
        "choose another week, or cancel one of them."
    )
    return WeekFull(detail, week=str(monday), posts=len(posts))


def _monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
