"""The base of the plain values packs exchange."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable, validated value; unknown stored attributes are left out when reading."""

    model_config = ConfigDict(frozen=True, extra="ignore")
