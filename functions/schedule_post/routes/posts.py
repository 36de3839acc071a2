"""Posts, their schedules, and decisions."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Request, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query
from pydantic import AfterValidator, BeforeValidator

from schedule_post.access import Author, Operator, Viewer
from schedule_post.http import post_responses, responses
from schedule_post.http.cursors import Cursor, Limit, decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfMatch, etag_of, matches
from schedule_post.http.ranges import CreatedFrom, CreatedTo, created_between
from schedule_post.http.requests.posts import ChangePostRequest, CreatePostRequest, SchedulePostRequest
from schedule_post.http.requests.times import check_year, refuse_numbers
from schedule_post.http.router import ETAG, LOCATION, PersonaId, Routes, documented
from schedule_post.wiring import Services, Wired
from shutterpost.flows.operating.cancel import CancelResult
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.flows.posting.post_photo import unnamed_fields
from shutterpost.flows.records.calendar import photo_names
from shutterpost.flows.records.post_list import PostFilter, post_list
from shutterpost.flows.records.preview import left_out
from shutterpost.flows.refusals import NothingToCancel, PostChanged
from shutterpost.personas import Persona
from shutterpost.runtime.clock import iso
from shutterpost.runtime.refusals import Invalid
from shutterpost.runtime.values import WallTime
from shutterpost.scheduling import (
    DecisionRecord,
    Origin,
    PostDetails,
    PostNotFound,
    PostStatus,
    Schedule,
    VariantSource,
)

routes = Routes()
POSTS, SCHEDULES, DECISIONS = ["Posts"], ["Schedules"], ["Decisions"]
PostId = Annotated[str, Path(max_length=64, description="Id of one of the caller's posts.")]
ScheduleId = Annotated[str, Path(max_length=130, description="Id of one of the caller's schedules.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        description="A repeat of the same request with the same key returns the post of the first request.",
    ),
]

NextSlot = Annotated[
    bool, Query(description="Post at the persona's next free slot, which the post then occupies; omit `at`.")
]
AtSlot = Annotated[
    WallTime | None,
    BeforeValidator(refuse_numbers),
    AfterValidator(check_year),
    Query(description="Post at this slot ahead, which the post then occupies: local time or instant; omit `at`."),
]
DryRun = Annotated[bool, Query(description="Check the request without writing anything.")]


def request_id(request: Request) -> str:
    """API Gateway's id of this request."""
    return str(request.resolved_event.raw_event["requestContext"]["requestId"])


@routes.post(
    "/personas/<persona_id>/posts",
    summary="Post a photo",
    description=(
        "Claims the photo on each connection and starts or schedules its publication, which runs in the background: "
        "get the post at `Location` to follow it. A photo is published once per connection, unless the request sets a "
        "new `cycle`. A post without a photo is its caption alone, for channels that take that. A dry run returns the "
        "post without creating it."
    ),
    operation_id="createPost",
    tags=POSTS,
    status_code=HTTPStatus.ACCEPTED,
    responses={
        **documented(404, 409, headers=LOCATION, _202="Accepted: the post."),
        **documented(_200="The result of a dry run; nothing was written."),
    },
)
def create_post(
    *,
    persona_id: PersonaId,
    body: CreatePostRequest,
    access: Author,
    services: Wired,
    own_id: Annotated[str, Depends(request_id)],
    dry_run: DryRun = False,
    next_slot: NextSlot = False,
    slot: AtSlot = None,
    idempotency_key: IdempotencyKey = None,
) -> Response[post_responses.PostResponse]:
    persona = access.persona(persona_id)
    key = access.own_key(persona, idempotency_key)
    content = body.model_dump_json(exclude=set(unnamed_fields(body))) + ("next slot" if next_slot else "")
    content += f"slot {slot}" if slot else ""
    digest = hashlib.sha256(content.encode()).hexdigest()[:16]
    try:
        details = services.poster.post(
            persona,
            body,
            request_key=f"{key or own_id}#{digest}",
            idempotency_key=key,
            created_by=access.principal,
            dry_run=dry_run,
            next_slot=next_slot,
            slot=slot,
        )
    except Invalid as refusal:
        if refusal.members.get("field") == "text":
            refusal.members["field"] = "caption"
        raise
    derived = responses.DerivedFacts() if dry_run else derived_facts(services, details.schedules)
    shown = _response(services, details, None, derived)
    if details.post.extras is not None:
        connections = services.connections.list(persona.persona_id)
        shown = shown.model_copy(update={"warnings": left_out(details, services.catalogue, connections)})
    if dry_run:
        return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, shown)
    headers = {"Location": f"/posts/{details.post.post_id}"}
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, shown, headers=headers)


