"""What needs a person, and the operation of the API that repairs it."""

from datetime import datetime
from enum import StrEnum

from shutterpost.flows.records.actions import ApiCall
from shutterpost.personas import Persona
from shutterpost.runtime.values import Value


class NeedKind(StrEnum):
    PAUSED = "paused"
    REVIEW = "review"
    FAILED = "failed"
    UNKNOWN = "unknown"
    OVERDUE = "overdue"
    NOT_SENT = "not_sent"
    NO_ACCOUNT = "no_account"
    ACCOUNT_ERROR = "account_error"
    TOKEN_EXPIRES = "token_expires"  # noqa: S105 - a kind, not a secret
    CIRCUIT_OPEN = "circuit_open"
    BUDGET_LOW = "budget_low"
    LIBRARY_LOW = "library_low"
    FILES_REJECTED = "files_rejected"


class Need(Value):
    """Something that needs a person: `what` it is about, `why`, and each of the `repairs` that ends it.

    After `until`, it is too late. `zone` is the persona's, `cause` that of a failure. Without `repairs`, only photos
    that are added help.
    """

    kind: NeedKind
    what: str
    why: str
    until: datetime | None = None
    persona_id: str | None = None
    zone: str | None = None
    connection_id: str | None = None
    post_id: str | None = None
    schedule_id: str | None = None
    photo_id: str | None = None
    cause: str | None = None
    repairs: tuple[ApiCall, ...] = ()


def need_of(persona: Persona, kind: NeedKind, what: str, why: str, *repairs: ApiCall, **facts: object) -> Need:
    fields = {"kind": kind, "what": what, "why": why, "repairs": repairs, **facts}
    return Need.model_validate({"persona_id": persona.persona_id, "zone": persona.zone, **fields})
