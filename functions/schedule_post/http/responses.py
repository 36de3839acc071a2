"""What callers get to see: posts and schedules with what is derived, without what is ours alone."""

from datetime import datetime
from typing import Any

from shutterpost import channels, curation, scheduling
from shutterpost.channels import Catalogue, ConnectionStatus
from shutterpost.flows.syncing.health import ConnectionCheck
from shutterpost.flows.syncing.runway import Runway
from shutterpost.flows.syncing.sync import ScheduleUpdate
from shutterpost.personas import Persona
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    DecisionRecord,
    EventOutcome,
    OperatorVerdict,
    Origin,
    PostDetails,
    PostStatus,
    Review,
    ScheduleStatus,
    Step,
    VariantStatus,
    post_status,
    variant_status,
)


class PersonaResponse(Persona):
    """A persona, and how long its library lasts."""

    runway: Runway


class Connection(channels.Connection):
    """An account of a persona; `token_days_left` counts the days until its token ends, absent where it does not."""

    token_days_left: int | None = None


class CheckedConnectionResponse(Connection):
    """A connection and what its platform says: `works` is absent while that is still being asked."""

    works: bool | None
    detail: str


class ConnectionsResponse(Value):
    """All connections of a persona, of every status."""

    connections: tuple[Connection, ...]


class Schedule(Value):
    """The instruction to publish one variant at one instant, how far that has come, and the last failure.

    `run_at` is UTC, with the wall time and zone that were meant; `publish_at` is a later instant that it was given to
    keep its distance and quota. `review` tells whose word a `pending` pick waits for: with `veto` it goes on at
    `start_at` unless rejected, with `approval` only if approved. `checked_at` is when it was looked at ahead of its
    time, `concern` what was found then. `cancel_requested` is honoured at the chain's next step, `told` (a person's
    word on an unknown outcome) by the next sync, and `next_run_at` once what was handed over is withdrawn.
    """

    schedule_id: str
    post_id: str
    connection_id: str
    persona_id: str
    channel: str
    run_at: datetime
    wall_time: str
    zone: str
    publish_at: datetime | None
    start_at: datetime
    status: ScheduleStatus
    step: Step | None
    revision: int
    cancel_requested: bool
    attempt_count: int
    external_id: str | None
    external_url: str | None
    posted_at: datetime | None
    error_code: str | None
    error_class: str | None
    error_cause: str | None
    error_message: str | None
    told: OperatorVerdict | None
    told_url: str | None
    next_run_at: datetime | None
    removal_requested_at: datetime | None
    removed_at: datetime | None
    review: Review | None
    checked_at: datetime | None
    concern: str | None
    created_at: datetime
    updated_at: datetime


class Variant(Value):
    """The post as one connection will show it."""

    connection_id: str
    channel: str
    status: VariantStatus
    text: str
    photo_ids: tuple[str, ...]
    alt_text: str
    source: str
    tone: str | None


class PublishEvent(Value):
    """One attempt's outcome; `raw` is the platform's trimmed answer."""

    schedule_id: str
    index: int
    attempt: int
    revision: int
    at: datetime
    outcome: EventOutcome
    external_id: str | None
    external_url: str | None
    error_code: str | None
    error_class: str | None
    error_message: str | None
    raw: str | None


class Decision(curation.Decision):
    """Why a photo was picked for a slot, or why none was; `post_id` is what it led to."""

    post_id: str | None = None


class PostSummaryResponse(Value):
    """A post with its derived status and its schedules."""

    post_id: str
    persona_id: str
    status: PostStatus
    title: str | None
    photo_ids: tuple[str, ...]
    base_caption: str
    caption_source: str
    tags: tuple[str, ...]
    origin: Origin
    slot_at: datetime | None
    cycle: int
    strategy: str | None
    theme: str | None
    archived: bool
    created_at: datetime
    schedules: tuple[Schedule, ...]


class Post(PostSummaryResponse):
    """A post with all that belongs to it; `decision` says why its photo was picked."""

    variants: tuple[Variant, ...]
    events: tuple[PublishEvent, ...]
    decision: Decision | None = None


class RejectedPostResponse(Value):
    """The post that was rejected, and what its slot was given instead: a post, or why there is none."""

    rejected: Post
    replacement_id: str | None
    reason: str


class PostPage(Value):
    """Some posts, newest first, and the `cursor` of the next page."""

    posts: tuple[PostSummaryResponse, ...]
    cursor: str | None = None


class DecisionPage(Value):
    """Some decisions, newest slot first, and the `cursor` of the next page."""

    decisions: tuple[Decision, ...]
    cursor: str | None = None


class Pick(Value):
    """What was picked for a slot (`slot_at` in UTC, with the wall time and zone meant), or why nothing was.

    `post_id` is absent in a dry run, `picked` while the pick still goes on.
    """

    slot_at: datetime
    wall_time: str
    zone: str
    picked: bool | None
    photo_id: str | None = None
    name: str = ""
    reason: str
    post_id: str | None = None


class SyncResponse(Value):
    """What the syncs did that ended in time; those that did not run on by themselves and are `pending`.

    `pending` and `not_started` hold persona ids; what was not started is caught by the next run of the standing job.
    """

    looked_at: int
    updated: tuple[ScheduleUpdate, ...]
    overdue_seconds: float
    pending: tuple[str, ...] = ()
    not_started: tuple[str, ...] = ()


class PauseResponse(Value):
    """Whether everything of the caller's is paused, why and since when."""

    paused: bool
    reason: str | None = None
    since: datetime | None = None


def connection(found: channels.Connection, catalogue: Catalogue, now: datetime) -> Connection:
    """A connection as callers see it."""
    policy = catalogue.row(found.channel).token_policy(found)
    days_left = None if found.status is ConnectionStatus.REVOKED else policy.days_left(found, now)
    return Connection.model_validate({**found.model_dump(), "token_days_left": days_left})


def tried(found: Connection, report: ConnectionCheck | None) -> CheckedConnectionResponse:
    """A connection with what was found of it, which is nothing yet where the platform took too long."""
    works = report.works if report else None
    detail = report.detail if report else "The platform is still being asked; look at the connection in a minute."
    return CheckedConnectionResponse.model_validate({**found.model_dump(), "works": works, "detail": detail})


def schedule(found: scheduling.Schedule) -> Schedule:
    """A schedule as callers see it."""
    return Schedule.model_validate(found.model_dump())


def decision(record: DecisionRecord) -> Decision:
    """A decision as callers see it."""
    return Decision.model_validate({**record.body, "post_id": record.post_id})


def post_summary(details: PostDetails) -> PostSummaryResponse:
    """A post in a list."""
    return PostSummaryResponse.model_validate(_common(details))


def post(details: PostDetails, decided: DecisionRecord | None) -> Post:
    """A post with all that belongs to it."""
    schedules = {one.connection_id: one for one in details.schedules}
    variants = [
        {**one.model_dump(), "status": variant_status(schedules.get(one.connection_id))} for one in details.variants
    ]
    events = [one.model_dump() for one in sorted(details.events, key=lambda event: (event.at, event.index))]
    return Post.model_validate(
        {
            **_common(details),
            "variants": variants,
            "events": events,
            # A slot may have a decision against every photo, and then be given to one by a person.
            "decision": decision(decided) if decided and decided.post_id == details.post.post_id else None,
        }
    )


def _common(details: PostDetails) -> dict[str, Any]:
    return {
        **details.post.model_dump(),
        "status": post_status(details.post, details.schedules),
        "schedules": [schedule(one) for one in details.schedules],
    }
