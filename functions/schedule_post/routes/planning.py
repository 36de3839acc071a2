"""What planning needs to know: channels, the calendar and a persona's coming slots."""

from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query

from schedule_post.http import responses
from schedule_post.http.cursors import Cursor, Limit, cursor_leads_somewhere, decode_cursor, encode_cursor
from schedule_post.http.ranges import From, MaybeFrom, MaybeTo, RangeInvalid, To, ZoneName, span
from schedule_post.http.requests import NewPick
from schedule_post.http.router import Owner, PersonaId, Routes, says
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Services, Wired
from shutterpost.channels import ChannelStatus, Limits, Quota
from shutterpost.flows.picking.pick_next import PickResult
from shutterpost.flows.picking.pick_now import foreseen, slot_to_fill
from shutterpost.flows.posting.calendar import CalendarFilter, CalendarPage, calendar
from shutterpost.flows.posting.slots import ComingSlot, slots_between
from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling import ScheduleStatus

routes = Routes()
CALENDAR, CHANNELS, PERSONAS = ["Calendar"], ["Channels"], ["Personas"]
SLOTS_AHEAD, MAX_SLOTS_AHEAD = timedelta(days=14), timedelta(days=366)
# How many slots one answer looks at, however few of them are free.
SLOTS_LOOKED_AT = 300

Word = Annotated[str | None, Query(min_length=1, max_length=100)]


class Channel(Value):
    """A destination: what it takes, and what it needs to be told of an account.

    One that `hands_over` is given posts ahead of their time and schedules them itself; `spacing` is the least distance
    of two posts on one connection.
    """

    key: str
    name: str
    status: ChannelStatus
    limits: Limits
    hands_over: bool
    spacing: int
    quota: Quota | None
    logins: tuple[str, ...]
    needs_organization: bool


class Channels(Value):
    """The channels with their limits, as data; `disabled` ones cannot be published to yet."""

    version: str
    channels: tuple[Channel, ...]


class ComingSlots(Value):
    """Coming slots, earliest first."""

    slots: tuple[ComingSlot, ...]


@routes.get(
    "/channels",
    summary="List channels",
    description="The catalogue: what each channel takes, and how it is treated. Durations are seconds.",
    operation_id="listChannels",
    tags=CHANNELS,
    responses=says(_200="All of them."),
)
def list_channels(owner: Owner, services: Wired) -> Channels:
    """The channel catalogue."""
    catalogue = services.scheduler.catalogue
    rows = tuple(Channel.model_validate(row.model_dump()) for row in catalogue.rows)
    return Channels(version=catalogue.version, channels=rows)


