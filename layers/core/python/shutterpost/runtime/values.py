"""The base of the plain values packs exchange."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, WithJsonSchema

# RFC 3339's `date-time` has an offset, which a time on the wall may lack.
WallTime = Annotated[datetime, WithJsonSchema({"type": "string", "examples": ["2026-11-21T18:30:00"]})]


class Value(BaseModel):
    """An immutable, validated value; unknown stored attributes are left out when reading."""

    # Built at first use: a function starts with the values of every pack and uses few of them.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
