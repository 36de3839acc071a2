"""Conditional writes of several packs in one DynamoDB transaction.

A failed condition is a result. Transient errors are retried with a client token, which has a single effect for ten
minutes (AWS, TransactWriteItems, "Idempotency").
"""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from shutterpost.runtime.tables import MAX_ATTEMPTS, connection, pause_after

# Of one transaction (AWS, TransactWriteItems, "TransactItems").
MAX_WRITES = 100
# Of one transaction (docs.aws.amazon.com, TransactWriteItems).
MAX_WRITES = 100
_RETRIED_CODES = {
    "TransactionInProgressException",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "InternalServerError",
    "RequestLimitExceeded",
}
_RETRIED_REASONS = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
# Cancellation reasons have the order of the request, in which PynamoDB puts saves before updates.
_ORDER = ("delete", "put", "update")


@dataclass(frozen=True)
class Write:
    """A conditional write, opaque outside its pack; `label` identifies it if its condition fails."""

    label: str
    kind: Literal["delete", "put", "update"]
    join: Callable[[TransactWrite], None]


@dataclass(frozen=True)
class Committed:
    pass


@dataclass(frozen=True)
class Refused:
    """Nothing was written; `labels` are the writes whose condition failed."""

    labels: frozenset[str]


def put(label: str, item: Model, condition: Condition | None = None) -> Write:
    """Put `item` if `condition` holds for the stored item."""
    return Write(label, "put", lambda transaction: transaction.save(item, condition=condition))


def update(label: str, item: Model, actions: Sequence[Action], condition: Condition | None = None) -> Write:
    """Apply `actions` to the item with the keys of `item` if `condition` holds."""
    return Write(label, "update", lambda transaction: transaction.update(item, list(actions), condition=condition))


def delete(label: str, item: Model, condition: Condition | None = None) -> Write:
    """Delete the item with the keys of `item` if `condition` holds."""
    return Write(label, "delete", lambda transaction: transaction.delete(item, condition=condition))


def commit(writes: Sequence[Write], *, token: str | None = None) -> Committed | Refused:
    """Commit all of `writes` or none. Raises `TransactWriteError` for errors that persist after `MAX_ATTEMPTS`."""
    ordered = sorted(writes, key=lambda write: _ORDER.index(write.kind))
    token = token or uuid.uuid4().hex
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with TransactWrite(connection=connection(), client_request_token=token) as transaction:
                for write in ordered:
                    write.join(transaction)
        except TransactWriteError as error:
            labels = _failed_conditions(error, ordered)
            if labels:
                return Refused(labels)
            if attempt == MAX_ATTEMPTS or not _is_transient(error):
                raise
            time.sleep(pause_after(attempt))
        else:
            break
    return Committed()


def _failed_conditions(error: TransactWriteError, ordered: Sequence[Write]) -> frozenset[str]:
    reasons = zip(ordered, error.cancellation_reasons, strict=False)
    return frozenset(write.label for write, reason in reasons if reason and reason.code == "ConditionalCheckFailed")


def _is_transient(error: TransactWriteError) -> bool:
    # Without an answer there is no code, and PynamoDB fails to read it.
    if isinstance(error.cause, BotoCoreError):
        return True
    if error.cause_response_code == "TransactionCanceledException":
        return any(reason is not None and reason.code in _RETRIED_REASONS for reason in error.cancellation_reasons)
    return error.cause_response_code in _RETRIED_CODES
