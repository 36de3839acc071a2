"""The operator's actions on schedules, and the pause switch."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response, content_types

from schedule_post.access import Author, Operator, OwnerOnly
from schedule_post.http import post_responses, responses
from schedule_post.http.cursors import decode_cursor, encode_cursor, invalid_cursors_refused
from schedule_post.http.etags import IfMatch
from schedule_post.http.lambda_calls import WorkerBusy, WorkerFailed
from schedule_post.http.requests.personas import PauseRequest
from schedule_post.http.requests.posts import MovePostRequest, SwapPostsRequest
from schedule_post.http.requests.schedules import (
    ChangeConnectionRequest,
    MoveScheduleRequest,
    ResolveScheduleRequest,
    RetryScheduleRequest,
    RetrySchedulesRequest,
    SkipScheduleRequest,
)
from schedule_post.http.router import LOCATION, PersonaId, Routes, documented
from schedule_post.routes.posts import (
    POSTS,
    SCHEDULES,
    PostId,
    ScheduleId,
    check_version,
    post_response,
    schedule_response,
)
from schedule_post.wiring import Services, Wired
from shutterpost.flows.operating.remove import Removal, check_removable
from shutterpost.flows.operating.retry import RetryResult
from shutterpost.flows.records.sync_reports import AddressReport
from shutterpost.flows.refusals import AddressInvalid
from shutterpost.scheduling import Schedule

routes = Routes()
PAUSE = ["Pause"]


@routes.post(
    "/schedules/<schedule_id>/retry",
    summary="Retry a schedule",
    description=(
        "Queues a failed or skipped schedule again and claims its photo. Refused if another post has claimed the "
        "photo meanwhile, or if the connection is not connected."
    ),
    operation_id="retrySchedule",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, 409, _202="Accepted: the schedule is queued."),
)
def retry_schedule(
    schedule_id: ScheduleId, body: RetryScheduleRequest, access: Operator, services: Wired
) -> Response[responses.ScheduleResponse]:
    schedule = access.schedule(schedule_id)
    queued = services.retrier.retry(schedule.schedule_id, body.at, body.zone)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, schedule_response(services, queued))


@routes.post(
    "/personas/<persona_id>/retry",
    summary="Retry a persona's schedules",
    description=(
        "Retries one page of failed and skipped schedules, by error class and code, latest first. Repeat with `cursor` "
        "until it is `null`. The retried schedules keep the connection's spacing and quota."
    ),
    operation_id="retrySchedules",
    tags=SCHEDULES,
    responses=documented(404, _200="The retried schedules, and the refused ones with reasons."),
)
def retry_schedules(
    persona_id: PersonaId, body: RetrySchedulesRequest, access: Operator, services: Wired
) -> RetryResult:
    persona = access.persona(persona_id)
    with invalid_cursors_refused(body.cursor):
        page = services.retrier.retry_all(
            persona.persona_id,
            error_class=body.error_class,
            error_code=body.error_code,
            limit=body.limit,
            cursor=decode_cursor(body.cursor),
        )
    return page.model_copy(update={"cursor": encode_cursor(page.cursor)})


@routes.post(
    "/schedules/<schedule_id>/skip",
    summary="Skip a schedule",
    description="Ends a waiting schedule and releases its photo. A skipped schedule can be retried.",
    operation_id="skipSchedule",
    tags=SCHEDULES,
    responses=documented(404, 409, _200="Skipped."),
)
def skip_schedule(
    schedule_id: ScheduleId, body: SkipScheduleRequest, access: Operator, services: Wired
) -> responses.ScheduleResponse:
    schedule = access.schedule(schedule_id)
    return schedule_response(services, services.canceller.skip(schedule.schedule_id, body.reason))


@routes.post(
    "/schedules/<schedule_id>/resolve",
    summary="Resolve an unknown outcome",
    description=(
        "Records whether the post of an `unknown` schedule is live, and starts a sync that applies it: `success`, or "
        "`failed` with the code `not-live`, unless the platform shows otherwise. An address is refused if Instagram "
        "lists no such post of the account; `address_check` says whether a platform could tell."
    ),
    operation_id="resolveSchedule",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, 409, _202="Accepted: the next sync applies it."),
)
def resolve_schedule(
    schedule_id: ScheduleId, body: ResolveScheduleRequest, access: Operator, services: Wired
) -> Response[responses.ResolvedScheduleResponse]:
    schedule = access.schedule(schedule_id)
    given = None if body.not_live else body.live_url
    check = None if given is None else _check_address(services, schedule, given)
    resolved = services.resolver.resolve(schedule.schedule_id, live_url=body.live_url, not_live=body.not_live)
    services.workers.start(services.sync_arn, {"job": "sync", "persona_id": schedule.persona_id})
    shown = schedule_response(services, resolved).model_dump()
    response = responses.ResolvedScheduleResponse.model_validate({**shown, "address_check": check})
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, response)


@routes.post(
    "/schedules/<schedule_id>/move",
    summary="Move a schedule",
    description="Changes the time of a schedule. If the channel already holds the post, it is withdrawn first.",
    operation_id="moveSchedule",
    tags=SCHEDULES,
    responses=documented(
        404, 409, _200="Moved.", _202="Accepted: the post is withdrawn, then waits for `next_run_at`."
    ),
)
def move_schedule(
    schedule_id: ScheduleId, body: MoveScheduleRequest, access: Author, services: Wired
) -> Response[responses.ScheduleResponse]:
    schedule = access.schedule(schedule_id)
    moved = services.mover.move(schedule.schedule_id, body.at, body.zone)
    status = HTTPStatus.OK if moved.done else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, schedule_response(services, moved.schedule))


@routes.post(
    "/posts/<post_id>/move",
    summary="Move a post",
    description=(
        "Changes the time of all open schedules of a post in one transaction, to any time, to a slot or to a day. "
        "Slots that it leaves are free again. What a channel already holds is withdrawn first. Approves a pick that "
        "waits for review. If each slot of the day has a post, `post_id` of the problem `slot-taken` names one."
    ),
    operation_id="movePost",
    tags=POSTS,
    responses=documented(
        404, 409, 412, _200="Moved.", _202="Accepted: what a channel holds is withdrawn, then waits for `next_run_at`."
    ),
)
def move_post(
    post_id: PostId, body: MovePostRequest, access: Author, services: Wired, if_match: IfMatch = None
) -> Response[post_responses.PostResponse]:
    check_version(services, access.post(post_id), if_match)
    moved = services.mover.move_post(
        post_id, body.at or body.slot or body.day, body.zone, to_slot=body.slot is not None
    )
    status = HTTPStatus.OK if all(result.done for result in moved) else HTTPStatus.ACCEPTED
    response = post_response(services, services.posts.details(post_id))
    return Response(status.value, content_types.APPLICATION_JSON, response)


@routes.post(
    "/posts/<post_id>/swap",
    summary="Swap two posts",
    description=(
        "Exchanges the times and slots of two posts of a persona, with all their open schedules, in one transaction. "
        "Approves picks that wait for review. Refused if one has begun or a channel holds it."
    ),
    operation_id="swapPosts",
    tags=POSTS,
    responses=documented(404, 409, 412, _200="Both posts."),
)
def swap_posts(
    post_id: PostId, body: SwapPostsRequest, access: Author, services: Wired, if_match: IfMatch = None
) -> post_responses.SwappedPostsResponse:
    check_version(services, access.post(post_id), if_match)
    swapped = services.swapper.swap(post_id, access.post(body.other).post.post_id)
    first, second = (post_response(services, details) for details in swapped)
    return post_responses.SwappedPostsResponse(posts=(first, second))


@routes.post(
    "/schedules/<schedule_id>/change-connection",
    summary="Change a schedule's connection",
    description=(
        "Publishes with another connection of the persona, at the same instant. The schedule becomes `cancelled` and "
        "a new one, at `Location`, takes over its claims in one transaction. A schedule that has begun, or that a "
        "channel holds, is refused: cancel it, then schedule its post again."
    ),
    operation_id="changeConnection",
    tags=SCHEDULES,
    responses=documented(404, 409, 412, headers=LOCATION, _200="The new schedule."),
)
def change_connection(
    schedule_id: ScheduleId, body: ChangeConnectionRequest, access: Author, services: Wired
) -> Response[responses.ScheduleResponse]:
    schedule = access.schedule(schedule_id)
    persona = services.personas.get(schedule.persona_id)
    new = services.assigner.change_connection(persona, schedule, body.connection_id)
    headers = {"Location": f"/schedules/{new.schedule_id}"}
    return Response(
        HTTPStatus.OK.value, content_types.APPLICATION_JSON, schedule_response(services, new), headers=headers
    )


@routes.post(
    "/schedules/<schedule_id>/publish-now",
    summary="Publish a schedule now",
    description="Moves a schedule to now. If the channel already holds the post, it is withdrawn first.",
    operation_id="publishNow",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=documented(404, 409, _202="Accepted: the schedule is queued."),
)
def publish_now(schedule_id: ScheduleId, access: Author, services: Wired) -> Response[responses.ScheduleResponse]:
    schedule = access.schedule(schedule_id)
    moved = services.mover.move(schedule.schedule_id, services.clock.now(), schedule.zone)
    return Response(
        HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, schedule_response(services, moved.schedule)
    )


@routes.post(
    "/schedules/<schedule_id>/remove",
    summary="Remove a live post",
    description=(
        "Deletes the published post if the connection supports it (Instagram with a Facebook-Login token); otherwise "
        "returns the address at which to delete it manually. The schedule's status stays `success`."
    ),
    operation_id="removeLivePost",
    tags=SCHEDULES,
    responses=documented(404, 409, 502, 503, _200="The result.", _202="Accepted: the removal is still running."),
)
def remove_live_post(schedule_id: ScheduleId, access: Operator, services: Wired) -> Response[Removal]:
    schedule = access.schedule(schedule_id)
    check_removable(schedule)
    report = services.workers.run(services.sync_arn, {"job": "remove", "schedule_id": schedule.schedule_id})
    if report is not None:
        removal = Removal.model_validate(report)
        return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, removal)
    pending = Removal(
        schedule_id=schedule.schedule_id,
        removed=False,
        detail="The removal is still running; see the post's events in a minute.",
        external_url=schedule.external_url,
    )
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, pending)


@routes.get(
    "/pause",
    summary="Get the pause",
    operation_id="getPause",
    tags=PAUSE,
    responses=documented(_200="The pause switch."),
)
def get_pause(access: OwnerOnly, services: Wired) -> responses.PauseResponse:
    pause = services.pauses.of(access.principal)
    return (
        responses.PauseResponse(paused=True, **pause.model_dump()) if pause else responses.PauseResponse(paused=False)
    )


@routes.put(
    "/pause",
    summary="Pause everything",
    description=(
        "Stops new picks and publications of the caller's personas until they are resumed. Publications that have "
        "begun, or that a channel holds, continue and can be cancelled. Schedules stay queued."
    ),
    operation_id="pause",
    tags=PAUSE,
    responses=documented(_200="Paused."),
)
def pause(body: PauseRequest, access: OwnerOnly, services: Wired) -> responses.PauseResponse:
    current = services.pauses.pause(access.principal, body.reason, services.clock.now())
    return responses.PauseResponse(paused=True, **current.model_dump())


@routes.delete(
    "/pause",
    summary="Resume",
    description=(
        "Ends the pause and starts the posts that are due, with the connection's spacing. Schedules that are late "
        "follow each persona's late policy at the next sync."
    ),
    operation_id="resume",
    tags=PAUSE,
    responses=documented(_200="Resumed."),
)
def resume(access: OwnerOnly, services: Wired) -> responses.ResumeResponse:
    services.pauses.resume(access.principal)
    posts = services.due_starter.start(access.personas())
    return responses.ResumeResponse(paused=False, posts=posts)


def _check_address(services: Services, schedule: Schedule, url: str) -> AddressReport:
    """Whether the platform lists the address on the account. Raises `AddressInvalid` if it is sure that it does not."""
    services.resolver.check_address(schedule, url)
    job = {"job": "check_address", "schedule_id": schedule.schedule_id, "url": url}
    try:
        report = services.workers.run(services.sync_arn, job)
    except (WorkerBusy, WorkerFailed):
        report = None
    if report is None:
        return AddressReport(schedule_id=schedule.schedule_id, is_ours=None, detail="The platform has not answered.")
    check = AddressReport.model_validate(report)
    if check.is_ours is False:
        detail = f"{check.detail} Give the address of this post, or resolve it as not live."
        raise AddressInvalid(detail, field="live_url")
    return check
