"""Attributes of DynamoDB items."""

from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import STRING

from shutterpost.runtime.clock import iso


class InstantAttribute(Attribute[datetime]):
    """An aware instant, stored as UTC text of fixed width, so that sort key order is time order."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return iso(value)

    def deserialize(self, value: Any) -> datetime:
        return datetime.fromisoformat(value).astimezone(UTC)
