"""Buffer's records: accounts, organizations, channels and posts."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

PostStatus = Literal["draft", "needs_approval", "scheduled", "sending", "sent", "error"]

OPEN_STATUSES: tuple[PostStatus, ...] = ("draft", "needs_approval", "scheduled", "error")


class ChannelSetup(BaseModel):
    """A channel; `id` is generated where absent, `daily_limit` counts posts per UTC day."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{24}$")
    service: str = "instagram"
    name: str
    service_id: str = ""
    timezone: str = "Europe/Berlin"
    is_disconnected: bool = False
    is_locked: bool = False
    is_queue_paused: bool = False
    daily_limit: int = 50


class OrganizationSetup(BaseModel):
    """An organization with its channels; `scheduled_posts` is the plan's limit of waiting posts."""

    model_config = ConfigDict(extra="forbid")

    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{24}$")
    name: str
    scheduled_posts: int = 5_000
    channels: list[ChannelSetup] = []


class BufferSetup(BaseModel):
    """A control call's settings for one API key. `rate_limits` are calls per rolling window, by the windows' names."""

    model_config = ConfigDict(extra="forbid")

    api_key: str = Field(min_length=1)
    timezone: str = "Europe/Berlin"
    organizations: list[OrganizationSetup]
    rate_limits: dict[Literal["15m", "24h", "30d"], int] = {"15m": 100, "24h": 250, "30d": 7_500}


@dataclass
class Organization:
    organization_id: str
    setup: OrganizationSetup
    channels: dict[str, ChannelSetup]


@dataclass
class BufferAccount:
    """The organizations of one API key, and the times of its calls."""

    account_id: str
    timezone: str
    organizations: dict[str, Organization]
    rate_limits: dict[str, int]
    calls: list[datetime] = field(default_factory=list)


@dataclass
class BufferPost:
    """A post; times are UTC."""

    post_id: str
    organization_id: str
    channel_id: str
    service: str
    text: str
    mode: str
    scheduling_type: str
    created_at: datetime
    updated_at: datetime
    status: PostStatus
    due_at: datetime | None
    image_urls: list[str]
    alt_texts: list[str]
    sending_at: datetime | None = None
    fetched: bool = False
    sent_at: datetime | None = None
    external_link: str | None = None
    error: str | None = None

    @property
    def allowed_actions(self) -> list[str]:
        """A post that is sending or sent cannot be deleted."""
        return ["deletePost", "editPost", "duplicatePost"] if self.status in OPEN_STATUSES else ["duplicatePost"]

    def node(self) -> dict[str, Any]:
        error = {"message": self.error, "supportUrl": "https://support.buffer.com"} if self.error else None
        return {
            "id": self.post_id,
            "status": self.status,
            "dueAt": self.due_at,
            "sentAt": self.sent_at,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "text": self.text,
            "channelId": self.channel_id,
            "channelService": self.service,
            "externalLink": self.external_link,
            "via": "buffer",
            "shareMode": self.mode,
            "sharedNow": self.mode == "shareNow",
            "isCustomScheduled": self.mode == "customScheduled",
            "schedulingType": self.scheduling_type if self.mode == "customScheduled" else None,
            "error": error,
            "assets": [
                {"id": None, "type": "image", "mimeType": "image/jpeg", "source": url, "thumbnail": url}
                for url in self.image_urls
            ],
            "allowedActions": self.allowed_actions,
            "metrics": [],
        }

    def dump(self) -> dict[str, Any]:
        instants = {"created_at": self.created_at, "due_at": self.due_at, "sent_at": self.sent_at}
        return {
            "id": self.post_id,
            "organization_id": self.organization_id,
            "channel_id": self.channel_id,
            "status": self.status,
            "text": self.text,
            "image_urls": self.image_urls,
            "alt_texts": self.alt_texts,
            "external_link": self.external_link,
            "error": self.error,
        } | {name: at.isoformat() if at else None for name, at in instants.items()}


def hex_id(kind: str, name: str) -> str:
    """A stable id of Buffer's form, 24 hex characters."""
    return hashlib.sha256(f"{kind}:{name}".encode()).hexdigest()[:24]


def wire_time(at: datetime) -> str:
    """Buffer's format of an instant: `2026-12-01T09:00:00.000Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
