"""The state of the simulated X."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.x.accounts import XAccounts
from infra.local.simulators.x.media import XMediaStore
from infra.local.simulators.x.posts import XPostStore

# Snowflakes count milliseconds from here.
EPOCH_MS = 1_288_834_974_657


@dataclass
class XState:
    settings: SimulatorSettings
    faults: FaultBook
    accounts: XAccounts = field(default_factory=XAccounts)
    violations: list[dict[str, str]] = field(default_factory=list)
    media: XMediaStore = field(init=False)
    posts: XPostStore = field(init=False)
    last_id: int = 0

    def __post_init__(self) -> None:
        self.media = XMediaStore(self.settings, self.faults)
        self.posts = XPostStore(self.media)

    def next_id(self, now: datetime) -> str:
        """A snowflake: milliseconds and a sequence, larger than all before."""
        self.last_id = max(self.last_id + 1, (int(now.timestamp() * 1_000) - EPOCH_MS) << 22)
        return str(self.last_id)

    def violate(self, what: str, now: datetime) -> None:
        self.violations.append({"platform": "x", "at": now.isoformat(), "what": what})

    def dump(self) -> dict[str, Any]:
        posts = self.posts.items.values()
        return {
            "posts_per_text": dict(Counter(post.text for post in posts)),
            "posts": [
                {
                    "id": post.post_id,
                    "username": post.user.setup.username,
                    "text": post.text,
                    "alt_texts": [each.alt_text for each in post.media],
                    "pictures": [each.digest for each in post.media],
                    "metadata": [each.metadata for each in post.media],
                    "created_at": post.created_at.isoformat(),
                    "deleted_at": post.deleted_at.isoformat() if post.deleted_at else None,
                }
                for post in posts
            ],
            "media": [{"id": each.media_id, "alt_text": each.alt_text} for each in self.media.items.values()],
        }
