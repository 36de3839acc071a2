"""Statuses: limits, idempotency keys by version, media attached once, and listings."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import regex

from infra.local.simulators.faults import FaultBook
from infra.local.simulators.mastodon import errors
from infra.local.simulators.mastodon.errors import MastodonRefusal, aborted, invalid, not_in_table, unvalidated
from infra.local.simulators.mastodon.media import MediaAttachment, MediaStore
from infra.local.simulators.mastodon.servers import SimulatedServer, SimulatedUser

KEY_LIFE = timedelta(hours=1)
PIXELFED_POSTS_PER_DAY = 1_000
VISIBILITIES = ("public", "unlisted", "private", "direct")
LARGEST_PAGE, DEFAULT_PAGE = 40, 20
LINK = re.compile(r"https?://\S+")
REMOTE_MENTION = re.compile(r"(?<![\w/])(@\w+)@[\w.-]*\w")

Json = dict[str, Any]


@dataclass
class PublishedStatus:
    status_id: str
    server: SimulatedServer
    user: SimulatedUser
    created_at: datetime
    text: str
    media: list[MediaAttachment]
    visibility: str
    sensitive: bool
    spoiler_text: str
    language: str | None
    key: str | None
    deleted_at: datetime | None = None

    @property
    def url(self) -> str:
        name = self.user.setup.username
        path = f"p/{name}" if self.server.is_pixelfed else f"@{name}"
        return f"https://{self.server.setup.domain}/{path}/{self.status_id}"

    def node(self, now: datetime) -> Json:
        return {
            "id": self.status_id,
            "created_at": self.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "sensitive": self.sensitive,
            "spoiler_text": self.spoiler_text,
            "visibility": self.visibility,
            "language": self.language,
            "uri": f"https://{self.server.setup.domain}/users/{self.user.setup.username}/statuses/{self.status_id}",
            "url": self.url,
            "replies_count": 0,
            "reblogs_count": 0,
            "favourites_count": 0,
            "content": as_html(self.text),
            "reblog": None,
            "account": account_node(self.user),
            "media_attachments": [media.node(now) for media in self.media],
            "mentions": [],
            "tags": [],
        }


@dataclass(frozen=True)
class StatusRequest:
    """A call that makes a status, and the number that the status gets."""

    server: SimulatedServer
    user: SimulatedUser
    form: Json
    key: str | None
    number: int
    now: datetime

    @property
    def owned_key(self) -> tuple[str, str]:
        return self.user.account_id, self.key or ""

    @property
    def media_ids(self) -> list[str]:
        return listed(self.form.get("media_ids[]"))

    def field(self, name: str, default: str = "") -> str:
        return str(self.form.get(name) or default)

    def status(self, media: list[MediaAttachment], visibility: str) -> PublishedStatus:
        """The status of this request; a silenced account's `public` becomes `unlisted`."""
        spoiler = self.field("spoiler_text")
        hidden = visibility == "public" and self.user.setup.silenced
        return PublishedStatus(
            status_id=str(self.number),
            server=self.server,
            user=self.user,
            created_at=self.now,
            text=self.field("status"),
            media=media,
            visibility="unlisted" if hidden else visibility,
            sensitive=self.field("sensitive").lower() in {"true", "1"} or bool(spoiler),
            spoiler_text=spoiler,
            language="en" if self.server.is_pixelfed else self.form.get("language"),
            key=self.key,
        )


