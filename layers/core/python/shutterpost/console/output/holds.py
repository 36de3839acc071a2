"""Why posts wait, as text."""

from collections.abc import Iterable

from shutterpost.console import Json
from shutterpost.console.output import render
from shutterpost.console.output.times import format_time


def status_text(schedule: Json, zone: str) -> str:
    if schedule.get("cancel_requested"):
        return f"{schedule['status']} (cancel requested)"
    if schedule["status"] == "pending" and schedule["review"] == "veto":
        return f"pending, unless rejected by {format_time(schedule['start_at'], zone)}"
    if schedule["status"] == "pending":
        return "pending, waits for approval"
    held = schedule.get("held")
    if not held:
        return str(schedule["status"])
    return "held" if held["until"] is None else f"held until {format_time(held['until'], zone)}"


def held_because(schedules: Iterable[Json]) -> str:
    return "; ".join(dict.fromkeys(schedule["held"]["because"] for schedule in schedules if schedule.get("held")))


def note_holds(schedules: Iterable[Json], zone: str) -> None:
    """Say on standard error which schedules are held because of what, and until when."""
    for schedule in schedules:
        held = schedule.get("held")
        if held:
            until = f" until {format_time(held['until'], zone)} ({zone})" if held["until"] else ""
            render.note(f"{schedule['channel']}: held because {held['because'].rstrip('.')}{until}.")


def note_started(posts: Json) -> None:
    """Say which of the due posts were started, are late, or are still held."""
    for outcome, meaning in (
        ("started", "started"),
        ("late", "past the grace; sync moves or skips them by the persona's late policy"),
        ("held", "still held; shutterpost status shows why"),
    ):
        ids = posts[outcome]
        if ids:
            names = ", ".join(sorted({schedule_id.partition("-")[0] for schedule_id in ids}))
            render.note(f"{len(ids)} {meaning}: {names}.")
