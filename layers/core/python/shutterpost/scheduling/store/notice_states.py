"""The open notices of an owner, and the mails about them that are not sent yet: one versioned item."""

from typing import Any

from pydantic import Field
from pynamodb.exceptions import PutError

from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import NoticesItem

_SK = "NOTICES"


class StoredNotices(Value):
    """The state as JSON; `version` is 0 before the first."""

    version: int = 0
    body: dict[str, Any] = Field(default_factory=dict)


class NoticeStates:
    def get(self, owner: str) -> StoredNotices:
        try:
            item = NoticesItem.get(_pk(owner), _SK, consistent_read=True)
        except NoticesItem.DoesNotExist:
            return StoredNotices()
        return StoredNotices(version=int(item.version), body=item.body)

    def put(self, owner: str, body: dict[str, Any], *, version: int) -> bool:
        """Store `version` of the state; false if the stored version does not precede it."""
        item = NoticesItem(_pk(owner), _SK, owner=owner, version=version, body=body)
        untouched = NoticesItem.version.does_not_exist() if version == 1 else NoticesItem.version == version - 1
        try:
            item.save(condition=untouched)
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _pk(owner: str) -> str:
    return f"NOTICES#{owner}"
