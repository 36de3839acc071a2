"""The simulated servers with their accounts, tokens, media and statuses."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.simulators.background import SimulatorSettings
from infra.local.simulators.faults import FaultBook
from infra.local.simulators.mastodon.media import MediaStore
from infra.local.simulators.mastodon.oauth import Authorizations
from infra.local.simulators.mastodon.servers import ServerSetup, SimulatedServer
from infra.local.simulators.mastodon.statuses import StatusStore


@dataclass
class MastodonState:
    settings: SimulatorSettings
    faults: FaultBook
    servers: dict[str, SimulatedServer] = field(default_factory=dict)
    authorizations: dict[str, Authorizations] = field(default_factory=dict)
    violations: list[dict[str, str]] = field(default_factory=list)
    media: MediaStore = field(init=False)
    statuses: StatusStore = field(init=False)
    last_id: int = 0

    def __post_init__(self) -> None:
        self.media = MediaStore(self.settings, self.faults)
        self.statuses = StatusStore(self.faults, self.media)

    def configure(self, setup: ServerSetup) -> dict[str, str]:
        """Add or change a server with its accounts and tokens, and return the accounts' ids."""
        server = self.servers.setdefault(setup.domain, SimulatedServer(setup))
        server.configure(setup)
        known = self.authorizations.setdefault(setup.domain, Authorizations(server))
        for account in setup.accounts:
            scopes = server.scopes if account.scopes is None else frozenset(account.scopes)
            for token in account.tokens:
                known.add_token(token, server.users[account.username], scopes)
        return {account.username: server.users[account.username].account_id for account in setup.accounts}

    def next_id(self, now: datetime) -> int:
        """A snowflake: milliseconds and a sequence, larger than all before."""
        self.last_id = max(self.last_id + 1, int(now.timestamp() * 1_000) << 16)
        return self.last_id

    def note(self, domain: str, what: str, now: datetime) -> None:
        self.violations.append({"platform": "mastodon", "at": now.isoformat(), "server": domain, "what": what})

    def dump(self, now: datetime) -> dict[str, Any]:
        """The state as JSON; `posts_per_text` counts deleted statuses too."""
        return {
            "posts_per_text": dict(Counter(status.text for status in self.statuses.items.values())),
            "statuses": [
                {
                    "id": status.status_id,
                    "server": status.server.setup.domain,
                    "username": status.user.setup.username,
                    "text": status.text,
                    "url": status.url,
                    "visibility": status.visibility,
                    "sensitive": status.sensitive,
                    "spoiler_text": status.spoiler_text,
                    "language": status.language,
                    "media": [
                        {
                            "id": media.media_id,
                            "description": media.description,
                            "focus": media.focus,
                            "sha256": media.digest,
                            "metadata": media.measured.metadata,
                        }
                        for media in status.media
                    ],
                    "created_at": status.created_at.isoformat(),
                    "deleted_at": status.deleted_at.isoformat() if status.deleted_at else None,
                }
                for status in self.statuses.items.values()
            ],
            "media": [
                {"id": media.media_id, "status_id": media.status_id, "size": media.size}
                for media in self.media.items.values()
                if media.exists(now)
            ],
        }
