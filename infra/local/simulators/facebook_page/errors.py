"""Errors of the Pages API: codes, messages and the envelope."""

import json
import secrets
from typing import Any

from infra.local.simulators.faults import Fault
from infra.local.simulators.images import Flaw
from infra.local.simulators.instagram.errors import GraphRefusal, Kind

UNKNOWN_ERROR = (1, None)
SERVICE = (2, None)
PERMISSION = (200, None)
TOO_FAST = (32, None)
NOT_A_PARAMETER = (100, None)
HIDDEN = (100, 33)
TOO_LARGE = (100, 1366046)
ALREADY_POSTED = (100, 1366051)
TOKEN_UNKNOWN = (190, None)
SESSION_EXPIRED = (190, 463)
NO_FILE = (324, None)
DUPLICATE_TEXT = (506, None)
NO_PATH = (2500, None)

TEXTS: dict[Kind, str] = {
    UNKNOWN_ERROR: "An unknown error occurred",
    SERVICE: "An unexpected error has occurred. Please retry your request later.",
    PERMISSION: "(#200) The Page's role does not allow this",
    TOO_FAST: "(#32) Page request limit reached",
    HIDDEN: "Unsupported request. Object does not exist, cannot be loaded due to missing permissions, or does not "
    "support this operation",
    TOO_LARGE: "(#100) Your photos must be JPEG, PNG, BMP, GIF or TIFF and below 4 MB",
    ALREADY_POSTED: "(#100) These photos were already posted.",
    TOKEN_UNKNOWN: "Invalid OAuth access token - Cannot parse access token",
    SESSION_EXPIRED: "Error validating access token: Session has expired",
    NO_FILE: "(#324) Missing or invalid image file",
    DUPLICATE_TEXT: "(#506) Duplicate status message",
    NO_PATH: "Unknown path components",
}
TRANSIENT = {UNKNOWN_ERROR, SERVICE, TOO_FAST}
FLAWS: dict[Flaw, Kind] = {
    "timeout": NO_FILE,
    "unreachable": NO_FILE,
    "not_an_image": TOO_LARGE,
    "format": TOO_LARGE,
    "too_large": TOO_LARGE,
    "width": TOO_LARGE,
    "aspect": TOO_LARGE,
}


def refused(kind: Kind, message: str | None = None, *, status: int = 400, violation: str | None = None) -> GraphRefusal:
    return GraphRefusal(kind, message or TEXTS.get(kind), status=status, violation=violation)


def error_body(refusal: GraphRefusal) -> dict[str, Any]:
    code, subcode = refusal.kind
    error: dict[str, Any] = {"message": str(refusal), "type": "OAuthException", "code": code}
    if subcode is not None:
        error["error_subcode"] = subcode
    error["is_transient"] = refusal.kind in TRANSIENT
    error["fbtrace_id"] = "A" + secrets.token_urlsafe(16)
    return {"error": error}


def usage_headers(page_id: str, percent: int, regain_minutes: int = 0) -> dict[str, str]:
    """The used share of the Page's calls in per cent, and the minutes until access returns."""
    share = {"type": "pages", "call_count": percent, "total_cputime": percent, "total_time": percent}
    entry = {**share, "estimated_time_to_regain_access": regain_minutes}
    return {"X-Business-Use-Case-Usage": json.dumps({page_id: [entry]})}


def injected(fault: Fault) -> GraphRefusal:
    """The fault's refusal, by default that of a service which is down."""
    if fault.kind == "throttle":
        return refused(TOO_FAST, fault.message)
    if fault.code is not None:
        return refused((int(fault.code), fault.subcode), fault.message, status=fault.status or 400)
    return refused(SERVICE, fault.message, status=fault.status or 500)
