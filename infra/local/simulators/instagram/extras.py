"""What a post has beside its pictures and caption: user tags, collaborators, a location, and comments under it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.simulators.instagram import errors
from infra.local.simulators.instagram.errors import GraphRefusal

MAX_COLLABORATORS = 3
FIRST_COMMENT = 18_100_000_000_000_000


@dataclass(frozen=True)
class ContainerExtras:
    """The extras of one container, as its request has them."""

    user_tags: tuple[dict[str, Any], ...] = ()
    collaborators: tuple[str, ...] = ()
    location_id: str = ""
    is_story: bool = False


@dataclass
class SimulatedComment:
    """A comment under the media `parent_id`; `media_id` is its own id, as pages have it."""

    media_id: str
    parent_id: str
    text: str
    published_at: datetime


def extras_of(params: dict[str, str], *, is_item: bool) -> ContainerExtras:
    """The extras in a container's parameters; refuses those that its kind does not take."""
    kind = params.get("media_type")
    extras = ContainerExtras(
        user_tags=tuple(_tag(item) for item in _listed(params, "user_tags")),
        collaborators=tuple(map(str, _listed(params, "collaborators"))),
        location_id=params.get("location_id", ""),
        is_story=kind == "STORIES",
    )
    if is_item and (extras.collaborators or extras.location_id or extras.is_story):
        raise _wrong("collaborators, location_id and STORIES are not allowed on a carousel item")
    if kind == "CAROUSEL" and extras.user_tags:
        raise _wrong("user_tags belong to the items of a carousel")
    if len(extras.collaborators) > MAX_COLLABORATORS:
        raise _wrong(f"at most {MAX_COLLABORATORS} collaborators can be invited")
    if extras.location_id and not extras.location_id.isdigit():
        raise _wrong("location_id must be the id of a Page")
    return extras


def _listed(params: dict[str, str], name: str) -> list[Any]:
    try:
        listed = json.loads(params.get(name, "[]"))
    except ValueError:
        raise _wrong(f"{name} must be a JSON array") from None
    if not isinstance(listed, list):
        raise _wrong(f"{name} must be a JSON array")
    return listed


def _tag(item: Any) -> dict[str, Any]:
    places = [item.get(axis) for axis in ("x", "y")] if isinstance(item, dict) else []
    fits = bool(places) and all(isinstance(place, int | float) and 0 <= place <= 1 for place in places)
    if not fits or not isinstance(item.get("username"), str):
        raise _wrong("user_tags need a username and x and y from 0.0 to 1.0")
    return dict(item)


def _wrong(what: str) -> GraphRefusal:
    return GraphRefusal(errors.BAD_PARAMETER, f"(#100) {what}")
