"""Containers and posts of Threads."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import regex

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.images import ASPECT_SLACK, Fetched, Fetcher, Flaw
from infra.local.simulators.threads import errors
from infra.local.simulators.threads.accounts import ThreadsAccount, ThreadsAccounts
from infra.local.simulators.threads.errors import refused

ContainerStatus = Literal["IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"]

DAY = timedelta(hours=24)
MAX_TEXT = 500
MAX_LINKS = 5
MAX_ALT = 1_000
MAX_FILE = 8 * 1024 * 1024
MAX_RATIO = 10
SIZES = range(2, 21)
FIRST_ID = 17_900_000_000_000_000
SHORTCODES = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

_LINK = re.compile(r"(?:https?://|www\.)[^\s]+", re.IGNORECASE)


@dataclass
class ThreadsContainer:
    """A container of one picture, a text, or a carousel of `children`; times are UTC."""

    container_id: str
    account: ThreadsAccount
    created_at: datetime
    ready_at: datetime
    media_type: str
    text: str = ""
    image_url: str = ""
    alt_text: str = ""
    is_item: bool = False
    children: list["ThreadsContainer"] = field(default_factory=list)
    fetched: bool = False
    broken: str | None = None
    media_id: str | None = None
    publish_calls: int = 0
    not_found_left: int = 0

    def status(self, now: datetime) -> ContainerStatus:
        if self.media_id:
            return "PUBLISHED"
        if now >= self.created_at + DAY:
            return "EXPIRED"
        if now < self.ready_at or not (self.fetched or not self.image_url):
            return "IN_PROGRESS"
        return "ERROR" if self.broken else "FINISHED"

    def urls(self) -> list[str]:
        parts = self.children or [self]
        return [part.image_url for part in parts if part.image_url]

    def alt_texts(self) -> list[str]:
        return [part.alt_text for part in self.children or [self]]


@dataclass
class ThreadsPost:
    """A live post, or one that was live until `deleted_at`."""

    media_id: str
    container: ThreadsContainer
    published_at: datetime
    deleted_at: datetime | None = None

    @property
    def permalink(self) -> str:
        number, code = int(self.media_id), ""
        while number:
            number, digit = divmod(number, len(SHORTCODES))
            code = SHORTCODES[digit] + code
        return f"https://www.threads.com/@{self.container.account.setup.username}/post/{code}"

    @property
    def media_type(self) -> str:
        if self.container.children:
            return "CAROUSEL_ALBUM"
        return "IMAGE" if self.container.image_url else "TEXT_POST"


@dataclass
class ThreadsState:
    settings: SimulatorSettings
    faults: FaultBook
    fetcher: Fetcher
    accounts: ThreadsAccounts = field(default_factory=ThreadsAccounts)
    containers: dict[str, ThreadsContainer] = field(default_factory=dict)
    posts: dict[str, ThreadsPost] = field(default_factory=dict)
    deletes: list[tuple[ThreadsAccount, datetime]] = field(default_factory=list)
    violations: list[dict[str, str]] = field(default_factory=list)

    def create(self, account: ThreadsAccount, params: dict[str, str], now: datetime) -> ThreadsContainer:
        """Create a container; refuses what is wrong without fetching the picture."""
        is_item = params.get("is_carousel_item", "").lower() == "true"
        text, alt_text = params.get("text", ""), params.get("alt_text", "")
        if params.get("auto_publish_text", "").lower() == "true":
            self.note(account, "created and published in one call", now)
        check_texts(text, alt_text)
        container = ThreadsContainer(
            container_id=self._next_id(),
            account=account,
            created_at=now,
            ready_at=now + timedelta(seconds=self.settings.processing_seconds),
            media_type=params.get("media_type", ""),
            text="" if is_item else text,
            alt_text=alt_text,
            is_item=is_item,
            not_found_left=self.settings.not_ready_after_finished,
        )
        self._fill(container, params, now)
        self.containers[container.container_id] = container
        return container

    def _fill(self, container: ThreadsContainer, params: dict[str, str], now: datetime) -> None:
        if container.media_type == "IMAGE":
            container.image_url = params.get("image_url", "")
            if not container.image_url.isascii() or not container.image_url.startswith(("http://", "https://")):
                raise refused(errors.NOT_A_PARAMETER, "Param image_url must be a public address")
        elif container.media_type == "CAROUSEL":
            container.children = self._children(container.account, params.get("children", ""), now)
        elif container.media_type != "TEXT":
            raise refused(errors.NOT_A_PARAMETER, "Param media_type must be one of {TEXT, IMAGE, VIDEO, CAROUSEL}")
        elif not container.text or container.is_item:
            raise refused(errors.NOT_A_PARAMETER, "Param text is required")

    def _children(self, account: ThreadsAccount, listed: str, now: datetime) -> list[ThreadsContainer]:
        ids = [part for part in re.split(r"[\s,\[\]\"']+", listed) if part]
        children = [self.containers[child] for child in ids if child in self.containers]
        if len(ids) not in SIZES:
            raise refused(errors.NOT_A_PARAMETER, "Param children must have 2 to 20 items")
        if len(children) != len(ids) or not all(child.is_item and child.account is account for child in children):
            raise refused(errors.BAD_CHILDREN)
        if any(child.status(now) != "FINISHED" for child in children):
            raise refused(errors.BAD_CHILDREN, violation="made a carousel of containers that are not FINISHED")
        return children

    async def process(self, container: ThreadsContainer) -> None:
        """Fetch and check the picture; faults of `process_container` apply."""
        fault = self.faults.take("threads", "process_container")
        if fault and fault.kind == "slow":
            container.ready_at += timedelta(seconds=fault.seconds)
        facts = await self.fetcher.fetch(container.image_url, judged)
        if facts.flaw:
            container.broken = errors.BROKEN[facts.flaw]
        elif fault and fault.kind != "slow":
            container.broken = fault.message or "UNKNOWN"
        container.fetched = True

    def publish(self, account: ThreadsAccount, creation_id: str, now: datetime) -> ThreadsPost:
        """Publish a finished container once; other calls are violations, and all are answered alike."""
        container = self.containers.get(creation_id)
        if container is None or container.account is not account:
            raise refused(errors.MEDIA_NOT_FOUND)
        container.publish_calls += 1
        status = container.status(now)
        wrong = {
            "PUBLISHED": "published a container a second time",
            "IN_PROGRESS": "published a container before it was FINISHED",
            "EXPIRED": "published an expired container",
            "ERROR": "published a failed container",
        }.get(status) or ("published a carousel item by itself" if container.is_item else None)
        if wrong:
            raise refused(errors.MEDIA_NOT_FOUND, violation=wrong)
        if container.not_found_left:
            container.not_found_left -= 1
            raise refused(errors.MEDIA_NOT_FOUND)
        if self.quota_usage(account, now) >= account.setup.quota_total:
            raise refused(errors.USED_UP)
        post = ThreadsPost(self._next_id(), container, now)
        self.posts[post.media_id] = post
        container.media_id = post.media_id
        return post

    def remove(self, account: ThreadsAccount, post: ThreadsPost, now: datetime) -> None:
        """Delete a post; refuses beyond the account's daily number."""
        if self.delete_usage(account, now) >= account.setup.delete_total:
            raise refused(errors.USED_UP)
        self.deletes.append((account, now))
        post.deleted_at = now

    def quota_usage(self, account: ThreadsAccount, now: datetime) -> int:
        """Posts of the last 24 hours, deleted ones included."""
        own = sum(post.container.account is account and post.published_at > now - DAY for post in self.posts.values())
        return own + account.setup.quota_used

    def delete_usage(self, account: ThreadsAccount, now: datetime) -> int:
        return sum(who is account and at > now - DAY for who, at in self.deletes) + account.setup.deletes_used

    def live(self, account: ThreadsAccount) -> list[ThreadsPost]:
        own = [post for post in self.posts.values() if post.container.account is account and post.deleted_at is None]
        return sorted(own, key=lambda post: (post.published_at, post.media_id), reverse=True)

    def visible(self, account: ThreadsAccount, object_id: str) -> ThreadsContainer | ThreadsPost:
        """The account's container or live post of that id; refuses with 100/33."""
        container, post = self.containers.get(object_id), self.posts.get(object_id)
        if container is not None and container.account is account:
            return container
        if post is None or post.container.account is not account or post.deleted_at:
            raise refused(errors.HIDDEN)
        return post

    def note(self, account: ThreadsAccount, what: str, now: datetime, container_id: str = "") -> None:
        self.violations.append(
            {
                "platform": "threads",
                "at": now.isoformat(),
                "account": account.user_id,
                "container_id": container_id,
                "what": what,
            }
        )

    def _next_id(self) -> str:
        return str(FIRST_ID + 11 * (len(self.containers) + len(self.posts)))

    def dump(self, now: datetime) -> dict[str, Any]:
        """The state as JSON; `posts_per_text` counts deleted posts too."""
        return {
            "posts_per_text": dict(Counter(post.container.text for post in self.posts.values())),
            "publishes_per_container": {item.container_id: item.publish_calls for item in self.containers.values()},
            "containers": [
                {
                    "id": item.container_id,
                    "user_id": item.account.user_id,
                    "status": item.status(now),
                    "text": item.text,
                    "is_item": item.is_item,
                    "created_at": item.created_at.isoformat(),
                    "media_id": item.media_id,
                }
                for item in self.containers.values()
            ],
            "posts": [
                {
                    "id": post.media_id,
                    "user_id": post.container.account.user_id,
                    "container_id": post.container.container_id,
                    "text": post.container.text,
                    "alt_texts": post.container.alt_texts(),
                    "image_urls": post.container.urls(),
                    "media_type": post.media_type,
                    "permalink": post.permalink,
                    "published_at": post.published_at.isoformat(),
                    "deleted_at": post.deleted_at.isoformat() if post.deleted_at else None,
                }
                for post in self.posts.values()
            ],
        }


def judged(facts: Fetched) -> Flaw | None:
    """What Threads has against a picture."""
    if facts.format not in {"JPEG", "PNG"}:
        return "format"
    if facts.size > MAX_FILE:
        return "too_large"
    longer, shorter = max(facts.width, facts.height), min(facts.width, facts.height)
    return "aspect" if longer > shorter * (MAX_RATIO + ASPECT_SLACK) else None


def text_length(text: str) -> int:
    """Characters, with emoji as the bytes of their UTF-8."""
    emoji = regex.findall(r"\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}", text)
    return len(text) + sum(len(character.encode()) - 1 for character in emoji)


def check_texts(text: str, alt_text: str) -> None:
    """Refuse texts over Threads' limits; an address that is repeated is one link."""
    if text_length(text) > MAX_TEXT:
        raise refused(errors.NOT_A_PARAMETER, "Param text must be at most 500 characters long.")
    if len(set(_LINK.findall(text))) > MAX_LINKS:
        raise refused(errors.NOT_A_PARAMETER, "THREADS_API__LINK_LIMIT_EXCEEDED")
    if len(alt_text) > MAX_ALT:
        raise refused(errors.NOT_A_PARAMETER, "Param alt_text must be at most 1000 characters long.")
