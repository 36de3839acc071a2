"""What a request under an Idempotency-Key was answered with, so that its repeat is answered alike."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field
from pynamodb.exceptions import PutError

from shutterpost.runtime.tables import bind
from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import Item, StoredResponseItem

ANSWER = "ANSWER"
# Longer than any request may take: what began before and has no answer broke off.
BROKEN_OFF = timedelta(seconds=60)
REMEMBERED = timedelta(days=1)
# An item has 400 KB (AWS, "Service, account, and table quotas in Amazon DynamoDB").
MAX_BODY_BYTES = 300_000


class ResponseState(StrEnum):
    """A request runs, was answered, or left nothing behind, so that its key is free."""

    RUNNING = "running"
    ANSWERED = "answered"
    FREE = "free"


class StoredResponse(Value):
    """The request (a digest of it) that came under a key at `begun_at` (UTC), and its answer once there is one."""

    request: str
    begun_at: datetime
    state: ResponseState
    status: int = 0
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""


class StoredResponses:
    """Kept answers in the table `table_name`, by owner and key."""

    def __init__(self, table_name: str) -> None:
        bind(Item, table_name)

    def begin(self, owner: str, key: str, request: str, now: datetime) -> StoredResponse | None:
        """Note that `request` runs; `None` where it may, else what the key was used for within the last day."""
        mine = StoredResponse(request=request, begun_at=now, state=ResponseState.RUNNING)
        free = StoredResponseItem.pk.does_not_exist() | (StoredResponseItem.state == ResponseState.FREE)
        free |= StoredResponseItem.begun_at < now - REMEMBERED
        free |= (StoredResponseItem.state == ResponseState.RUNNING) & (StoredResponseItem.begun_at < now - BROKEN_OFF)
        try:
            _item(owner, key, mine).save(condition=free)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            found = StoredResponseItem.get(_pk(owner, key), ANSWER, consistent_read=True)
            return StoredResponse.model_validate(found.attribute_values)
        return None

    def keep(self, owner: str, key: str, begun: StoredResponse) -> None:
        """Keep the answer of what `begin` noted; one that is too long is forgotten, and its key free."""
        if len(begun.body.encode()) > MAX_BODY_BYTES:
            self.let_go(owner, key, begun)
            return
        _item(owner, key, begun).save()

    def let_go(self, owner: str, key: str, begun: StoredResponse) -> None:
        """Free the key: the request came to nothing, so a repeat is a new one."""
        freed = StoredResponse(request=begun.request, begun_at=begun.begun_at, state=ResponseState.FREE)
        _item(owner, key, freed).save()


def _item(owner: str, key: str, answer: StoredResponse) -> StoredResponseItem:
    expires_at = answer.begun_at + REMEMBERED
    return StoredResponseItem(_pk(owner, key), ANSWER, owner=owner, expires_at=expires_at, **answer.model_dump())


def _pk(owner: str, key: str) -> str:
    return f"KEY#{owner}#{hashlib.sha256(key.encode()).hexdigest()}"
