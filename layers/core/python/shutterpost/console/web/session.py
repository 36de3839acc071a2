"""The secrets of one run of the server: a code that opens it once, a token for calls, a cookie for pictures."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# The browser opens at once; who finds the code later finds it used up or expired.
ONCE_LIVES = timedelta(seconds=60)
_BYTES = 32


def _secret() -> str:
    return secrets.token_urlsafe(_BYTES)


@dataclass
class WebSession:
    """Cookies ignore ports, so the cookie opens pictures alone; calls need the token, which no other page can send."""

    started_at: datetime
    token: str = field(default_factory=_secret, repr=False)
    cookie: str = field(default_factory=_secret, repr=False)
    once: str | None = field(default_factory=_secret, repr=False)

    def exchange(self, once: str, now: datetime) -> str | None:
        """The token for the code, which works once and within `ONCE_LIVES`; else `None`."""
        expected = self.once
        if expected is None or now > self.started_at + ONCE_LIVES or not _equal(once, expected):
            return None
        self.once = None
        return self.token

    def may_call(self, token: str | None) -> bool:
        return token is not None and _equal(token, self.token)

    def may_see_pictures(self, cookie: str | None) -> bool:
        return cookie is not None and _equal(cookie, self.cookie)


def _equal(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(errors="replace"), expected.encode())
