"""What a history may break, and a case of it."""

from dataclasses import dataclass
from enum import StrEnum


class Wrong(StrEnum):
    """The ways in which the promise can be broken."""

    DOUBLE = "double"
    LOST = "lost"
    STUCK = "stuck"
    UNTRUE = "untrue"
    RULE = "rule"


@dataclass(frozen=True)
class Finding:
    """One broken promise: the rule by name, and the case in words."""

    wrong: Wrong
    rule: str
    words: str
