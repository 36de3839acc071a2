"""Sync on request: what the platforms say, now."""

from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response, content_types

from schedule_post.http.lambda_calls import PATIENCE_SECONDS
from schedule_post.http.responses import SyncResponse
from schedule_post.http.router import Owner, PersonaId, Routes, says
from schedule_post.wiring import Services, Wired
from shutterpost.flows.syncing.sync import SyncReport
from shutterpost.personas import Persona

routes = Routes()
TAGS = ["Sync"]
# After this long no further sync is waited for, so that the last one's wait still fits into the request's 29 s.
ASKING = timedelta(seconds=PATIENCE_SECONDS)


@routes.post(
    "/sync",
    summary="Sync all personas",
    description="Asks the platforms about all open schedules of the caller's personas.",
    operation_id="syncAll",
    tags=TAGS,
    responses=says(502, 503, _200="What was found.", _202="Accepted: `pending` ones run on by themselves."),
)
def sync_all(owner: Owner, services: Wired) -> Response[SyncResponse]:
    """Sync the caller's personas, and nobody else's."""
    return _sync(services, _personas_of(services, owner))


@routes.post(
    "/personas/<persona_id>/sync",
    summary="Sync a persona",
    description="Asks the platforms about all open schedules of one persona.",
    operation_id="syncPersona",
    tags=TAGS,
    responses=says(404, 502, 503, _200="What was found.", _202="Accepted: it runs on by itself."),
)
def sync_persona(persona_id: PersonaId, owner: Owner, services: Wired) -> Response[SyncResponse]:
    """Sync one persona."""
    return _sync(services, [services.personas.get(persona_id, owner)])


def _sync(services: Services, personas: Iterable[Persona]) -> Response[SyncResponse]:
    """One sync per persona; when the time for waiting is over, the rest is started without waiting."""
    clock = services.scheduler.clock
    until = clock.now() + ASKING
    reports: list[SyncReport] = []
    pending: list[str] = []
    not_started: list[str] = []
    for persona in personas:
        job = {"job": "sync", "persona_id": persona.persona_id}
        if clock.now() >= until:
            started = services.workers.start(services.sync_arn, job)
            (pending if started else not_started).append(persona.persona_id)
            continue
        report = services.workers.ask(services.sync_arn, job)
        if report is None:
            pending.append(persona.persona_id)
        else:
            reports.append(SyncReport.model_validate(report))
    answer = SyncResponse(
        looked_at=sum(report.looked_at for report in reports),
        updated=tuple(update for report in reports for update in report.updated),
        overdue_seconds=max((report.overdue_seconds for report in reports), default=0.0),
        pending=tuple(pending),
        not_started=tuple(not_started),
    )
    status = HTTPStatus.ACCEPTED if pending or not_started else HTTPStatus.OK
    return Response(status.value, content_types.APPLICATION_JSON, answer)


def _personas_of(services: Services, owner: str) -> Iterable[Persona]:
    cursor = None
    while True:
        page = services.personas.list(owner, 100, cursor)
        yield from page.personas
        cursor = page.cursor
        if cursor is None:
            return
