"""What went out before Shutterpost did it."""

from schedule_post.http.requests import NewHistory
from schedule_post.http.router import Owner, PersonaId, Routes, says
from schedule_post.routes.posts import DryRun
from schedule_post.wiring import Wired
from shutterpost.flows.posting.history import HistoryReport, record_history

routes = Routes()


@routes.post(
    "/personas/<persona_id>/history",
    summary="Record what went out before",
    description=(
        "Keeps each row as a post that is out (`origin` is `history`) with its photo's claim on the connection, so it "
        "does not go out there again. A row that was recorded before finds its post, and one that is refused keeps "
        "no other back, so a corrected table can be sent again whole. Nothing is asked of the platform."
    ),
    operation_id="recordHistory",
    tags=["Posts"],
    responses=says(404, _200="What became of each row."),
)
def record(
    *, persona_id: PersonaId, body: NewHistory, owner: Owner, services: Wired, dry_run: DryRun = False
) -> HistoryReport:
    """Record what a persona posted elsewhere."""
    persona = services.personas.get(persona_id, owner)
    return record_history(services.scheduler, persona, body.rows, dry_run=dry_run)
