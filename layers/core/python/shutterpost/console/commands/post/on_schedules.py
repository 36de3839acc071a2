"""Actions on each of a post's schedules."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, ApiResponse, segment
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    apply_to_each,
    find_post,
    select_schedules,
)
from shutterpost.console.commands.arguments import (
    api_client,
    leave,
    local_time,
)
from shutterpost.console.output import render
from shutterpost.console.output.holds import note_holds
from shutterpost.console.output.post_tables import show_schedules

Zone = Annotated[str | None, typer.Option(help="IANA zone of --at. Default: the schedule's.")]
WAITING = ("pending", "queued")
ACTIVE = (*WAITING, "processing")
ENDED = ("failed", "skipped")


def act_on_each(
    context: typer.Context,
    name: str,
    persona_name: str | None,
    connections: list[str] | None,
    *,
    statuses: Iterable[str],
    act: Callable[[ApiClient, Json], ApiResponse],
    as_json: bool | None,
) -> None:
    api = api_client(context)
    post = find_post(api, name, persona_name)
    responses, refused = apply_to_each(
        select_schedules(post, name, connections, statuses), lambda schedule: act(api, schedule)
    )
    document = {
        "post_id": post["post_id"],
        "schedules": [response.body for response in responses],
        "refused": refused,
    }

    respond_acted(document, accepted=any(response.accepted for response in responses), as_json=as_json)
    leave_if_refused(refused)


def respond_acted(document: Json, *, accepted: bool, as_json: bool | None) -> None:
    """Print a post's schedules after an action, whose rest may be done in the background."""

    def show() -> None:
        show_schedules(document["schedules"], title=document["post_id"])
        if accepted:
            command = f"shutterpost post show {document['post_id']}"
            render.line(f"The work continues in the background; follow it with: {command}", style="dim")

    render.respond(document, show, as_json=as_json)
    for schedule in document["schedules"]:
        note_holds([schedule], schedule["zone"])


def schedule_path(schedule: Json) -> str:
    return f"/schedules/{segment(schedule['schedule_id'])}"


def time_fields(schedule: Json, at: str | None, zone: str | None) -> dict[str, Any]:
    if at is None:
        return {}
    return {"at": local_time(at, zone or schedule["zone"]), **({"zone": zone} if zone else {})}


def leave_if_refused(refused: list[Json]) -> None:
    for refusal in refused:
        render.error(f"{refusal['schedule_id']}: {refusal['detail']} [{refusal['kind']}]")
    if refused:
        leave(ExitCode.REFUSED)
