"""Failures from answers: the class and cause by the tables, how long to wait, and a raw answer without secrets."""

import json
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from pydantic import SecretStr

from shutterpost.channels import errors
from shutterpost.channels.errors import Rule
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import Failure, FailureClass, trimmed


class Call(StrEnum):
    """Whether a call may be repeated freely, or makes a post."""

    REPEATABLE = "repeatable"
    POSTING = "posting"


_SECRETS = re.compile(r"(?i)((?:access_|refresh_)?token[\"']?\s*[:=]\s*[\"']?|bearer\s+)[^\s\"'&,}]+")
# `RateLimit: "15m";r=0;t=300` (draft 8 of the IETF's RateLimit header fields)
_RATE_LIMIT = re.compile(r";\s*r=(\d+)\s*;\s*t=(\d+)")


def scrubbed(text: str, token: SecretStr) -> str:
    """`text` for a PublishEvent: at most 1 000 characters, `token` and what looks like one left out."""
    secret = token.get_secret_value()
    return trimmed(_SECRETS.sub(r"\1***", text.replace(secret, "***") if secret else text))


def failure(
    rule: Rule,
    call: Call,
    *,
    code: str,
    raw: str = "",
    said: str = "",
    retry_after: float | None = None,
) -> Failure:
    """The failure that `rule` makes of a call; `said` is the platform's own sentence, `raw` is free of secrets."""
    failure_class = rule.posting if call is Call.POSTING else rule.repeatable
    waits = [wait for wait in (retry_after, rule.retry_after) if wait is not None]
    return Failure(
        failure_class=failure_class,
        cause=rule.cause,
        code=code,
        message=trimmed(f"{rule.meaning} ({said})." if said else f"{rule.meaning}."),
        retry_after=max(waits) if waits and failure_class is not FailureClass.PERMANENT else None,
        raw=raw,
    )


def unanswered(lost: NoAnswer, call: Call) -> Failure:
    """The failure of a call without an answer; only one that was surely not sent is retryable where a post is made."""
    rule = errors.UNANSWERED if lost.sent else errors.UNREACHED
    return failure(rule, call, code="no-answer" if lost.sent else "unreached", said=lost.reason)


def unexplained(answer: Answer, call: Call, token: SecretStr) -> Failure:
    """The failure of an answer that holds neither what was asked for nor a code from the tables."""
    raw = scrubbed(answer.text, token)
    code = f"http-{answer.status}"
    if answer.status == HTTPStatus.UNAUTHORIZED:
        rule = errors.UNAUTHORIZED
    elif answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        # Not from the platform's own vocabulary: something in front of it may have spoken after the post was made.
        rule = Rule(errors.THROTTLED.meaning, errors.THROTTLED.cause, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS)
    elif HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        rule = errors.UNKNOWN_REFUSAL
    else:
        rule = errors.UNKNOWN_TROUBLE
    return failure(rule, call, code=code, raw=raw, retry_after=retry_after(answer.headers))


def graph_failure(answer: Answer, call: Call, token: SecretStr) -> Failure:
    """The failure of a Graph API answer. Decided by codes: the sentences for users are in the account's language."""
    code, subcode = graph_code(answer)
    if code is None:
        return unexplained(answer, call, token)
    error = answer.body["error"]
    rule = errors.graph_rule(code, subcode)
    if rule is None:
        transient = error.get("is_transient") is True or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        rule = errors.UNKNOWN_TROUBLE if transient else errors.UNKNOWN_REFUSAL
    return failure(
        rule,
        call,
        code=str(code) if subcode is None else f"{code}/{subcode}",
        raw=scrubbed(answer.text, token),
        said=scrubbed(str(error.get("message") or ""), token),
        retry_after=retry_after(answer.headers),
    )


def graph_code(answer: Answer) -> tuple[int | None, int | None]:
    """Code and subcode of a Graph API error, `None` for each that is missing."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if not isinstance(error, dict) or not isinstance(error.get("code"), int):
        return None, None
    subcode = error.get("error_subcode")
    return error["code"], subcode if isinstance(subcode, int) else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the platform asks to wait: `Retry-After`, Meta's usage headers or an exhausted Buffer window."""
    stated = _retry_after_header(headers.get("retry-after"), headers.get("date"))
    if stated is not None:
        return stated
    waits = [
        *_minutes_to_regain(headers.get("x-business-use-case-usage")),
        *(float(t) for r, t in _RATE_LIMIT.findall(headers.get("ratelimit", "")) if int(r) == 0),
    ]
    return max(waits, default=None)


def _retry_after_header(value: str | None, date: str | None) -> float | None:
    """Seconds, given as such or as an instant to be compared with the answer's own `date`."""
    if value is None or value.strip().isdigit():
        return None if value is None else float(value)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return None
    return max(0.0, wait.total_seconds())


def _minutes_to_regain(value: str | None) -> list[float]:
    try:
        usage: Any = json.loads(value or "{}")
    except json.JSONDecodeError:
        return []
    entries = [entry for part in usage.values() for entry in part] if isinstance(usage, dict) else []
    minutes = [entry.get("estimated_time_to_regain_access") for entry in entries if isinstance(entry, dict)]
    return [60.0 * wait for wait in minutes if isinstance(wait, int | float) and wait > 0]
