"""The type of the answer tables, and the look-up of a platform's error in one of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Literal, Protocol

from shutterpost.channels.ports import Cause, FailureClass

Platform = Literal[
    "instagram", "buffer", "threads", "bluesky", "mastodon", "pixelfed", "linkedin", "x", "facebook_page"
]
Code = int | str


class Operation(StrEnum):
    SUBMIT = "submit"
    PUBLISH = "publish"
    READ = "read"
    DELETE = "delete"
    REFRESH = "refresh"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How a failed call is treated; `refused` means that the platform did nothing, `retry_after` is in seconds."""

    meaning: str
    failure_class: FailureClass
    cause: Cause
    refused: bool = False
    resubmit: bool = False
    retry_after: float | None = None

    def class_at(self, *, creates_post: bool) -> FailureClass:
        unclear = creates_post and not self.refused and self.failure_class is FailureClass.RETRYABLE
        return FailureClass.AMBIGUOUS if unclear else self.failure_class


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAnswer(Rule):
    """One row of an answer table; `None` matches anything, `pattern` is searched in the message, in any case."""

    platform: Platform
    source: str
    checked: date
    operation: Operation | None = None
    status: int | None = None
    code: Code | range | None = None
    subcode: int | None = None
    pattern: str | None = None

    @property
    def label(self) -> str:
        code = f"{self.code.start}-{self.code.stop - 1}" if isinstance(self.code, range) else self.code
        parts = (self.operation, self.status, code, self.subcode, self.pattern)
        return " ".join(["*" if part is None else str(part) for part in (self.platform, *parts)])


def retried_answer(
    code: Code | range | None,
    subcode: int | None,
    cause: Cause,
    meaning: str,
    source: tuple[str, date],
    *,
    platform: Platform,
    failure_class: FailureClass = FailureClass.RETRYABLE,
    **more: Any,
) -> KnownAnswer:
    """A row of a call that is retried, unless `failure_class` says otherwise."""
    page, checked = source
    return KnownAnswer(
        platform=platform,
        code=code,
        subcode=subcode,
        cause=cause,
        meaning=meaning,
        source=page,
        checked=checked,
        failure_class=failure_class,
        **more,
    )


@dataclass(frozen=True, slots=True)
class PlatformError:
    status: int
    code: Code | None
    subcode: int | None = None
    message: str = ""

    @property
    def label(self) -> str:
        if self.code is None:
            return f"http-{self.status}" if self.subcode is None else f"container/{self.subcode}"
        return str(self.code) if self.subcode is None else f"{self.code}/{self.subcode}"


class ReportUnknown(Protocol):
    def __call__(self, platform: Platform, operation: Operation, error: PlatformError) -> None: ...


def look_up(rows: Iterable[KnownAnswer], error: PlatformError, operation: Operation) -> KnownAnswer | None:
    """The most specific row for `error`: the subcode decides, the main code is the fallback."""
    matching = [row for row in rows if _matches(row, error, operation)]
    return max(matching, key=lambda row: _weight(row, error), default=None)


def _matches(row: KnownAnswer, error: PlatformError, operation: Operation) -> bool:
    if row.operation not in {None, operation} or row.status not in {None, error.status}:
        return False
    if row.pattern is not None and not re.search(row.pattern, error.message, re.IGNORECASE):
        return False
    # Platforms send the same subcode under other main codes than the documented one.
    return row.subcode == error.subcode if row.subcode is not None else _has_code(row, error.code)


def _has_code(row: KnownAnswer, code: Code | None) -> bool:
    if isinstance(row.code, range):
        return isinstance(code, int) and code in row.code
    return row.code is None or row.code == code


def _weight(row: KnownAnswer, error: PlatformError) -> tuple[bool, ...]:
    return (
        row.subcode is not None,
        row.code is not None and _has_code(row, error.code),
        row.pattern is not None,
        row.operation is not None,
        row.status is not None,
    )
