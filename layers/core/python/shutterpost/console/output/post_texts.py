"""A post's photo and failure as text."""

from collections.abc import Mapping

from shutterpost.console import Json

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
