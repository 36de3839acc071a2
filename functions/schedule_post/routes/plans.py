"""Export and import of plan files, as JSON and CSV."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends, Request, Response
from pydantic import ValidationError

from schedule_post.access import Author, Viewer
from schedule_post.http.ranges import MaybeFrom, MaybeTo, span
from schedule_post.http.requests.posts import ImportPlanRequest, PlanRowRequest
from schedule_post.http.responses import PlanReportResponse, PlanResponse
from schedule_post.http.router import PersonaId, Routes, documented
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Services, Wired
from shutterpost.flows.operating.import_plan import PlannedRow
from shutterpost.flows.planning.scheduled_time import MAX_FUTURE
from shutterpost.flows.records.plan_files import COLUMNS, PlanRow, export_plan, from_csv, to_csv
from shutterpost.personas import Persona

routes = Routes()
TAGS = ["Plans"]
CSV: Final = "text/csv"
TABLE: Final[dict[str, Any]] = {
    CSV: {
        "schema": {"type": "string"},
        "example": "photo,at,zone,caption\r\nDSC_0042.jpg,2026-11-21T18:30:00,Europe/Paris,Morning fog.\r\n",
    }
}
"""The media type of a plan as CSV; its columns are any of `COLUMNS`."""


def body_text(request: Request) -> str:
    """The request body as text; `check_request` has decoded it before."""
    return request.resolved_event.decoded_body or ""


@routes.get(
    "/personas/<persona_id>/planned",
    summary="Export a plan",
    description="Planned posts from `from` (default: now) to `to` (default: the last planned post), up to 100 rows.",
    operation_id="exportPlan",
    tags=TAGS,
    responses=documented(404, _200="The rows."),
)
def export(
    persona_id: PersonaId, access: Viewer, services: Wired, start: MaybeFrom = None, end: MaybeTo = None
) -> PlanResponse:
    return PlanResponse(rows=_exported(services, access.persona(persona_id), start, end))


@routes.post(
    "/personas/<persona_id>/planned",
    summary="Import a plan",
    description=(
        "Creates a post per row. A row that is already imported returns its post. A row with a `post_id`, as exported, "
        "changes the time and the texts of that post where it differs; an empty cell changes nothing. Posts that have "
        "not begun can take each other's times. A refused row does not affect the others, so that a corrected plan can "
        "be sent again as a whole."
    ),
    operation_id="importPlan",
    tags=TAGS,
    responses=documented(404, _200="The result of each row."),
)
def import_json(
    *, persona_id: PersonaId, body: ImportPlanRequest, access: Author, services: Wired, dry_run: DryRun = False
) -> PlanReportResponse:
    persona = access.persona(persona_id)
    planned = services.plan_importer.apply(persona, body.rows, dry_run=dry_run, created_by=access.principal)
    return _report(planned, dry_run=dry_run)


@routes.get(
    "/personas/<persona_id>/planned.csv",
    summary="Export a plan as CSV",
    description=f"Like `exportPlan`, with the columns {', '.join(COLUMNS)}.",
    operation_id="exportPlanAsCsv",
    tags=TAGS,
    responses={**documented(404), 200: {"description": "The rows.", "content": TABLE}},
)
def export_csv(
    persona_id: PersonaId, access: Viewer, services: Wired, start: MaybeFrom = None, end: MaybeTo = None
) -> Response[str]:
    rows = _exported(services, access.persona(persona_id), start, end)
    return Response(HTTPStatus.OK.value, CSV, to_csv(rows))


@routes.post(
    "/personas/<persona_id>/planned.csv",
    summary="Import a plan from CSV",
    description=(
        f"The first line names any of the columns {', '.join(COLUMNS)}. Tags and connections in one cell are separated "
        "by spaces. Otherwise like `importPlan`."
    ),
    operation_id="importPlanFromCsv",
    tags=TAGS,
    responses=documented(404, _200="The result of each row."),
)
def import_csv(
    *,
    persona_id: PersonaId,
    access: Author,
    services: Wired,
    table: Annotated[str, Depends(body_text)],
    dry_run: DryRun = False,
) -> PlanReportResponse:
    persona = access.persona(persona_id)
    rows: list[PlanRowRequest] = []
    numbers: list[int] = []
    refused: list[PlannedRow] = []
    for number, cells in enumerate(from_csv(table), start=1):
        try:
            rows.append(PlanRowRequest.model_validate(cells))
            numbers.append(number)
        except ValidationError as error:
            detail = "; ".join(f"{'.'.join(map(str, broken['loc']))}: {broken['msg']}" for broken in error.errors())
            refused.append(PlannedRow(row=number, kind="invalid", detail=detail))
    planned = services.plan_importer.apply(persona, rows, dry_run=dry_run, created_by=access.principal)
    renumbered = [row.model_copy(update={"row": number}) for row, number in zip(planned, numbers, strict=True)]
    return _report(tuple(sorted((*renumbered, *refused), key=lambda row: row.row)), dry_run=dry_run)


def _exported(services: Services, persona: Persona, start: MaybeFrom, end: MaybeTo) -> tuple[PlanRow, ...]:
    begin = start or services.clock.now()
    first, last = span(begin, end or begin + MAX_FUTURE + timedelta(days=1), persona.zone)
    return export_plan(services.schedules, services.posts, persona, (first, last))


def _report(rows: tuple[PlannedRow, ...], *, dry_run: bool) -> PlanReportResponse:
    refused = sum(1 for row in rows if row.kind is not None)
    unchanged = sum(1 for row in rows if row.result == "unchanged")
    return PlanReportResponse(
        dry_run=dry_run, planned=len(rows) - refused, unchanged=unchanged, refused=refused, rows=rows
    )
