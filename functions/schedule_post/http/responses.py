"""Response bodies: stored values with derived fields, without internal ones."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from shutterpost import channels, curation, scheduling
from shutterpost.channels import Catalogue, ChannelStatus, ConnectionStatus, Limits, Prices, Quota, TokenFacts
from shutterpost.flows.operating.import_plan import PlannedRow
from shutterpost.flows.operating.start_due import StartReport
from shutterpost.flows.planning.budgets import BudgetUse
from shutterpost.flows.planning.circuits import OpenCircuit
from shutterpost.flows.planning.holds import Hold
from shutterpost.flows.planning.slots import ComingSlot
from shutterpost.flows.posting.successors import Successor
from shutterpost.flows.records.plan_files import PlanRow
from shutterpost.flows.records.sync_reports import AddressReport, ScheduleUpdate
from shutterpost.flows.syncing.health import ConnectionCheck
from shutterpost.flows.syncing.runway import Runway
from shutterpost.personas import Persona, Role
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    CommentState,
    DecisionRecord,
    OperatorVerdict,
    Review,
    ScheduleStatus,
    Step,
)


class DerivedFacts(NamedTuple):
    """Facts of schedules that are not stored, by schedule id."""

    holds: Mapping[str, Hold] = {}
    successors: Mapping[str, Successor] = {}


class PersonaResponse(Persona):
    """A persona, the runway of its library, and the caller's role."""

    runway: Runway
    role: Role


class ConnectionResponse(channels.Connection):
    """An account of a persona.

    `token_days_left` is the days until its token expires, `null` if it does not, or if the token does not work.
    `circuit` is its open circuit breaker, which holds its posts. `budget_use` is what the month has used, `null` where
    posts are free. `grade` is what its platform allows after a publish call without a clear answer, `unclear_outcome`
    the same as a sentence.
    """

    grade: channels.Grade
    unclear_outcome: str
    token_days_left: int | None = None
    circuit: OpenCircuit | None = None
    budget_use: BudgetUse | None = None


class ResetConnectionResponse(ConnectionResponse):
    """A connection after its circuit breaker was reset: what it had been waiting for, and the posts that were due."""

    was_open: OpenCircuit | None
    posts: StartReport


class CheckedConnectionResponse(ConnectionResponse):
    """A connection and the result of its check; `works` is `null` while the check is running.

    A success closes the circuit breaker `was_open` and starts the `posts` that are due.
    """

    works: bool | None
    detail: str
    token_facts: TokenFacts | None = None
    was_open: OpenCircuit | None = None
    posts: StartReport = StartReport()


class ConnectionsResponse(Value):
    """All connections of a persona, of every status."""

    connections: tuple[ConnectionResponse, ...]


class ScheduleResponse(Value):
    """The publication of a variant at an instant, its progress and its last failure.

    `run_at` is the instant in UTC of `wall_time` in `zone`; `publish_at` is a later instant that spacing or quota
    require. `review` applies to a `pending` pick: with `veto` it is published unless rejected before `start_at`, with
    `approval` only if approved. `checked_at` is the time of the preflight check, `concern` its finding.
    `cancel_requested` takes effect at the next step, `told` (the operator's verdict on an unknown outcome) at the next
    sync, and `next_run_at` after the channel's copy is withdrawn. `held` is why a queued post waits, and until when;
    `superseded_by` is the post that has the photo of a failed or skipped one, which therefore cannot be retried.
    `first_comment` is that of a post with one: it is made once the post is live, at most once.
    """

    schedule_id: str
    post_id: str
    connection_id: str
    variant_id: str
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
    last_attempt_at: datetime | None
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
    first_comment: CommentState | None
    first_comment_note: str | None
    created_at: datetime
    updated_at: datetime
    held: Hold | None = None
    superseded_by: Successor | None = None


class DecisionResponse(curation.Decision):
    """Why a photo was picked for a slot, or why none was; `post_id` is the resulting post."""

    post_id: str | None = None


class DecisionPageResponse(Value):
    """A page of decisions, newest slot first, and the `cursor` of the next page."""

    decisions: tuple[DecisionResponse, ...]
    cursor: str | None = None


