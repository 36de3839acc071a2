"""Uploaded pictures of X: whole or in chunks, processed, described, posted, and dropped after a day."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from PIL import Image, UnidentifiedImageError

from infra.local.simulators import images
from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.x import errors
from infra.local.simulators.x.accounts import XUser
from infra.local.simulators.x.errors import XRefusal, invalid

UPLOAD_LIFE = timedelta(days=1)
MAX_BYTES = 5 * 1024 * 1024
MAX_ALT_TEXT = 1_000
FORMATS = {"JPEG", "PNG", "GIF", "WEBP"}


@dataclass
class XMedia:
    """A picture; `content` is `None` until it is finalized, `ready_at` is `None` without processing."""

    media_id: str
    user: XUser
    made_at: datetime
    segments: dict[int, bytes] = field(default_factory=dict)
    content: bytes | None = None
    ready_at: datetime | None = None
    failed: bool = False
    alt_text: str = ""
    metadata: list[str] = field(default_factory=list)

    @property
    def media_key(self) -> str:
        return f"3_{self.media_id}"

    @property
    def digest(self) -> str:
        return sha256(self.content or b"").hexdigest()

    def exists(self, now: datetime) -> bool:
        return now < self.made_at + UPLOAD_LIFE

    def node(self, now: datetime) -> dict[str, Any]:
        """The `data` of an upload's answer."""
        left = int((self.made_at + UPLOAD_LIFE - now).total_seconds())
        node: dict[str, Any] = {"id": self.media_id, "media_key": self.media_key, "expires_after_secs": left}
        if self.content is not None:
            node["size"] = len(self.content)
        if self.failed:
            node["processing_info"] = {"state": "failed", "error": {"code": 1, "message": "InvalidMedia"}}
        elif self.ready_at is not None:
            state = {"state": "succeeded"} if now >= self.ready_at else {"state": "pending", "check_after_secs": 1}
            node["processing_info"] = state
        return node


@dataclass
class XMediaStore:
    settings: SimulatorSettings
    faults: FaultBook
    items: dict[str, XMedia] = field(default_factory=dict)

    def begin(self, user: XUser, media_id: str, now: datetime) -> XMedia:
        media = self.items[media_id] = XMedia(media_id, user, now)
        return media

    def own(self, user: XUser, media_id: str, now: datetime) -> XMedia:
        """The account's upload; refuses others."""
        media = self.items.get(media_id)
        if media is None or media.user is not user or not media.exists(now):
            raise XRefusal(errors.MISSING)
        return media

    def finalize(self, media: XMedia, content: bytes, now: datetime) -> None:
        """Check the whole picture, and process it where a fault asks for that."""
        if not content:
            raise invalid("media is required")
        if len(content) > MAX_BYTES:
            raise invalid("File size exceeds 5242880 bytes.", violation="sent a picture over the limit")
        try:
            with Image.open(io.BytesIO(content)) as image:
                kind, media.metadata = image.format, images.metadata_kinds(image)
        except (UnidentifiedImageError, OSError):
            kind = None
        if kind not in FORMATS:
            raise invalid("media type unrecognized.")
        fault = self.faults.take("x", "process_media")
        if fault is not None:
            media.failed = fault.kind == "refuse"
            media.ready_at = now + timedelta(seconds=self.settings.processing_seconds + fault.seconds)
        media.content = content

    def describe(self, media: XMedia, text: str) -> None:
        if len(text) > MAX_ALT_TEXT:
            raise invalid("alt_text.text is too long.", violation="sent an alt text over the limit")
        media.alt_text = text
