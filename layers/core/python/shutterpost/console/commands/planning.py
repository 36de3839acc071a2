"""`shutterpost pick|plan|calendar|explain|runway`: picks, forecasts, plan files and the calendar."""

import contextlib
import csv
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ApiRefused, ExitCode, OptionInvalid
from shutterpost.console.client.lookup import batches, find_persona, find_photo, list_calendar, persona_path
from shutterpost.console.client.parallel import run_parallel
from shutterpost.console.client.times import TimeUnclear, parse_date, parse_time
from shutterpost.console.commands.arguments import AsJson, DryRun, PersonaName, PhotoName, api_client, leave
from shutterpost.console.output import render
from shutterpost.console.output.calendars import foreseen_entry, month_table, week_table
from shutterpost.console.output.post_texts import short_id
from shutterpost.console.output.times import format_time, local_of

_WEEK = timedelta(days=7)
_DECEMBER = 12
_MAX_FORECAST_DAYS = 366


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


plans = typer.Typer(
    help="Forecast the coming slots; export and import planned posts.",
    rich_markup_mode=None,
    invoke_without_command=True,
    epilog="Example: shutterpost plan --days 30",
)


@plans.callback()
def plan(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look ahead.")] = 30,
    why: Annotated[bool, typer.Option("--why", help="Show the parts of each total, and the next in line.")] = False,
    json_: AsJson = None,
) -> None:
    """Forecast the photo of each coming slot, with the reason, if nothing changes."""
    if context.invoked_subcommand is not None:
        return
    api = api_client(context)
    persona = find_persona(api, persona_name)
    forecast: Json = api.get(f"{persona_path(persona)}/plan", days=str(days), why=str(why).lower())
    rows = [
        (
            format_time(slot["run_at"], persona["zone"]),
            slot["name"] or short_id(slot["photo_id"] or ""),
            slot["theme"],
            slot["total"],
            short_id(slot["post_id"] or ""),
            slot["reason"],
            *((_sum_of(slot["parts"]), _in_line(slot)) if why else ()),
        )
        for slot in forecast["slots"]
    ]
    title = f"{forecast['filled']} of {len(rows)} slots have a photo; times in {persona['zone']}"
    columns = ("slot", "photo", "theme", "total", "post", "why", *(("parts", "next in line") if why else ()))
    empty = f"{persona['name']} has no slot in this time; add one: shutterpost personas update NAME --slot 18:30."
    render.respond(forecast, lambda: render.table(columns, rows, title=title, empty=empty), as_json=json_)


def _sum_of(parts: Json | None) -> str:
    shown = ((name.replace("_", " "), value) for name, value in (parts or {}).items() if value)
    return ", ".join(f"{name} {value:g}" for name, value in shown)


def _in_line(slot: Json) -> str:
    return ", ".join(f"{each['name']} ({each['total']:g})" for each in slot["next_in_line"])


@plans.command("export", epilog="Example: shutterpost plan export plan.csv")
def export_plan(
    context: typer.Context,
    out: Annotated[Path | None, typer.Argument(help="A CSV file. Default: standard output.")] = None,
    *,
    persona_name: PersonaName = None,
) -> None:
    """Write the planned posts as CSV, to edit and import again; up to 100 rows."""
    api = api_client(context)
    rows = api.get(f"{persona_path(find_persona(api, persona_name))}/planned")["rows"]
    with contextlib.nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(_PLAN_COLUMNS), extrasaction="ignore")
        writer.writeheader()
        writer.writerows({name: _plan_cell(value) for name, value in row.items()} for row in rows)
    render.note(f"{len(rows)} planned posts written to {out or 'standard output'}.")