class PickResponse(Value):
    """The pick for a slot, or why there is none; `slot_at` is the instant in UTC of `wall_time` in `zone`.

    `post_id` is `null` in a dry run, `picked` while the pick is running.
    """

    slot_at: datetime
    wall_time: str
    zone: str
    picked: bool | None
    photo_id: str | None = None
    name: str = ""
    reason: str
    post_id: str | None = None


class ChannelResponse(Value):
    """A channel's limits and features, and what a connection to it needs.

    A channel that `hands_over` schedules posts itself; `spacing` is the minimum time between two posts of a connection;
    `extras` are what a post can have beside text and pictures. One with `prices`, in thousandths of a US dollar,
    publishes nothing without a monthly budget. `not_listed` is why what an account shows is not listed.
    """

    key: str
    name: str
    status: ChannelStatus
    limits: Limits
    hands_over: bool
    spacing: int
    quota: Quota | None
    prices: Prices | None
    logins: tuple[str, ...]
    extras: tuple[str, ...]
    needs_organization: bool
    not_listed: str | None


class ChannelsResponse(Value):
    """All channels; an `active` one can be published to, a `disabled` one cannot yet."""

    version: str
    channels: tuple[ChannelResponse, ...]


class ComingSlotsResponse(Value):
    """Coming slots, earliest first."""

    slots: tuple[ComingSlot, ...]


class ResolvedScheduleResponse(ScheduleResponse):
    """A schedule with a verdict; `address_check` is the check of the address of a live post."""

    address_check: AddressReport | None = None


class PlanResponse(Value):
    """Planned posts as rows that can be imported again."""

    rows: tuple[PlanRow, ...]


class PlanReportResponse(Value):
    """The result of each row, and the numbers of planned and refused rows; `unchanged` ones are planned, too."""

    dry_run: bool
    planned: int
    unchanged: int
    refused: int
    rows: tuple[PlannedRow, ...]


class SyncResponse(Value):
    """The results of the syncs that finished in time.

    `pending` lists personas whose sync is still running, `not_started` those that the next scheduled sync covers.
    """

    looked_at: int
    updated: tuple[ScheduleUpdate, ...]
    overdue_seconds: float
    pending: tuple[str, ...] = ()
    not_started: tuple[str, ...] = ()


class PauseResponse(Value):
    """Whether the caller's posting is paused, with the reason and the start of the pause."""

    paused: bool
    reason: str | None = None
    since: datetime | None = None


class ResumeResponse(PauseResponse):
    """The ended pause, and the posts whose time came during it."""

    posts: StartReport


def connection(
    stored: channels.Connection,
    catalogue: Catalogue,
    now: datetime,
    *,
    circuit: OpenCircuit | None,
    budget_use: BudgetUse | None,
) -> ConnectionResponse:
    row = catalogue.row(stored.channel)
    policy, grade = row.token_policy(stored), row.grade_of(stored)
    days_left = policy.days_left(stored, now) if stored.status is ConnectionStatus.CONNECTED else None
    outcome = {"grade": grade, "unclear_outcome": grade.unclear_outcome}
    use = {"circuit": circuit, "budget_use": budget_use}
    fields = {**stored.model_dump(), **outcome, **use, "token_days_left": days_left}
    return ConnectionResponse.model_validate(fields)


def checked_connection(
    shown: ConnectionResponse, check: ConnectionCheck | None, released: Mapping[str, Any] | None
) -> CheckedConnectionResponse:
    """The response for a connection's check; `None` for a check that is still running."""
    works = check.works if check else None
    detail = check.detail if check else "The platform has not answered yet; check the connection in a minute."
    facts = {"works": works, "detail": detail, "token_facts": check.token_facts if check else None}
    fields = {**shown.model_dump(), **facts, **(released or {})}
    return CheckedConnectionResponse.model_validate(fields)


def schedule(stored: scheduling.Schedule, derived: DerivedFacts) -> ScheduleResponse:
    facts = {
        "told": stored.verdict,
        "told_url": stored.verdict_url,
        "held": derived.holds.get(stored.schedule_id),
        "superseded_by": derived.successors.get(stored.schedule_id),
    }
    return ScheduleResponse.model_validate({**stored.model_dump(), **facts})


def decision(record: DecisionRecord) -> DecisionResponse:
    return DecisionResponse.model_validate({**record.body, "post_id": record.post_id})