@routes.get(
    "/personas/<persona_id>/posts",
    summary="List posts",
    description=(
        "A persona's posts with their schedules, newest first. A page examines at most 100 posts: it can have fewer "
        "than `limit` and still a `cursor`."
    ),
    operation_id="listPosts",
    tags=POSTS,
    responses=documented(404, _200="One page."),
)
def list_posts(
    *,
    persona_id: PersonaId,
    access: Viewer,
    services: Wired,
    status: Annotated[PostStatus | None, Query(description="Status of the post.")] = None,
    tag: Annotated[str | None, Query(min_length=1, max_length=100, description="A private label, in any case.")] = None,
    channel: Annotated[str | None, Query(min_length=1, max_length=64, description="Of a variant or schedule.")] = None,
    connection: Annotated[
        str | None, Query(min_length=1, max_length=64, description="Of a variant or schedule.")
    ] = None,
    source: Annotated[VariantSource | None, Query(description="Where a variant's text comes from.")] = None,
    origin: Annotated[Origin | None, Query(description="How the post was created.")] = None,
    archived: Annotated[bool | None, Query(description="Only archived posts, or only others.")] = None,
    start: CreatedFrom = None,
    end: CreatedTo = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> post_responses.PostPageResponse:
    persona = access.persona(persona_id)
    only = PostFilter(
        status=status,
        tag=tag,
        channel=channel,
        connection_id=connection,
        source=source,
        origin=origin,
        archived=archived,
        **created_between(start, end, persona.zone),
    )
    last = decode_cursor(cursor)
    with invalid_cursors_refused(cursor):
        if last is not None:
            check_belongs(services.posts.details(last), persona)
        page = post_list(services.posts, persona.persona_id, only=only, limit=limit, cursor=last)
    listed = page.posts
    derived = derived_facts(services, [schedule for details in listed for schedule in details.schedules])
    names = photo_names(services.photos, (details.post for details in listed))
    summaries = tuple(post_responses.post_summary(details, derived, names[details.post.post_id]) for details in listed)
    return post_responses.PostPageResponse(posts=summaries, cursor=encode_cursor(page.cursor))


@routes.get(
    "/posts/<post_id>",
    summary="Get a post",
    description=(
        "Includes its variants, schedules, publish events, the decision that picked its photo, and in `texts` what "
        "each connection sends."
    ),
    operation_id="getPost",
    tags=POSTS,
    responses=documented(404, headers=ETAG, _200="The post."),
)
def get_post(post_id: PostId, access: Viewer, services: Wired) -> Response[post_responses.PostResponse]:
    return _with_etag(_with_texts(services, access.post(post_id)))


@routes.patch(
    "/posts/<post_id>",
    summary="Change a post",
    description=(
        "Fields that are left out keep their values. `caption`, `hashtags`, `alt_text`, `language` and `extras` can "
        "change while none of the post's schedules is published or in progress. `archived: true` archives a post whose "
        "schedules have ended. A dry run returns the post as it would be, with the `ETag` of the stored one; a text "
        "that is refused is an impediment in `texts`."
    ),
    operation_id="changePost",
    tags=POSTS,
    responses=documented(404, 409, 412, headers=ETAG, _200="The changed post."),
)
def change_one_post(
    *,
    post_id: PostId,
    body: ChangePostRequest,
    access: Author,
    services: Wired,
    dry_run: DryRun = False,
    if_match: IfMatch = None,
) -> Response[post_responses.PostResponse]:
    details = access.post(post_id)
    check_version(services, details, if_match)
    if dry_run:
        stored = post_response(services, details)
        return _with_etag(_with_texts(services, services.editor.preview(details, body)), stored)
    return _with_etag(_with_texts(services, services.editor.change(details, body)))


@routes.delete(
    "/posts/<post_id>",
    summary="Delete a draft",
    description="Deletes a post that never had a schedule, with its variants. Any other post stays; archive it.",
    operation_id="deleteDraft",
    tags=POSTS,
    responses=documented(404, 409, _200="The deleted draft."),
)
def delete_draft(post_id: PostId, access: Author, services: Wired) -> post_responses.PostResponse:
    details = access.post(post_id)
    services.draft_discarder.discard(details)
    return post_response(services, details)


@routes.post(
    "/posts/<post_id>/schedule",
    summary="Schedule a post",
    description=(
        "Creates schedules for a draft, or further ones for a post: claims the photo on each connection and publishes "
        "at the time. A connection without a variant gets one; a post without variants needs `connection_ids`. Where a "
        "connection has several variants, `variant_ids` names the one to publish."
    ),
    operation_id="schedulePost",
    tags=POSTS,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, 409, 412, _202="Accepted: the post."),
)
def schedule_post(
    post_id: PostId, body: SchedulePostRequest, access: Author, services: Wired
) -> Response[post_responses.PostResponse]:
    details = access.post(post_id)
    persona = services.personas.get(details.post.persona_id)
    when = parse_scheduled_time(body.at, body.zone or persona.zone, services.clock.now())
    planned = services.assigner.plan(persona, details, when, body.connection_ids, body.variant_ids)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, post_response(services, planned))


