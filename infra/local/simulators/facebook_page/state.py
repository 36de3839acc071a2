"""Photos and posts of Pages: a photo is made unseen, and posted once."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from infra.local.simulators.facebook_page import errors
from infra.local.simulators.facebook_page.accounts import Pages, SimulatedPage
from infra.local.simulators.facebook_page.errors import refused
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.images import Fetched, Fetcher, Flaw

MAX_TEXT = 63_206
MAX_FILE = 4 * 1024 * 1024
MAX_PHOTOS = 10
FORMATS = {"JPEG", "PNG", "BMP", "GIF", "TIFF"}
FIRST_ID = 122_000_000_000_000_000

_NUMBERED = re.compile(r"attached_media\[\d+\]")


@dataclass
class PagePhoto:
    """A photo, which nobody sees before `post` has it."""

    photo_id: str
    page: SimulatedPage
    url: str
    alt_text: str
    created_at: datetime
    post: "PagePost | None" = None
    deleted_at: datetime | None = None


@dataclass
class PagePost:
    """A post; lists have it from `listed_at` on, its photos name it from `named_at` on."""

    media_id: str
    page: SimulatedPage
    message: str
    photos: list[PagePhoto]
    published_at: datetime
    listed_at: datetime
    named_at: datetime
    deleted_at: datetime | None = None

    @property
    def permalink(self) -> str:
        return f"https://www.facebook.com/{self.page.page_id}/posts/{self.media_id.partition('_')[2]}"


@dataclass
class FacebookPageState:
    faults: FaultBook
    fetcher: Fetcher
    accounts: Pages = field(default_factory=Pages)
    photos: dict[str, PagePhoto] = field(default_factory=dict)
    posts: dict[str, PagePost] = field(default_factory=dict)
    violations: list[dict[str, str]] = field(default_factory=list)

    async def add_photo(self, page: SimulatedPage, params: dict[str, str], now: datetime) -> PagePhoto:
        """Fetch the picture and make a photo; one that is published at once is a post of its own."""
        facts = await self.fetcher.fetch(params.get("url", ""), judged)
        if facts.flaw:
            raise refused(errors.FLAWS[facts.flaw])
        photo = PagePhoto(self._next_id(), page, params["url"], params.get("alt_text_custom", ""), now)
        self.photos[photo.photo_id] = photo
        if params.get("published", "true").lower() != "false":
            self.note(page, "posted a photo in one step", now)
            self._publish(page, params.get("message", ""), [photo], now)
        return photo

    def create_post(self, page: SimulatedPage, params: dict[str, str], now: datetime) -> PagePost:
        """Post photos that were not posted; refuses others."""
        if "scheduled_publish_time" in params:
            self.note(page, "let Facebook schedule a post", now)
        message, ids = params.get("message", ""), attached(params)
        if len(message) > MAX_TEXT:
            raise refused(errors.NOT_A_PARAMETER, "(#100) Your message is too long.", violation="sent too long a text")
        if len(ids) > MAX_PHOTOS:
            raise refused(errors.NOT_A_PARAMETER, violation="attached too many photos")
        if not message and not ids:
            raise refused(errors.NOT_A_PARAMETER, "(#100) Missing message or attachment")
        photos = [self.own_photo(page, photo_id) for photo_id in ids]
        if any(photo.post for photo in photos):
            raise refused(errors.ALREADY_POSTED)
        same = any(post.message == message for post in self.live(page))
        if page.setup.refuses_duplicates and message and same:
            raise refused(errors.DUPLICATE_TEXT)
        return self._publish(page, message, photos, now)

    def own_photo(self, page: SimulatedPage, photo_id: str) -> PagePhoto:
        """The Page's photo of that id; refuses with 100/33."""
        photo = self.photos.get(photo_id)
        if photo is None or photo.page is not page or photo.deleted_at is not None:
            raise refused(errors.HIDDEN)
        return photo

    def own_post(self, page: SimulatedPage, post_id: str) -> PagePost:
        """The Page's live post of that id; refuses with 100/33."""
        post = self.posts.get(post_id)
        if post is None or post.page is not page or post.deleted_at is not None:
            raise refused(errors.HIDDEN)
        return post

    def delete_post(self, post: PagePost, now: datetime) -> None:
        """Delete a post with its photos."""
        post.deleted_at = now
        for photo in post.photos:
            photo.deleted_at = now

    def live(self, page: SimulatedPage) -> list[PagePost]:
        own = [post for post in self.posts.values() if post.page is page and post.deleted_at is None]
        return sorted(own, key=lambda post: (post.published_at, post.media_id), reverse=True)

    def note(self, page: SimulatedPage, what: str, now: datetime) -> None:
        at = now.isoformat()
        self.violations.append({"platform": "facebook_page", "at": at, "page_id": page.page_id, "what": what})

    def _publish(self, page: SimulatedPage, message: str, photos: list[PagePhoto], now: datetime) -> PagePost:
        post_id, listed_at = f"{page.page_id}_{self._next_id()}", self._shown_at("list_new_post", now)
        post = PagePost(post_id, page, message, photos, now, listed_at, self._shown_at("name_new_post", now))
        self.posts[post.media_id] = post
        for photo in photos:
            photo.post = post
        return post

    def _shown_at(self, operation: str, now: datetime) -> datetime:
        fault = self.faults.take("facebook_page", operation)
        return now + timedelta(seconds=fault.seconds) if fault else now

    def _next_id(self) -> str:
        return str(FIRST_ID + 13 * (len(self.photos) + len(self.posts)))

    def dump(self) -> dict[str, Any]:
        """The state as JSON; `posts_per_text` counts deleted posts too."""
        return {
            "posts_per_text": dict(Counter(post.message for post in self.posts.values())),
            "photos": [
                {"id": photo.photo_id, "page_id": photo.page.page_id, "posted": photo.post is not None}
                for photo in self.photos.values()
            ],
            "posts": [
                {
                    "id": post.media_id,
                    "page_id": post.page.page_id,
                    "text": post.message,
                    "alt_texts": [photo.alt_text for photo in post.photos],
                    "image_urls": [photo.url for photo in post.photos],
                    "permalink": post.permalink,
                    "created_at": post.published_at.isoformat(),
                    "deleted_at": post.deleted_at.isoformat() if post.deleted_at else None,
                }
                for post in self.posts.values()
            ],
        }


def attached(params: dict[str, str]) -> list[str]:
    """The ids of `attached_media`, which is a JSON list or numbered parameters."""
    listed = params.get("attached_media")
    numbered = [params[name] for name in params if _NUMBERED.fullmatch(name)]
    try:
        media = json.loads(listed) if listed is not None else [json.loads(item) for item in numbered]
        return [str(item["media_fbid"]) for item in media]
    except (ValueError, TypeError, KeyError):
        raise refused(errors.NOT_A_PARAMETER, "(#100) Param attached_media must be an array.") from None


def judged(facts: Fetched) -> Flaw | None:
    """What Facebook has against a picture."""
    if facts.format not in FORMATS:
        return "format"
    return "too_large" if facts.size > MAX_FILE else None
