"""What a channel's posts can have beside text and pictures, and what a connection's token needs for it."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from shutterpost.runtime.values import Value

ExtraName = Literal["collaborators", "user_tags", "location_id", "first_comment", "story", "content_labels"]


class ExtraRule(Value):
    """An extra that a channel takes, at most `most` of it; `scopes` has the permission that it needs, by login.

    `without` are the parts of a post that it leaves out.
    """

    name: ExtraName
    source: str
    checked: date
    most: int | None = None
    scopes: Mapping[str, str] = Field(default_factory=dict)
    without: tuple[Literal["text", "alt_text"], ...] = ()


_MEDIA = "https://developers.facebook.com/documentation/instagram-platform/instagram-graph-api/reference/ig-user/media"
_COMMENTS = (
    "https://developers.facebook.com/documentation/instagram-platform/instagram-graph-api/reference/ig-media/comments"
)
_CHECKED = date(2026, 11, 21)
_LABELS_CHECKED = date(2026, 11, 22)

INSTAGRAM_EXTRAS: tuple[ExtraRule, ...] = (
    ExtraRule(name="collaborators", source=_MEDIA, checked=_CHECKED, most=3),
    ExtraRule(name="user_tags", source=_MEDIA, checked=_CHECKED),
    ExtraRule(name="location_id", source=_MEDIA, checked=_CHECKED),
    ExtraRule(
        name="first_comment",
        source=_COMMENTS,
        checked=_CHECKED,
        scopes={"facebook": "instagram_manage_comments", "instagram": "instagram_business_manage_comments"},
    ),
    ExtraRule(name="story", source=_MEDIA, checked=_CHECKED, without=("text", "alt_text")),
)

BLUESKY_EXTRAS: tuple[ExtraRule, ...] = (
    ExtraRule(
        name="content_labels",
        source="https://github.com/bluesky-social/atproto/blob/main/lexicons/com/atproto/label/defs.json",
        checked=_LABELS_CHECKED,
    ),
)

# Any label makes the status `sensitive`.
MASTODON_EXTRAS: tuple[ExtraRule, ...] = (
    ExtraRule(
        name="content_labels",
        source="https://docs.joinmastodon.org/methods/statuses/#create",
        checked=_LABELS_CHECKED,
    ),
)
