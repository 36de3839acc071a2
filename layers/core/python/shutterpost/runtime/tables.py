"""Tables: PynamoDB models that share one DynamoDB client, and get their table's name at wiring."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from botocore.exceptions import BotoCoreError
from pynamodb.attributes import Attribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.constants import STRING
from pynamodb.exceptions import PynamoDBException
from pynamodb.models import Model

from shutterpost.runtime.clients import ATTEMPTS, CONNECT_TIMEOUT, READ_TIMEOUT
from shutterpost.runtime.clock import iso

# Of a write that meets a transaction on its item.
MAX_ATTEMPTS = 6


@lru_cache
def connection() -> Connection:
    """The process's one DynamoDB connection; region, credentials and endpoint come from the environment."""
    return Connection(
        connect_timeout_seconds=CONNECT_TIMEOUT,
        read_timeout_seconds=READ_TIMEOUT,
        max_retry_attempts=ATTEMPTS - 1,
    )


class InstantAttribute(Attribute[datetime]):
    """An aware instant, stored as UTC text of fixed width, so that sort key order is time order."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return iso(value)

    def deserialize(self, value: Any) -> datetime:
        return datetime.fromisoformat(value).astimezone(UTC)


class Table(Model):
    """The base of every item.

    PynamoDB gives each model a client of its own, which costs a cold start tens of milliseconds per model. A single
    write that meets a transaction on its item is repeated: DynamoDB refuses it with `TransactionConflictException`.
    """

    def save(self, *args: Any, **options: Any) -> Any:
        """As PynamoDB's, repeated where a transaction is in the way."""
        return _patiently(super().save, *args, **options)

    def update(self, *args: Any, **options: Any) -> Any:
        """As PynamoDB's, repeated where a transaction is in the way."""
        return _patiently(super().update, *args, **options)

    def delete(self, *args: Any, **options: Any) -> Any:
        """As PynamoDB's, repeated where a transaction is in the way."""
        return _patiently(super().delete, *args, **options)

    @classmethod
    def _get_connection(cls) -> TableConnection:
        own, shared = super()._get_connection(), connection()
        if own.connection is not shared:
            if own.table_name not in shared._tables:  # noqa: SLF001 - there is no public way to read it
                shared.add_meta_table(own.get_meta_table())
            own.connection = shared
        return own


def _patiently(write: Callable[..., Any], *args: Any, **options: Any) -> Any:
    attempt = 1
    while True:
        try:
            return write(*args, **options)
        except PynamoDBException as error:
            if isinstance(error.cause, BotoCoreError):
                # Without an answer there is no code, and callers read it.
                raise error.cause from error
            if attempt == MAX_ATTEMPTS or error.cause_response_code != "TransactionConflictException":
                raise
            time.sleep(pause_after(attempt))
            attempt += 1


def pause_after(attempt: int) -> float:
    """Seconds to wait after the lost `attempt` (from 1), with jitter."""
    return random.uniform(0, 0.05 * 2**attempt)


def bind(model: type[Model], table_name: str) -> None:
    """Point `model` and its subclasses at `table_name`."""
    model.Meta.table_name = table_name
