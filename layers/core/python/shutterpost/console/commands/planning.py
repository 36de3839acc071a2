"""`shutterpost pick|plan|calendar|explain|runway`: picks, forecasts and the calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import find_persona, find_photo, list_calendar, persona_path
from shutterpost.console.client.times import TimeUnclear, parse_date, parse_time
from shutterpost.console.commands.arguments import AsJson, PersonaName, PhotoName, api_client, leave
from shutterpost.console.output import render
from shutterpost.console.output.calendars import month_table, week_table
from shutterpost.console.output.times import format_time

_WEEK = timedelta(days=7)
_DECEMBER = 12


def pick(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    slot: Annotated[
        str | None, typer.Option(help="The slot's time, as for post schedule. Default: the next free slot.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the pick, change nothing.")] = False,
    json_: AsJson = None,
) -> None:
    """Pick the best photo for a slot now, before its timer does; ends with 1 if no photo can be picked."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    body = {"slot_at": parse_time(slot, persona["zone"], datetime.now(UTC)).instant.isoformat()} if slot else {}
    query = {"dry_run": "true"} if dry_run else {}
    picked: Json = api.post(f"{persona_path(persona)}/pick", body, **query).body

    def show() -> None:
        when = format_time(picked["slot_at"], picked["zone"])
        name = picked["name"] or picked["photo_id"] or "No photo"
        render.line(f"{name} for {when} ({picked['zone']})", style="bold")
        render.line(picked["reason"])
        if picked["post_id"]:
            render.line(f"Post {picked['post_id']}; show it: shutterpost post show {picked['post_id']}", style="dim")

    render.respond(picked, show, as_json=json_)
    if picked["picked"] is False:
        leave(ExitCode.REFUSED)


def plan(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look ahead.")] = 30,
    json_: AsJson = None,
) -> None:
    """Forecast the photo of each coming slot, with the reason, if nothing changes."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    forecast: Json = api.get(f"{persona_path(persona)}/plan", days=str(days))
    rows = [
        (
            format_time(slot["run_at"], persona["zone"]),
            slot["name"] or (slot["photo_id"] or "")[:12],
            slot["theme"],
            slot["total"],
            slot["post_id"],
            slot["reason"],
        )
        for slot in forecast["slots"]
    ]
    title = f"{forecast['filled']} of {len(rows)} slots have a photo"
    columns = (f"slot ({persona['zone']})", "photo", "theme", "total", "post", "why")
    empty = f"{persona['name']} has no slot in this time; add one: shutterpost personas update NAME --slot 18:30."
    render.respond(forecast, lambda: render.table(columns, rows, title=title, empty=empty), as_json=json_)


def explain(
    context: typer.Context, photo: PhotoName, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Explain why a photo has not been picked, and what would change that."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    photo_id = find_photo(api, persona, photo)["photo_id"]
    explanation: Json = api.get(f"{persona_path(persona)}/photos/{photo_id}/explain")
    values = {
        "status": explanation["standing"],
        "because": " ".join(explanation["because"]),
        "to change it": " ".join(explanation["change"]),
        "planned for": format_time(explanation["planned_for"], persona["zone"]),
    }
    render.respond(explanation, lambda: render.details(values, title=explanation["name"]), as_json=json_)


def runway(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show how long a persona's library lasts, as a whole and by theme."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    forecast: Json = api.get(persona_path(persona))["runway"]
    rows = [
        (
            part["theme"] or "all photos",
            part["photos"],
            part["provisional"] or part["not_allowed"],
            "more than 90 days" if part["days"] is None else f"{part['days']} days",
            format_time(part["lasts_until"], persona["zone"]),
            part["level"],
        )
        for part in (forecast["whole"], *forecast["themes"])
    ]
    columns = ("theme", "photos left", "without analysis", "lasts", "first empty slot", "level")
    document = {"persona_id": persona["persona_id"], **forecast}
    render.respond(document, lambda: render.table(columns, rows), as_json=json_)


def calendar(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    month: Annotated[bool, typer.Option("--month", help="A month instead of a week.")] = False,
    on: Annotated[str | None, typer.Option(help="A day of that week or month. Default: today.")] = None,
    json_: AsJson = None,
) -> None:
    """Show past and scheduled posts of a week or a month, in the persona's zone."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    first, after = _span(parse_date(on, persona["zone"], datetime.now(UTC)), month=month)
    only = {"persona": persona["persona_id"]}
    entries = list_calendar(api, first.isoformat(), after.isoformat(), persona["zone"], **only)
    document = {"from": first.isoformat(), "to": after.isoformat(), "zone": persona["zone"], "entries": entries}
    show = month_table if month else week_table
    render.respond(document, lambda: show(entries, first, persona), as_json=json_)


def _span(day: date, *, month: bool) -> tuple[date, date]:
    try:
        if month:
            first = day.replace(day=1)
            return first, date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
        monday = day - timedelta(days=day.weekday())
        return monday, monday + _WEEK
    except (ValueError, OverflowError):
        raise TimeUnclear(f"{day} is out of range.", field="on") from None
