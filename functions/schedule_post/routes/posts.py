"""Posts, their schedules, and the curator's decisions."""

import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends, Request, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from schedule_post.http import responses
from schedule_post.http.cursors import Cursor, Limit, cursor_leads_somewhere, decode_cursor, encode_cursor
from schedule_post.http.etags import IfMatch, matches, tag_of
from schedule_post.http.requests import ChangedPost, NewPost, PostSchedule
from schedule_post.http.router import ETAG, LOCATION, Owner, PersonaId, Routes, says
from schedule_post.wiring import Services, Wired
from shutterpost.flows.operating.cancel import CancelResult
from shutterpost.flows.posting.edit_post import change_post
from shutterpost.flows.posting.post_photo import post_photo
from shutterpost.flows.posting.scheduled_time import parse_scheduled_time
from shutterpost.flows.refusals import NothingToCancel, PostChanged
from shutterpost.runtime.clock import iso
from shutterpost.runtime.refusals import Invalid
from shutterpost.scheduling import PostDetails, Schedule, ScheduleNotFound

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
        description="Makes a repeat of the same request answer with the first one's post.",
    ),
]

NextSlot = Annotated[
    bool, Query(description="At the persona's next free slot, which the post then holds; leave `at` out.")
]
DryRun = Annotated[bool, Query(description="Check everything, write nothing.")]


def request_id(request: Request) -> str:
    """API Gateway's id of this request."""
    told: str = request.resolved_event.raw_event["requestContext"]["requestId"]
    return told


@routes.post(
    "/personas/<persona_id>/posts",
    summary="Post a photo",
    description=(
        "Claims the photo on each connection and starts or schedules the publishing, which goes on by itself: "
        "follow it at `Location`. A photo goes out once per connection, unless a new `cycle` is asked for. A dry run "
        "answers with the post as it would be."
    ),
    operation_id="createPost",
    tags=POSTS,
    status_code=HTTPStatus.ACCEPTED,
    responses={
        **says(404, 409, headers=LOCATION, _202="Accepted: the post as it stands."),
        **says(_200="A dry run: the post as it would be; nothing was written."),
    },
)
def create_post(
    *,
    persona_id: PersonaId,
    body: NewPost,
    owner: Owner,
    services: Wired,
    own_id: Annotated[str, Depends(request_id)],
    dry_run: DryRun = False,
    next_slot: NextSlot = False,
    idempotency_key: IdempotencyKey = None,
) -> Response[responses.Post]:
    """Open a post; a repeat under the same key finds the first, and another wish under it is refused."""
    persona = services.personas.get(persona_id, owner)
    told = body.model_dump_json() + ("next slot" if next_slot else "")
    wish = hashlib.sha256(told.encode()).hexdigest()[:16]
    try:
        details = post_photo(
            services.scheduler,
            persona,
            body,
            request_key=f"{idempotency_key or own_id}#{wish}",
            idempotency_key=idempotency_key,
            dry_run=dry_run,
            next_slot=next_slot,
        )
    except Invalid as refusal:
        if refusal.members.get("field") == "text":
            refusal.members["field"] = "caption"
        raise
    if dry_run:
        return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, responses.post(details, None))
    return Response(
        HTTPStatus.ACCEPTED.value,
        content_types.APPLICATION_JSON,
        responses.post(details, None),
        headers={"Location": f"/posts/{details.post.post_id}"},
    )


@routes.get(
    "/personas/<persona_id>/posts",
    summary="List posts",
    description="A persona's posts with their schedules, newest first.",
    operation_id="listPosts",
    tags=POSTS,
    responses=says(404, _200="One page."),
)
def list_posts(
    persona_id: PersonaId, owner: Owner, services: Wired, limit: Limit = 20, cursor: Cursor = None
) -> responses.PostPage:
    """One page of a persona's posts."""
    persona = services.personas.get(persona_id, owner)
    posts = services.scheduler.posts
    last = decode_cursor(cursor)
    with cursor_leads_somewhere(cursor):
        if last is not None:
            posts.details(last, owner=owner)
        page = posts.of_persona(persona.persona_id, limit=limit, cursor=last)
    found = tuple(responses.post_summary(posts.details(post.post_id)) for post in page.posts)
    return responses.PostPage(posts=found, cursor=encode_cursor(page.cursor))


@routes.get(
    "/posts/<post_id>",
    summary="Get a post",
    description="With its variants, schedules, publish events and the decision that picked its photo.",
    operation_id="getPost",
    tags=POSTS,
    responses=says(404, headers=ETAG, _200="The post."),
)
def get_post(post_id: PostId, owner: Owner, services: Wired) -> Response[responses.Post]:
    """One post with all that belongs to it."""
    return _tagged(whole(services, services.scheduler.posts.details(post_id, owner=owner)))


@routes.patch(
    "/posts/<post_id>",
    summary="Change a post",
    description=(
        "Fields that are left out stay. New words (`caption`, `tags`, `alt_text`) are for a post of which nothing is "
        "out or on its way. `archived: true` puts away what has ended."
    ),
    operation_id="changePost",
    tags=POSTS,
    responses=says(404, 409, 412, headers=ETAG, _200="The post as it is now."),
)
def change_one_post(
    post_id: PostId, body: ChangedPost, owner: Owner, services: Wired, if_match: IfMatch = None
) -> Response[responses.Post]:
    """Change a post."""
    details = services.scheduler.posts.details(post_id, owner=owner)
    if if_match is not None and not matches(if_match, tag_of(whole(services, details))):
        raise PostChanged(f"Post {post_id} is not as that version was; read it again, then change it.")
    return _tagged(whole(services, change_post(services.scheduler, details, body)))


