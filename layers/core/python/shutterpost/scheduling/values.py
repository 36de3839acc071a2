"""Post, Variant, Schedule, PublishEvent and Claim as plain values. Instants are aware, in UTC."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value
from shutterpost.scheduling.states import OPEN, Intent, ScheduleStatus, Step


class Origin(StrEnum):
    """What made a post: a slot's pick, a person, or somebody else before us."""

    SLOT = "slot"
    MANUAL = "manual"
    HISTORY = "history"


class Post(Value):
    """The idea: photo(s), persona, base caption and tags. Its status is derived (`derived.post_status`).

    `slot_at` is the slot a pick filled; `request_key` tells a repeated request from a second one. `version` counts a
    person's changes and guards them.
    """

    post_id: str
    owner: str
    persona_id: str
    photo_ids: tuple[str, ...]
    base_caption: str
    caption_source: str
    tags: tuple[str, ...] = ()
    title: str | None = None
    origin: Origin
    slot_at: datetime | None = None
    cycle: int = 1
    strategy: str | None = None
    theme: str | None = None
    request_key: str
    archived: bool = False
    version: int = 1
    created_at: datetime


class Variant(Value):
    """The post as one connection will show it: final text, photos and alt text."""

    post_id: str
    owner: str
    connection_id: str
    channel: str
    text: str
    photo_ids: tuple[str, ...]
    alt_text: str = ""
    source: Literal["manual", "generated", "imported"]
    tone: str | None = None


class OperatorVerdict(StrEnum):
    """What a person says of a post whose outcome is unknown."""

    LIVE = "live"
    NOT_LIVE = "not_live"


class Review(StrEnum):
    """Whose word a pick waits for while it is `pending`: with `veto` it goes out unless rejected, with `approval` only
    if approved."""

    VETO = "veto"
    APPROVAL = "approval"


class Schedule(Value):
    """The instruction to publish one variant at one instant, and how far that has come.

    `run_at` is UTC, with the `wall_time` and IANA `zone` that were meant; `publish_at` is a later instant that the
    connection's lane gave it instead. `start_at` is when the chain starts.
    `write_id` names the last move, so that its writer knows it again.
    `ref` is the container or remote post of the submission, `due_at` the instant at which sync looks if nothing
    has happened by then (absent once ended). The `error_*` fields tell the last failure.
    `told` is a person's word on an unknown outcome, with the address where it is live. `next_*` is where a move takes
    a post that must be withdrawn first. `removed_at` is when a live post was taken down on a person's demand.
    `review` is whose word a pending pick waits for, until `start_at` or, where it must be approved, until it is late.
    `checked_at` is when it was looked at ahead of its time, and `concern` what was found then.
    """

    schedule_id: str
    post_id: str
    connection_id: str
    persona_id: str
    owner: str
    channel: str
    run_at: datetime
    wall_time: str
    zone: str
    publish_at: datetime | None = None
    start_at: datetime
    status: ScheduleStatus = ScheduleStatus.QUEUED
    step: Step | None = None
    revision: int = 1
    intent: Intent = Intent.PUBLISH
    cancel_requested: bool = False
    attempt_count: int = 0
    retry_count: int = 0
    poll_count: int = 0
    look_count: int = 0
    event_count: int = 0
    last_attempt_at: datetime | None = None
    run_id: str | None = None
    write_id: str | None = None
    lease_until: datetime | None = None
    public_keys: tuple[str, ...] = ()
    ref: str | None = None
    external_id: str | None = None
    external_url: str | None = None
    posted_at: datetime | None = None
    error_code: str | None = None
    error_class: str | None = None
    error_cause: str | None = None
    error_message: str | None = None
    told: OperatorVerdict | None = None
    told_url: str | None = None
    next_run_at: datetime | None = None
    next_wall_time: str | None = None
    next_zone: str | None = None
    removal_requested_at: datetime | None = None
    removed_at: datetime | None = None
    review: Review | None = None
    checked_at: datetime | None = None
    concern: str | None = None
    due_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether it may still publish."""
        return self.status in OPEN

    @property
    def goes_at(self) -> datetime:
        """The instant at which it is to go out: `run_at`, or the later one its lane gave it."""
        return max(self.run_at, self.publish_at or self.run_at)

    @property
    def execution_name(self) -> str:
        """Name of this revision's execution; StartExecution is idempotent by it."""
        return f"{self.schedule_id}-{self.revision}"


class EventOutcome(StrEnum):
    """How an attempt ended, or passed to somebody else; how a demand to take a live post down ended; and what was
    said of a pick that waited: `approved`, `rejected`, `not_approved` in time, or `swapped` for another photo."""

    SUCCESS = "success"
    FAILED = "failed"
    RETRIED = "retried"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    HANDED_OVER = "handed_over"
    REMOVED = "removed"
    NOT_REMOVED = "not_removed"
    APPROVED = "approved"
    REJECTED = "rejected"
    NOT_APPROVED = "not_approved"
    SWAPPED = "swapped"


class PublishEvent(Value):
    """One attempt's outcome, append-only. `raw` is the platform's trimmed answer, free of secrets."""

    schedule_id: str
    owner: str
    index: int
    attempt: int
    revision: int
    at: datetime
    outcome: EventOutcome
    external_id: str | None = None
    external_url: str | None = None
    error_code: str | None = None
    error_class: str | None = None
    error_message: str | None = None
    raw: str | None = None


class ClaimState(StrEnum):
    """A claim is held, or released with a reason; never deleted."""

    HELD = "held"
    RELEASED = "released"


class Claim(Value):
    """What makes something happen once: `key` names the thing, `holder` the post that has it."""

    key: str
    holder: str
    owner: str
    state: ClaimState = ClaimState.HELD
    held_at: datetime
    released_at: datetime | None = None
    reason: str | None = None


class DecisionRecord(Value):
    """A stored Decision of the curator: `body` is its JSON, `post_id` what it led to."""

    persona_id: str
    owner: str
    slot_at: datetime
    decided_at: datetime
    post_id: str | None = None
    body: dict[str, Any] = Field(default_factory=dict)


class PostDetails(Value):
    """A post with all that belongs to it."""

    post: Post
    variants: tuple[Variant, ...]
    schedules: tuple[Schedule, ...]
    events: tuple[PublishEvent, ...] = ()


def photo_claim_key(photo_id: str, connection_id: str, cycle: int) -> str:
    """Key of the claim (photo SHA-256 × connection × cycle)."""
    return f"CLAIM#PHOTO#{photo_id}#{connection_id}#{cycle}"


def anywhere_claim_key(photo_id: str, owner: str, cycle: int) -> str:
    """Key of the claim of a photo across all connections of an owner, for personas that post once anywhere."""
    return f"CLAIM#ANYWHERE#{photo_id}#{owner}#{cycle}"


def slot_claim_key(persona_id: str, slot_at: datetime) -> str:
    """Key of the claim (persona × slot instant)."""
    return f"CLAIM#SLOT#{persona_id}#{iso(slot_at)}"


def key_claim_key(owner: str, idempotency_key: str) -> str:
    """Key of the claim on an owner's Idempotency-Key; its holder is the post that the key's first request opened."""
    return f"CLAIM#KEY#{owner}#{idempotency_key}"


def post_id_of(*parts: str) -> str:
    """The post's id, derived from what it claims so that a repeat finds its first run."""
    return "p" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def schedule_id_of(post_id: str, connection_id: str) -> str:
    """A post has one schedule per connection."""
    return f"{post_id}-{connection_id}"


def post_id_in(schedule_id: str) -> str:
    """The post a schedule id belongs to."""
    return schedule_id.partition("-")[0]
