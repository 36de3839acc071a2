"""The operator's hand: what a person does to schedules, and the pause switch."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response, content_types

from schedule_post.http import responses
from schedule_post.http.cursors import cursor_leads_somewhere, decode_cursor, encode_cursor
from schedule_post.http.requests import ConnectionChange, Move, Pause, Resolve, Retry, RetryAll, Skip
from schedule_post.http.router import LOCATION, Owner, PersonaId, Routes, says
from schedule_post.routes.posts import SCHEDULES, ScheduleId, own_schedule
from schedule_post.wiring import Wired
from shutterpost.flows.operating.operator import RetryResult
from shutterpost.flows.operating.remove import Removal, check_removable

routes = Routes()
PAUSE = ["Pause"]


@routes.post(
    "/schedules/<schedule_id>/retry",
    summary="Retry a schedule",
    description=(
        "Queues what failed or was skipped once more and claims its photo again; refused where another post has the "
        "photo by now, or the connection is not connected."
    ),
    operation_id="retrySchedule",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=says(404, 409, _202="Accepted: it goes out when its turn comes."),
)
def retry_schedule(schedule_id: ScheduleId, body: Retry, owner: Owner, services: Wired) -> Response[responses.Schedule]:
    """Try one schedule again."""
    found = own_schedule(services, schedule_id, owner)
    queued = services.operator.retry(found.schedule_id, body.at, body.zone)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, responses.schedule(queued))


@routes.post(
    "/personas/<persona_id>/retry",
    summary="Retry a persona's schedules",
    description=(
        "One page of what failed or was skipped, by class and code of the error, the latest first. Ask again with "
        "`cursor` until there is none. What is retried goes out one after the other, never in a burst."
    ),
    operation_id="retrySchedules",
    tags=SCHEDULES,
    responses=says(404, _200="What was retried, and what was refused and why."),
)
def retry_schedules(persona_id: PersonaId, body: RetryAll, owner: Owner, services: Wired) -> RetryResult:
    """Try a page of a persona's schedules again."""
    persona = services.personas.get(persona_id, owner)
    with cursor_leads_somewhere(body.cursor):
        page = services.operator.retry_all(
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
    description="Ends what waits and frees its photo; cancel what has begun. A skipped schedule can be retried.",
    operation_id="skipSchedule",
    tags=SCHEDULES,
    responses=says(404, 409, _200="Skipped."),
)
def skip_schedule(schedule_id: ScheduleId, body: Skip, owner: Owner, services: Wired) -> responses.Schedule:
    """Let one schedule not go out."""
    found = own_schedule(services, schedule_id, owner)
    return responses.schedule(services.operator.skip(found.schedule_id, body.reason))


@routes.post(
    "/schedules/<schedule_id>/resolve",
    summary="Resolve an unknown outcome",
    description=(
        "Tells whether the post of an `unknown` schedule is live. The reconciler applies it at once: `success`, or "
        "`failed` with the code `not-live`, unless the platform itself shows otherwise."
    ),
    operation_id="resolveSchedule",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=says(404, 409, _202="Accepted: the reconciler applies it."),
)
def resolve_schedule(
    schedule_id: ScheduleId, body: Resolve, owner: Owner, services: Wired
) -> Response[responses.Schedule]:
    """Keep a person's word, and have it applied."""
    found = own_schedule(services, schedule_id, owner)
    told = services.operator.resolve(found.schedule_id, live_url=body.live_url, not_live=body.not_live)
    services.workers.start(services.sync_arn, {"job": "sync", "persona_id": found.persona_id})
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, responses.schedule(told))


@routes.post(
    "/schedules/<schedule_id>/move",
    summary="Move a schedule",
    description="Lets it go out at another time; what a channel already holds is withdrawn first.",
    operation_id="moveSchedule",
    tags=SCHEDULES,
    responses=says(404, 409, _200="Moved.", _202="Accepted: it is withdrawn, then waits for `next_run_at`."),
)
def move_schedule(schedule_id: ScheduleId, body: Move, owner: Owner, services: Wired) -> Response[responses.Schedule]:
    """Reschedule one schedule."""
    found = own_schedule(services, schedule_id, owner)
    moved = services.operator.move(found.schedule_id, body.at, body.zone)
    status = HTTPStatus.OK if moved.done else HTTPStatus.ACCEPTED
    return Response(status.value, content_types.APPLICATION_JSON, responses.schedule(moved.schedule))


