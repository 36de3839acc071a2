"""`shutterpost pick|plan|calendar|explain|runway`: what will go out, and why."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import typer

from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.arguments import AsJson, Json, Persona, api_client, leave, limited, path_of, persona_of
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.output import render
from shutterpost.console.output.calendars import month_table, week_table
from shutterpost.console.output.times import day_of, instant, shown

_WEEK = timedelta(days=7)
_DECEMBER = 12


def pick(
    context: typer.Context,
    *,
    persona: Persona = None,
    slot: Annotated[
        str | None, typer.Option(help="The slot's time, as for post schedule; default: the next free one.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be picked, change nothing.")] = False,
    json_: AsJson = None,
) -> None:
    """Pick the best photo for a slot now, as its timer would; ends with 1 where there is none."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    body = {"slot_at": instant(slot, whose["zone"], datetime.now(UTC))} if slot else {}
    query = {"dry_run": "true"} if dry_run else {}
    found: Json = reach.post(f"{path_of(whose)}/pick", body, **query).body

    def people() -> None:
        when = shown(found["slot_at"], found["zone"])
        render.say(f"{found['name'] or found['photo_id'] or 'Nothing'} for {when} ({found['zone']})", style="bold")
        render.say(found["reason"])
        if found["post_id"]:
            render.say(f"Post {found['post_id']}; look: shutterpost post show {found['post_id']}", style="dim")

    render.answer(found, people, as_json=json_)
    if found["picked"] is False:
        leave(Exit.REFUSED)


def plan(
    context: typer.Context,
    *,
    persona: Persona = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look ahead.")] = 30,
    json_: AsJson = None,
) -> None:
    """What will go out at each coming slot, and why, if nothing changes."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    found: Json = reach.get(f"{path_of(whose)}/plan", days=str(days))
    rows = [
        (
            shown(one["run_at"], whose["zone"]),
            one["name"] or (one["photo_id"] or "")[:12],
            one["theme"],
            one["total"],
            one["post_id"],
            one["reason"],
        )
        for one in found["slots"]
    ]
    title = f"{found['filled']} of {len(rows)} slots have a photo"
    columns = (f"slot ({whose['zone']})", "photo", "theme", "worth", "post", "why")
    empty = f"{whose['name']} has no slot in these days; give it one: shutterpost personas update NAME --slot 18:30."
    render.answer(found, lambda: render.table(columns, rows, title=title, empty=empty), as_json=json_)


def explain(
    context: typer.Context,
    photo: Annotated[str, typer.Argument(help="Id of a photo, its first 8 or more digits, or a file name.")],
    *,
    persona: Persona = None,
    json_: AsJson = None,
) -> None:
    """Why a photo has not been picked, and what would have to change."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    found: Json = reach.get(f"{path_of(whose)}/photos/{segment(photo)}/explain")
    told = {
        "stands": found["standing"],
        "because": " ".join(found["because"]),
        "to change it": " ".join(found["change"]),
        "planned for": shown(found["planned_for"], whose["zone"]),
    }
    render.answer(found, lambda: render.facts(told, title=found["name"]), as_json=json_)


def runway(context: typer.Context, *, persona: Persona = None, json_: AsJson = None) -> None:
    """How long a persona's library lasts, as a whole and theme by theme."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    found: Json = reach.get(path_of(whose))["runway"]
    rows = [
        (
            one["theme"] or "all photos",
            one["photos"],
            "more than 90 days" if one["days"] is None else f"{one['days']} days",
            shown(one["lasts_until"], whose["zone"]),
            one["level"],
        )
        for one in (found["whole"], *found["themes"])
    ]
    columns = ("theme", "photos left", "lasts", "first empty slot", "level")
    told = {"persona_id": whose["persona_id"], **found}
    render.answer(told, lambda: render.table(columns, rows), as_json=json_)


def calendar(
    context: typer.Context,
    *,
    persona: Persona = None,
    month: Annotated[bool, typer.Option("--month", help="A month instead of a week.")] = False,
    on: Annotated[str | None, typer.Option(help="A day of that week or month; default: today.")] = None,
    json_: AsJson = None,
) -> None:
    """What went out and is to go out, by week or month, on the clocks of the persona's zone."""
    reach = api_client(context)
    whose = persona_of(reach, persona)
    day = day_of(on, whose["zone"])
    first, after = _month(day) if month else (day - timedelta(days=day.weekday()), _next_monday(day))
    found = entries(reach, first.isoformat(), after.isoformat(), whose["zone"], persona=whose["persona_id"])
    told = {"from": first.isoformat(), "to": after.isoformat(), "zone": whose["zone"], "entries": found}
    show = month_table if month else week_table
    render.answer(told, lambda: show(found, first, whose), as_json=json_)


def entries(reach: ApiClient, start: str, end: str, zone: str, **query: str) -> list[Json]:
    """The calendar's entries from `start` (included) to `end` (excluded), in `zone`."""
    return limited(reach.pages("/calendar", "entries", **{"from": start, "to": end, "zone": zone, **query}), 0)


def _next_monday(day: date) -> date:
    return day - timedelta(days=day.weekday()) + _WEEK


def _month(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    return first, date(first.year + first.month // _DECEMBER, first.month % _DECEMBER + 1, 1)
