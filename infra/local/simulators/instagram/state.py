"""Instagram's containers and media."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.images import Fetcher
from infra.local.simulators.instagram import errors
from infra.local.simulators.instagram.accounts import Accounts, PostByHand, SimulatedAccount
from infra.local.simulators.instagram.errors import GraphRefusal, Kind
from infra.local.simulators.instagram.extras import FIRST_COMMENT, ContainerExtras, SimulatedComment, extras_of

StatusCode = Literal["IN_PROGRESS", "FINISHED", "ERROR", "EXPIRED", "PUBLISHED"]

WINDOW = timedelta(hours=24)
MAX_CAPTION = 2200
MAX_HASHTAGS = 30
MAX_MENTIONS = 20
MAX_ALT_TEXT = 1000
CAROUSEL_SIZES = range(2, 11)
FIRST_CONTAINER = 17_889_455_560_000_000
FIRST_MEDIA = 17_920_238_420_000_000
SHORTCODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass
class Container:
    """A container of one picture, or a carousel of `children`; times are UTC."""

    container_id: str
    account: SimulatedAccount
    created_at: datetime
    ready_at: datetime
    caption: str = ""
    image_url: str = ""
    alt_text: str = ""
    extras: ContainerExtras = field(default_factory=ContainerExtras)
    is_carousel_item: bool = False
    children: list["Container"] = field(default_factory=list)
    # The file of a video, whose first frame is `image_url`.
    video_url: str = ""
    fetched: bool = False
    failure: Kind | None = None
    media_id: str | None = None
    publish_calls: int = 0
    not_ready_left: int = 0

    def status_code(self, now: datetime) -> StatusCode:
        if self.media_id:
            return "PUBLISHED"
        if now >= self.created_at + WINDOW:
            return "EXPIRED"
        if self.children:
            parts = {child.status_code(now) for child in self.children}
            worse: list[StatusCode] = ["ERROR", "EXPIRED", "IN_PROGRESS"]
            own: StatusCode = "IN_PROGRESS" if now < self.ready_at else "FINISHED"
            return next((code for code in worse if code in parts), own)
        if not self.fetched or now < self.ready_at:
            return "IN_PROGRESS"
        return "ERROR" if self.failure else "FINISHED"

    def status(self, now: datetime) -> str:
        """The `status` text; that of an error has its subcode."""
        code = self.status_code(now)
        failure = next((part.failure for part in [self, *self.children] if part.failure), None)
        return {
            "IN_PROGRESS": "In Progress: Media is still being processed.",
            "FINISHED": "Finished: Media has been uploaded and it is ready to be published.",
            "ERROR": f"Error: Media upload has failed with error code {failure[1] or failure[0] if failure else ''}",
            "EXPIRED": "Expired: Media has expired and can no longer be published.",
            "PUBLISHED": "Published: Media has been already published.",
        }[code]

    def pictures(self) -> list["Container"]:
        """The containers of its pictures."""
        return self.children or [self]

    def urls(self) -> list[str]:
        return [part.image_url for part in self.pictures()]


@dataclass
class Media:
    """A live post, or one that was live until `deleted_at`."""

    media_id: str
    container: Container
    published_at: datetime
    deleted_at: datetime | None = None

    @property
    def account(self) -> SimulatedAccount:
        return self.container.account

    @property
    def permalink(self) -> str:
        if self.container.extras.is_story:
            return f"https://www.instagram.com/stories/{self.account.username}/{self.media_id}/"
        number, code = int(self.media_id), ""
        while number:
            number, digit = divmod(number, len(SHORTCODE_ALPHABET))
            code = SHORTCODE_ALPHABET[digit] + code
        return f"https://www.instagram.com/p/{code}/"

    @property
    def media_type(self) -> str:
        if self.container.video_url:
            return "VIDEO"
        return "CAROUSEL_ALBUM" if self.container.children else "IMAGE"


@dataclass
class Violation:
    at: datetime
    account: str
    container_id: str
    what: str


@dataclass
class InstagramState:
    settings: SimulatorSettings
    faults: FaultBook
    fetcher: Fetcher
    accounts: Accounts = field(default_factory=Accounts)
    containers: dict[str, Container] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    comments: list[SimulatedComment] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)

    def create_container(self, account: SimulatedAccount, params: dict[str, str], now: datetime) -> Container:
        """Create a container; refuses what is wrong without fetching the picture."""
        recent = sum(item.account is account and item.created_at > now - WINDOW for item in self.containers.values())
        if recent >= account.container_cap:
            raise GraphRefusal(errors.QUOTA_USED_UP, "Too many media containers were created in the last 24 hours")
        is_item = params.get("is_carousel_item", "").lower() in {"true", "1"}
        check_texts(params.get("caption", ""), params.get("alt_text", ""), is_item=is_item)
        number = FIRST_CONTAINER + 44 + 7 * len(self.containers)
        container = Container(
            container_id=str(number),
            account=account,
            created_at=now,
            ready_at=now + timedelta(seconds=self.settings.processing_seconds),
            caption=params.get("caption", ""),
            alt_text=params.get("alt_text", ""),
            extras=extras_of(params, is_item=is_item),
            is_carousel_item=is_item,
            not_ready_left=self.settings.not_ready_after_finished,
        )
        media_type = params.get("media_type")
        if media_type == "CAROUSEL":
            container.children = self._children(account, params.get("children", ""), now)
        elif media_type in {None, "STORIES"}:
            container.image_url = checked_url(params.get("image_url", ""))
        else:
            raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Param media_type must be CAROUSEL, STORIES or omitted")
        self.containers[container.container_id] = container
        return container

    def _children(self, account: SimulatedAccount, listed: str, now: datetime) -> list[Container]:
        ids = [part for part in re.split(r"[\s,\[\]\"']+", listed) if part]
        children = [self.containers[child] for child in ids if child in self.containers]
        fit = all(child.is_carousel_item and child.account is account for child in children)
        if len(children) != len(ids) or len(ids) not in CAROUSEL_SIZES or not fit:
            raise GraphRefusal(errors.CAROUSEL_SIZE)
        if any(child.status_code(now) != "FINISHED" for child in children):
            raise GraphRefusal(errors.NOT_READY, violation="made a carousel of containers that are not FINISHED")
        return children

    async def process(self, container: Container) -> None:
        """Fetch and check the picture; faults of `process_container` apply."""
        fault = self.faults.take("instagram", "process_container")
        if fault and fault.kind == "slow":
            container.ready_at += timedelta(seconds=fault.seconds)
        facts = await self.fetcher.fetch(container.image_url)
        if facts.flaw:
            container.failure = errors.FLAWS[facts.flaw]
        elif fault and fault.kind != "slow":
            container.failure = errors.refusal_of(fault, "process_container").kind
        container.fetched = True

    def publish(self, account: SimulatedAccount, creation_id: str, now: datetime) -> Media:
        """Publish a finished container once; other calls are violations."""
        container = self.containers.get(creation_id)
        if container is None or container.account is not account:
            raise GraphRefusal(errors.CONTAINER_UNKNOWN)
        container.publish_calls += 1
        status = container.status_code(now)
        if status == "PUBLISHED":
            raise GraphRefusal(errors.NOT_READY, violation="published a container a second time")
        if status == "IN_PROGRESS":
            raise GraphRefusal(errors.NOT_READY, violation="published a container before it was FINISHED")
        if status == "EXPIRED":
            raise GraphRefusal(errors.CONTAINER_UNKNOWN, violation="published an expired container")
        if status == "ERROR":
            raise GraphRefusal(errors.CREATE_FAILED, violation="published a failed container")
        if container.is_carousel_item:
            raise GraphRefusal(errors.BAD_PARAMETER, violation="published a carousel item by itself")
        if container.not_ready_left:
            container.not_ready_left -= 1
            raise GraphRefusal(errors.NOT_READY)
        if self.quota_usage(account, now) >= account.quota_total:
            raise GraphRefusal(errors.QUOTA_USED_UP)
        return self._keep(container, now)

    def post_by_hand(self, post: PostByHand, now: datetime) -> Media:
        """Post as a person does in the app, where no container is made for this program."""
        account = self.accounts.by_id[post.ig_user_id]
        number = FIRST_CONTAINER + 3 + 7 * len(self.media)
        container = Container(str(number), account, now, now, post.caption)
        container.image_url, container.video_url = post.image_url, post.video_url
        return self._keep(container, now)

    def _keep(self, container: Container, now: datetime) -> Media:
        media = Media(str(FIRST_MEDIA + 2_030_506 + 13 * len(self.media)), container, now)
        self.media[media.media_id] = media
        container.media_id = media.media_id
        return media

    def quota_usage(self, account: SimulatedAccount, now: datetime) -> int:
        """Posts of the last 24 hours, deleted ones included."""
        own = sum(media.account is account and media.published_at > now - WINDOW for media in self.media.values())
        return own + account.quota_used

    def live_media(self, account: SimulatedAccount) -> list[Media]:
        """The account's media, newest first, without stories."""
        return [media for media in self._live(account) if not media.container.extras.is_story]

    def live_stories(self, account: SimulatedAccount, now: datetime) -> list[Media]:
        """The account's stories of the last 24 hours, newest first."""
        recent = [media for media in self._live(account) if media.published_at > now - WINDOW]
        return [media for media in recent if media.container.extras.is_story]

    def _live(self, account: SimulatedAccount) -> list[Media]:
        live = [media for media in self.media.values() if media.account is account and media.deleted_at is None]
        return sorted(live, key=lambda media: (media.published_at, media.media_id), reverse=True)

    def comment(self, account: SimulatedAccount, media_id: str, text: str, now: datetime) -> SimulatedComment:
        """Comment on the account's media; a text that is there already is refused as spam."""
        if not text:
            raise GraphRefusal(errors.BAD_PARAMETER, "(#100) The parameter message is required")
        if any(item.text == text for item in self.comments_on(account, media_id)):
            # No page names the code of this refusal.
            raise GraphRefusal(errors.BAD_PARAMETER, "(#100) The comment was rejected as spam")
        made = SimulatedComment(str(FIRST_COMMENT + 17 * len(self.comments)), media_id, text, now)
        self.comments.append(made)
        return made

    def comments_on(self, account: SimulatedAccount, media_id: str) -> list[SimulatedComment]:
        if not isinstance(self.visible(account, media_id), Media):
            raise GraphRefusal(errors.NOT_FOUND)
        return [item for item in reversed(self.comments) if item.parent_id == media_id]

    def visible(self, account: SimulatedAccount, object_id: str) -> Container | Media:
        """The account's container or live media of that id; refuses with 100/33."""
        visible = self.containers.get(object_id) or self.media.get(object_id)
        if visible is None or visible.account is not account or (isinstance(visible, Media) and visible.deleted_at):
            raise GraphRefusal(errors.NOT_FOUND)
        return visible

    def note(self, account: SimulatedAccount, container_id: str, what: str, now: datetime) -> None:
        self.violations.append(Violation(now, account.ig_user_id, container_id, what))

    def dump(self, now: datetime) -> dict[str, Any]:
        """The state as JSON; `posts_per_caption` counts deleted posts too."""
        return {
            "posts_per_caption": dict(Counter(media.container.caption for media in self.media.values())),
            "publishes_per_container": {
                container.container_id: container.publish_calls for container in self.containers.values()
            },
            "containers": [
                {
                    "id": container.container_id,
                    "ig_user_id": container.account.ig_user_id,
                    "status_code": container.status_code(now),
                    "status": container.status(now),
                    "caption": container.caption,
                    "alt_text": container.alt_text,
                    "image_urls": container.urls(),
                    "is_carousel_item": container.is_carousel_item,
                    "created_at": container.created_at.isoformat(),
                    "media_id": container.media_id,
                }
                for container in self.containers.values()
            ],
            "media": [
                {
                    "id": media.media_id,
                    "ig_user_id": media.account.ig_user_id,
                    "container_id": media.container.container_id,
                    "caption": media.container.caption,
                    "alt_text": media.container.alt_text,
                    "image_urls": media.container.urls(),
                    "media_type": media.media_type,
                    "is_story": media.container.extras.is_story,
                    "collaborators": list(media.container.extras.collaborators),
                    "location_id": media.container.extras.location_id,
                    "user_tags": [list(part.extras.user_tags) for part in media.container.pictures()],
                    "comments": [item.text for item in self.comments if item.parent_id == media.media_id],
                    "permalink": media.permalink,
                    "published_at": media.published_at.isoformat(),
                    "deleted_at": media.deleted_at.isoformat() if media.deleted_at else None,
                }
                for media in self.media.values()
            ],
        }


def check_texts(caption: str, alt_text: str, *, is_item: bool) -> None:
    """Refuse texts over Instagram's limits, and a caption on a carousel item."""
    if is_item and caption:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Param caption is not allowed on a carousel item")
    if len(caption) > MAX_CAPTION or len(re.findall(r"#\w", caption)) > MAX_HASHTAGS:
        raise GraphRefusal(errors.CAPTION_TOO_LONG)
    if len(re.findall(r"@\w", caption)) > MAX_MENTIONS:
        raise GraphRefusal((100, 2207040), "Cannot use more than 20 tags per created media")
    if len(alt_text) > MAX_ALT_TEXT:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) Param alt_text is longer than 1000 characters")


def checked_url(url: str) -> str:
    """Refuse a picture address that is not US-ASCII."""
    if not url:
        raise GraphRefusal(errors.BAD_PARAMETER, "(#100) The parameter image_url is required")
    if not url.isascii() or not url.startswith(("http://", "https://")):
        raise GraphRefusal(errors.NOT_FETCHED)
    return url
