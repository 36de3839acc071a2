"""Post, Variant, Schedule, PublishEvent and Claim as plain values. Instants are aware, in UTC."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling.ids import schedule_id_of
from shutterpost.scheduling.states import OPEN, CommentState, Intent, ScheduleStatus, Step


class Origin(StrEnum):
    """How a post was created: by a slot's pick, by the operator, or as the record of an earlier publication."""

    SLOT = "slot"
    MANUAL = "manual"
    HISTORY = "history"


class Post(Value):
    """Photos, base caption and hashtags of a persona. The status is derived (`derived.post_status`).

    `burst` has the photos that its pick offered to post with it. `tags` are private labels, `metadata` keys of the
    owner's such as `campaign_id`; neither is published.
    `slot_at` is the slot that the pick filled; `request_key` identifies the request that created the post. `version`
    is the optimistic lock of the operator's changes, `turns` of changes that depend on all of the post's schedules.
    `created_by` is the principal whose request it was; absent for picks. `extras` are its own and the persona's.
    `language` is that of its texts (BCP 47), absent where none is stated.
    """

    post_id: str
    owner: str
    persona_id: str
    photo_ids: tuple[str, ...]
    burst: tuple[str, ...] = ()
    base_caption: str
    caption_source: str
    hashtags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = Field(default_factory=dict)
    extras: Extras | None = None
    language: str | None = None
    title: str | None = None
    origin: Origin
    slot_at: datetime | None = None
    cycle: int = 1
    strategy: str | None = None
    theme: str | None = None
    request_key: str
    archived: bool = False
    version: int = 1
    turns: int = 0
    created_at: datetime
    updated_at: datetime | None = None
    created_by: str | None = None


class VariantSource(StrEnum):
    """Where a variant's text comes from: a person wrote it, a template or model made it, or it came with the photo."""

    MANUAL = "manual"
    GENERATED = "generated"
    IMPORTED = "imported"


class Variant(Value):
    """A post's final text, photos and alt text for a connection, or for any connection of its channel.

    `own_text` is true for a text that was written for this variant alone: changes of the post's texts leave it. `label`
    distinguishes variants of the same connection. `language` is that of its text, by default the post's. `metadata`
    has its UTM parameters and its short URL. Variants of release 0.1 have neither an id of their own nor times.
    """

    post_id: str
    owner: str
    connection_id: str | None = None
    variant_id: str = Field(default_factory=lambda known: schedule_id_of(known["post_id"], known["connection_id"]))
    channel: str
    text: str
    photo_ids: tuple[str, ...]
    alt_text: str = ""
    language: str | None = None
    source: VariantSource
    tone: str | None = None
    label: str | None = None
    own_text: bool = False
    metadata: dict[str, str] = Field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None


class OperatorVerdict(StrEnum):
    LIVE = "live"
    NOT_LIVE = "not_live"


class Review(StrEnum):
    """The review of a `pending` pick: with `veto` it is published unless rejected, with `approval` only if approved."""

    VETO = "veto"
    APPROVAL = "approval"


class Schedule(Value):
    """The publication of a variant at an instant, and its progress.

    `variant_id` is absent in schedules of release 0.1, which publish the variant of their connection.
    `account` identifies the connection's account for all personas (absent in old schedules, which keep the lane of
    their connection).
    `run_at` is the instant in UTC of `wall_time` in the IANA `zone`; `publish_at` is a later instant that its lane
    assigned. `start_at` is when the execution starts.
    `write_id` identifies the last write, so that its writer recognises it after a lost response.
    `part_count` counts what was submitted of it. `ref` is the platform's container or post of the submission. `due_at`
    is when the sync examines the schedule (absent when it has ended). The `error_*` fields describe the last failure,
    `error_picture` is the index of the refused picture.
    `verdict` is the operator's on an unknown outcome, `verdict_url` the live post's address. `next_*` is the target
    of a move that must withdraw the post first. `removed_at` is when the live post was removed on request.
    `review` applies while `pending`: until `start_at`, or with `approval` until the schedule is late.
    `checked_at` is the time of the preflight check, `concern` its finding. `first_comment` is absent where none is
    wanted; it never changes the status.
    """

    schedule_id: str
    post_id: str
    connection_id: str
    variant_id: str = Field(default_factory=lambda known: schedule_id_of(known["post_id"], known["connection_id"]))
    persona_id: str
    owner: str
    channel: str
    account: str | None = None
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
    part_count: int = 0
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
    error_raw: str | None = None
    error_picture: int | None = None
    verdict: OperatorVerdict | None = None
    verdict_url: str | None = None
    next_run_at: datetime | None = None
    next_wall_time: str | None = None
    next_zone: str | None = None
    removal_requested_at: datetime | None = None
    removed_at: datetime | None = None
    review: Review | None = None
    checked_at: datetime | None = None
    concern: str | None = None
    first_comment: CommentState | None = None
    first_comment_note: str | None = None
    due_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def has_not_begun(self) -> bool:
        """Whether it waits, and no execution has begun to publish it."""
        waiting = {ScheduleStatus.PENDING, ScheduleStatus.QUEUED}
        return self.status in waiting and self.step is None and not self.cancel_requested

    @property
    def moves_to(self) -> datetime | None:
        """The other instant at which the schedule is published once it is withdrawn."""
        return None if self.next_run_at == self.run_at else self.next_run_at

    @property
    def expected_at(self) -> datetime:
        """The planned publish time: `run_at`, or `publish_at` if that is later."""
        return max(self.run_at, self.publish_at or self.run_at)

    @property
    def lane_key(self) -> str:
        """Key of the lane that the schedule shares with all schedules of its account."""
        return self.account or self.connection_id

    @property
    def execution_name(self) -> str:
        """Name of this revision's execution; StartExecution is idempotent by it."""
        return f"{self.schedule_id}-{self.revision}"


