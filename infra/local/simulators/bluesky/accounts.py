"""Accounts and their sessions."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from infra.local.simulators.bluesky.errors import (
    BlueskyRefusal,
    expired,
    missing_token,
    taken_down,
    too_many,
    unverified,
    wrong_password,
)

ACCESS_LIFE, REFRESH_LIFE = timedelta(minutes=120), timedelta(days=90)
# A refresh token that was used stays good for this long, and gives the same new token again.
REFRESH_GRACE = timedelta(hours=2)
LOGINS, LOGIN_WINDOW = 30, timedelta(minutes=5)
HOUR = timedelta(hours=1)
POINTS = 5_000


class BlueskySetup(BaseModel):
    """An account: added, or changed where the handle is known. `password` is an app password."""

    model_config = ConfigDict(extra="forbid")

    handle: str
    password: str
    revoked: bool = False
    taken_down: bool = False
    points: int = POINTS


@dataclass
class BlueskyToken:
    did: str
    kind: str
    number: int
    expires_at: datetime
    replaced_at: datetime | None = None
    next_number: int | None = None


@dataclass
class BlueskyAccount:
    did: str
    setup: BlueskySetup
    logins: list[datetime] = field(default_factory=list)
    spent: list[tuple[datetime, int]] = field(default_factory=list)

    def spend(self, points: int, now: datetime) -> None:
        """Count a write, successful or not. Raises `BlueskyRefusal` where the hour's points are used up."""
        self.spent = [(at, cost) for at, cost in self.spent if at > now - HOUR]
        if sum(cost for _, cost in self.spent) + points > self.setup.points:
            first = self.spent[0][0] if self.spent else now
            raise too_many((first + HOUR - now).total_seconds())
        self.spent.append((now, points))


class BlueskyAccounts:
    def __init__(self) -> None:
        self.by_did: dict[str, BlueskyAccount] = {}
        self._tokens: dict[int, BlueskyToken] = {}

    def configure(self, setup: BlueskySetup) -> BlueskyAccount:
        did = f"did:plc:{base64.b32encode(hashlib.sha256(setup.handle.encode()).digest())[:24].decode().lower()}"
        known = self.by_did.setdefault(did, BlueskyAccount(did, setup))
        known.setup = setup
        return known

    def account(self, name: str) -> BlueskyAccount | None:
        """The account of a handle or DID."""
        return next((item for item in self.by_did.values() if name in {item.did, item.setup.handle}), None)

    def log_in(self, name: str, password: str, now: datetime) -> dict[str, Any]:
        account = self.account(name)
        if account is not None:
            account.logins = [at for at in account.logins if at > now - LOGIN_WINDOW]
            if len(account.logins) >= LOGINS:
                raise too_many((account.logins[0] + LOGIN_WINDOW - now).total_seconds())
            account.logins.append(now)
        if account is None or account.setup.password != password or account.setup.revoked:
            raise wrong_password()
        if account.setup.taken_down:
            raise taken_down()
        return self._session(account, self._new(account.did, "refresh", now), now)

    def refresh(self, token: str | None, now: datetime) -> dict[str, Any]:
        known = self._read(token, now, kind="refresh")
        account = self.by_did[known.did]
        if account.setup.revoked:
            raise expired("revoked")
        if known.replaced_at is not None and now > known.replaced_at + REFRESH_GRACE:
            raise expired("revoked")
        if known.next_number is None:
            known.replaced_at, known.next_number = now, self._new(known.did, "refresh", now).number
        return self._session(account, self._tokens[known.next_number], now)

    def caller(self, token: str | None, now: datetime) -> BlueskyAccount:
        """The account of an access token, which stays good when its app password is revoked."""
        account = self.by_did[self._read(token, now, kind="access").did]
        if account.setup.taken_down:
            raise taken_down()
        return account

    def _read(self, token: str | None, now: datetime, *, kind: str) -> BlueskyToken:
        if not token:
            raise missing_token()
        known = self._tokens.get(number_of(token))
        if known is None or token != jwt(known):
            raise unverified()
        if known.kind != kind:
            raise _wrong_kind()
        if now >= known.expires_at:
            raise expired()
        return known

    def _new(self, did: str, kind: str, now: datetime) -> BlueskyToken:
        life = ACCESS_LIFE if kind == "access" else REFRESH_LIFE
        token = BlueskyToken(did, kind, len(self._tokens) + 1, now + life)
        self._tokens[token.number] = token
        return token

    def _session(self, account: BlueskyAccount, refresh: BlueskyToken, now: datetime) -> dict[str, Any]:
        access = self._new(account.did, "access", now)
        return {"accessJwt": jwt(access), "refreshJwt": jwt(refresh), **shown(account)}


def shown(account: BlueskyAccount) -> dict[str, Any]:
    email = f"{account.setup.handle}@example.test"
    return {
        "did": account.did,
        "handle": account.setup.handle,
        "email": email,
        "emailConfirmed": True,
        "active": True,
    }


def jwt(token: BlueskyToken) -> str:
    """A token in the form of a JSON Web Token, whose end can be read."""
    claims = {"sub": token.did, "exp": int(token.expires_at.timestamp()), "jti": token.number, "scope": token.kind}
    parts = [json.dumps({"typ": "at+jwt"}), json.dumps(claims), f"signed by the server: {token.number}"]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def number_of(token: str) -> int:
    try:
        claims = token.split(".")[1]
        return int(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["jti"])
    except (ValueError, LookupError, TypeError):
        return 0


def _wrong_kind() -> BlueskyRefusal:
    refusal = unverified("Invalid token type")
    refusal.violation = True
    return refusal
