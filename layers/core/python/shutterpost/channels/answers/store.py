"""Counts of unknown answers in DynamoDB, for the daily digest, in the table of the connections."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.attributes import Attribute, NumberAttribute, TTLAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from shutterpost.channels.answers.known import Operation, Platform, PlatformError, ReportUnknown
from shutterpost.channels.answers.unknown import log_unknown
from shutterpost.runtime.clock import Clock, SystemClock
from shutterpost.runtime.tables import InstantAttribute, Table
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

# No persona has this id: an id begins with a letter.
_PARTITION = "#unknown-answers"
_KEPT = timedelta(days=90)


class UnknownAnswer(Value):
    """An answer without a row in its platform's table, and how often it came."""

    platform: str
    operation: str
    status: int
    code: str
    detail: str
    seen_count: int
    first_seen_at: datetime
    last_seen_at: datetime


class UnknownAnswerItem(Table):
    class Meta:
        table_name = "channels"

    persona_id = UnicodeAttribute(hash_key=True)
    connection_id = UnicodeAttribute(range_key=True)
    platform = UnicodeAttribute()
    operation = UnicodeAttribute()
    status = NumberAttribute()
    code = UnicodeAttribute()
    detail = UnicodeAttribute()
    seen_count = NumberAttribute()
    first_seen_at = InstantAttribute()
    last_seen_at = InstantAttribute()
    expires_at = TTLAttribute()


class UnknownAnswers:
    """What the adapters did not understand in the last 90 days."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()

    def reporter(self, stage: str) -> ReportUnknown:
        """Logs unknown answers, counts them in the metric and here; a count that fails is logged alone."""
        log = log_unknown(stage)

        def report(platform: Platform, operation: Operation, error: PlatformError) -> None:
            log(platform, operation, error)
            try:
                self._count(platform, operation, error)
            except (PynamoDBException, BotoCoreError):
                logger.exception("unknown answer not counted", platform=platform, code=error.label)

        return report

    def since(self, instant: datetime) -> Sequence[UnknownAnswer]:
        """All that came at or after `instant`, the most frequent first."""
        items = UnknownAnswerItem.query(_PARTITION, filter_condition=UnknownAnswerItem.last_seen_at >= instant)
        answers = [UnknownAnswer.model_validate(item.attribute_values) for item in items]
        return sorted(answers, key=lambda answer: -answer.seen_count)

    def _count(self, platform: Platform, operation: Operation, error: PlatformError) -> None:
        now, item = self._clock.now(), UnknownAnswerItem
        facts: tuple[tuple[Attribute[Any], Any], ...] = (
            (item.platform, platform),
            (item.operation, operation.value),
            (item.status, error.status),
            (item.code, error.label),
            (item.detail, error.message),
            (item.last_seen_at, now),
            (item.expires_at, now + _KEPT),
        )
        key = f"{platform}#{operation.value}#{error.status}#{error.label}"[:200]
        item(_PARTITION, key).update(
            actions=[
                *(attribute.set(value) for attribute, value in facts),
                item.first_seen_at.set(item.first_seen_at | now),
                item.seen_count.add(1),
            ]
        )
