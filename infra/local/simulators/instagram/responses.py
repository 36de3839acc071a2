"""Graph API responses: fields, pages and instants."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from infra.local.simulators.instagram import errors
from infra.local.simulators.instagram.accounts import Flavour
from infra.local.simulators.instagram.errors import GraphRefusal
from infra.local.simulators.instagram.extras import SimulatedComment
from infra.local.simulators.instagram.state import Container, Media

DEFAULT_PAGE = 25
LARGEST_PAGE = 100


def only(node: dict[str, Any], fields: str | None, node_type: str) -> dict[str, Any]:
    """The requested `fields` of `node` with its id; refuses unknown fields."""
    names = [name.strip() for name in (fields or "id").split(",") if name.strip()]
    for name in names:
        if name not in node:
            message = f"(#100) Tried accessing nonexisting field ({name}) on node type ({node_type})"
            raise GraphRefusal(errors.BAD_PARAMETER, message)
    # What a node lacks is left out of its answer.
    shown = {name: node[name] for name in names if node[name] is not None}
    return shown | {"id": node["id"]} if "id" in node else shown


def graph_time(at: datetime) -> str:
    """Graph's format of an instant: `2021-06-09T09:47:29+0000`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def container_node(container: Container, now: datetime) -> dict[str, Any]:
    return {
        "id": container.container_id,
        "status_code": container.status_code(now),
        "status": container.status(now),
        "copyright_check_status": {"status": "completed", "matches_found": False},
    }


def media_node(media: Media, flavour: Flavour) -> dict[str, Any]:
    """A media's fields; the caption on the Facebook Login host only."""
    node: dict[str, Any] = {
        "id": media.media_id,
        "permalink": media.permalink,
        "timestamp": graph_time(media.published_at),
        "media_type": media.media_type,
        "media_product_type": "STORY" if media.container.extras.is_story else "FEED",
        "media_url": media.container.video_url or next(iter(media.container.urls()), None),
        "thumbnail_url": media.container.image_url if media.container.video_url else None,
        "username": media.account.username,
        "alt_text": media.container.alt_text,
        "like_count": 0,
        "comments_count": 0,
    }
    if flavour == "facebook":
        # A story shows no caption.
        node["caption"] = "" if media.container.extras.is_story else media.container.caption
    return node


def comment_node(comment: SimulatedComment) -> dict[str, Any]:
    return {"id": comment.media_id, "text": comment.text, "timestamp": graph_time(comment.published_at)}


def bound(text: str | None) -> datetime | None:
    """`since` or `until`: epoch seconds or ISO 8601."""
    if not text:
        return None
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) since and until must be times") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


class ListedMedia(Protocol):
    media_id: str
    published_at: datetime


Listed = TypeVar("Listed", bound=ListedMedia)


def page_cursor(media: ListedMedia) -> str:
    return base64.urlsafe_b64encode(f"QVFI{media.media_id}".encode()).decode().rstrip("=")


def media_page(
    live: Sequence[Listed],
    params: dict[str, str],
    url: str,
    node_of: Callable[[Listed], dict[str, Any]],
    node_type: str,
) -> dict[str, Any]:
    """A page of `live` (newest first) between `since` and `until`; the next page's address contains no token."""
    since, until = bound(params.get("since")), bound(params.get("until"))
    limit_text = params.get("limit", str(DEFAULT_PAGE))
    if not limit_text.isdigit() or int(limit_text) == 0:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Param limit must be a positive number")
    limit = min(int(limit_text), LARGEST_PAGE)
    matching = [
        media
        for media in live
        if (since is None or media.published_at.replace(microsecond=0) >= since)
        and (until is None or media.published_at.replace(microsecond=0) <= until)
    ]
    after = params.get("after")
    places = [place for place, media in enumerate(matching) if page_cursor(media) == after]
    if after and not places:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Invalid cursor")
    start = places[0] + 1 if places else 0
    shown = matching[start : start + limit]
    answer: dict[str, Any] = {"data": [only(node_of(media), params.get("fields"), node_type) for media in shown]}
    if shown:
        answer["paging"] = {"cursors": {"before": page_cursor(shown[0]), "after": page_cursor(shown[-1])}}
        if start + limit < len(matching):
            query = {name: params[name] for name in ("fields", "since", "until", "limit") if name in params}
            answer["paging"]["next"] = f"{url}?{urlencode(query | {'after': page_cursor(shown[-1])})}"
    return answer
