"""Publications that Shutterpost did not make."""

from schedule_post.access import Operator
from schedule_post.http.requests.photos import RecordHistoryRequest
from schedule_post.http.router import PersonaId, Routes, documented
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Wired
from shutterpost.flows.records.history import HistoryReport

routes = Routes()


@routes.post(
    "/personas/<persona_id>/history",
    summary="Record earlier publications",
    description=(
        "Stores each row as a published post (`origin` is `history`) and claims its photo on the connection, so that "
        "it is not published there again. A row that is already recorded returns its post, and a refused row does not "
        "affect the others, so that a corrected file can be sent again as a whole. Calls no platform."
    ),
    operation_id="recordHistory",
    tags=["Posts"],
    responses=documented(404, _200="The result of each row."),
)
def record(
    *, persona_id: PersonaId, body: RecordHistoryRequest, access: Operator, services: Wired, dry_run: DryRun = False
) -> HistoryReport:
    persona = access.persona(persona_id)
    return services.history.record(persona, body.rows, dry_run=dry_run, created_by=access.principal)
