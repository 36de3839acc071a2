"""Refusals: answers that say no, by name, with what to do."""

from typing import Any, ClassVar


class Refusal(Exception):
    """A request that cannot be carried out, and why.

    `kind` is the stable name (the last part of the problem's `type`), the message says what was wrong and what to do,
    `members` are extra facts for machines.
    """

    kind: ClassVar[str] = "refused"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class NotFound(Refusal):
    """The thing does not exist, or belongs to another owner."""

    kind = "not-found"


class Invalid(Refusal):
    """A value breaks a rule; `members["field"]` names it."""

    kind = "invalid"


class Conflict(Refusal):
    """The request meets a state that does not allow it."""

    kind = "conflict"
