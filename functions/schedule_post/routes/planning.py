"""Planning: channels, the calendar, and a persona's coming slots and picks."""

from datetime import timedelta
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Query

from schedule_post.access import Operator, Viewer
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfNoneMatch, cached_response
from schedule_post.http.ranges import From, MaybeFrom, MaybeTo, RangeInvalid, To, ZoneName, span
from schedule_post.http.requests.schedules import PickNowRequest
from schedule_post.http.responses import ChannelResponse, ChannelsResponse, ComingSlotsResponse, PickResponse
from schedule_post.http.router import ETAG, PersonaId, Routes, documented
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Wired
from shutterpost.channels import ChannelRow
from shutterpost.flows.overview.overview import Overview
from shutterpost.flows.picking.pick_next import PickResult
from shutterpost.flows.planning.slots import slots_between
from shutterpost.flows.records.calendar import CalendarFilter, CalendarPage, calendar
from shutterpost.runtime.clock import iso
from shutterpost.scheduling import PostStatus, ScheduleStatus

routes = Routes()
CALENDAR, CHANNELS, PERSONAS = ["Calendar"], ["Channels"], ["Personas"]
SLOTS_AHEAD, MAX_SLOTS_AHEAD = timedelta(days=14), timedelta(days=366)
# Maximum number of slots that a request examines, however few of them are free.
MAX_SLOTS_EXAMINED = 300

Tag = Annotated[str | None, Query(min_length=1, max_length=100, description="A private label, in any case.")]
OnlyPersona = Annotated[str | None, Query(max_length=100, description="Id of a persona; default: all.")]
Text = Annotated[str | None, Query(min_length=1, max_length=100)]


@routes.get(
    "/channels",
    summary="List channels",
    description="The catalogue of channels with their limits and features. Durations are in seconds.",
    operation_id="listChannels",
    tags=CHANNELS,
    responses=documented(_200="All channels."),
)
def list_channels(access: Viewer, services: Wired) -> ChannelsResponse:
    catalogue = services.catalogue
    rows = tuple(_channel_response(row) for row in catalogue.rows)
    return ChannelsResponse(version=catalogue.version, channels=rows)


@routes.get(
    "/overview",
    summary="Get the overview",
    description=(
        "What was published, what is next, and what needs a person. Each need has the operations that repair it. Meant "
        "to be polled with `If-None-Match`."
    ),
    operation_id="getOverview",
    tags=CALENDAR,
    responses=documented(404, headers=ETAG, _200="The overview.", _304="The overview has not changed."),
)
def get_overview(
    access: Viewer, services: Wired, persona: OnlyPersona = None, if_none_match: IfNoneMatch = None
) -> Response[Overview]:
    personas = [access.persona(persona)] if persona else list(access.personas())
    body = services.overview.read(personas, services.pauses.of(access.principal))
    return cached_response(body, if_none_match)


