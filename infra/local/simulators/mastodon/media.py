"""Uploaded pictures: checked, processed, attached once, and removed after a day without a status."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from PIL import Image, UnidentifiedImageError

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.images import metadata_kinds
from infra.local.simulators.mastodon import errors
from infra.local.simulators.mastodon.errors import MastodonRefusal, aborted, invalid, not_in_table, unvalidated
from infra.local.simulators.mastodon.servers import SimulatedServer, SimulatedUser

UNATTACHED_LIFE = timedelta(hours=24)
PIXELFED_UPLOADS_PER_DAY = 1_250
PIXELFED_ALT_TEXT = 1_000


@dataclass
class UploadFacts:
    """What a picture's bytes say; `kind` is a MIME type."""

    kind: str
    width: int
    height: int
    metadata: list[str] = field(default_factory=list)


@dataclass
class MediaAttachment:
    """A picture of an account; `status_id` while a status has it, `free_since` otherwise."""

    media_id: str
    server: SimulatedServer
    user: SimulatedUser
    created_at: datetime
    free_since: datetime
    ready_at: datetime
    measured: UploadFacts
    digest: str
    size: int
    description: str | None
    focus: tuple[float, float] | None
    failed: bool = False
    status_id: str | None = None

    def exists(self, now: datetime) -> bool:
        return self.status_id is not None or now < self.free_since + UNATTACHED_LIFE

    def node(self, now: datetime, *, uploaded: bool = False) -> dict[str, Any]:
        """The attachment's JSON; `url` is null until it is processed, at Pixelfed in the answer of an upload."""
        base = f"https://files.{self.server.setup.domain}/media/{self.media_id}"
        ready = now >= self.ready_at and not (self.server.is_pixelfed and uploaded)
        width, height = self.measured.width, self.measured.height
        original = {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
        meta: dict[str, Any] | None = {"original": original}
        if self.focus and meta:
            meta["focus"] = {"x": self.focus[0], "y": self.focus[1]}
        return {
            "id": self.media_id,
            "type": "image",
            "url": f"{base}/original.jpg" if ready else None,
            "preview_url": f"{base}/small.jpg",
            "remote_url": None,
            "text_url": None,
            "meta": None if self.server.is_pixelfed else meta,
            "description": self.description,
        }


def measure(content: bytes) -> UploadFacts | None:
    """What the picture's bytes say; `None` for anything else."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            kind = Image.MIME.get(image.format or "", "")
            return UploadFacts(kind, image.width, image.height, metadata_kinds(image))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None


@dataclass
class MediaStore:
    """The attachments of all servers; `measure` reads pictures."""

    settings: SimulatorSettings
    faults: FaultBook
    measure: Callable[[bytes], UploadFacts | None] = measure
    items: dict[str, MediaAttachment] = field(default_factory=dict)

    def add(
        self, server: SimulatedServer, user: SimulatedUser, fields: dict[str, Any], number: int, now: datetime
    ) -> MediaAttachment:
        """Check and keep an upload; refuses what the server does not take."""
        content = fields.get("file")
        if not isinstance(content, bytes) or not content:
            raise self._wrong_file(server)
        description = fields.get("description")
        check = self._check_pixelfed if server.is_pixelfed else self._check_mastodon
        measured = check(server, user, content, description or "", now)
        fault = self.faults.take("mastodon", "process_media")
        slow = server.setup.processing or server.is_pixelfed or fault is not None
        seconds = self.settings.processing_seconds if slow else 0
        seconds += fault.seconds if fault and fault.kind == "slow" else 0
        media = MediaAttachment(
            media_id=str(number),
            server=server,
            user=user,
            created_at=now,
            free_since=now,
            ready_at=now + timedelta(seconds=seconds),
            measured=measured,
            digest=sha256(content).hexdigest(),
            size=len(content),
            description=description,
            focus=focus_of(fields.get("focus")),
            failed=fault is not None and fault.kind != "slow",
        )
        self.items[media.media_id] = media
        return media

    def own(self, server: SimulatedServer, user: SimulatedUser, media_id: str, now: datetime) -> MediaAttachment | None:
        """The account's attachment, attached or not."""
        media = self.items.get(media_id)
        known = media is not None and media.server is server and media.user is user and media.exists(now)
        return media if known else None

    def read(self, server: SimulatedServer, user: SimulatedUser, media_id: str, now: datetime) -> MediaAttachment:
        """An attachment that no status has; Pixelfed also shows one that a status has."""
        media = self.own(server, user, media_id, now)
        if server.is_pixelfed:
            if media is None:
                raise not_in_table("Media", media_id)
            return media
        if media is None or media.status_id is not None:
            raise MastodonRefusal(errors.RECORD_MISSING)
        if media.failed and now >= media.ready_at:
            raise MastodonRefusal(errors.PROCESSING_FAILED)
        return media

    def remove(self, server: SimulatedServer, user: SimulatedUser, media_id: str, now: datetime) -> None:
        """Delete an attachment that no status has, from 4.4 on."""
        media = self.own(server, user, media_id, now)
        if media is None or not server.at_least(4, 4):
            raise MastodonRefusal(errors.RECORD_MISSING)
        if media.status_id is not None:
            raise MastodonRefusal(errors.IN_USE)
        del self.items[media_id]

    def _check_mastodon(
        self, server: SimulatedServer, _user: SimulatedUser, content: bytes, description: str, _now: datetime
    ) -> UploadFacts:
        measured, setup = self.measure(content), server.setup
        if measured is None or measured.kind not in setup.mime_types:
            raise self._wrong_file(server)
        if len(content) > setup.image_size_limit:
            text = "Validation failed: File file size must be less than {0} MB"
            raise invalid(text, setup.image_size_limit // 1024**2, violation="sent a file over the limit")
        if measured.width * measured.height > setup.image_matrix_limit:
            text = "{0}x{1} images are not supported"
            raise invalid(text, measured.width, measured.height, violation="sent more pixels than the limit")
        if len(description) > setup.description_limit:
            text = "Validation failed: Description is too long (maximum is {0} characters)"
            raise invalid(text, setup.description_limit, violation="sent a description over the limit")
        return measured

    def _check_pixelfed(
        self, server: SimulatedServer, user: SimulatedUser, content: bytes, description: str, now: datetime
    ) -> UploadFacts:
        measured, setup = self.measure(content), server.setup
        if measured is None or measured.kind not in setup.mime_types:
            raise self._wrong_file(server)
        if len(content) > setup.image_size_limit:
            kilobytes = setup.image_size_limit // 1024
            raise unvalidated("file", f"The file may not be greater than {kilobytes} kilobytes.")
        if len(description) > PIXELFED_ALT_TEXT:
            raise unvalidated("description", f"The description may not be greater than {PIXELFED_ALT_TEXT} characters.")
        own = [media for media in self.items.values() if media.server is server and media.user is user]
        if sum(media.created_at > now - timedelta(days=1) for media in own) >= PIXELFED_UPLOADS_PER_DAY:
            raise aborted(429)
        room = user.setup.storage_kilobytes
        if room is not None and sum(media.size for media in own) / 1_000 >= room:
            raise aborted(403, "Account size limit reached.")
        return measured

    def _wrong_file(self, server: SimulatedServer) -> MastodonRefusal:
        if server.is_pixelfed:
            return unvalidated("file", f"The file must be a file of type: {', '.join(server.setup.mime_types)}.")
        return invalid("Validation failed: File content type is invalid, File is invalid")


def focus_of(text: Any) -> tuple[float, float] | None:
    """`x,y` within -1 to 1."""
    if not isinstance(text, str) or not text:
        return None
    x, _, y = text.partition(",")
    return max(-1.0, min(1.0, float(x))), max(-1.0, min(1.0, float(y)))
