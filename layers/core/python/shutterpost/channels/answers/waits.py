"""Retry waits from headers and bodies."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from shutterpost.channels.answers.reading import as_instant, as_object

# The longest window of any platform: Buffer's 30 days.
LONGEST = 30 * 86_400.0
# `RateLimit: "15m";r=0;t=300` (draft 8 of the IETF's RateLimit header fields).
_RATE_LIMIT = re.compile(r";\s*r=([0-9]{1,9})\s*;\s*t=([0-9]{1,9})")


def retry_after(headers: Mapping[str, str], body: Any = None) -> float | None:
    """Seconds that the platform asks to wait in headers or body, at most 30 days; `None` where it names no time."""
    stated = _retry_after_header(headers.get("retry-after"), headers.get("date"))
    waits = [
        *_minutes_to_regain(headers.get("x-business-use-case-usage")),
        *(float(wait) for left, wait in _RATE_LIMIT.findall(headers.get("ratelimit") or "") if int(left) == 0),
        *_reset(headers),
        *_in_errors(body),
    ]
    wait = stated if stated is not None else max(waits, default=None)
    return None if wait is None else min(max(wait, 0.0), LONGEST)


def _retry_after_header(value: str | None, date: str | None) -> float | None:
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,12}\s*", value):
        return float(value)
    until, now = _http_date(value), _http_date(date)
    return None if until is None or now is None else (until - now).total_seconds()


def _http_date(value: str | None) -> datetime | None:
    try:
        instant = parsedate_to_datetime(value or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return instant if instant.tzinfo else None


def _reset(headers: Mapping[str, str]) -> list[float]:
    """The instant of the reset, once nothing is left, in ISO 8601, or in epoch seconds (Bluesky, X)."""
    now, waits = _http_date(headers.get("date")), list[float]()
    for prefix in ("ratelimit", "x-ratelimit", "x-rate-limit"):
        stated = headers.get(f"{prefix}-reset")
        until = as_instant(stated) or _epoch(stated)
        if (headers.get(f"{prefix}-remaining") or "").strip() == "0" and until is not None and now is not None:
            waits.append((until - now).total_seconds())
    return waits


def _epoch(value: str | None) -> datetime | None:
    return datetime.fromtimestamp(int(value), UTC) if value and re.fullmatch(r"[0-9]{9,11}", value) else None


def _minutes_to_regain(value: str | None) -> list[float]:
    try:
        usage = as_object(json.loads(value or "{}"))
    except (ValueError, RecursionError):
        return []
    entries = [entry for part in usage.values() if isinstance(part, list) for entry in part]
    minutes = [_number(as_object(entry).get("estimated_time_to_regain_access")) for entry in entries]
    return [60.0 * wait for wait in minutes if wait]


def _in_errors(body: Any) -> list[float]:
    errors = as_object(body).get("errors")
    errors = errors if isinstance(errors, list) else []
    values = [as_object(as_object(error).get("extensions")).get("retryAfter") for error in errors]
    return [wait for wait in map(_number, values) if wait]


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None
