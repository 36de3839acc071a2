"""What adapters are made of, in the memory of a test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from shutterpost.channels import AccessSession, Account, Failure, Tools
from shutterpost.runtime.clock import Clock, SystemClock
from shutterpost.runtime.settings import PlatformSettings


@dataclass
class KeptPictures:
    """Renditions by their keys."""

    jpegs: dict[str, bytes] = field(default_factory=dict)

    def read(self, rendition_key: str) -> bytes:
        """The rendition that the test has put there."""
        return self.jpegs[rendition_key]


@dataclass
class KeptSessions:
    """AccessSessions by connection; those of another token are none."""

    sessions: dict[tuple[str, str], AccessSession] = field(default_factory=dict)
    renewals: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def read(self, account: Account) -> AccessSession | Failure | None:
        """The session of the account's token."""
        return self.sessions.get((account.connection.connection_id, account.token.get_secret_value()))

    def write(self, account: Account, session: AccessSession) -> None:
        """Keep a session."""
        self.sessions[account.connection.connection_id, account.token.get_secret_value()] = session

    def claim_renewal(self, account: Account, session: AccessSession, *, now: datetime, until: datetime) -> bool:
        """Whether no other caller renews the session."""
        name = account.connection.connection_id
        ends_at, claimed_until = self.renewals.get(name, (None, now))
        if ends_at == session.expires_at and claimed_until >= now:
            return False
        self.renewals[name] = (session.expires_at, until)
        return True


def tools(
    settings: PlatformSettings,
    clock: Clock | None = None,
    report: Callable[..., None] = lambda *_: None,
    *,
    pictures: KeptPictures | None = None,
    sessions: KeptSessions | None = None,
) -> Tools:
    """Tools that report nothing, unless a test wants it."""
    return Tools(
        settings=settings,
        report=report,
        pictures=pictures or KeptPictures(),
        sessions=sessions or KeptSessions(),
        clock=clock or SystemClock(),
    )