@routes.post(
    "/posts/<post_id>/schedule",
    summary="Schedule a post",
    description=(
        "Gives a draft its schedules, or a post another one: claims the photo on each connection and publishes at the "
        "time. A connection without a variant gets one; a post with no variants needs `connection_ids`."
    ),
    operation_id="schedulePost",
    tags=POSTS,
    status_code=HTTPStatus.ACCEPTED,
    responses=says(404, 409, 412, _202="Accepted: the post as it stands."),
)
def schedule_post(post_id: PostId, body: PostSchedule, owner: Owner, services: Wired) -> Response[responses.Post]:
    """Schedule a post that exists."""
    details = services.scheduler.posts.details(post_id, owner=owner)
    persona = services.personas.get(details.post.persona_id, owner)
    when = parse_scheduled_time(body.at, body.zone or persona.zone, services.scheduler.clock.now())
    planned = services.assigner.plan(persona, details, when, body.connection_ids)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, whole(services, planned))


@routes.post(
    "/posts/<post_id>/cancel",
    summary="Cancel a post",
    description="Cancels each schedule that can still be cancelled; what is live stays.",
    operation_id="cancelPost",
    tags=POSTS,
    responses=says(404, 409, _200="Cancelled.", _202="Accepted: what was handed over is being withdrawn."),
)
def cancel_post(post_id: PostId, owner: Owner, services: Wired) -> Response[responses.Post]:
    """Cancel all of a post that can be cancelled."""
    details = services.scheduler.posts.details(post_id, owner=owner)
    cancelled: list[CancelResult] = []
    refusals: list[NothingToCancel] = []
    for schedule in details.schedules:
        try:
            cancelled.append(services.canceller.cancel(schedule.schedule_id))
        except NothingToCancel as refusal:
            refusals.append(refusal)
    if refusals and not cancelled:
        raise refusals[0]
    after = whole(services, services.scheduler.posts.details(post_id, owner=owner))
    status = HTTPStatus.OK if all(one.done for one in cancelled) else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, after)


@routes.get(
    "/schedules/<schedule_id>",
    summary="Get a schedule",
    operation_id="getSchedule",
    tags=SCHEDULES,
    responses=says(404, _200="The schedule."),
)
def get_schedule(schedule_id: ScheduleId, owner: Owner, services: Wired) -> responses.Schedule:
    """One schedule."""
    return responses.schedule(own_schedule(services, schedule_id, owner))


@routes.post(
    "/schedules/<schedule_id>/cancel",
    summary="Cancel a schedule",
    operation_id="cancelSchedule",
    tags=SCHEDULES,
    responses=says(404, 409, _200="Cancelled.", _202="Accepted: its chain stops at its next step, or withdraws it."),
)
def cancel_schedule(schedule_id: ScheduleId, owner: Owner, services: Wired) -> Response[responses.Schedule]:
    """Cancel one schedule."""
    answer = services.canceller.cancel(own_schedule(services, schedule_id, owner).schedule_id)
    status = HTTPStatus.OK if answer.done else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, responses.schedule(answer.schedule))


@routes.get(
    "/personas/<persona_id>/decisions",
    summary="List decisions",
    description="Why photos were picked, or not, newest slot first.",
    operation_id="listDecisions",
    tags=DECISIONS,
    responses=says(404, _200="One page."),
)
def list_decisions(
    persona_id: PersonaId, owner: Owner, services: Wired, limit: Limit = 20, cursor: Cursor = None
) -> responses.DecisionPage:
    """One page of a persona's decisions."""
    persona = services.personas.get(persona_id, owner)
    last = decode_cursor(cursor)
    with cursor_leads_somewhere(cursor):
        before = datetime.fromisoformat(last) if last else None
    page = services.scheduler.posts.decisions(persona.persona_id, limit=limit, cursor=before)
    found = tuple(map(responses.decision, page.decisions))
    return responses.DecisionPage(decisions=found, cursor=encode_cursor(iso(page.cursor) if page.cursor else None))


def _tagged(told: responses.Post) -> Response[responses.Post]:
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, told, headers={"ETag": tag_of(told)})


def whole(services: Services, details: PostDetails) -> responses.Post:
    """A post as it is told, with the decision that led to it; a slot's later one speaks of another post."""
    post = details.post
    decided = services.scheduler.posts.decision(post.persona_id, post.slot_at) if post.slot_at else None
    return responses.post(details, decided if decided and decided.post_id == post.post_id else None)


def own_schedule(services: Services, schedule_id: str, owner: str) -> Schedule:
    """The caller's schedule. Raises `ScheduleNotFound`, also where it is another owner's."""
    schedule = services.scheduler.schedules.get(schedule_id)
    if schedule.owner != owner:
        raise ScheduleNotFound(f"There is no schedule {schedule_id}; list the persona's posts for its ids.")
    return schedule
