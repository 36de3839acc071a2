"""Sync on request."""

from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response, content_types

from schedule_post.access import Operator
from schedule_post.http.lambda_calls import MAX_WAIT_SECONDS
from schedule_post.http.responses import SyncResponse
from schedule_post.http.router import PersonaId, Routes, documented
from schedule_post.wiring import Services, Wired
from shutterpost.flows.records.sync_reports import SyncReport
from shutterpost.personas import Persona

routes = Routes()
TAGS = ["Sync"]
# Later syncs are started without waiting, so that the last wait fits into the request's 29 s.
MAX_WAIT = timedelta(seconds=MAX_WAIT_SECONDS)


@routes.post(
    "/sync",
    summary="Sync all personas",
    description="Updates all open schedules of the caller's personas from the platforms.",
    operation_id="syncAll",
    tags=TAGS,
    responses=documented(
        502, 503, _200="The results.", _202="Accepted: the syncs of `pending` personas are still running."
    ),
)
def sync_all(access: Operator, services: Wired) -> Response[SyncResponse]:
    return _sync(services, access.personas())


@routes.post(
    "/personas/<persona_id>/sync",
    summary="Sync a persona",
    description="Updates all open schedules of a persona from the platforms.",
    operation_id="syncPersona",
    tags=TAGS,
    responses=documented(404, 502, 503, _200="The results.", _202="Accepted: the sync is still running."),
)
def sync_persona(persona_id: PersonaId, access: Operator, services: Wired) -> Response[SyncResponse]:
    return _sync(services, [access.persona(persona_id)])


def _sync(services: Services, personas: Iterable[Persona]) -> Response[SyncResponse]:
    clock = services.clock
    deadline = clock.now() + MAX_WAIT
    reports: list[SyncReport] = []
    pending: list[str] = []
    not_started: list[str] = []
    for persona in personas:
        job = {"job": "sync", "persona_id": persona.persona_id}
        if clock.now() >= deadline:
            started = services.workers.start(services.sync_arn, job)
            (pending if started else not_started).append(persona.persona_id)
            continue
        report = services.workers.run(services.sync_arn, job)
        if report is None:
            pending.append(persona.persona_id)
        else:
            reports.append(SyncReport.model_validate(report))
    response = SyncResponse(
        looked_at=sum(report.looked_at for report in reports),
        updated=tuple(update for report in reports for update in report.updated),
        overdue_seconds=max((report.overdue_seconds for report in reports), default=0.0),
        pending=tuple(pending),
        not_started=tuple(not_started),
    )
    status = HTTPStatus.ACCEPTED if pending or not_started else HTTPStatus.OK
    return Response(status.value, content_types.APPLICATION_JSON, response)
