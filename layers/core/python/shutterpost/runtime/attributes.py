"""How values lie in DynamoDB items."""

from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import STRING

from shutterpost.runtime.clock import iso


class InstantAttribute(Attribute[datetime]):
    """An aware instant as UTC text of fixed width, so that key order is time order."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """`value` as `2026-11-21T09:00:00.000Z`."""
        return iso(value)

    def deserialize(self, value: Any) -> datetime:
        """The aware UTC datetime of the stored text."""
        return datetime.fromisoformat(value).astimezone(UTC)