@dataclass
class StatusStore:
    """The statuses of all servers, and the keys of each account with the status they made and when."""

    faults: FaultBook
    media: MediaStore
    items: dict[str, PublishedStatus] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    locked: set[tuple[str, str]] = field(default_factory=set)

    def create(self, request: StatusRequest) -> PublishedStatus:
        """Publish, or return what the key made; the caller then keeps the key with `keep_key`."""
        if request.server.is_pixelfed:
            return self._create_pixelfed(request)
        if request.key and request.server.locks_keys and request.owned_key in self.locked:
            raise MastodonRefusal(errors.LOCK_HELD)
        made = self._made(request.owned_key, request.now) if request.key else None
        if made is not None:
            if request.server.breaks_repeats:
                raise MastodonRefusal(errors.REPEAT_FAILED)
            if made.deleted_at:
                raise MastodonRefusal(errors.RECORD_MISSING)
            return made
        media = self._attachable(request)
        _check_text(request, media)
        visibility = request.field("visibility", request.user.setup.default_visibility)
        return self._publish(request, media, visibility)

    def keep_key(self, status: PublishedStatus, now: datetime) -> None:
        """Keep the key of a status that was made; a fault of `store_key` loses it."""
        owned = (status.user.account_id, status.key or "")
        self.locked.discard(owned)
        if status.key and owned not in self.keys and self.faults.take("mastodon", "store_key") is None:
            self.keys[owned] = (status.status_id, now)

    def visible(self, server: SimulatedServer, user: SimulatedUser, status_id: str) -> PublishedStatus:
        """The account's live status of that id."""
        status = self.items.get(status_id)
        if status is None or status.server is not server or status.user is not user or status.deleted_at:
            raise aborted(404) if server.is_pixelfed else MastodonRefusal(errors.RECORD_MISSING)
        return status

    def delete(
        self, server: SimulatedServer, user: SimulatedUser, status_id: str, now: datetime, *, with_media: bool
    ) -> PublishedStatus:
        """Delete a status; its media are free again for a day unless they go too (4.4)."""
        try:
            status = self.visible(server, user, status_id)
        except MastodonRefusal:
            if server.is_pixelfed:
                raise not_in_table("Status", status_id) from None
            raise
        status.deleted_at = now
        for media in status.media:
            media.status_id, media.free_since = None, now
            if server.is_pixelfed or (with_media and server.at_least(4, 4)):
                self.media.items.pop(media.media_id, None)
        return status

    def listing(self, server: SimulatedServer, user: SimulatedUser, query: dict[str, str]) -> list[PublishedStatus]:
        """A page, newest first; at Mastodon `min_id` asks for the oldest after it, at Pixelfed for the newest."""
        own = [
            status
            for status in self.items.values()
            if status.server is server
            and status.user is user
            and not status.deleted_at
            and (query.get("only_media") not in {"true", "1"} or status.media)
            and (not server.is_pixelfed or status.visibility != "direct")
        ]
        lowest, highest = number_in(query, "min_id") or number_in(query, "since_id"), number_in(query, "max_id")
        if server.is_pixelfed and lowest:
            highest = None
        own = [
            status
            for status in own
            if (lowest is None or int(status.status_id) > lowest)
            and (highest is None or int(status.status_id) < highest)
        ]
        own.sort(key=lambda status: int(status.status_id), reverse=True)
        limit = min(number_in(query, "limit") or DEFAULT_PAGE, LARGEST_PAGE)
        ascending = number_in(query, "min_id") is not None and not server.is_pixelfed
        return own[-limit:] if ascending else own[:limit]

    def _made(self, owned: tuple[str, str], now: datetime) -> PublishedStatus | None:
        status_id, kept_at = self.keys.get(owned, ("", now))
        if status_id and now >= kept_at + KEY_LIFE:
            del self.keys[owned]
            return None
        return self.items.get(status_id)

    def _attachable(self, request: StatusRequest) -> list[MediaAttachment]:
        ids, most = request.media_ids, request.server.setup.max_media_attachments
        if len(ids) > most:
            raise invalid("Cannot attach more than {0} files", most, violation="attached too many pictures")
        free = self._free(request, ids)
        missing = [media_id for media_id in ids if media_id not in {media.media_id for media in free}]
        if missing and request.server.refuses_foreign_media:
            text = "Media {0} not found or already attached to another post"
            raise invalid(text, ", ".join(missing), violation="attached media that are gone or attached")
        if any(request.now < media.ready_at or media.failed for media in free):
            text = "Cannot attach files that have not finished processing. Try again in a moment!"
            raise invalid(text, violation="attached media that are not processed")
        return free

    def _free(self, request: StatusRequest, ids: Sequence[str]) -> list[MediaAttachment]:
        own = [self.media.own(request.server, request.user, media_id, request.now) for media_id in ids]
        return [media for media in own if media is not None and media.status_id is None]

    def _create_pixelfed(self, request: StatusRequest) -> PublishedStatus:
        visibility = request.field("visibility", "public")
        _check_pixelfed(request, visibility)
        self._burn_key(request)
        ids = request.media_ids[: request.server.setup.max_media_attachments]
        if not ids:
            raise aborted(403, "Empty statuses are not allowed")
        own = [status for status in self.items.values() if status.user is request.user]
        if sum(status.created_at > request.now - timedelta(days=1) for status in own) >= PIXELFED_POSTS_PER_DAY:
            raise aborted(429)
        free = self._free(request, ids)
        if not free:
            raise aborted(400, "Invalid media_ids", violation="attached media that are gone or attached")
        if len(free) < len(ids):
            raise not_in_table("Media", ids[-1])
        return self._publish(request, free, visibility)

    def _burn_key(self, request: StatusRequest) -> None:
        """Pixelfed keeps a key before it looks at the request: a repeat is refused even where nothing was posted."""
        if not request.key:
            return
        kept_at = self.keys.get(request.owned_key, ("", request.now - KEY_LIFE))[1]
        if request.now < kept_at + KEY_LIFE:
            raise aborted(400, "Duplicate idempotency key.")
        self.keys[request.owned_key] = ("", request.now)

    def _publish(self, request: StatusRequest, media: list[MediaAttachment], visibility: str) -> PublishedStatus:
        status = request.status(media, visibility)
        if status.key:
            self.locked.add(request.owned_key)
        # The spam filter answers as if the status existed.
        if self.faults.take("mastodon", "keep_status") is None:
            self.items[status.status_id] = status
            for attachment in media:
                attachment.status_id = status.status_id
        return status


