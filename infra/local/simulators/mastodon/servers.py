"""Simulated servers: software, version and limits, and what each version does."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from infra.local.simulators.mastodon.errors import TOO_MANY_REQUESTS, MastodonRefusal

Software = Literal["mastodon", "pixelfed"]
Bucket = Literal["account", "apps", "media", "deletes", "statuses", "paged"]

# Seconds and calls of each window (documentation and `rack_attack`).
WINDOWS: dict[Bucket, int] = {
    "account": 300,
    "apps": 600,
    "media": 1_800,
    "deletes": 1_800,
    "statuses": 10_800,
    "paged": 900,
}
RATE_LIMITS: dict[Bucket, int] = {
    "account": 300,
    "apps": 5,
    "media": 30,
    "deletes": 30,
    "statuses": 300,
    "paged": 300,
}
MASTODON_SCOPES = ("read", "read:accounts", "read:statuses", "write", "write:media", "write:statuses")
PIXELFED_SCOPES = ("read", "write", "follow", "push")


class MastodonAccountSetup(BaseModel):
    """An account of a server; each of `tokens` has `scopes` (default: all that a client needs).

    `locale` is the language of validation errors, `silenced` turns `public` into `unlisted`, `default_visibility`
    applies where a status names none.
    """

    model_config = ConfigDict(extra="forbid")

    username: str = Field(pattern=r"^\w+$")
    tokens: list[str] = []
    scopes: list[str] | None = None
    locale: Literal["en", "de"] = "en"
    silenced: bool = False
    disabled: bool = False
    default_visibility: str = "public"
    storage_kilobytes: int | None = None


class ServerSetup(BaseModel):
    """A control call's settings for one server; a repeated `domain` changes it and keeps its posts.

    `processing` answers uploads with 202. `rate_limits` are calls per window.
    """

    model_config = ConfigDict(extra="forbid")

    domain: str = Field(pattern=r"^[a-z0-9.-]+$")
    software: Software = "mastodon"
    version: str = "4.7.0"
    accounts: list[MastodonAccountSetup] = []
    max_characters: int = 500
    max_media_attachments: int = 4
    characters_reserved_per_url: int = 23
    description_limit: int = 1_500
    image_size_limit: int = 16 * 1024 * 1024
    image_matrix_limit: int = 33_177_600
    mime_types: list[str] = ["image/jpeg", "image/png", "image/gif", "image/heic", "image/webp", "image/avif"]
    processing: bool = False
    rate_limits: dict[Bucket, int] = {}


@dataclass
class SimulatedUser:
    account_id: str
    setup: MastodonAccountSetup


@dataclass
class Window:
    """The use of one rate limit."""

    limit: int
    remaining: int
    reset: datetime


@dataclass
class SimulatedServer:
    setup: ServerSetup
    users: dict[str, SimulatedUser] = field(default_factory=dict)
    calls: dict[tuple[Bucket, str, int], int] = field(default_factory=dict)

    def configure(self, setup: ServerSetup) -> None:
        """Change the settings; accounts keep their ids."""
        self.setup = setup
        self.__dict__.pop("release", None)
        for account in setup.accounts:
            account_id = str(int(hashlib.sha256(f"{setup.domain}/{account.username}".encode()).hexdigest()[:12], 16))
            self.users[account.username] = SimulatedUser(account_id, account)

    @property
    def is_pixelfed(self) -> bool:
        return self.setup.software == "pixelfed"

    @cached_property
    def release(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.setup.version.split("-")[0].split(".") if part.isdigit())

    def at_least(self, *release: int) -> bool:
        return not self.is_pixelfed and self.release >= release

    @property
    def locks_keys(self) -> bool:
        """A parallel repeat is refused; before, both went on."""
        return self.at_least(4, 6)

    @property
    def breaks_repeats(self) -> bool:
        """A repeat of a key answers 500 although the status exists."""
        return self.at_least(4, 6) and not self.at_least(4, 7)

    @property
    def refuses_foreign_media(self) -> bool:
        """Attached or unknown media are refused; before, they were dropped from the status."""
        return self.at_least(4, 3)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that a client may register."""
        if self.is_pixelfed:
            return frozenset(PIXELFED_SCOPES)
        return frozenset(MASTODON_SCOPES) | ({"profile"} if self.at_least(4, 3) else set())

    def count(self, bucket: Bucket, caller: str, now: datetime) -> Window:
        """Count a call in its fixed window; refuses with 429 beyond the limit."""
        seconds, epoch = WINDOWS[bucket], int(now.timestamp())
        key = (bucket, caller, epoch // seconds)
        self.calls[key] = self.calls.get(key, 0) + 1
        limit = self.setup.rate_limits.get(bucket, RATE_LIMITS[bucket])
        window = Window(limit, max(0, limit - self.calls[key]), now + timedelta(seconds=seconds - epoch % seconds))
        if self.calls[key] > limit:
            raise MastodonRefusal(TOO_MANY_REQUESTS, window=window)
        return window
