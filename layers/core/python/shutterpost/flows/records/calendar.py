"""The calendar: past and coming schedules across an owner's personas, in order of time."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.channels import Catalogue, Connection, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.holds import Hold, Holds
from shutterpost.flows.posting.add_photos import offered_photos
from shutterpost.flows.posting.successors import Successor, Successors
from shutterpost.flows.records.actions import ApiCall, actions_of
from shutterpost.photos import Photos
from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Post,
    PostDetails,
    Posts,
    PostStatus,
    Review,
    Schedule,
    Schedules,
    ScheduleStatus,
    Step,
    post_status,
)

# The most schedules that a page examines, however few match its filter.
MAX_EXAMINED = 1000


class CalendarFilter(Value):
    """The filter of a calendar; `None` matches everything."""

    connection_id: str | None = None
    channel: str | None = None
    tag: str | None = None
    status: ScheduleStatus | None = None
    post_status: PostStatus | None = None

    def matches(self, schedule: Schedule) -> bool:
        wanted = (self.connection_id, self.channel, self.status)
        actual = (schedule.connection_id, schedule.channel, schedule.status)
        return all(want in {None, value} for want, value in zip(wanted, actual, strict=True))

    def matches_entry(self, entry: "CalendarEntry") -> bool:
        """Whether its post has the status, and the tag, whatever its case."""
        tags = {tag.casefold() for tag in entry.tags}
        return self.post_status in {None, entry.post_status} and (
            self.tag is None or self.tag.strip().casefold() in tags
        )


class CalendarEntry(Value):
    """A schedule with its post's texts; `local_time` is `run_at` in the requested zone, `text` its variant's text.

    `account_name` names the connection where its persona has several of the channel.
    `offered_names` are the file names of photos that its pick offers, while they can be added to the post.
    `held` is why a queued post waits, and until when; `superseded_by` the post that has a failed one's photo.
    With `review: veto` it is published unless it is rejected by `start_at`; with `approval`, only if approved.
    `actions` are what its post and it allow now.
    """

    schedule_id: str
    post_id: str
    persona_id: str
    connection_id: str
    channel: str
    account_name: str | None = None
    status: ScheduleStatus
    post_status: PostStatus
    step: Step | None
    run_at: datetime
    local_time: datetime
    wall_time: str
    zone: str
    title: str | None
    caption: str
    text: str
    hashtags: tuple[str, ...]
    tags: tuple[str, ...]
    photo_ids: tuple[str, ...]
    photo_names: tuple[str, ...]
    offered_names: tuple[str, ...] = ()
    external_url: str | None
    error_code: str | None
    error_cause: str | None
    error_message: str | None
    review: Review | None
    start_at: datetime
    held: Hold | None = None
    superseded_by: Successor | None = None
    actions: tuple[ApiCall, ...] = ()

    @property
    def where(self) -> str:
        return " ".join(filter(None, (self.channel, self.account_name)))

    def allowed(self, *operations: str) -> tuple[ApiCall, ...]:
        """Those of the `actions` that call one of the operations."""
        return tuple(call for call in self.actions if call.operation in operations)


class CalendarPage(Value):
    """A page of entries, earliest first, and the `cursor` of the next page (`None` on the last)."""

    entries: tuple[CalendarEntry, ...]
    cursor: str | None = None


@flow
class CalendarEntries:
    catalogue: Catalogue
    posts: Posts
    connections: ConnectionStore
    photos: Photos
    holds: Holds
    successors: Successors

    def of(self, schedules: Sequence[Schedule], zone: ZoneInfo | Mapping[str, ZoneInfo]) -> dict[str, CalendarEntry]:
        """The entries by schedule id, in one zone or in each persona's; without those whose post no longer exists."""
        personas = {schedule.persona_id for schedule in schedules}
        connections = {name: self.connections.list(name) for name in personas}
        connection_ids = {name: [each.connection_id for each in listed] for name, listed in connections.items()}
        accounts = dict(pair for listed in connections.values() for pair in ambiguous_accounts(listed))
        by_id = self.posts.parts(schedules, connection_ids)
        held, succeeded = self.holds.of(schedules), self.successors.of(schedules)
        names = photo_names(self.photos, (details.post for details in by_id.values()))
        offered = _offered_names(self.photos, by_id.values())
        entries: dict[str, CalendarEntry] = {}
        for schedule in schedules:
            details, name = by_id.get(schedule.post_id), schedule.schedule_id
            if details is not None:
                derived = {
                    "account_name": accounts.get(schedule.connection_id),
                    "actions": actions_of(details, [schedule], self.catalogue, succeeded),
                    "held": held.get(name),
                    "superseded_by": succeeded.get(name),
                    "photo_names": names[schedule.post_id],
                    "offered_names": offered[schedule.post_id],
                }
                local = zone if isinstance(zone, ZoneInfo) else zone[schedule.persona_id]
                entries[name] = _entry(schedule, details, local, **derived)
        return entries


