"""Posts of X: weighted length, pictures, duplicates, caps and listings."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import regex

from infra.local.simulators.x import errors
from infra.local.simulators.x.accounts import XUser
from infra.local.simulators.x.errors import XRefusal, invalid
from infra.local.simulators.x.media import XMedia, XMediaStore

MAX_WEIGHT, LINK_WEIGHT, MAX_PICTURES = 280, 23, 4
LIGHT = ((0, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))
LINK = re.compile(r"https?://\S+")
EMOJI = regex.compile(r"\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")

Json = dict[str, Any]


@dataclass
class XPost:
    post_id: str
    user: XUser
    text: str
    media: list[XMedia]
    created_at: datetime
    deleted_at: datetime | None = None

    def node(self) -> Json:
        at = self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        node: Json = {"id": self.post_id, "text": self.text, "created_at": at, "edit_history_tweet_ids": [self.post_id]}
        return node | ({"attachments": {"media_keys": [each.media_key for each in self.media]}} if self.media else {})


@dataclass
class XPostStore:
    media: XMediaStore
    items: dict[str, XPost] = field(default_factory=dict)

    def create(self, user: XUser, document: Json, post_id: str, now: datetime) -> XPost:
        text = document.get("text", "")
        wanted = document.get("media", {})
        ids = wanted.get("media_ids", []) if isinstance(wanted, dict) else []
        if not isinstance(text, str) or (not text and not ids):
            raise invalid("One or more parameters to your request was invalid.")
        if len(ids) > MAX_PICTURES:
            raise invalid("media.media_ids: size must be between 1 and 4.", violation="attached too many pictures")
        if weight_of(text) > MAX_WEIGHT:
            raise XRefusal(errors.FORBIDDEN, violation="sent a text over the limit")
        media = [self._attachable(user, media_id, now) for media_id in ids]
        self._check_cap(user, now)
        if user.setup.refuses_duplicates and any(post.text == text for post in self.live(user)):
            raise XRefusal(errors.DUPLICATE)
        post = self.items[post_id] = XPost(post_id, user, text, media, now)
        return post

    def live(self, user: XUser) -> list[XPost]:
        return [post for post in self.items.values() if post.user is user and post.deleted_at is None]

    def visible(self, post_id: str) -> XPost:
        post = self.items.get(post_id)
        if post is None or post.deleted_at is not None:
            raise XRefusal(errors.MISSING)
        return post

    def delete(self, user: XUser, post_id: str, now: datetime) -> None:
        post = self.visible(post_id)
        if post.user is not user:
            raise XRefusal(errors.FORBIDDEN)
        post.deleted_at = now

    def listing(self, user: XUser, query: dict[str, str]) -> Json:
        """A page, newest first; `pagination_token` is the last post before it."""
        size = int(query.get("max_results", "10"))
        if not 5 <= size <= 100:  # noqa: PLR2004 - X's own limits of a page
            raise invalid(f"The `max_results` query parameter value [{size}] is not between 5 and 100.")
        start, end, after = query.get("start_time"), query.get("end_time"), query.get("pagination_token")
        chosen = [
            post
            for post in sorted(self.live(user), key=lambda post: int(post.post_id), reverse=True)
            if (start is None or post.created_at >= datetime.fromisoformat(start))
            and (end is None or post.created_at < datetime.fromisoformat(end))
            and (after is None or int(post.post_id) < int(after))
        ]
        page, more = chosen[:size], len(chosen) > size
        if not page:
            return {"meta": {"result_count": 0}}
        meta: Json = {"result_count": len(page), "newest_id": page[0].post_id, "oldest_id": page[-1].post_id}
        return {
            "data": [post.node() for post in page],
            "meta": meta | ({"next_token": page[-1].post_id} if more else {}),
        }

    def _attachable(self, user: XUser, media_id: Any, now: datetime) -> XMedia:
        try:
            media = self.media.own(user, str(media_id), now)
        except XRefusal:
            raise invalid("Your media IDs are invalid.") from None
        if media.content is None or media.failed or (media.ready_at is not None and now < media.ready_at):
            raise invalid("Your media IDs are invalid.", violation="attached media that are not processed")
        return media

    def _check_cap(self, user: XUser, now: datetime) -> None:
        cap = user.setup.monthly_cap
        made = [
            post
            for post in self.items.values()
            if (post.created_at.year, post.created_at.month) == (now.year, now.month)
        ]
        if cap is not None and sum(post.user.setup.client_id == user.setup.client_id for post in made) >= cap:
            raise XRefusal(errors.CAPPED)


def weight_of(text: str) -> int:
    """The weighted length: most letters 1, CJK and each emoji 2, an address 23."""
    text = unicodedata.normalize("NFC", text)
    links = LINK.findall(text)
    return LINK_WEIGHT * len(links) + sum(map(_cluster_weight, regex.findall(r"\X", LINK.sub("", text))))


def _cluster_weight(cluster: str) -> int:
    if EMOJI.search(cluster) and not cluster.isascii():
        return 2
    return sum(1 if any(low <= ord(char) <= high for low, high in LIGHT) else 2 for char in cluster)
