"""What posts need of an operator, each with a command. Pure; the time is passed in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from shlex import quote

from shutterpost.console import Json
from shutterpost.console.output.times import format_time

OVERDUE = timedelta(minutes=15)
# The codes of unknown outcomes that sync has finished looking at.
_ASKED = {"needs-a-person", "word-contradicted"}
# By `error_cause`, as in docs/runbook.md: what to do, and the command.
_REPAIRS = {
    "token": ("reconnect the account, then retry it", "connections check {connection} --persona {persona}"),
    "account": ("do what the platform asks in its app, then retry it", "post retry {post}"),
    "quota": ("retry it when the platform accepts posts again", "post retry {post}"),
    "platform": ("retry it when the platform works again", "post retry {post}"),
    "photo": ("import the photo again, or post another one", "post show {post}"),
    "unknown": ("see what the platform said, and correct the cause", "post show {post}"),
    "text": ("post the photo again with another caption", "post show {post}"),
}


def post_needs(entries: Iterable[Json], personas: Iterable[Json], now: datetime) -> Iterator[Json]:
    """What needs an operator among the calendar's entries; `until` is when it is too late."""
    by_id = {persona["persona_id"]: persona for persona in personas}
    for entry in entries:
        need = _need(entry, by_id[entry["persona_id"]], now)
        if need is not None:
            yield {"what": f"{name_of(entry)} on {entry['channel']}, post {entry['post_id']}", "until": None, **need}


def name_of(entry: Json) -> str:
    """The file name of an entry's or a post's first photo, else the beginning of its id."""
    names: list[str] = entry["photo_names"] or [photo_id[:12] for photo_id in entry["photo_ids"]]
    return names[0] if names else "no photo"


def failure_text(schedule: Mapping[str, str | None]) -> str:
    """Cause, code and message of a schedule's failure."""
    facts = ", ".join(fact for fact in (schedule["error_cause"], schedule["error_code"]) if fact)
    return f"{facts}: {schedule['error_message']}" if facts else schedule["error_message"] or ""


def repair(schedule: Json, persona: str) -> tuple[str, str]:
    """What to do after a failure, and the command, by the failure's cause."""
    advice, command = _REPAIRS.get(schedule["error_cause"] or "", ("correct the cause", "post retry {post}"))
    names = {"post": schedule["post_id"], "connection": schedule["connection_id"], "persona": quote(persona)}
    return advice, f"shutterpost {command.format(**names)}"


def _need(entry: Json, persona: Json, now: datetime) -> Json | None:
    post, status = entry["post_id"], entry["status"]
    if status == "pending":
        return _review_need(entry, persona, now)
    if status == "failed":
        advice, command = repair(entry, persona["name"])
        return {"why": f"failed ({failure_text(entry)}); {advice}", "do": command}
    if status == "unknown" and entry["error_code"] in _ASKED:
        command = f"shutterpost post resolve {post}"
        why = f"whether it is live is unknown: {entry['error_message']}"
        return {"why": why, "do": f"{command} --live URL", "or": f"{command} --not-live"}
    late = datetime.fromisoformat(entry["run_at"]) < now - OVERDUE
    if status in {"queued", "processing"} and late and not entry["held"]:
        return {"why": "overdue", "do": "shutterpost sync"}
    return None


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