@routes.get(
    "/calendar",
    summary="Get the calendar",
    description=(
        "Schedules of the caller's personas by the instant at which they are to go out or went out, each with its time "
        "on the clocks of `zone`. A page may hold less than `limit` and yet have a `cursor`."
    ),
    operation_id="getCalendar",
    tags=CALENDAR,
    responses=says(404, _200="One page, earliest first."),
)
def get_calendar(
    *,
    owner: Owner,
    services: Wired,
    start: From,
    end: To,
    zone: ZoneName = "UTC",
    persona: Annotated[str | None, Query(max_length=100, description="Id of a persona; default: all.")] = None,
    connection: Word = None,
    channel: Word = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=100, description="With or without `#`.")] = None,
    status: Annotated[ScheduleStatus | None, Query(description="Of the schedule.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> CalendarPage:
    """One page of what went out and is to go out."""
    first, last = span(start, end, zone)
    persona_ids = [services.personas.get(persona, owner).persona_id] if persona else _personas(services, owner)
    only = CalendarFilter(connection_id=connection, channel=channel, tag=tag, status=status)
    with cursor_leads_somewhere(cursor):
        page = calendar(
            services.scheduler,
            persona_ids,
            first,
            last,
            zone=ZoneInfo(zone),
            only=only,
            limit=limit,
            cursor=decode_cursor(cursor),
        )
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>/slots",
    summary="List coming slots",
    description=(
        "Each with whether it is free, and if not which post has it or which rule forbids it. `free=true&limit=1` is "
        "the next free slot."
    ),
    operation_id="listSlots",
    tags=PERSONAS,
    responses=says(404, _200="Those of the range (default: 14 days from now), earliest first."),
)
def list_slots(
    *,
    persona_id: PersonaId,
    owner: Owner,
    services: Wired,
    start: MaybeFrom = None,
    end: MaybeTo = None,
    free: Annotated[bool, Query(description="Only free ones.")] = False,
    limit: Limit = 50,
) -> ComingSlots:
    """A persona's coming slots."""
    persona = services.personas.get(persona_id, owner)
    now = services.scheduler.clock.now()
    begin = start or now
    first, last = span(begin, end or begin + (MAX_SLOTS_AHEAD if free else SLOTS_AHEAD), persona.zone)
    if last - first > MAX_SLOTS_AHEAD:
        raise RangeInvalid(f"Slots are told for {MAX_SLOTS_AHEAD.days} days at a time.", field="to")
    coming = islice(slots_between(services.scheduler, persona, max(first, now), last), SLOTS_LOOKED_AT)
    wanted = (slot for slot in coming if slot.free or not free)
    return ComingSlots(slots=tuple(islice(wanted, limit)))


@routes.post(
    "/personas/<persona_id>/pick",
    summary="Pick for a slot now",
    description=(
        "Fills a slot (default: the next free one) before its time, as its timer would; asked again, it finds what the "
        "slot was given. A dry run tells what would be picked. The post goes out at the slot."
    ),
    operation_id="pickNow",
    tags=PERSONAS,
    responses=says(404, 409, 502, 503, _200="What was picked, or why nothing was.", _202="Accepted: it goes on."),
)
def pick_now(
    *, persona_id: PersonaId, body: NewPick, owner: Owner, services: Wired, dry_run: DryRun = False
) -> Response[responses.Pick]:
    """Have a slot filled by the function that picks."""
    persona = services.personas.get(persona_id, owner)
    slot = slot_to_fill(services.scheduler, persona, body.slot_at)
    told: dict[str, Any] = {"slot_at": slot.run_at, "wall_time": slot.wall_time.isoformat(), "zone": slot.zone}
    if dry_run:
        found = foreseen(services.scheduler, persona, slot)
        facts = found.model_dump(include={"photo_id", "name", "reason", "post_id"})
        return _picked(responses.Pick(**told, **facts, picked=found.photo_id is not None))
    job = {"job": "pick", "persona_id": persona.persona_id, "slot_at": iso(slot.run_at)}
    report = services.workers.ask(services.pick_arn, job)
    if report is None:
        return _picked(
            responses.Pick(**told, picked=None, reason="It is being picked; list the decisions in a moment.")
        )
    done = PickResult.model_validate(report)
    if done.post_id is None:
        return _picked(responses.Pick(**told, picked=False, reason=done.reason))
    [photo_id, *_] = services.scheduler.posts.details(done.post_id, owner=owner).post.photo_ids
    name = services.scheduler.photos.get(persona.persona_id, photo_id).names[0]
    facts = {"photo_id": photo_id, "name": name, "reason": done.reason, "post_id": done.post_id}
    return _picked(responses.Pick(**told, **facts, picked=True))


def _picked(told: responses.Pick) -> Response[responses.Pick]:
    status = HTTPStatus.ACCEPTED if told.picked is None else HTTPStatus.OK
    return Response(status.value, content_types.APPLICATION_JSON, told)


def _personas(services: Services, owner: str) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = services.personas.list(owner, 100, cursor)
        found += [persona.persona_id for persona in page.personas]
        cursor = page.cursor
        if cursor is None:
            return found
