"""A post's photo and failure as text, and the command that repairs the failure."""

from collections.abc import Mapping
from shlex import quote

from shutterpost.console import Json

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
_SHORT_ID = 12


def short_id(identifier: str) -> str:
    """The beginning of a post's or photo's id; commands accept it, and refuse it where it is ambiguous."""
    return identifier[:_SHORT_ID]


def name_of(entry: Json) -> str:
    """The file name of an entry's or a post's first photo, else the beginning of its id."""
    names: list[str] = entry["photo_names"] or [short_id(photo_id) for photo_id in entry["photo_ids"]]
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
