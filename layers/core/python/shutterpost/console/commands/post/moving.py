"""`shutterpost post move`, `swap`, `reschedule` and `reroute`: other times and connections for posts."""

from datetime import UTC, datetime
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
from shutterpost.console.client.times import TIME_HELP, parse_date
from shutterpost.console.commands.arguments import (
    AsJson,
    ConnectionNames,
    PersonaName,
    PostName,
    api_client,
    local_time,
)
from shutterpost.console.commands.post.creating import posts
from shutterpost.console.commands.post.on_schedules import (
    ACTIVE,
    WAITING,
    Zone,
    act_on_each,
    respond_acted,
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
    slot: Annotated[str | None, typer.Option(help="A slot of the persona, such as 'sun 10:00'.")] = None,
    day: Annotated[
        str | None, typer.Option(help="A day, such as sun: its first free slot, else the same time.")
    ] = None,
    to_now: Annotated[bool, typer.Option("--now", help="Publish it at once.")] = False,
    zone: Zone = None,
    connection: ConnectionNames = None,
    json_: AsJson = None,
) -> None:
    """Move a post to another time, on all connections or on none; what Buffer already holds is withdrawn first."""
    if [at is not None, slot is not None, day is not None, to_now].count(True) != 1:
        raise OptionMissing("Use either --at, --slot, --day or --now.", field="at")
    names_one = bool(connection) or "-" in post
    if names_one and (slot or day) is not None:
        raise OptionMissing("A whole post moves to a slot or day; leave --connection out, or use --at.", field="slot")
    if not (to_now or names_one):
        _move_whole(context, post, persona_name, {"at": at, "slot": slot, "day": day}, zone, as_json=json_)
        return

    def act(api: ApiClient, schedule: Json) -> ApiResponse:
        path = schedule_path(schedule)
        if to_now:
            return api.post(f"{path}/publish-now")
        return api.post(f"{path}/move", time_fields(schedule, at, zone))

    act_on_each(context, post, persona_name, connection, statuses=ACTIVE, act=act, as_json=json_)


@posts.command(epilog="Example: shutterpost post swap p3f2a p81c0")
def swap(
    context: typer.Context,
    post: PostName,
    other: Annotated[str, typer.Argument(help="The post to exchange times with.")],
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Exchange the times and slots of two waiting posts."""
    api = api_client(context)
    post_id, other_id = (find_post(api, name, persona_name)["post_id"] for name in (post, other))
    swapped = api.post(f"/posts/{segment(post_id)}/swap", {"with": other_id}).body

    def show() -> None:
        for item in swapped["posts"]:
            show_schedules(item["schedules"], title=item["post_id"])

    render.respond(swapped, show, as_json=json_)


def _move_whole(
    context: typer.Context,
    name: str,
    persona_name: str | None,
    target: dict[str, str | None],
    zone: str | None,
    *,
    as_json: bool | None,
) -> None:
    api = api_client(context)
    post = find_post(api, name, persona_name)
    by_rules = target["slot"] or target["day"]
    own = find_persona(api, post["persona_id"]) if by_rules else next(iter(post["schedules"]), {"zone": "UTC"})
    in_zone = zone or own["zone"]
    body = {field: local_time(text, in_zone) for field, text in target.items() if text is not None and field != "day"}
    if target["day"] is not None:
        body["day"] = parse_date(target["day"], in_zone, datetime.now(UTC)).isoformat()
    response = api.post(f"/posts/{segment(post['post_id'])}/move", body | ({"zone": zone} if zone else {}))
    moved = {"post_id": post["post_id"], "schedules": response.body["schedules"], "refused": []}
    respond_acted(moved, accepted=response.accepted, as_json=as_json)


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
