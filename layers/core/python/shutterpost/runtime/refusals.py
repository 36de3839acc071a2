"""Named errors that a caller can act on."""

from typing import Any, ClassVar


class Refusal(Exception):
    """`kind` is the stable name (the end of the problem's `type`), `detail` says what is wrong and what to do."""

    kind: ClassVar[str] = "refused"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = members


class NotFound(Refusal):
    kind = "not-found"


class Invalid(Refusal):
    """A value is invalid; `members["field"]` names the field."""

    kind = "invalid"


class Conflict(Refusal):
    kind = "conflict"
