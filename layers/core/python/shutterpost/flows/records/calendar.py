"""The calendar: what went out and what is to go out, across an owner's personas, in order of time."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Post, Review, Schedule, ScheduleStatus

# How many schedules one page looks at, at most, however few the filters let through.
LOOKED_AT = 1000


class CalendarFilter(Value):
    """What a calendar is narrowed to; `None` lets everything through."""

    connection_id: str | None = None
    channel: str | None = None
    tag: str | None = None
    status: ScheduleStatus | None = None

    def takes(self, schedule: Schedule) -> bool:
        """Whether the schedule is asked for, as far as it can tell itself."""
        wanted = (self.connection_id, self.channel, self.status)
        has = (schedule.connection_id, schedule.channel, schedule.status)
        return all(want in {None, found} for want, found in zip(wanted, has, strict=True))

    def takes_post(self, post: Post) -> bool:
        """Whether the post has the tag, with or without `#`, in any case."""
        tags = {tag.removeprefix("#").casefold() for tag in post.tags}
        return self.tag is None or self.tag.removeprefix("#").casefold() in tags


class CalendarEntry(Value):
    """One schedule with what its post says. `local_time` is `run_at` on the clocks of the zone that was asked for.

    With `review: veto` it waits and goes on at `start_at` unless somebody rejects it; with `approval` only if approved.
    """

    schedule_id: str
    post_id: str
    persona_id: str
    connection_id: str
    channel: str
    status: ScheduleStatus
    run_at: datetime
    local_time: datetime
    wall_time: str
    zone: str
    title: str | None
    caption: str
    tags: tuple[str, ...]
    photo_ids: tuple[str, ...]
    external_url: str | None
    error_message: str | None
    review: Review | None
    start_at: datetime


class CalendarPage(Value):
    """Some entries, earliest first, and the `cursor` of the next page (`None` on the last)."""

    entries: tuple[CalendarEntry, ...]
    cursor: str | None = None


def calendar(
    scheduler: PostCreator,
    persona_ids: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    zone: ZoneInfo,
    only: CalendarFilter,
    limit: int,
    cursor: str | None = None,
) -> CalendarPage:
    """A page of the schedules of `persona_ids` with `start <= run_at < end` that `only` takes.

    Reads the schedules in the range and their posts, whatever else there is. A page may be short, or empty, and yet
    have a cursor. Raises ValueError for a cursor that leads nowhere.
    """
    after = _position(cursor)
    streams = (_of_persona(scheduler, one, max(start, after[0]), end, limit) for one in persona_ids)
    found = (one for one in merge(*streams, key=_place) if _place(one) > after and one.run_at < end)
    entries: list[CalendarEntry] = []
    looked_at = 0
    while chunk := list(islice(found, limit)):
        posts = scheduler.posts.many(one.post_id for one in chunk if only.takes(one))
        for schedule in chunk:
            looked_at += 1
            post = posts.get(schedule.post_id)
            if post is not None and only.takes(schedule) and only.takes_post(post):
                entries.append(_entry(schedule, post, zone))
            if len(entries) == limit or looked_at == LOOKED_AT:
                return CalendarPage(entries=tuple(entries), cursor=_cursor(schedule))
    return CalendarPage(entries=tuple(entries))


def _of_persona(
    scheduler: PostCreator, persona_id: str, start: datetime, end: datetime, page_size: int
) -> Iterator[Schedule]:
    """In order of time, and of ids where the time is the same."""
    found: Iterable[Schedule] = scheduler.schedules.between(persona_id, start, end, page_size=page_size)
    for _, together in groupby(found, key=lambda one: one.run_at):
        yield from sorted(together, key=_place)


def _place(schedule: Schedule) -> tuple[datetime, str]:
    return schedule.run_at, schedule.schedule_id


def _cursor(schedule: Schedule) -> str:
    return f"{iso(schedule.run_at)}#{schedule.schedule_id}"


def _position(cursor: str | None) -> tuple[datetime, str]:
    at, _, schedule_id = (cursor or "0001-01-02T00:00:00+00:00#").partition("#")
    position = datetime.fromisoformat(at)
    if position.tzinfo is None:
        raise ValueError(cursor)
    return position, schedule_id


def _entry(schedule: Schedule, post: Post, zone: ZoneInfo) -> CalendarEntry:
    told = {**schedule.model_dump(), "title": post.title, "caption": post.base_caption, "tags": post.tags}
    return CalendarEntry(**told, photo_ids=post.photo_ids, local_time=schedule.run_at.astimezone(zone))
