"""`shutterpost post move`, `swap`, `reschedule` and `reroute`: other times and connections for posts."""

from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient, ApiResponse, segment
from shutterpost.console.client.exit_codes import OptionMissing
from shutterpost.console.client.lookup import (
    find_connection,
    find_connection_ids,
    find_persona,
    find_post,
)
from shutterpost.console.client.times import TIME_HELP
from shutterpost.console.commands.arguments import (
    AsJson,
    ConnectionNames,
    PersonaName,
    PostName,
    api_client,
)
from shutterpost.console.commands.post.creating import posts
from shutterpost.console.commands.post.on_schedules import (
    ACTIVE,
    WAITING,
    Zone,
    act_on_each,
    schedule_path,
    time_fields,
)
from shutterpost.console.output import render
from shutterpost.console.output.holds import note_holds
from shutterpost.console.output.post_tables import show_schedules


@posts.command(epilog="Example: shutterpost post move p3f2a --at 'sun 10:00'")
def move(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    at: Annotated[str | None, typer.Option(help=TIME_HELP)] = None,
    to_now: Annotated[bool, typer.Option("--now", help="Publish it at once.")] = False,
    zone: Zone = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Move a post to another time; what Buffer already holds is withdrawn first."""
    if (at is None) is not to_now:
        raise OptionMissing("Use either --at or --now.", field="at")

    def act(api: ApiClient, schedule: Json) -> ApiResponse:
        path = schedule_path(schedule)
        if to_now:
            return api.post(f"{path}/publish-now")
        return api.post(f"{path}/move", time_fields(schedule, at, zone))

    act_on_each(context, post, persona_name, connection, statuses=ACTIVE, act=act, as_json=json_)


@posts.command(epilog="Example: shutterpost post reschedule p3f2a --at 'sun 10:00'")
def reschedule(
    context: typer.Context,
    post: PostName,
    *,
    persona_name: PersonaName = None,
    at: Annotated[str | None, typer.Option(help=f"{TIME_HELP} Default: now.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of --at. Default: the persona's.")] = None,
    connection: ConnectionNames = None,
    variant: Annotated[
        list[str] | None, typer.Option(help="Id of the variant to publish, where a connection has several; repeatable.")
    ] = None,
    json_: AsJson = None,
) -> None:
    """Schedule a draft, or a cancelled post again."""
    api = api_client(context)
    existing = find_post(api, post, persona_name)
    persona = find_persona(api, existing["persona_id"])
    body = {
        **time_fields({"zone": persona["zone"]}, at, zone),
        "connection_ids": find_connection_ids(api, persona, connection),
        "variant_ids": variant or [],
    }
    scheduled = api.post(f"/posts/{segment(existing['post_id'])}/schedule", body).body
    render.respond(scheduled, lambda: show_schedules(scheduled["schedules"], title=scheduled["post_id"]), as_json=json_)
    note_holds(scheduled["schedules"], persona["zone"])


@posts.command(epilog="Example: shutterpost post reroute p3f2a buffer --connection instagram")
def reroute(
    context: typer.Context,
    post: PostName,
    to: Annotated[str, typer.Argument(help="Id, name or channel of the new connection.")],
    *,
    persona_name: PersonaName = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Publish a waiting post on another connection, at the same time."""
    api = api_client(context)
    persona = find_persona(api, find_post(api, post, persona_name)["persona_id"])
    body = {"connection_id": find_connection(api, persona, to)["connection_id"]}
    act_on_each(
        context,
        post,
        persona_name,
        connection,
        statuses=WAITING,
        act=lambda api, schedule: api.post(f"{schedule_path(schedule)}/change-connection", body),
        as_json=json_,
    )