@routes.post(
    "/schedules/<schedule_id>/change-connection",
    summary="Change a schedule's connection",
    description=(
        "Lets it go out by another connection of its persona, at the same instant. The schedule ends as cancelled and "
        "the post has a new one, at `Location`; their claims change hands in one transaction. What has begun or lies "
        "at a channel is refused: cancel it, then schedule its post anew."
    ),
    operation_id="changeConnection",
    tags=SCHEDULES,
    responses=says(404, 409, 412, headers=LOCATION, _200="The new schedule."),
)
def change_connection(
    schedule_id: ScheduleId, body: ConnectionChange, owner: Owner, services: Wired
) -> Response[responses.Schedule]:
    """Let one schedule go to another connection."""
    found = own_schedule(services, schedule_id, owner)
    persona = services.personas.get(found.persona_id, owner)
    new = services.assigner.change_connection(persona, found, body.connection_id)
    headers = {"Location": f"/schedules/{new.schedule_id}"}
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, responses.schedule(new), headers=headers)


@routes.post(
    "/schedules/<schedule_id>/publish-now",
    summary="Publish a schedule now",
    description="Moves it to this moment; what a channel already holds is withdrawn first.",
    operation_id="publishNow",
    tags=SCHEDULES,
    status_code=HTTPStatus.ACCEPTED,
    responses=says(404, 409, _202="Accepted: it goes out when its turn comes."),
)
def publish_now(schedule_id: ScheduleId, owner: Owner, services: Wired) -> Response[responses.Schedule]:
    """Let one schedule go out at once."""
    found = own_schedule(services, schedule_id, owner)
    moved = services.operator.move(found.schedule_id, services.scheduler.clock.now(), found.zone)
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, responses.schedule(moved.schedule))


@routes.post(
    "/schedules/<schedule_id>/remove",
    summary="Take a live post down",
    description=(
        "Deletes the published post where the connection can (Instagram with a Facebook-Login token); otherwise says "
        "so, with the address at which to do it by hand. The schedule stays `success`: it was published."
    ),
    operation_id="removeLivePost",
    tags=SCHEDULES,
    responses=says(404, 409, 502, 503, _200="What became of it.", _202="Accepted: the platform is still being asked."),
)
def remove_live_post(schedule_id: ScheduleId, owner: Owner, services: Wired) -> Response[Removal]:
    """Have a live post deleted by the function that may read tokens."""
    found = own_schedule(services, schedule_id, owner)
    check_removable(found)
    report = services.workers.ask(services.sync_arn, {"job": "remove", "schedule_id": found.schedule_id})
    if report is not None:
        done = Removal.model_validate(report)
        return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, done)
    asked = Removal(
        schedule_id=found.schedule_id,
        removed=False,
        detail="The platform is still being asked; read the post's events in a minute.",
        external_url=found.external_url,
    )
    return Response(HTTPStatus.ACCEPTED.value, content_types.APPLICATION_JSON, asked)


@routes.get(
    "/pause",
    summary="Get the pause",
    operation_id="getPause",
    tags=PAUSE,
    responses=says(_200="Whether everything is paused."),
)
def get_pause(owner: Owner, services: Wired) -> responses.PauseResponse:
    """Whether the caller's posting is paused."""
    pause = services.scheduler.pauses.of(owner)
    return (
        responses.PauseResponse(paused=True, **pause.model_dump()) if pause else responses.PauseResponse(paused=False)
    )


@routes.put(
    "/pause",
    summary="Pause everything",
    description=(
        "Nothing more of the caller's is picked or begun until it is resumed; what has begun or lies at a channel "
        "goes on, and can be cancelled. Schedules stay queued."
    ),
    operation_id="pause",
    tags=PAUSE,
    responses=says(_200="Paused."),
)
def pause(body: Pause, owner: Owner, services: Wired) -> responses.PauseResponse:
    """Pause the caller's posting."""
    held = services.scheduler.pauses.pause(owner, body.reason, services.scheduler.clock.now())
    return responses.PauseResponse(paused=True, **held.model_dump())


@routes.delete(
    "/pause",
    summary="Resume",
    description="What was held goes on by each persona's late policy, one after the other.",
    operation_id="resume",
    tags=PAUSE,
    responses=says(_200="Resumed."),
)
def resume(owner: Owner, services: Wired) -> responses.PauseResponse:
    """End the pause."""
    services.scheduler.pauses.resume(owner)
    return responses.PauseResponse(paused=False)