def _check_text(request: StatusRequest, media: Sequence[MediaAttachment]) -> None:
    text, setup = request.field("status"), request.server.setup
    if not text.strip() and not media:
        raise invalid("Validation failed: Text can't be blank")
    if request.field("visibility", "public") not in VISIBILITIES:
        raise invalid("Validation failed: Visibility is not included in the list")
    if request.field("scheduled_at"):
        raise invalid("Validation failed: Scheduled at date must be in the future", violation="used scheduled_at")
    counted = LINK.sub("x" * setup.characters_reserved_per_url, REMOTE_MENTION.sub(r"\1", text))
    if len(regex.findall(r"\X", request.field("spoiler_text") + counted)) > setup.max_characters:
        message = "Validation failed: Text character limit of {0} exceeded"
        raise invalid(message, setup.max_characters, violation="sent a text over the limit")


def _check_pixelfed(request: StatusRequest, visibility: str) -> None:
    most = request.server.setup.max_characters
    if len(request.field("status")) > most:
        raise unvalidated("status", f"The status may not be greater than {most} characters.")
    if visibility not in {"public", "unlisted", "private"}:
        raise unvalidated("visibility", "The selected visibility is invalid.")


def account_node(user: SimulatedUser) -> Json:
    name = user.setup.username
    return {"id": user.account_id, "username": name, "acct": name, "display_name": name, "locked": False, "bot": False}


def as_html(text: str) -> str:
    paragraphs = html.escape(text, quote=False).split("\n\n")
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs).replace("\n", "<br />")


def listed(value: Any) -> list[str]:
    """A form's repeated field as texts."""
    values = value if isinstance(value, list) else [value]
    return [str(item) for item in values if item not in {None, ""}]


def number_in(query: dict[str, str], name: str) -> int | None:
    text = query.get(name, "")
    return int(text) if text.isdigit() else None
