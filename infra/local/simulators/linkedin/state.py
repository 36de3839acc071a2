"""Images and posts of LinkedIn."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.linkedin import errors
from infra.local.simulators.linkedin.accounts import LinkedInAccounts, LinkedInMember
from infra.local.simulators.linkedin.errors import LinkedInRefusal
from infra.local.simulators.mastodon.media import measure

MAX_TEXT, MAX_ALT_TEXT, MAX_PIXELS = 3_000, 4_086, 36_152_320
MULTI_IMAGE = range(2, 21)
IMAGE_TYPES = {"image/jpeg", "image/png", "image/gif"}
RESERVED = r"\\<>#~_|\[\]*(){}@"
_ESCAPED = re.compile(rf"\\([{RESERVED}])")
# What little text has besides plain characters: escaped ones, hashtags, and templates in braces or brackets.
_PART = re.compile(
    rf"\\[{RESERVED}]|\{{hashtag\|\\?#\|\w+\}}|@\[[^\]]*\]\([^)]*\)|(?<!\w)#[^\W_]+|[^{RESERVED}]", re.DOTALL
)

Json = dict[str, Any]


@dataclass
class LinkedInImage:
    """An image of an owner; without `digest` its bytes were not uploaded yet."""

    urn: str
    owner: str
    ready_at: datetime | None = None
    digest: str = ""
    metadata: list[str] = field(default_factory=list)
    failed: bool = False

    def status(self, now: datetime) -> str:
        if self.ready_at is None:
            return "WAITING_UPLOAD"
        if now < self.ready_at:
            return "PROCESSING"
        return "PROCESSING_FAILED" if self.failed else "AVAILABLE"


@dataclass
class LinkedInPost:
    urn: str
    author: str
    commentary: str
    content: Json
    images: list[LinkedInImage]
    alt_texts: list[str]
    created_at: datetime
    deleted_at: datetime | None = None

    @property
    def text(self) -> str:
        return shown_text(self.commentary)

    def node(self) -> Json:
        at = int(self.created_at.timestamp() * 1_000)
        return {
            "id": self.urn,
            "author": self.author,
            "commentary": self.commentary,
            "content": self.content,
            "visibility": "PUBLIC",
            "lifecycleState": "PUBLISHED",
            "createdAt": at,
            "publishedAt": at,
            "lastModifiedAt": at,
        }


def shown_text(commentary: str) -> str:
    """What people see: the text ends where a reserved character is not escaped."""
    place, shown = 0, list[str]()
    while part := _PART.match(commentary, place):
        tag = re.fullmatch(r"\{hashtag\|\\?#\|(\w+)\}", part[0])
        shown.append(f"#{tag[1]}" if tag else _ESCAPED.sub(r"\1", part[0]))
        place = part.end()
    return "".join(shown)


@dataclass
class LinkedInState:
    settings: SimulatorSettings
    faults: FaultBook
    accounts: LinkedInAccounts = field(default_factory=LinkedInAccounts)
    images: dict[str, LinkedInImage] = field(default_factory=dict)
    posts: dict[str, LinkedInPost] = field(default_factory=dict)
    violations: list[Json] = field(default_factory=list)
    last_number: int = 7_265_000_000_000_000_000

    def note(self, author: str, what: str, now: datetime) -> None:
        self.violations.append({"platform": "linkedin", "at": now.isoformat(), "author": author, "what": what})

    def next_number(self) -> int:
        self.last_number += 1
        return self.last_number

    def initialize(self, owner: str) -> LinkedInImage:
        number = self.next_number()
        image = LinkedInImage(f"urn:li:image:C4E10AQ{number:x}", owner)
        self.images[image.urn] = image
        return image

    def upload(self, image: LinkedInImage, content: bytes, now: datetime) -> None:
        """Keep the bytes of an image; one that is no picture fails later."""
        measured, fault = measure(content), self.faults.take("linkedin", "process_image")
        seconds = self.settings.processing_seconds + (fault.seconds if fault and fault.kind == "slow" else 0)
        usable = measured and measured.kind in IMAGE_TYPES and measured.width * measured.height < MAX_PIXELS
        image.failed = not usable or (fault is not None and fault.kind != "slow")
        image.ready_at, image.digest = now + timedelta(seconds=seconds), sha256(content).hexdigest()
        image.metadata = measured.metadata if measured else []

    def create(self, member: LinkedInMember, document: Json, now: datetime) -> LinkedInPost:
        """Check a post and keep it; refuses one whose text and author are those of another."""
        author, commentary = str(document.get("author", "")), document.get("commentary")
        if document.get("lifecycleState") != "PUBLISHED" or document.get("visibility") != "PUBLIC":
            raise LinkedInRefusal(errors.BAD_REQUEST, "lifecycleState", violation="left out a required field")
        if not isinstance(commentary, str) or "distribution" not in document:
            raise LinkedInRefusal(errors.BAD_REQUEST, "commentary", violation="left out a required field")
        if len(shown_text(commentary).encode("utf-16-le")) // 2 > MAX_TEXT:
            raise LinkedInRefusal(errors.NOT_TAKEN, "commentary is too long", violation="sent a text over the limit")
        content = document.get("content") or {}
        images, alt_texts = self._images_of(content, author, now)
        earlier = [post for post in self.posts.values() if post.author == author and post.commentary == commentary]
        if earlier:
            raise LinkedInRefusal(errors.DUPLICATE, earlier[-1].urn)
        since = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        today = [post for post in self.posts.values() if post.author == author and post.created_at >= since]
        if len(today) >= member.setup.posts_per_day:
            raise LinkedInRefusal(errors.THROTTLED)
        if shown_text(commentary) != _ESCAPED.sub(r"\1", commentary):
            self.note(author, "sent a text that ends at a character that was not escaped", now)
        urn = f"urn:li:share:{self.next_number()}"
        self.posts[urn] = LinkedInPost(urn, author, commentary, content, images, alt_texts, now)
        return self.posts[urn]

    def _images_of(self, content: Json, author: str, now: datetime) -> tuple[list[LinkedInImage], list[str]]:
        listed = [content["media"]] if "media" in content else content.get("multiImage", {}).get("images", [])
        if "multiImage" in content and len(listed) not in MULTI_IMAGE:
            raise LinkedInRefusal(errors.NOT_TAKEN, "images", violation="sent a wrong number of images")
        images = [self.images.get(each.get("id", "")) for each in listed]
        for image in images:
            if image is None or image.owner != author or image.status(now) != "AVAILABLE":
                raise LinkedInRefusal(errors.NOT_TAKEN, "image", violation="posted an image that is not available")
        alt_texts = [str(each.get("altText", "")) for each in listed]
        if any(len(text) > MAX_ALT_TEXT for text in alt_texts):
            raise LinkedInRefusal(errors.NOT_TAKEN, "altText is too long", violation="sent an alt text over the limit")
        return [image for image in images if image], alt_texts

    def live(self, urn: str) -> LinkedInPost:
        """A post that was not deleted; 404 for any other."""
        post = self.posts.get(urn)
        if post is None or post.deleted_at:
            raise LinkedInRefusal(errors.MISSING, urn)
        return post

    def listed(self, author: str) -> list[LinkedInPost]:
        """The author's posts, newest first."""
        own = [post for post in self.posts.values() if post.author == author and not post.deleted_at]
        return own[::-1]

    def dump(self) -> Json:
        """The state as JSON; `posts_per_text` counts deleted posts too."""
        return {
            "posts_per_text": dict(Counter(post.text for post in self.posts.values())),
            "posts": [
                {
                    "id": post.urn,
                    "author": post.author,
                    "text": post.text,
                    "alt_texts": post.alt_texts,
                    "pictures": [image.digest for image in post.images],
                    "metadata": [image.metadata for image in post.images],
                    "deleted_at": post.deleted_at.isoformat() if post.deleted_at else None,
                }
                for post in self.posts.values()
            ],
            "images": len(self.images),
        }
