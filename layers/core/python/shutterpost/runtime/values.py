"""The base class of plain values."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema

# The JSON schema format `date-time` (RFC 3339) requires an offset, which a wall time may lack.
WallTime = Annotated[datetime, WithJsonSchema({"type": "string", "examples": ["2026-11-21T18:30:00"]})]


class Value(BaseModel):
    """Unknown fields are ignored."""

    # Deferred, because a function imports the values of every pack and uses few of them.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
