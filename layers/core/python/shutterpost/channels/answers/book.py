"""Failures from a platform's answers, by its table; answers without a row are reported."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import SecretStr

from shutterpost.channels.answers.known import (
    KnownAnswer,
    Operation,
    Platform,
    PlatformError,
    ReportUnknown,
    Rule,
    look_up,
)
from shutterpost.channels.answers.scrubbing import scrub
from shutterpost.channels.answers.waits import retry_after
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import Cause, Failure, FailureClass

NOT_SENT = Rule(
    meaning="The platform could not be reached",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    refused=True,
)
NO_ANSWER = Rule(meaning="The platform did not answer", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM)
FOREIGN = Rule(
    meaning="The answer is not the platform's own; a proxy or firewall on the way may have sent it",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
)
UNREADABLE = Rule(
    meaning="The platform's answer is incomplete", failure_class=FailureClass.RETRYABLE, cause=Cause.PLATFORM
)
UNKNOWN_REFUSAL = Rule(
    meaning="The platform refused with a code that is not known",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.UNKNOWN,
)
UNKNOWN_ERROR = Rule(
    meaning="The platform failed with a code that is not known",
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
)

CANNOT_REMOVE = Rule(
    meaning="This connection cannot take a live post down; do it in the app",
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
)


@dataclass(frozen=True, slots=True)
class AnswerBook:
    """One platform's table; `creates_post` is the operation whose repetition can make a second post."""

    platform: Platform
    rows: Sequence[KnownAnswer]
    creates_post: Operation
    report: ReportUnknown

    def find(self, error: PlatformError, operation: Operation) -> KnownAnswer | None:
        return look_up(self.rows, error, operation)

    def failure(
        self,
        rule: Rule,
        operation: Operation,
        *,
        code: str,
        detail: str = "",
        raw: str = "",
        wait: float | None = None,
    ) -> Failure:
        """`detail` and `raw` are free of secrets, `wait` is the platform's."""
        failure_class = rule.class_at(creates_post=operation is self.creates_post)
        waits = [seconds for seconds in (wait, rule.retry_after) if seconds is not None]
        return Failure(
            failure_class=failure_class,
            cause=rule.cause,
            code=re.sub(r"[^\w./-]", "", code)[:80] or "unknown",
            message=f"{rule.meaning} ({detail})."[:1_000] if detail else f"{rule.meaning}.",
            retry_after=max(waits) if waits and failure_class is not FailureClass.PERMANENT else None,
            raw=raw,
            resubmit=rule.resubmit,
        )

    def of_error(
        self, error: PlatformError, operation: Operation, answer: Answer, token: SecretStr, *, passing: bool = False
    ) -> Failure:
        """The failure of an error in the platform's own envelope; without a row, `passing` ones may be repeated."""
        detail = scrub(error.message, token)
        rule: Rule | None = self.find(error, operation)
        if rule is None:
            code = scrub(error.code, token)[:80] if isinstance(error.code, str) else error.code
            self.report(self.platform, operation, PlatformError(error.status, code, error.subcode, detail))
            rule = UNKNOWN_ERROR if passing or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else UNKNOWN_REFUSAL
            if rule is UNKNOWN_REFUSAL and operation is self.creates_post:
                rule = UNKNOWN_ERROR
        return self.failure(
            rule,
            operation,
            code=error.label,
            detail=detail,
            raw=scrub(answer.text, token),
            wait=retry_after(answer.headers, answer.body),
        )

    def of_text(self, error: PlatformError, operation: Operation, otherwise: Rule, *, code: str) -> Failure:
        """The failure of an object that the platform reports as broken, in a text that may name a code."""
        rule = self.find(error, operation)
        detail = scrub(error.message)
        if rule is None:
            self.report(self.platform, operation, PlatformError(error.status, code, error.subcode, detail))
        return self.failure(rule or otherwise, operation, code=code, detail=detail, raw=detail)

    def unreadable(self, operation: Operation, answer: Answer, token: SecretStr, *, missing: str) -> Failure:
        """The failure of a successful answer in the platform's envelope that lacks what was asked for."""
        self.report(self.platform, operation, PlatformError(answer.status, "unreadable", None, f"no {missing}"))
        return self.failure(
            UNREADABLE, operation, code="unreadable", detail=f"no {missing}", raw=scrub(answer.text, token)
        )

    def foreign(self, operation: Operation, answer: Answer, token: SecretStr) -> Failure:
        """The failure of an answer outside the platform's envelope, whatever its status."""
        return self.failure(
            FOREIGN,
            operation,
            code=f"http-{answer.status}",
            detail=f"HTTP {answer.status}",
            raw=scrub(answer.text, token),
            wait=retry_after(answer.headers),
        )

    def no_answer(self, lost: NoAnswer, operation: Operation) -> Failure:
        rule = NO_ANSWER if lost.sent else NOT_SENT
        return self.failure(rule, operation, code="no-answer" if lost.sent else "unreached", detail=lost.reason)
