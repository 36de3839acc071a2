"""Requests with an Idempotency-Key, and how long their responses are stored."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field
from pynamodb.exceptions import PutError

from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import StoredResponseItem

ANSWER = "ANSWER"
# Longer than any request can take: one that is still running after this was interrupted.
MAX_RUNNING = timedelta(seconds=60)
RETENTION = timedelta(days=1)
# An item has at most 400 KB (AWS, "Service, account, and table quotas in Amazon DynamoDB").
MAX_BODY_BYTES = 300_000


class ResponseState(StrEnum):
    """A request is running or answered, or it had no effect and its key is free again."""

    RUNNING = "running"
    ANSWERED = "answered"
    FREE = "free"


class StoredResponse(Value):
    """The digest of a key's request, which began at `begun_at` (UTC), and the response when it is answered."""

    request: str
    begun_at: datetime
    state: ResponseState
    status: int = 0
    headers: dict[str, str] = Field(default_factory=dict)
    body: str = ""


class StoredResponses:
    def begin(self, owner: str, key: str, request: str, now: datetime) -> StoredResponse | None:
        """Store that `request` is running; returns `None`, or the key's earlier request within `RETENTION`."""
        running = StoredResponse(request=request, begun_at=now, state=ResponseState.RUNNING)
        free = StoredResponseItem.pk.does_not_exist() | (StoredResponseItem.state == ResponseState.FREE)
        free |= StoredResponseItem.begun_at < now - RETENTION
        free |= (StoredResponseItem.state == ResponseState.RUNNING) & (StoredResponseItem.begun_at < now - MAX_RUNNING)
        try:
            _item(owner, key, running).save(condition=free)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            item = StoredResponseItem.get(_pk(owner, key), ANSWER, consistent_read=True)
            return StoredResponse.model_validate(item.attribute_values)
        return None

    def complete(self, owner: str, key: str, response: StoredResponse) -> None:
        """Store the response of a running request; releases the key if the body exceeds `MAX_BODY_BYTES`."""
        if len(response.body.encode()) > MAX_BODY_BYTES:
            self.release(owner, key, response)
            return
        _item(owner, key, response).save()

    def release(self, owner: str, key: str, response: StoredResponse) -> None:
        freed = StoredResponse(request=response.request, begun_at=response.begun_at, state=ResponseState.FREE)
        _item(owner, key, freed).save()


def _item(owner: str, key: str, response: StoredResponse) -> StoredResponseItem:
    expires_at = response.begun_at + RETENTION
    return StoredResponseItem(_pk(owner, key), ANSWER, owner=owner, expires_at=expires_at, **response.model_dump())


def _pk(owner: str, key: str) -> str:
    return f"KEY#{owner}#{hashlib.sha256(key.encode()).hexdigest()}"
