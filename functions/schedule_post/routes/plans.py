"""Plans in and out, as JSON and as CSV."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import Depends, Request, Response
from pydantic import ValidationError

from schedule_post.http.ranges import MaybeFrom, MaybeTo, span
from schedule_post.http.requests import NewPlan, NewPost
from schedule_post.http.router import Owner, PersonaId, Routes, says
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Services, Wired
from shutterpost.flows.posting.plan_files import COLUMNS, PlannedRow, export_plan, from_csv, import_plan, to_csv
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.posting.scheduled_time import MAX_FUTURE
from shutterpost.personas import Persona
from shutterpost.runtime.values import Value

routes = Routes()
TAGS = ["Plans"]
CSV: Final = "text/csv"
TABLE: Final[dict[str, Any]] = {
    CSV: {
        "schema": {"type": "string"},
        "example": "photo,at,zone,caption\r\nDSC_0042.jpg,2026-11-21T18:30:00,Europe/Paris,Morning fog.\r\n",
    }
}
"""What a table looks like; its columns are any of `COLUMNS`."""


class Plan(Value):
    """Rows that can be imported again, here or elsewhere."""

    rows: tuple[PhotoRequest, ...]


class PlanReport(Value):
    """What became of each row; `refused` counts those that were."""

    dry_run: bool
    planned: int
    refused: int
    rows: tuple[PlannedRow, ...]


def body_text(request: Request) -> str:
    """The body as it was sent; admission has read it as UTF-8."""
    return request.resolved_event.decoded_body or ""


@routes.get(
    "/personas/<persona_id>/planned",
    summary="Export a plan",
    description="What is to go out from `from` (default: now) to `to` (default: all that is planned), up to 100 rows.",
    operation_id="exportPlan",
    tags=TAGS,
    responses=says(404, _200="The rows."),
)
def export(persona_id: PersonaId, owner: Owner, services: Wired, start: MaybeFrom = None, end: MaybeTo = None) -> Plan:
    """A persona's plan as JSON."""
    return Plan(rows=_exported(services, services.personas.get(persona_id, owner), start, end))


@routes.post(
    "/personas/<persona_id>/planned",
    summary="Import a plan",
    description=(
        "Opens a post per row. A row that was imported before finds its post, and one that is refused keeps no other "
        "back, so a corrected plan can be sent again whole."
    ),
    operation_id="importPlan",
    tags=TAGS,
    responses=says(404, _200="What became of each row."),
)
def import_json(
    *, persona_id: PersonaId, body: NewPlan, owner: Owner, services: Wired, dry_run: DryRun = False
) -> PlanReport:
    """Plan the rows of a JSON body."""
    return _imported(services, services.personas.get(persona_id, owner), body.rows, dry_run=dry_run)


@routes.get(
    "/personas/<persona_id>/planned.csv",
    summary="Export a plan as CSV",
    description=f"As the JSON one, with the columns {', '.join(COLUMNS)}.",
    operation_id="exportPlanAsCsv",
    tags=TAGS,
    responses={**says(404), 200: {"description": "The table.", "content": TABLE}},
)
def export_csv(
    persona_id: PersonaId, owner: Owner, services: Wired, start: MaybeFrom = None, end: MaybeTo = None
) -> Response[str]:
    """A persona's plan as CSV."""
    rows = _exported(services, services.personas.get(persona_id, owner), start, end)
    return Response(HTTPStatus.OK.value, CSV, to_csv(rows))


@routes.post(
    "/personas/<persona_id>/planned.csv",
    summary="Import a plan from CSV",
    description=(
        f"A first line that names any of the columns {', '.join(COLUMNS)}; several tags or connections in one cell are "
        "separated by spaces. Else as the JSON one."
    ),
    operation_id="importPlanFromCsv",
    tags=TAGS,
    responses=says(404, _200="What became of each row."),
)
def import_csv(
    *,
    persona_id: PersonaId,
    owner: Owner,
    services: Wired,
    table: Annotated[str, Depends(body_text)],
    dry_run: DryRun = False,
) -> PlanReport:
    """Plan the rows of a CSV body; those that break a rule are refused one by one."""
    persona = services.personas.get(persona_id, owner)
    rows: list[NewPost] = []
    numbers: list[int] = []
    refused: list[PlannedRow] = []
    for number, cells in enumerate(from_csv(table), start=1):
        try:
            rows.append(NewPost.model_validate(cells))
            numbers.append(number)
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            refused.append(PlannedRow(row=number, kind="invalid", detail=told))
    planned = import_plan(services.scheduler, persona, rows, dry_run=dry_run)
    renumbered = [one.model_copy(update={"row": number}) for one, number in zip(planned, numbers, strict=True)]
    return _report(tuple(sorted((*renumbered, *refused), key=lambda one: one.row)), dry_run=dry_run)


def _exported(services: Services, persona: Persona, start: MaybeFrom, end: MaybeTo) -> tuple[PhotoRequest, ...]:
    begin = start or services.scheduler.clock.now()
    first, last = span(begin, end or begin + MAX_FUTURE + timedelta(days=1), persona.zone)
    return export_plan(services.scheduler, persona, first, last)


def _imported(services: Services, persona: Persona, rows: tuple[NewPost, ...], *, dry_run: bool) -> PlanReport:
    return _report(import_plan(services.scheduler, persona, rows, dry_run=dry_run), dry_run=dry_run)


def _report(rows: tuple[PlannedRow, ...], *, dry_run: bool) -> PlanReport:
    refused = sum(1 for row in rows if row.kind is not None)
    return PlanReport(dry_run=dry_run, planned=len(rows) - refused, refused=refused, rows=rows)