@routes.post(
    "/posts/<post_id>/cancel",
    summary="Cancel a post",
    description="Cancels each schedule that can still be cancelled. Live posts stay live.",
    operation_id="cancelPost",
    tags=POSTS,
    responses=documented(404, 409, _200="Cancelled.", _202="Accepted: posts that a channel holds are being withdrawn."),
)
def cancel_post(post_id: PostId, access: Operator, services: Wired) -> Response[post_responses.PostResponse]:
    details = access.post(post_id)
    cancelled: list[CancelResult] = []
    refusals: list[NothingToCancel] = []
    for number, schedule in enumerate(details.schedules):
        # The first cancel changes what the others depend on, so only it uses what was read here.
        fresh = details if number == 0 else None
        try:
            cancelled.append(services.canceller.cancel(schedule.schedule_id, details=fresh))
        except NothingToCancel as refusal:
            refusals.append(refusal)
    if refusals and not cancelled:
        raise refusals[0]
    updated = post_response(services, access.post(post_id))
    status = HTTPStatus.OK if all(result.done for result in cancelled) else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, updated)


@routes.get(
    "/schedules/<schedule_id>",
    summary="Get a schedule",
    operation_id="getSchedule",
    tags=SCHEDULES,
    responses=documented(404, _200="The schedule."),
)
def get_schedule(schedule_id: ScheduleId, access: Viewer, services: Wired) -> responses.ScheduleResponse:
    return schedule_response(services, access.schedule(schedule_id))


@routes.post(
    "/schedules/<schedule_id>/cancel",
    summary="Cancel a schedule",
    operation_id="cancelSchedule",
    tags=SCHEDULES,
    responses=documented(
        404, 409, _200="Cancelled.", _202="Accepted: the publication stops at its next step, or is withdrawn."
    ),
)
def cancel_schedule(schedule_id: ScheduleId, access: Operator, services: Wired) -> Response[responses.ScheduleResponse]:
    result = services.canceller.cancel(access.schedule(schedule_id).schedule_id)
    status = HTTPStatus.OK if result.done else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, schedule_response(services, result.schedule))


@routes.get(
    "/personas/<persona_id>/decisions",
    summary="List decisions",
    description="Why photos were picked or not, newest slot first.",
    operation_id="listDecisions",
    tags=DECISIONS,
    responses=documented(404, _200="One page."),
)
def list_decisions(
    persona_id: PersonaId, access: Viewer, services: Wired, limit: Limit = 20, cursor: Cursor = None
) -> responses.DecisionPageResponse:
    persona = access.persona(persona_id)
    last = decode_cursor(cursor)
    with invalid_cursors_refused(cursor):
        before = datetime.fromisoformat(last) if last else None
    page = services.posts.decisions(persona.persona_id, limit=limit, cursor=before)
    decisions = tuple(map(responses.decision, page.decisions))
    following = encode_cursor(iso(page.cursor) if page.cursor else None)
    return responses.DecisionPageResponse(decisions=decisions, cursor=following)


def check_version(services: Services, details: PostDetails, if_match: str | None) -> None:
    """Raise `PostChanged` if the post is no longer the version that a request is about."""
    if if_match is not None and not matches(if_match, _etag(post_response(services, details))):
        raise PostChanged(f"Post {details.post.post_id} has changed since that version. Read it again, then change it.")


def _with_etag(
    post: post_responses.PostResponse, stored: post_responses.PostResponse | None = None
) -> Response[post_responses.PostResponse]:
    headers = {"ETag": _etag(stored or post)}
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, post, headers=headers)


def _etag(post: post_responses.PostResponse) -> str:
    # Derived facts change without a change of the post.
    return etag_of(post, {"texts": True, "actions": True, "schedules": {"__all__": {"held", "superseded_by"}}})


def _with_texts(services: Services, details: PostDetails) -> post_responses.PostResponse:
    return post_response(services, details).model_copy(update={"texts": services.previews.texts(details)})


def post_response(services: Services, details: PostDetails) -> post_responses.PostResponse:
    """The response for a post, with the decision that picked its photo."""
    post = details.post
    record = services.posts.decision(post.persona_id, post.slot_at) if post.slot_at else None
    return _response(services, details, record, derived_facts(services, details.schedules))


def _response(
    services: Services, details: PostDetails, record: DecisionRecord | None, derived: responses.DerivedFacts
) -> post_responses.PostResponse:
    names = photo_names(services.photos, [details.post])[details.post.post_id]
    return post_responses.post(details, record, derived, names, services.catalogue)


def schedule_response(services: Services, schedule: Schedule) -> responses.ScheduleResponse:
    """The response for a schedule, with its derived facts."""
    return responses.schedule(schedule, derived_facts(services, [schedule]))


def derived_facts(services: Services, schedules: Sequence[Schedule]) -> responses.DerivedFacts:
    """Why schedules are held, and which posts have the photos of the failed ones."""
    return responses.DerivedFacts(services.holds.of(schedules), services.successors.of(schedules))


def check_belongs(details: PostDetails, persona: Persona) -> None:
    """Raise `PostNotFound` if the post is not the persona's."""
    if details.post.persona_id != persona.persona_id:
        raise PostNotFound.of(details.post.post_id)
