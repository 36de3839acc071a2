"""What posts need of an operator, each with a command. Pure; the time is passed in."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from shutterpost.console import Json
from shutterpost.console.output.post_texts import failure_text, name_of
from shutterpost.console.output.repairs import repair
from shutterpost.console.output.times import format_time

OVERDUE = timedelta(minutes=15)
# The codes of unknown outcomes that sync has finished looking at.
_ASKED = {"needs-a-person", "word-contradicted"}


def post_needs(
    entries: Iterable[Json], personas: Iterable[Json], connections: Iterable[Json], now: datetime
) -> Iterator[Json]:
    """What needs an operator among the calendar's entries; `until` is when it is too late."""
    by_id = {persona["persona_id"]: persona for persona in personas}
    accounts = {connection["connection_id"]: connection for connection in connections}
    for entry in entries:
        need = _need(entry, by_id[entry["persona_id"]], accounts.get(entry["connection_id"]), now)
        if need is not None:
            yield {"what": f"{name_of(entry)} on {entry['channel']}, post {entry['post_id']}", "until": None, **need}


def _need(entry: Json, persona: Json, connection: Json | None, now: datetime) -> Json | None:
    post, status = entry["post_id"], entry["status"]
    if status == "pending":
        return _review_need(entry, persona, now)
    if status == "failed":
        advice, command = repair(entry, connection, persona["name"])
        return {"why": f"failed ({failure_text(entry)}); {advice}", "do": command} if command else None
    if status == "unknown" and entry["error_code"] in _ASKED:
        command = f"shutterpost post resolve {post}"
        why = f"whether it is live is unknown: {entry['error_message']}"
        return {"why": why, "do": f"{command} --live URL", "or": f"{command} --not-live"}
    late = datetime.fromisoformat(entry["run_at"]) < now - OVERDUE
    if status in {"queued", "processing"} and late and not entry["held"]:
        return _overdue_need(entry)
    return None


def _overdue_need(entry: Json) -> Json:
    if entry["step"] != "handed_over":
        return {"why": "overdue", "do": "shutterpost sync"}
    post, channel = entry["post_id"], entry["channel"]
    why = f"overdue: {channel} has it and has not sent it; approve or resume it there"
    return {"why": why, "do": f"shutterpost post show {post}", "or": f"shutterpost post cancel {post}"}


def _review_need(entry: Json, persona: Json, now: datetime) -> Json | None:
    post, zone = entry["post_id"], persona["zone"]
    if entry["review"] == "veto":
        until = datetime.fromisoformat(entry["start_at"])
        why = f"is published unless it is rejected by {format_time(until.isoformat(), zone)} ({zone})"
        need = {"why": why, "do": f"shutterpost post reject {post}"}
    else:
        until = datetime.fromisoformat(entry["run_at"]) + timedelta(minutes=persona["late_grace_minutes"])
        why = f"is published only if it is approved by {format_time(until.isoformat(), zone)} ({zone})"
        need = {"why": why, "do": f"shutterpost post approve {post}", "or": f"shutterpost post reject {post}"}
    return {**need, "until": until.isoformat()} if now < until else None