class EventOutcome(StrEnum):
    """The outcome of an attempt, of a removal (`removed`, `not_removed`), or of a review: `approved`, `rejected`,
    `not_approved` in time, or `swapped` for another photo."""

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
    """The outcome of an attempt; append-only. `raw` is the platform's response, shortened and free of secrets."""

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
    HELD = "held"
    RELEASED = "released"


class Claim(Value):
    """An exclusive right: `key` identifies its subject, `holder` is the id of the post that has it."""

    key: str
    holder: str
    owner: str
    state: ClaimState = ClaimState.HELD
    held_at: datetime
    released_at: datetime | None = None
    reason: str | None = None


class DecisionRecord(Value):
    """A stored `curation.Decision`: `body` is its JSON, `post_id` the resulting post."""

    persona_id: str
    owner: str
    slot_at: datetime
    decided_at: datetime
    post_id: str | None = None
    body: dict[str, Any] = Field(default_factory=dict)


class PostDetails(Value):
    post: Post
    variants: tuple[Variant, ...]
    schedules: tuple[Schedule, ...]
    events: tuple[PublishEvent, ...] = ()

    @property
    def is_untouched_pick(self) -> bool:
        """Whether the post is a pick of which no schedule has begun or ended."""
        return self.post.origin is Origin.SLOT and all(item.has_not_begun for item in self.schedules)

    def schedule(self, schedule_id: str) -> Schedule:
        """The post's schedule of that id, which must be one of its own."""
        return next(schedule for schedule in self.schedules if schedule.schedule_id == schedule_id)

    @property
    def updated_at(self) -> datetime:
        """When the post, a variant or a schedule of it was last written."""
        times = [self.post.updated_at, *(variant.updated_at for variant in self.variants)]
        times += [schedule.updated_at for schedule in self.schedules]
        return max((at for at in times if at is not None), default=self.post.created_at)

    @property
    def published_at(self) -> datetime | None:
        """When the post was first live on a connection."""
        live = [item for item in self.schedules if item.status is ScheduleStatus.SUCCESS]
        return min((item.posted_at for item in live if item.posted_at), default=None)

    def refused_photo(self, schedule: Schedule) -> str | None:
        """The photo that the schedule's last failure is about, if it is about one of several."""
        if schedule.error_picture is None:
            return None
        shown = self.variant(schedule.variant_id).photo_ids
        photo_ids = (*shown, *self.post.photo_ids[len(shown) :])
        return photo_ids[schedule.error_picture] if schedule.error_picture < len(photo_ids) else None

    def variant(self, variant_id: str) -> Variant:
        """The post's variant of that id, which must be one of its own."""
        return next(variant for variant in self.variants if variant.variant_id == variant_id)

    def language(self, variant: Variant) -> str | None:
        """The language that is stated for the variant's text: its own, else the post's."""
        return variant.language or self.post.language

    def schedules_of(self, variant: Variant) -> tuple[Schedule, ...]:
        """The schedules that publish `variant`."""
        return tuple(schedule for schedule in self.schedules if schedule.variant_id == variant.variant_id)
