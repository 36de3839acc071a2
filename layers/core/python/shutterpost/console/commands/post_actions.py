"""The operator's hand on what is on its way: `shutterpost post move`, `cancel`, `retry`, `resolve` and their like."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from shutterpost.console.client.api_client import ApiClient, ApiResponse, segment
from shutterpost.console.client.arguments import (
    AsJson,
    ConnectionsResponse,
    Json,
    Persona,
    api_client,
    connection_of,
    connections_of,
    each,
    leave,
    path_of,
    persona_of,
    post_of,
    schedules_of,
)
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.commands.posts import AT, WordMissing, posts
from shutterpost.console.output import render
from shutterpost.console.output.post_tables import show_schedules
from shutterpost.console.output.times import meant

Post = Annotated[str, typer.Argument(help="Id of a post or schedule, or its first 4 or more characters.")]
Zone = Annotated[str | None, typer.Option(help="IANA zone of --at; default: the schedule's.")]
_WAITING = ("pending", "queued")
_ON_ITS_WAY = (*_WAITING, "processing")
_ENDED = ("failed", "skipped")


@posts.command(epilog="Example: shutterpost post move p3f2a --at 'sun 10:00'")
def move(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    at: Annotated[str | None, typer.Option(help=AT)] = None,
    to_now: Annotated[bool, typer.Option("--now", help="Let it go out at once.")] = False,
    zone: Zone = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Let a post go out at another time; what Buffer already holds is withdrawn first."""
    if (at is None) is not to_now:
        raise WordMissing("Say either --at or --now.", field="at")

    def act(reach: ApiClient, one: Json) -> ApiResponse:
        path = _path(one)
        if to_now:
            return reach.post(f"{path}/publish-now")
        return reach.post(f"{path}/move", _when(one, at, zone))

    _act(context, post, persona, connection, statuses=_ON_ITS_WAY, act=act, as_json=json_)


