"""Errors of Threads: codes, messages and the envelope."""

import secrets
from typing import Any

from infra.local.simulators.faults import Fault
from infra.local.simulators.images import Flaw
from infra.local.simulators.instagram.errors import GraphRefusal, Kind

MEDIA_NOT_FOUND = (24, 4279009)
BAD_CHILDREN = (24, 4279004)
RESTRICTED = (24, 4279013)
SPAM_SUSPECTED = (4, 2207051)
USED_UP = (4, None)
NOT_PERMITTED = (10, None)
NOT_A_PARAMETER = (100, None)
HIDDEN = (100, 33)
SESSION_EXPIRED = (190, 463)
TOKEN_UNKNOWN = (190, None)
NO_PATH = (2500, None)
UNKNOWN_ERROR = (1, None)

TEXTS: dict[Kind, str] = {
    MEDIA_NOT_FOUND: "The requested resource does not exist",
    BAD_CHILDREN: "The carousel child items are invalid or expired",
    RESTRICTED: "The user is restricted",
    SPAM_SUSPECTED: "Application request limit reached",
    USED_UP: "Application request limit reached",
    NOT_PERMITTED: "Application does not have permission for this action",
    HIDDEN: "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not "
    "support this operation",
    SESSION_EXPIRED: "Error validating access token: Session has expired",
    TOKEN_UNKNOWN: "Invalid OAuth access token - Cannot parse access token",
    NO_PATH: "Unknown path components",
    UNKNOWN_ERROR: "An unknown error occurred",
}
TITLES: dict[Kind, tuple[str, str]] = {
    MEDIA_NOT_FOUND: ("Media Not Found", "The media with id {0} cannot be found."),
}
# The `error_message` of a container that failed.
BROKEN: dict[Flaw, str] = {
    "timeout": "The media could not be fetched from this URI",
    "unreachable": "The media could not be fetched from this URI",
    "not_an_image": "The media could not be fetched from this URI",
    "format": "UNKNOWN",
    "too_large": "UNKNOWN",
    "width": "UNKNOWN",
    "aspect": "INVALID_ASPEC_RATIO",
}


def refused(kind: Kind, message: str | None = None, *, status: int = 400, violation: str | None = None) -> GraphRefusal:
    return GraphRefusal(kind, message or TEXTS.get(kind), status=status, violation=violation)


def error_body(refusal: GraphRefusal, target: str) -> dict[str, Any]:
    """The envelope; `target` is the id that the sentence for people names."""
    code, subcode = refusal.kind
    error: dict[str, Any] = {
        "message": str(refusal),
        "type": "THApiException" if refusal.kind == NOT_A_PARAMETER else "OAuthException",
        "code": code,
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    error["is_transient"] = refusal.kind == UNKNOWN_ERROR
    if refusal.kind in TITLES:
        title, sentence = TITLES[refusal.kind]
        error["error_user_title"], error["error_user_msg"] = title, sentence.format(target)
    error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
    return {"error": error}


def injected(fault: Fault, operation: str) -> GraphRefusal:
    """The fault's refusal, by default the most frequent one of `operation`."""
    if fault.kind == "throttle":
        return refused(USED_UP, fault.message)
    if fault.code is not None:
        return refused((int(fault.code), fault.subcode), fault.message, status=fault.status or 400)
    if fault.kind == "effect_then_error" and operation == "threads_publish":
        # Seen although the container was published.
        return refused(NOT_PERMITTED, fault.message, status=fault.status or 500)
    return refused(UNKNOWN_ERROR, fault.message, status=fault.status or 500)