def calendar(
    schedules: Schedules,
    entries: CalendarEntries,
    persona_ids: Sequence[str],
    start: datetime,
    end: datetime,
    *,
    zone: ZoneInfo,
    only: CalendarFilter,
    limit: int,
    cursor: str | None = None,
) -> CalendarPage:
    """A page of the schedules of `persona_ids` with `start <= run_at < end` that match `only`.

    A page may be short or empty and still have a cursor. Raises ValueError for an invalid cursor.
    """
    after = _position(cursor)
    begin = max(start, after[0])
    ordered = (
        item
        for item in in_order(schedules, persona_ids, (begin, end), page_size=limit)
        if _place(item) > after and item.run_at < end
    )
    shown: list[CalendarEntry] = []
    examined = 0
    while chunk := list(islice(ordered, limit)):
        read = entries.of([item for item in chunk if only.matches(item)], zone)
        for schedule in chunk:
            examined += 1
            entry = read.get(schedule.schedule_id)
            if entry is not None and only.matches_entry(entry):
                shown.append(entry)
            if len(shown) == limit or examined == MAX_EXAMINED:
                return CalendarPage(entries=tuple(shown), cursor=_cursor(schedule))
    return CalendarPage(entries=tuple(shown))


def in_order(
    schedules: Schedules, persona_ids: Iterable[str], window: tuple[datetime, datetime], *, page_size: int | None = None
) -> Iterator[Schedule]:
    """The personas' schedules with `run_at` in the window, its end included, in order of time."""
    streams = (_of_persona(schedules, persona_id, window, page_size) for persona_id in persona_ids)
    return merge(*streams, key=_place)


def ambiguous_accounts(connections: Sequence[Connection]) -> Iterator[tuple[str, str]]:
    """The connections of channels that have several, each with its name."""
    count = Counter(each.channel for each in connections)
    return ((each.connection_id, each.display_name) for each in connections if count[each.channel] > 1)


def photo_names(photos: Photos, posts: Iterable[Post]) -> dict[str, tuple[str, ...]]:
    """The file names of each post's photos, by post id; without those of photos that no longer exist."""
    posts = tuple(posts)
    wanted: dict[str, list[str]] = defaultdict(list)
    for post in posts:
        wanted[post.persona_id] += post.photo_ids
    names = {persona_id: photos.names(persona_id, photo_ids) for persona_id, photo_ids in wanted.items()}
    return {
        post.post_id: tuple(
            names[post.persona_id][photo_id] for photo_id in post.photo_ids if photo_id in names[post.persona_id]
        )
        for post in posts
    }


def _offered_names(photos: Photos, listed: Iterable[PostDetails]) -> dict[str, tuple[str, ...]]:
    offers = (
        details.post.model_copy(update={"photo_ids": offered_photos(details.post, details.schedules)})
        for details in listed
    )
    return photo_names(photos, offers)


def _of_persona(
    store: Schedules, persona_id: str, window: tuple[datetime, datetime], page_size: int | None
) -> Iterator[Schedule]:
    schedules = store.between(persona_id, *window, page_size=page_size)
    for _, simultaneous in groupby(schedules, key=lambda item: item.run_at):
        yield from sorted(simultaneous, key=_place)


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


def _entry(schedule: Schedule, details: PostDetails, zone: ZoneInfo, **derived: Any) -> CalendarEntry:
    post = details.post
    texts = (item.text for item in details.variants if item.variant_id == schedule.variant_id)
    fields = {
        **schedule.model_dump(),
        **post.model_dump(include={"title", "hashtags", "tags", "photo_ids"}),
        "post_status": post_status(post, details.schedules),
        "caption": post.base_caption,
        "text": next(texts, post.base_caption),
        "local_time": schedule.run_at.astimezone(zone),
    }
    return CalendarEntry(**fields, **derived)
