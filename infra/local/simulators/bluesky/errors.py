"""Errors as the server words them."""

from dataclasses import dataclass

from infra.local.simulators.faults import Fault


@dataclass
class BlueskyRefusal(Exception):
    """An answer with an error; `reset_in` are the seconds after which a limit is renewed."""

    status: int
    error: str
    message: str
    reset_in: float | None = None
    violation: bool = False


def expired(what: str = "expired") -> BlueskyRefusal:
    return BlueskyRefusal(400, "ExpiredToken", f"Token has {'been revoked' if what == 'revoked' else 'expired'}")


def unverified(message: str = "Token could not be verified") -> BlueskyRefusal:
    return BlueskyRefusal(400, "InvalidToken", message)


def missing_token() -> BlueskyRefusal:
    return BlueskyRefusal(401, "AuthMissing", "Authentication Required", violation=True)


def wrong_password() -> BlueskyRefusal:
    return BlueskyRefusal(401, "AuthenticationRequired", "Invalid identifier or password")


def taken_down() -> BlueskyRefusal:
    return BlueskyRefusal(401, "AccountTakedown", "Account has been taken down")


def too_many(reset_in: float) -> BlueskyRefusal:
    return BlueskyRefusal(429, "RateLimitExceeded", "Rate Limit Exceeded", reset_in=reset_in)


def invalid(message: str, *, violation: bool = True) -> BlueskyRefusal:
    return BlueskyRefusal(400, "InvalidRequest", message, violation=violation)


def bad_record(message: str, path: str) -> BlueskyRefusal:
    return invalid(f"Invalid app.bsky.feed.post record: {message} at {path}")


def internal() -> BlueskyRefusal:
    return BlueskyRefusal(500, "InternalServerError", "Internal Server Error")


def injected(fault: Fault) -> BlueskyRefusal:
    """The error that a fault asks for; an outage of the server where it names none."""
    if fault.kind == "throttle":
        return too_many(fault.seconds)
    if fault.code is None:
        return internal()
    return BlueskyRefusal(fault.status or 400, str(fault.code), fault.message or str(fault.code))
