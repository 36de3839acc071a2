"""GenerationSession and its suggestions as plain values. Instants are aware, in UTC."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field

from shutterpost.authoring.template import timed_id
from shutterpost.runtime.values import Value

MAX_CHANNELS, MAX_PER_CHANNEL = 10, 5
# A worker has its timeout, and Lambda repeats a failed call twice within this time.
GENERATION_TIME = timedelta(minutes=20)
DECISION_TIME = timedelta(days=30)


class SessionStatus(StrEnum):
    """`completed` once a suggestion was accepted; more of them can still be."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ABORTED = "aborted"


class LengthHint(StrEnum):
    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"


class GenerationSession(Value):
    """A request for texts: `prompt` says what about, for each of `channels`, `per_channel` of them.

    `generated_at` is when the last was stored, `failures` are the channels without any and the reason; `reason` is
    why the session was aborted. `post_id` is the post that accepted suggestions belong to. A
    template is one of `created_by`, the principal that asked.
    """

    session_id: str
    owner: str
    created_by: str
    persona_id: str
    photo_id: str | None = None
    post_id: str | None = None
    template_id: str | None = None
    prompt: str
    channels: tuple[str, ...]
    tone: str | None = None
    length: LengthHint | None = None
    language: str | None = None
    per_channel: int = 3
    status: SessionStatus = SessionStatus.IN_PROGRESS
    reason: str | None = None
    generated_at: datetime | None = None
    failures: dict[str, str] = Field(default_factory=dict)
    deadline_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class GenerationSuggestion(Value):
    """A proposed text for a channel, within its limits; `post_id` and `variant_id` are what accepting it made."""

    suggestion_id: str
    session_id: str
    channel: str
    number: int
    content: str
    alt_text: str = ""
    score: float | None = None
    generator: str
    accepted: bool = False
    post_id: str | None = None
    variant_id: str | None = None
    created_at: datetime


def new_session(*, now: datetime, request_id: str, persona_id: str, **fields: Any) -> GenerationSession:
    """A session in progress, whose id derives from the request."""
    return GenerationSession(
        session_id=timed_id("s", now, persona_id, request_id),
        persona_id=persona_id,
        created_at=now,
        updated_at=now,
        deadline_at=now + GENERATION_TIME,
        **fields,
    )


def suggestion_id_of(session_id: str, channel: str, number: int) -> str:
    return f"{session_id}-{channel}-{number}"
