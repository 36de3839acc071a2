"""`shutterpost status|sync|pause|resume`: the state of everything, and the global switches."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from shlex import quote
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.checks.post_needs import post_needs
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    NO_PERSONA,
    active_connections,
    find_persona,
    find_personas,
    list_calendar,
    list_connections,
    persona_path,
    take,
)
from shutterpost.console.client.parallel import run_parallel
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, leave
from shutterpost.console.output import render
from shutterpost.console.output.holds import held_because, note_started, status_text
from shutterpost.console.output.post_texts import name_of, short_id
from shutterpost.console.output.repairs import reconnect_command, reset_command
from shutterpost.console.output.times import format_time, pause_start

_SPAN = timedelta(days=30)
_MAX_SHOWN = 5
_PUBLISHED, _UPCOMING = {"success"}, {"pending", "queued", "processing", "unknown"}
_TOKEN_WARNING_DAYS = 15
_RECENT = timedelta(days=7)
_MAX_REJECTED = 100


def status(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show what was published, what is next, and what needs you."""
    api = api_client(context)
    personas = find_personas(api, persona_name)
    now = datetime.now(UTC)
    entries: list[Json]
    pause_state: Json
    entries, pause_state, *answers = run_parallel(
        [
            partial(_calendar, api, personas, now),
            partial(api.get, "/pause"),
            *(partial(list_connections, api, persona) for persona in personas),
            *(partial(api.get, persona_path(persona)) for persona in personas),
            *(partial(_rejected, api, persona) for persona in personas),
        ]
    )
    count = len(personas)
    connections, runways, rejected = answers[:count], answers[count : 2 * count], answers[2 * count :]
    went_out, upcoming = published_and_next(entries)
    document: Json = {
        "api_url": api.deployment.api_url,
        "pause": pause_state,
        "went_out": went_out[:_MAX_SHOWN],
        "next": upcoming[:_MAX_SHOWN],
        "next_count": len(upcoming),
        "offers": _offers(upcoming),
        "needs_you": [
            *_pause_needs(pause_state, personas),
            *post_needs(entries, personas, chain.from_iterable(connections), now),
            *chain.from_iterable(map(partial(_persona_needs, now), personas, connections, runways, rejected)),
        ],
    }
    render.respond(document, lambda: _show(document, personas), as_json=json_)


def published_and_next(entries: list[Json]) -> tuple[list[Json], list[Json]]:
    """The calendar's entries that were published, latest first, and those that are still to be, earliest first."""
    published = [entry for entry in reversed(entries) if entry["status"] in _PUBLISHED]
    return published, [entry for entry in entries if entry["status"] in _UPCOMING]