@routes.get(
    "/calendar",
    summary="Get the calendar",
    description=(
        "Schedules of the caller's personas by the instant of publication, each with its local time in `zone`. A page "
        "can have fewer than `limit` items and still a `cursor`."
    ),
    operation_id="getCalendar",
    tags=CALENDAR,
    responses=documented(404, _200="One page, earliest first."),
)
def get_calendar(
    *,
    access: Viewer,
    services: Wired,
    start: From,
    end: To,
    zone: ZoneName = "UTC",
    persona: OnlyPersona = None,
    connection: Text = None,
    channel: Text = None,
    tag: Annotated[
        str | None, Query(min_length=1, max_length=100, description="A private label of the post, in any case.")
    ] = None,
    status: Annotated[ScheduleStatus | None, Query(description="Status of the schedule.")] = None,
    post_status: Annotated[PostStatus | None, Query(description="Status of the post.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> CalendarPage:
    first, last = span(start, end, zone)
    persona_ids = [access.persona(persona).persona_id] if persona else [each.persona_id for each in access.personas()]
    filters = CalendarFilter(connection_id=connection, channel=channel, tag=tag, status=status, post_status=post_status)
    with invalid_cursors_refused(cursor):
        page = calendar(
            services.schedules,
            services.calendar_entries,
            persona_ids,
            first,
            last,
            zone=ZoneInfo(zone),
            only=filters,
            limit=limit,
            cursor=decode_cursor(cursor),
        )
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.get(
    "/personas/<persona_id>/slots",
    summary="List coming slots",
    description=(
        "Each slot is free, or has the post or the rule that occupies it. `free=true&limit=1` returns the next free "
        "slot."
    ),
    operation_id="listSlots",
    tags=PERSONAS,
    responses=documented(404, _200="Slots of the range (default: 14 days from now), earliest first."),
)
def list_slots(
    *,
    persona_id: PersonaId,
    access: Viewer,
    services: Wired,
    start: MaybeFrom = None,
    end: MaybeTo = None,
    free: Annotated[bool, Query(description="Only free slots.")] = False,
    limit: Limit = 50,
) -> ComingSlotsResponse:
    persona = access.persona(persona_id)
    now = services.clock.now()
    begin = start or now
    first, last = span(begin, end or begin + (MAX_SLOTS_AHEAD if free else SLOTS_AHEAD), persona.zone)
    if last - first > MAX_SLOTS_AHEAD:
        raise RangeInvalid(f"The range is longer than {MAX_SLOTS_AHEAD.days} days; ask for less.", field="to")
    window = max(first, now), last
    slots = slots_between(services.claims, services.schedules, services.connections, persona, window)
    coming = islice(slots, MAX_SLOTS_EXAMINED)
    matching = (slot for slot in coming if slot.free or not free)
    return ComingSlotsResponse(slots=tuple(islice(matching, limit)))


@routes.post(
    "/personas/<persona_id>/pick",
    summary="Pick for a slot now",
    description=(
        "Picks for a slot (default: the next free one) before its timer does; a repeat returns the same pick. A dry "
        "run returns the pick without making it. The post is published at the slot."
    ),
    operation_id="pickNow",
    tags=PERSONAS,
    responses=documented(
        404, 409, 502, 503, _200="The pick, or why there is none.", _202="Accepted: the pick is still running."
    ),
)
def pick_now(
    *, persona_id: PersonaId, body: PickNowRequest, access: Operator, services: Wired, dry_run: DryRun = False
) -> Response[PickResponse]:
    persona = access.persona(persona_id)
    slot = services.slot_chooser.slot_to_fill(persona, body.slot_at)
    target: dict[str, Any] = {"slot_at": slot.run_at, "wall_time": slot.wall_time.isoformat(), "zone": slot.zone}
    if dry_run:
        forecast = services.slot_chooser.preview(persona, slot)
        facts = forecast.model_dump(include={"photo_id", "name", "reason", "post_id"})
        return _response(PickResponse(**target, **facts, picked=forecast.photo_id is not None))
    job = {"job": "pick", "persona_id": persona.persona_id, "slot_at": iso(slot.run_at)}
    report = services.workers.run(services.pick_arn, job)
    if report is None:
        return _response(
            PickResponse(**target, picked=None, reason="The pick is still running; list the decisions in a moment.")
        )
    result = PickResult.model_validate(report)
    if result.post_id is None:
        return _response(PickResponse(**target, picked=False, reason=result.reason))
    [photo_id, *_] = access.post(result.post_id).post.photo_ids
    name = services.photos.get(persona.persona_id, photo_id).names[0]
    facts = {"photo_id": photo_id, "name": name, "reason": result.reason, "post_id": result.post_id}
    return _response(PickResponse(**target, **facts, picked=True))


def _response(pick: PickResponse) -> Response[PickResponse]:
    status = HTTPStatus.ACCEPTED if pick.picked is None else HTTPStatus.OK
    return Response(status.value, content_types.APPLICATION_JSON, pick)


def _channel_response(row: ChannelRow) -> ChannelResponse:
    extras = tuple(rule.name for rule in row.extras)
    return ChannelResponse.model_validate({**row.model_dump(), "extras": extras})