@plans.command("import", epilog="Example: shutterpost plan import plan.csv --dry-run")
def import_plan(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header, as from plan export.")],
    *,
    persona_name: PersonaName = None,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Schedule the posts of a CSV file, and change the planned posts whose exported row was edited: time and texts. A
    row that was imported before changes nothing. Rows can exchange their times, unless a post has begun or Buffer has
    it: move that one to a free time first. Names each refused line, and ends with 1 if there is one."""
    rows, lines = _plan_rows(file)
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/planned"
    query = {"dry_run": "true"} if dry_run else {}
    results: list[Json] = []
    for batch in batches(zip(rows, lines, strict=True), _MAX_PLAN_ROWS):
        results += _import_batch(api, path, batch, query)
    results.sort(key=lambda each: each["line"])
    refused = [each for each in results if each["kind"]]
    unchanged = sum(1 for each in results if each.get("result") == "unchanged")
    document: Json = {
        "dry_run": dry_run,
        "planned": len(results) - len(refused),
        "unchanged": unchanged,
        "refused": len(refused),
        "rows": results,
    }
    summary = f"{document['planned']} of {len(results)} planned, {unchanged} of them unchanged."
    if unchanged == len(results):
        summary = f"No changes: {unchanged} rows are planned as they are."
    render.respond(document, lambda: render.line(summary), as_json=json_)
    for each in refused:
        render.error(f"{file.name}, line {each['line']}: {each['detail']} [{each['kind']}]")
    if refused:
        leave(ExitCode.REFUSED)


def explain(
    context: typer.Context,
    photo: PhotoName,
    other: Annotated[str | None, typer.Argument(help="Another photo, to compare with.")] = None,
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Explain why a photo has not been picked, and what would change that; with another photo, compare the two."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    names = [photo] if other is None else [photo, other]
    photo_ids = [find_photo(api, persona, name)["photo_id"] for name in names]
    explanations = [api.get(f"{persona_path(persona)}/photos/{photo_id}/explain") for photo_id in photo_ids]
    document = explanations[0] if other is None else {"photos": explanations}

    def show() -> None:
        for explanation in explanations:
            render.details(_explanation(explanation, persona["zone"]), title=explanation["name"])

    render.respond(document, show, as_json=json_)


def _explanation(explanation: Json, zone: str) -> Json:
    considered = explanation["considered"]
    return {
        "status": explanation["standing"],
        "total": considered[0]["total"] if considered else None,
        "because": " ".join(explanation["because"]),
        "to change it": " ".join(explanation["change"]),
        "planned for": format_time(explanation["planned_for"], zone),
    }


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
    """Show past and scheduled posts of a week or a month, in the persona's zone, and what its slots are foreseen to
    get if nothing changes."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    now = datetime.now(UTC)
    first, after = _span(parse_date(on, persona["zone"], now), month=month)
    only = {"persona": persona["persona_id"]}
    entries, foreseen = run_parallel(
        [
            partial(list_calendar, api, first.isoformat(), after.isoformat(), persona["zone"], **only),
            partial(_foreseen, api, persona, (first, after), now),
        ]
    )
    document = {"from": first.isoformat(), "to": after.isoformat(), "zone": persona["zone"], "entries": entries}
    document["foreseen"] = foreseen
    show = month_table if month else week_table
    render.respond(document, lambda: show([*entries, *map(foreseen_entry, foreseen)], first, persona), as_json=json_)


def _foreseen(api: ApiClient, persona: Json, span: tuple[date, date], now: datetime) -> list[Json]:
    first, after = span
    days = (after - now.date()).days + 1
    if not 0 < days <= _MAX_FORECAST_DAYS:
        return []
    slots: list[Json] = api.get(f"{persona_path(persona)}/plan", days=str(days))["slots"]
    zone = ZoneInfo(persona["zone"])
    local = ({**slot, "local_time": local_of(slot["run_at"], zone)} for slot in slots if slot["post_id"] is None)
    return [slot for slot in local if first <= date.fromisoformat(slot["local_time"][:10]) < after]


def _span(day: date, *, month: bool) -> tuple[date, date]:
    try:
        if month:
            first = day.replace(day=1)
            return first, date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
        monday = day - timedelta(days=day.weekday())
        return monday, monday + _WEEK
    except (ValueError, OverflowError):
        raise TimeUnclear(f"{day} is out of range.", field="on") from None


def _plan_rows(file: Path) -> tuple[list[Json], list[int]]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        reader = csv.DictReader(text)
        unknown = sorted(set(reader.fieldnames or ()) - _PLAN_COLUMNS.keys())
        if unknown or "photo" not in (reader.fieldnames or ()):
            columns = ", ".join(_PLAN_COLUMNS)
            raise OptionInvalid(f"{file.name}: the header must name photo, and any of {columns}; unknown: {unknown}.")
        cells = [(row, reader.line_num) for row in reader]
    rows = [
        {name: _PLAN_COLUMNS[name](value) for name, value in row.items() if name in _PLAN_COLUMNS and value}
        for row, _ in cells
    ]
    return rows, [line for _, line in cells]


def _import_batch(api: ApiClient, path: str, batch: list[tuple[Json, int]], query: dict[str, str]) -> list[Json]:
    invalid: list[Json] = []
    while batch:
        try:
            report = api.post(path, {"rows": [row for row, _ in batch]}, **query).body
        except ApiRefused as refusal:
            errors: Any = refusal.members.get("errors", ())
            broken = {int(match[1]): error for error in errors if (match := _ROW_FIELD.match(error["field"]))}
            if not broken:
                raise
            invalid += [
                {
                    "line": batch[index][1],
                    "kind": "invalid",
                    "detail": f"{_ROW_FIELD.sub('', error['field'])}: {error['message']}",
                }
                for index, error in broken.items()
            ]
            batch = [row for index, row in enumerate(batch) if index not in broken]
        else:
            return [*invalid, *({**each, "line": batch[each["row"] - 1][1]} for each in report["rows"])]
    return invalid


def _plan_cell(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _cycle(text: str) -> Any:
    return int(text) if text.isdecimal() else text


# The columns of a plan file, and how a cell is sent to the API.
_PLAN_COLUMNS: dict[str, Callable[[str], Any]] = {
    "post_id": str,
    "photo": str,
    "at": str,
    "zone": str,
    "connection_ids": str.split,
    "caption": str,
    "hashtags": str.split,
    "tags": str.split,
    "language": str,
    "alt_text": str,
    "title": str,
    "cycle": _cycle,
}
_MAX_PLAN_ROWS = 100
_ROW_FIELD = re.compile(r"rows\.(\d+)\.")
