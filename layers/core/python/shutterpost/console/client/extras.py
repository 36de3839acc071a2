"""The extras of a post as the options of commands name them."""

from collections.abc import Iterable
from typing import Any

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import OptionMissing

EXTRA_HELP = (
    "One of: collaborator=NAME, user_tag=NAME:X:Y (X and Y from 0 to 1) or NAME:X:Y:PICTURE, location_id=PAGE, "
    "first_comment=TEXT, content_label=LABEL (graphic-media, nudity, porn or sexual), story, none; repeatable. "
    "Default: the persona's."
)
_LISTS = {"collaborator": "collaborators", "user_tag": "user_tags", "content_label": "content_labels"}
_TEXTS = ("location_id", "first_comment")
_NONE: Json = {
    "collaborators": [],
    "user_tags": [],
    "location_id": None,
    "first_comment": None,
    "content_labels": [],
    "story": False,
}
_TAG_PARTS = ("username", "x", "y", "picture")


def parse_extras(options: Iterable[str], before: Json | None = None) -> Json:
    """The `extras` that `options` name, with those of `before` that they do not name. Raises `OptionMissing`."""
    extras: dict[str, Any] = {}
    for option in options:
        name, _, value = option.partition("=")
        if name == "none":
            return _NONE
        if name == "story":
            return {"story": True}
        if name in _LISTS and value:
            extras.setdefault(_LISTS[name], []).append(_tag(value) if name == "user_tag" else value)
        elif name in _TEXTS and value:
            extras[name] = value
        else:
            raise OptionMissing(f"{option!r} is no extra. {EXTRA_HELP}", field="extras")
    return {**(before or {}), **extras, "story": False}


def _tag(text: str) -> Json:
    username, *places = text.split(":")
    try:
        numbers = [float(place) for place in places[:2]] + [int(place) for place in places[2:]]
    except ValueError:
        numbers = []
    if len(numbers) not in {len(_TAG_PARTS) - 2, len(_TAG_PARTS) - 1}:
        raise OptionMissing(f"Write a tag as user_tag=anna:0.5:0.3, not {text}.", field="extras")
    return dict(zip(_TAG_PARTS, (username, *numbers), strict=False))
