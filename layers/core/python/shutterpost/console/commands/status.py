"""`shutterpost status|sync|pause|resume`: the state of everything, and the global switches."""

from collections.abc import Iterable
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    NO_PERSONA,
    find_persona,
    find_personas,
    persona_path,
)
from shutterpost.console.commands.arguments import AsJson, PersonaName, api_client, leave
from shutterpost.console.output import render
from shutterpost.console.output.holds import held_because, note_started, status_text
from shutterpost.console.output.needs import shown_need
from shutterpost.console.output.post_texts import name_of, short_id, where_of
from shutterpost.console.output.times import format_time, pause_start


def status(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show what was published, what is next, and what needs you."""
    api = api_client(context)
    only = {"persona": find_persona(api, persona_name)["persona_id"]} if persona_name else {}
    overview: Json = api.get("/overview", **only)
    personas: list[Json] = overview["personas"]
    names = {persona["persona_id"]: persona["name"] for persona in personas}
    paused = overview["pause"] or {}
    document: Json = {
        "api_url": api.deployment.api_url,
        "pause": {"paused": bool(paused), "reason": None, "since": None, **paused},
        "went_out": overview["published"],
        "next": overview["next"],
        "next_count": overview["next_count"],
        "offers": [_offer(offer) for offer in overview["offers"]],
        "needs_you": [shown_need(need, names, {**paused, "zones": personas}) for need in overview["needs"]],
    }
    render.respond(document, lambda: _show(document, personas), as_json=json_)


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
    more = document["next_count"] - len(document["next"])
    if more:
        render.line(f"And {more} more in 30 days: shutterpost calendar", style="dim")
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


def _row(entry: Json, zone: str) -> tuple[str, ...]:
    return (
        format_time(entry["run_at"], zone),
        where_of(entry),
        status_text(entry, zone),
        name_of(entry),
        entry["title"] or entry["caption"],
        short_id(entry["post_id"]),
        held_because([entry]),
    )


def _offer(offer: Json) -> Json:
    names = ", ".join(offer["offered_names"])
    do = f"shutterpost post carousel {offer['post_id']}"
    return {"what": offer["name"], "why": f"can be a carousel with {names}", "do": do}
