"""Whether there is room for one more post: the persona's least gap per connection, and its most posts a week.

Read from the calendar, so two plans made in the same moment may both find room; the lane keeps them apart all the same.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.refusals import TooNear, WeekFull
from shutterpost.personas import Persona
from shutterpost.runtime.clock import iso
from shutterpost.scheduling import OPEN, Schedule, Schedules, ScheduleStatus

_WEEK = timedelta(days=7)
# A wall date lies up to a day from its UTC date.
_REACH = _WEEK + timedelta(days=1)
_COUNT = OPEN | {ScheduleStatus.SUCCESS}


def obstacle(
    schedules: Schedules, persona: Persona, connection_ids: Collection[str], at: datetime, *, besides: str | None = None
) -> TooNear | WeekFull | None:
    """What keeps `persona` from posting to `connection_ids` at `at` (aware); the post `besides` is not counted."""
    gap = timedelta(minutes=persona.min_gap_minutes)
    if not gap and persona.max_per_week is None:
        return None
    reach = gap if persona.max_per_week is None else max(gap, _REACH)
    planned = [
        one
        for one in schedules.between(persona.persona_id, at - reach, at + reach)
        if one.status in _COUNT and one.post_id != besides
    ]
    return _too_near(planned, connection_ids, at, gap) or _week_full(planned, persona, at)


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
