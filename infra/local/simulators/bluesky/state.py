"""The server's accounts and repositories."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infra.local.simulators.bluesky.accounts import BlueskyAccounts, BlueskySetup
from infra.local.simulators.bluesky.repository import POST, Repository, blobs_of


@dataclass
class BlueskyState:
    accounts: BlueskyAccounts = field(default_factory=BlueskyAccounts)
    repositories: dict[str, Repository] = field(default_factory=dict)
    violations: list[dict[str, str]] = field(default_factory=list)

    def configure(self, setup: BlueskySetup) -> str:
        """Add or change an account, and return its DID."""
        did = self.accounts.configure(setup).did
        self.repositories.setdefault(did, Repository())
        return did

    def take_down(self, uri: str) -> None:
        """Hide a post, as a moderator does: reads no longer show it, writes still see it."""
        did, collection, rkey = uri.removeprefix("at://").split("/")
        self.repositories[did].records[collection][rkey].hidden = True

    def violate(self, rule: str, now: datetime) -> None:
        self.violations.append({"platform": "bluesky", "at": now.isoformat(), "rule": rule})

    def dump(self) -> dict[str, Any]:
        posts = [
            {
                "did": did,
                "rkey": rkey,
                "uri": f"at://{did}/{POST}/{rkey}",
                "text": record.value["text"],
                "alt_texts": [image["alt"] for image in record.value.get("embed", {}).get("images", [])],
                "pictures": blobs_of(record.value),
                "hidden": record.hidden,
                "written_at": record.written_at.isoformat(),
                "value": record.value,
            }
            for did, repository in self.repositories.items()
            for rkey, record in repository.records.get(POST, {}).items()
        ]
        created: Counter[str] = Counter()
        for repository in self.repositories.values():
            created.update(repository.created)
        blobs = {did: sorted(repository.blobs) for did, repository in self.repositories.items()}
        return {"posts": posts, "created_per_text": dict(created), "blobs": blobs}