@posts.command(epilog="Example: shutterpost post reschedule p3f2a --at 'sun 10:00'")
def reschedule(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    at: Annotated[str | None, typer.Option(help=f"{AT} Default: now.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of --at; default: the persona's.")] = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Give a draft its time, or what was cancelled a new one."""
    reach = api_client(context)
    found = post_of(reach, post, persona)
    whose = persona_of(reach, found["persona_id"])
    when = _when({"zone": whose["zone"]}, at, zone)
    wish = {**when, "connection_ids": connections_of(reach, whose, connection)}
    told = reach.post(f"/posts/{segment(found['post_id'])}/schedule", wish).body
    render.answer(told, lambda: show_schedules(told["schedules"], title=told["post_id"]), as_json=json_)


@posts.command(epilog="Example: shutterpost post reroute p3f2a buffer --connection instagram")
def reroute(
    context: typer.Context,
    post: Post,
    to: Annotated[str, typer.Argument(help="Id, name or channel of the connection it is to go out by.")],
    *,
    persona: Persona = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Let a post go out by another connection, at the same instant."""
    reach = api_client(context)
    whose = persona_of(reach, post_of(reach, post, persona)["persona_id"])
    body = {"connection_id": connection_of(reach, whose, to)["connection_id"]}
    _act(
        context,
        post,
        persona,
        connection,
        statuses=_WAITING,
        act=lambda reach, one: reach.post(f"{_path(one)}/change-connection", body),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post cancel p3f2a --connection buffer")
def cancel(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Cancel what has not gone out yet; what is live stays."""
    _act(
        context,
        post,
        persona,
        connection,
        statuses=_ON_ITS_WAY,
        act=lambda reach, one: reach.post(f"{_path(one)}/cancel"),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post retry --code 190/460")
def retry(
    context: typer.Context,
    post: Annotated[
        str | None, typer.Argument(help="Id of a post or schedule; default: all that failed by --class or --code.")
    ] = None,
    *,
    persona: Persona = None,
    at: Annotated[str | None, typer.Option(help=f"{AT} Default: its own time, or now.")] = None,
    zone: Zone = None,
    connection: ConnectionsResponse = None,
    error_class: Annotated[str | None, typer.Option("--class", help="retryable, permanent or ambiguous.")] = None,
    code: Annotated[str | None, typer.Option(help="The error's code, as post show tells it.")] = None,
    json_: AsJson = None,
) -> None:
    """Try again what failed or was skipped; never twice, and never in a burst."""
    if post is not None:
        _act(
            context,
            post,
            persona,
            connection,
            statuses=_ENDED,
            act=lambda reach, one: reach.post(f"{_path(one)}/retry", _when(one, at, zone)),
            as_json=json_,
        )
        return
    if error_class is None and code is None:
        raise WordMissing("Say which post, or --class or --code of the error.", field="post")
    reach = api_client(context)
    found = _retry_all(reach, persona_of(reach, persona), error_class, code)
    words = f"{len(found['retried'])} tried again, {len(found['refused'])} refused."
    render.answer(found, lambda: render.say(words), as_json=json_)
    _leave_with(found["refused"])


@posts.command(epilog="Example: shutterpost post resolve p3f2a --live https://www.instagram.com/p/ABC/")
def resolve(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    live: Annotated[str | None, typer.Option(help="It is live, at this address.")] = None,
    not_live: Annotated[bool, typer.Option("--not-live", help="It is not live; it can be retried then.")] = False,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Say what became of a post whose outcome is unknown; sync applies it within a minute."""
    if (live is None) is not not_live:
        raise WordMissing("Say either --live ADDRESS or --not-live.", field="live")
    word: Json = {"live_url": live} if live else {"not_live": True}
    _act(
        context,
        post,
        persona,
        connection,
        statuses=("unknown",),
        act=lambda reach, one: reach.post(f"{_path(one)}/resolve", word),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post skip p3f2a --reason 'Not this week.'")
def skip(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    reason: Annotated[str | None, typer.Option(help="Why, for who reads it later.")] = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Let what waits not go out, and free its photo; it can be retried."""
    _act(
        context,
        post,
        persona,
        connection,
        statuses=_WAITING,
        act=lambda reach, one: reach.post(f"{_path(one)}/skip", {"reason": reason} if reason else {}),
        as_json=json_,
    )


@posts.command(epilog="Example: shutterpost post remove p3f2a --connection instagram")
def remove(
    context: typer.Context,
    post: Post,
    *,
    persona: Persona = None,
    connection: ConnectionsResponse = None,
    json_: AsJson = None,
) -> None:
    """Take a live post down where the platform lets us; else say where to do it by hand, and end with 1."""
    reach = api_client(context)
    found = post_of(reach, post, persona)
    done, refused = each(
        schedules_of(found, post, connection, ("success",)), lambda one: reach.post(f"{_path(one)}/remove").body
    )
    rows = [(one["removed"], one["detail"], one["external_url"]) for one in done]
    told = {"post_id": found["post_id"], "removals": done, "refused": refused}
    render.answer(told, lambda: render.table(("removed", "what was found", "where"), rows), as_json=json_)
    _leave_with(refused)
    if not all(one["removed"] for one in done):
        leave(Exit.REFUSED)


def _act(
    context: typer.Context,
    wanted: str,
    persona: str | None,
    connections: list[str] | None,
    *,
    statuses: Iterable[str],
    act: Callable[[ApiClient, Json], ApiResponse],
    as_json: bool | None,
) -> None:
    """Do `act` to the post's schedules in one of `statuses`, and tell how they are then."""
    reach = api_client(context)
    post = post_of(reach, wanted, persona)
    done, refused = each(schedules_of(post, wanted, connections, statuses), lambda one: act(reach, one))
    told = {"post_id": post["post_id"], "schedules": [answer.body for answer in done], "refused": refused}

    def people() -> None:
        show_schedules(told["schedules"], title=post["post_id"])
        if any(answer.accepted for answer in done):
            render.say(f"It goes on by itself; follow it with: shutterpost post show {post['post_id']}", style="dim")

    render.answer(told, people, as_json=as_json)
    _leave_with(refused)


def _retry_all(reach: ApiClient, persona: Json, error_class: str | None, code: str | None) -> Json:
    given = {"error_class": error_class, "error_code": code, "cursor": None}
    retried: list[str] = []
    refused: list[Json] = []
    while True:
        page = reach.post(f"{path_of(persona)}/retry", {name: value for name, value in given.items() if value}).body
        retried += page["retried"]
        refused += page["refused"]
        given["cursor"] = page["cursor"]
        if page["cursor"] is None:
            return {"retried": retried, "refused": refused}


def _path(schedule: Json) -> str:
    return f"/schedules/{segment(schedule['schedule_id'])}"


def _when(schedule: Json, at: str | None, zone: str | None) -> dict[str, Any]:
    if at is None:
        return {}
    told = meant(at, zone or schedule["zone"], datetime.now(UTC))
    return {"at": told, **({"zone": zone} if zone else {})}


def _leave_with(refused: list[Json]) -> None:
    for one in refused:
        render.wrong(f"{one['schedule_id']}: {one['detail']} [{one['kind']}]")
    if refused:
        leave(Exit.REFUSED)
