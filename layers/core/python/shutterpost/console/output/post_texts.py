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


def where_of(entry: Json) -> str:
    """An entry's channel, with its account where the persona has several there."""
    return " ".join(filter(None, (entry["channel"], entry.get("account_name"))))


def failure_text(schedule: Mapping[str, str | None]) -> str:
    facts = ", ".join(fact for fact in (schedule["error_cause"], schedule["error_code"]) if fact)
    return f"{facts}: {schedule['error_message']}" if facts else schedule["error_message"] or ""


def counted(count: Json) -> str:
    """A text's count beside each limit that its channel has."""
    parts = [(count["length"], count["max_length"], unit_of(count["unit"]))]
    parts += [(count["byte_length"], count["max_byte_length"], "bytes")]
    parts += [(count[name], count[f"max_{name}"], name) for name in ("hashtags", "mentions", "links")]
    return ", ".join(f"{number} of {limit} {name}" for number, limit, name in parts if limit is not None)


def unit_of(unit: str) -> str:
    return {"utf16": "characters", "emoji_bytes": "characters", "weighted": "weighted characters"}.get(unit, unit)


def extras_text(extras: Json | None) -> list[str]:
    if extras is None:
        return []
    lines = [f"collaborator {name}" for name in extras["collaborators"]]
    lines += [f"{tag['username']} tagged in picture {tag['picture']}" for tag in extras["user_tags"]]
    lines += [f"location {extras['location_id']}"] if extras["location_id"] else []
    lines += [f"first comment: {extras['first_comment']}"] if extras["first_comment"] else []
    lines += [f"content label {label}" for label in extras.get("content_labels", ())]
    return [*lines, "a story"] if extras["story"] else lines


def comment_text(schedule: Json) -> str:
    state, note = schedule["first_comment"].replace("_", " "), schedule["first_comment_note"] or ""
    return f"{schedule['channel']}, first comment: {state}. {note}".rstrip()
