"""The base of the plain values packs exchange."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable, validated value; unknown stored attributes are left out when reading."""

    # Built at first use: a function starts with the values of every pack and uses few of them.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