def sync(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Query the platforms for the status of every open post now; without --persona, for all personas."""
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/sync" if persona_name else "/sync"
    report: Json = api.post(path).body

    def show() -> None:
        render.line(f"{report['looked_at']} schedules checked, {len(report['updated'])} changed.")
        rows = [
            (update["schedule_id"], update["before"], update["after"], update["reason"] or update["external_url"])
            for update in report["updated"]
        ]
        render.table(("schedule", "before", "after", "result"), rows, empty="No status has changed.")

    render.respond(report, show, as_json=json_)
    if report["pending"]:
        render.note(f"Still in progress: {', '.join(report['pending'])}; it continues in the background.")
    if report["not_started"]:
        render.error(
            f"Not started: {', '.join(report['not_started'])}; repeat the command, or wait for the scheduled job."
        )
        leave(ExitCode.REFUSED)


def pause(
    context: typer.Context,
    reason: Annotated[
        str | None, typer.Argument(help="The reason, for other operators; without it, show the current state.")
    ] = None,
    *,
    json_: AsJson = None,
) -> None:
    """Pause picking and publishing of all personas until resumed; without a reason, show whether it is paused."""
    api = api_client(context)
    state: Json = api.put("/pause", {"reason": reason}).body if reason else api.get("/pause")
    render.respond(state, lambda: render.line(_pause_text(state, find_personas(api, None))), as_json=json_)


def resume(context: typer.Context, *, json_: AsJson = None) -> None:
    """End the pause, and start what is due; what is late follows its persona's late policy."""
    state: Json = api_client(context).delete("/pause").body
    render.respond(state, lambda: render.line(_pause_text(state, [])), as_json=json_)
    note_started(state["posts"])


def _show(document: Json, personas: list[Json]) -> None:
    if not personas:
        render.line(NO_PERSONA)
        return
    zones = {persona["persona_id"]: persona["zone"] for persona in personas}
    render.line(document["api_url"], style="dim")
    for name, title, empty in (
        ("went_out", "Published", "No post in the last 30 days."),
        ("next", "Next", "No post is scheduled; show the forecast of the slots with: shutterpost plan."),
    ):
        rows = [_row(entry, zones[entry["persona_id"]]) for entry in document[name]]
        render.line(title, style="bold")
        render.table(("when", "where", "status", "photo", "what", "post", "held because"), rows, empty=empty)
    if document["next_count"] > _MAX_SHOWN:
        render.line(f"And {document['next_count'] - _MAX_SHOWN} more in 30 days: shutterpost calendar", style="dim")
    for offer in document["offers"]:
        render.line(f"{offer['what']}: {offer['why']}")
        render.line(f"  {offer['do']}", style="dim")
    render.line("Needs you", style="bold")
    for need in document["needs_you"]:
        render.line(f"{need['what']}: {need['why']}")
        render.line(f"  {' or: '.join(filter(None, (need['do'], need.get('or'))))}", style="dim")
    if not document["needs_you"]:
        render.line("Nothing.")


def _pause_text(state: Json, personas: Iterable[Json]) -> str:
    return (
        f"Paused since {pause_start(state, personas)}: {state['reason']}" if state["paused"] else "Nothing is paused."
    )


def _calendar(api: ApiClient, personas: list[Json], now: datetime) -> list[Json]:
    only = {"persona": personas[0]["persona_id"]} if len(personas) == 1 else {}
    return list_calendar(api, (now - _SPAN).isoformat(), (now + _SPAN).isoformat(), "UTC", **only) if personas else []


def _row(entry: Json, zone: str) -> tuple[str, ...]:
    return (
        format_time(entry["run_at"], zone),
        entry["channel"],
        status_text(entry, zone),
        name_of(entry),
        entry["title"] or entry["caption"],
        short_id(entry["post_id"]),
        held_because([entry]),
    )


def _offers(upcoming: Iterable[Json]) -> list[Json]:
    posts = {entry["post_id"]: entry for entry in upcoming if entry["offered_names"]}
    return [
        _need(name_of(entry), f"can be a carousel with {', '.join(entry['offered_names'])}", f"post carousel {post_id}")
        for post_id, entry in posts.items()
    ]


def _rejected(api: ApiClient, persona: Json) -> list[Json]:
    return take(api.pages(f"{persona_path(persona)}/rejected", "rejected"), _MAX_REJECTED)


def _pause_needs(state: Json, personas: Iterable[Json]) -> Iterator[Json]:
    if state["paused"]:
        yield _need("everything", _pause_text(state, personas), "resume")


def _persona_needs(
    now: datetime, persona: Json, connections: Iterable[Json], details: Json, rejected: Iterable[Json]
) -> Iterator[Json]:
    name, whole = persona["name"], details["runway"]["whole"]
    yield from _connection_needs(persona, connections)
    if persona["slots"] and whole["level"] != "ready":
        why = f"{whole['photos']} photos left, for {whole['days'] or 0} days"
        if whole["not_allowed"]:
            why += f"; {whole['not_allowed']} more have no analysis, and allow_provisional is false"
        yield _need(f"library of {name}", why, f"photos import FOLDER --persona {quote(name)}")
    recent = [file for file in rejected if datetime.fromisoformat(file["at"]) > now - _RECENT]
    if recent:
        why = f"{len(recent)} rejected in the last {_RECENT.days} days"
        yield _need(f"files of {name}", why, f"photos rejected --persona {quote(name)}")


def _connection_needs(persona: Json, connections: Iterable[Json]) -> Iterator[Json]:
    name, active = persona["name"], active_connections(connections)
    if not active:
        yield _need(name, "no account is connected", f"connections add CHANNEL ACCOUNT_ID --persona {quote(name)}")
    for connection in active:
        command = reconnect_command(connection, name).removeprefix("shutterpost ")
        left, what = connection["token_days_left"], f"{connection['display_name']} of {name}"
        circuit = connection["circuit"]
        if circuit is not None:
            until = format_time(circuit["until"], persona["zone"])
            why = f"its posts are held until {until} ({persona['zone']}), because several failed: {circuit['reason']}"
            yield _need(what, why, reset_command(connection, name).removeprefix("shutterpost "))
        if connection["status"] == "error":
            yield _need(what, connection["status_reason"] or "its token does not work", command)
        elif left is not None and left < _TOKEN_WARNING_DAYS:
            yield _need(what, f"its token expires in {left} days", command)


def _need(what: str, why: str, do: str) -> Json:
    return {"what": what, "why": why, "do": f"shutterpost {do}"}
