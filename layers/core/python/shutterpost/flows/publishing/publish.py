"""The publish chain's way forward: Begin, Prepare, Submit, Poll, Publish, Confirm, Record (DESIGN §2).

State is written before every remote write, and each step may run twice: a repeat finds what the first run wrote. The
order of the steps stands in `infra/workflows/publish.asl.json` alone.
"""

from datetime import datetime, timedelta
from typing import Any

from shutterpost.channels import (
    Account,
    Cause,
    Failure,
    FailureClass,
    Message,
    Picture,
    Published,
    RemoteState,
    Status,
)
from shutterpost.flows.posting.deadlines import TIMER_SLACK
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.publishing.context import SETTLE, SUPERSEDED, PublishContext
from shutterpost.flows.publishing.decision import Action, Evidence, next_action
from shutterpost.flows.publishing.outcomes import StepOutcome
from shutterpost.flows.publishing.publish_times import Wait
from shutterpost.photos import new_public_key
from shutterpost.runtime.clock import iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    EventOutcome,
    Intent,
    PostDetails,
    Schedule,
    ScheduleStatus,
    StaleWrite,
    Step,
    Variant,
)

# The chain's own Wait ends this long before the instant; the rest is slept in-process, to the second.
EARLY = timedelta(seconds=5)


def begin(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Take the lease and say where to go on: a fresh start, or from the step an earlier run recorded."""
    schedule = chain.schedules.get(schedule_id)
    now = chain.clock.now()
    fresh = schedule.status in {ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING} and schedule.revision == revision
    if not fresh:
        return SUPERSEDED
    if schedule.status is ScheduleStatus.QUEUED:
        decision = next_action(schedule, Evidence.UNREAD, chain.policy(schedule), now)
        if decision.action not in {Action.START, Action.ADOPT_HANDED_OVER}:
            chain.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, due_at=now + decision.pause)
            return StepOutcome(outcome="held")
    turn = (
        chain.traffic.reserve_publish_time(schedule, chain.grace(schedule))
        if _needs_turn(schedule)
        else schedule.publish_at
    )
    if isinstance(turn, Wait):
        return _wait_for_turn(chain, schedule, turn)
    step = _step_to_go_on_from(chain, schedule)
    begun = chain.advance(schedule, step=step, run_id=schedule.execution_name, publish_at=turn)
    return _where_to_go_on(begun, now) if begun else SUPERSEDED


def prepare(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Check account, quota and pictures, and lay the renditions out where the platform can fetch them."""
    schedule = chain.current(schedule_id, revision, at={Step.BEGUN, Step.PREPARED})
    if schedule is None:
        return SUPERSEDED
    account = chain.account(schedule)
    health = account if isinstance(account, Failure) else chain.adapter(schedule).health(account, schedule.goes_at)
    if isinstance(health, Failure):
        return chain.fail(schedule, health)
    others_first = chain.traffic.must_let_pass(schedule, health)
    if others_first is not None and others_first <= schedule.run_at + chain.grace(schedule):
        moved = chain.advance(schedule, wake_at=others_first)
        return StepOutcome(outcome="retry_at", until=others_first) if moved else chain.lost(schedule)
    variant = _variant(chain.posts.details(schedule.post_id), schedule)
    keys = schedule.public_keys or tuple(new_public_key() for _ in variant.photo_ids)
    profile = chain.row(schedule).rendition
    for photo_id, public_key in zip(variant.photo_ids, keys, strict=True):
        photo = chain.photos.get(schedule.persona_id, photo_id)
        rendition = photo.renditions.get(profile) if photo else None
        if rendition is None:
            return chain.fail(schedule, _no_rendition(photo_id, profile))
        chain.copies.publish(rendition, public_key)
    moved = chain.advance(schedule, step=Step.PREPARED, public_keys=list(keys), unless_cancelled=True)
    return StepOutcome(outcome="prepared") if moved else chain.lost(schedule)


def submit(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Make the invisible first step, or hand the post over with its due time."""
    schedule = chain.current(schedule_id, revision, at={Step.PREPARED, Step.SUBMITTING, Step.HANDED_OVER})
    if schedule is None:
        return SUPERSEDED
    if schedule.step is Step.HANDED_OVER:
        return StepOutcome(outcome="handed_over")
    if schedule.step is Step.SUBMITTING and schedule.ref is not None:
        return StepOutcome(outcome="submitted", until=chain.clock.now())
    if schedule.step is Step.SUBMITTING and chain.submits_visibly(schedule):
        return SETTLE
    account = _account(chain, schedule, final=chain.submits_visibly(schedule))
    if isinstance(account, StepOutcome):
        return account
    attempt = chain.advance(
        schedule,
        step=Step.SUBMITTING,
        ref=None,
        poll_count=0,
        attempt_count=schedule.attempt_count + 1,
        last_attempt_at=chain.clock.now(),
        unless_cancelled=True,
    )
    if attempt is None:
        return chain.lost(schedule)
    message = _message(chain, attempt)
    answer = chain.adapter(attempt).submit(account, message)
    if isinstance(answer, Failure):
        ambiguous = answer.failure_class is FailureClass.AMBIGUOUS
        return chain.fail(attempt, answer, retry_step=None if ambiguous else Step.PREPARED)
    if answer.handed_over:
        return _handed_over(chain, attempt, answer.ref)
    stored = chain.advance(attempt, ref=answer.ref)
    first_look = chain.clock.now() + timedelta(seconds=chain.row(attempt).poll[0])
    return StepOutcome(outcome="submitted", until=first_look) if stored else chain.lost(attempt)


def poll(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Ask whether the submission is ready to be published."""
    schedule = chain.current(schedule_id, revision, at={Step.PREPARED, Step.SUBMITTING, Step.READY})
    if schedule is None:
        return SUPERSEDED
    if schedule.cancel_requested or schedule.ref is None:
        return SETTLE
    if schedule.step is Step.PREPARED:
        # The publish call was refused because the submission is gone.
        return StepOutcome(outcome="retry_at", until=chain.clock.now())
    account = chain.account(schedule)
    status = account if isinstance(account, Failure) else chain.adapter(schedule).status(account, schedule.ref)
    if isinstance(status, Status) and status.state is RemoteState.READY:
        moved = chain.advance(schedule, step=Step.READY)
        return StepOutcome(outcome="ready", until=schedule.goes_at - EARLY) if moved else chain.lost(schedule)
    if isinstance(status, Status) and status.state is RemoteState.PUBLISHED:
        # Only this chain publishes this container, so an earlier run did and its answer was lost.
        moved = chain.advance(schedule, step=Step.PUBLISHING)
        return SETTLE if moved else chain.lost(schedule)
    waiting = isinstance(status, Status) and status.state is RemoteState.WORKING
    cadence = chain.row(schedule).poll
    if waiting and schedule.poll_count + 1 < len(cadence):
        return _look_again(chain, schedule, cadence[schedule.poll_count + 1])
    failure = status if isinstance(status, Failure) else _not_made(status)
    return chain.fail(schedule, failure, retry_step=Step.PREPARED)


def publish(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """At the second meant, make the one irreversible call; a second entry never calls again."""
    schedule = chain.current(schedule_id, revision)
    if schedule is None:
        return SUPERSEDED
    if schedule.step is Step.PUBLISHED:
        return StepOutcome(outcome="published")
    if schedule.step is not Step.READY or schedule.ref is None:
        return SETTLE
    account = _account(chain, schedule, final=True)
    if isinstance(account, StepOutcome):
        return account
    goes_at = chain.traffic.renew_publish_time(schedule) or schedule.goes_at
    ahead = goes_at - chain.clock.now()
    if ahead > EARLY * 2:
        moved = chain.advance(schedule, publish_at=goes_at)
        return StepOutcome(outcome="retry_at", until=goes_at - EARLY) if moved else chain.lost(schedule)
    chain.clock.sleep(ahead)
    publishing = chain.advance(schedule, step=Step.PUBLISHING, last_attempt_at=chain.clock.now(), unless_cancelled=True)
    if publishing is None:
        return chain.lost(schedule)
    answer = chain.adapter(schedule).publish(account, schedule.ref)
    if isinstance(answer, Published):
        logger.info("post published", schedule_id=schedule_id, channel=schedule.channel)
        known: dict[str, Any] = answer.model_dump(include={"external_id", "external_url", "posted_at"})
        moved = chain.advance(publishing, step=Step.PUBLISHED, **known)
        return StepOutcome(outcome="published") if moved else chain.lost(publishing)
    if answer.failure_class is FailureClass.AMBIGUOUS:
        return chain.fail(publishing, answer)
    return chain.fail(publishing, answer, retry_step=Step.PREPARED if answer.resubmit else Step.READY)


def confirm(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Ask for the live post's address; what is not told is repaired by sync, and undoes nothing."""
    schedule = chain.current(schedule_id, revision, at={Step.PUBLISHED})
    if schedule is not None and schedule.external_id is not None and schedule.external_url is None:
        account = chain.account(schedule)
        answer = (
            account if isinstance(account, Failure) else chain.adapter(schedule).describe(account, schedule.external_id)
        )
        if isinstance(answer, Published):
            chain.advance(schedule, external_url=answer.external_url, posted_at=answer.posted_at)
    return StepOutcome(outcome="confirmed")


def record(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Write the success with its event, and take the public copies away."""
    schedule = chain.schedules.get(schedule_id)
    live = schedule.status is ScheduleStatus.PROCESSING and schedule.step is Step.PUBLISHED
    if live and schedule.revision == revision:
        schedule = succeed(chain, schedule) or chain.schedules.get(schedule_id)
    return StepOutcome(outcome="recorded") if schedule.status is ScheduleStatus.SUCCESS else SUPERSEDED


def succeed(chain: PublishContext, schedule: Schedule, **known: Any) -> Schedule | None:
    """Move a schedule whose post is live to `success`, with what is `known` of it; `None` where it had moved."""
    now = chain.clock.now()
    live = schedule.model_copy(update=known)
    facts: dict[str, Any] = {
        **dict.fromkeys(("error_code", "error_class", "error_cause", "error_message")),
        **known,
        "posted_at": live.posted_at or now,
        "public_keys": [],
    }
    event = event_of(live, EventOutcome.SUCCESS, at=now)
    success, own = ScheduleStatus.SUCCESS, chain.claim_remote(schedule, live.external_id)
    moved = chain.schedules.move(schedule, success, now=now, event=event, along=own, **facts)
    if isinstance(moved, StaleWrite) and moved.current == schedule and schedule.step is Step.PUBLISHED:
        # What the platform answered to our own call is ours, whoever took it for another's meanwhile.
        logger.error(
            "another schedule has this post's id", schedule_id=schedule.schedule_id, external_id=live.external_id
        )
        moved = chain.schedules.move(schedule, success, now=now, event=event, **facts)
    if isinstance(moved, StaleWrite):
        return None
    chain.copies.remove(schedule.public_keys)
    chain.connections.touch(schedule.persona_id, schedule.connection_id, now)
    chain.traffic.note_taken(schedule)
    logger.info("post recorded", schedule_id=schedule.schedule_id, posted_at=iso(facts["posted_at"]))
    return moved


def _account(chain: PublishContext, schedule: Schedule, *, final: bool) -> Account | StepOutcome:
    """The account for a write, or how the step ends without one: before a `final` write, which cannot be undone, a
    pause or the time may take the schedule off its chain."""
    if final and chain.must_stop(schedule):
        chain.set_back(schedule)
        return SUPERSEDED
    account = chain.account(schedule)
    return chain.fail(schedule, account) if isinstance(account, Failure) else account


def _needs_turn(schedule: Schedule) -> bool:
    """Whether it is still to be given an instant: nothing was submitted yet, and it is to be published."""
    begins = schedule.step in {None, Step.BEGUN, Step.PREPARED} and schedule.intent is Intent.PUBLISH
    return begins and schedule.status is ScheduleStatus.QUEUED


def _wait_for_turn(chain: PublishContext, schedule: Schedule, turn: Wait) -> StepOutcome:
    """Stay queued until the turn comes; what is later than the grace allows is left to the late policy."""
    now = chain.clock.now()
    latest = schedule.run_at + chain.grace(schedule)
    in_time = turn.until <= latest
    due_at = turn.until + TIMER_SLACK if in_time else max(now, latest) + timedelta(seconds=1)
    booked = turn.publish_at or schedule.publish_at
    moved = chain.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, publish_at=booked, due_at=due_at)
    if isinstance(moved, StaleWrite):
        return SUPERSEDED
    logger.info("waits for its turn", schedule_id=schedule.schedule_id, until=iso(turn.until), in_time=in_time)
    return StepOutcome(outcome="retry_at", until=turn.until) if in_time else StepOutcome(outcome="held")


def _step_to_go_on_from(chain: PublishContext, schedule: Schedule) -> Step:
    """The recorded step; a submission that nobody saw and that left no reference is made from the beginning again."""
    nothing_left = schedule.step is Step.SUBMITTING and schedule.ref is None and not chain.submits_visibly(schedule)
    return Step.BEGUN if schedule.step is None or nothing_left else schedule.step


def _where_to_go_on(schedule: Schedule, now: datetime) -> StepOutcome:
    if schedule.intent is Intent.WITHDRAW:
        return StepOutcome(outcome="withdraw")
    if schedule.step in {Step.SUBMITTING, Step.READY} and schedule.ref is not None:
        # Polled anew even where it was ready: no publish without a status read before it.
        return StepOutcome(outcome="submitted", until=now)
    words = {
        Step.SUBMITTING: "unknown",
        Step.PUBLISHING: "unknown",
        Step.PUBLISHED: "published",
        Step.HANDED_OVER: "handed_over",
    }
    return StepOutcome(outcome=words.get(schedule.step or Step.BEGUN, "begun"))


def _handed_over(chain: PublishContext, schedule: Schedule, ref: str) -> StepOutcome:
    event = event_of(schedule.model_copy(update={"ref": ref}), EventOutcome.HANDED_OVER, at=chain.clock.now())
    own = chain.claim_remote(schedule, ref)
    handed: dict[str, Any] = {"step": Step.HANDED_OVER, "ref": ref, "lease_until": None, "due_at": schedule.goes_at}
    moved = chain.advance(schedule, event=event, along=own, look_count=0, **handed)
    if moved is None:
        return chain.lost(schedule)
    chain.traffic.note_taken(moved)
    return StepOutcome(outcome="handed_over")


def _look_again(chain: PublishContext, schedule: Schedule, seconds: float) -> StepOutcome:
    until = chain.clock.now() + timedelta(seconds=seconds)
    moved = chain.advance(schedule, poll_count=schedule.poll_count + 1, wake_at=until)
    return StepOutcome(outcome="not_ready", until=until) if moved else chain.lost(schedule)


def _variant(details: PostDetails, schedule: Schedule) -> Variant:
    return next(variant for variant in details.variants if variant.connection_id == schedule.connection_id)


def _message(chain: PublishContext, schedule: Schedule) -> Message:
    variant = _variant(chain.posts.details(schedule.post_id), schedule)
    pictures = tuple(Picture(url=chain.copies.url(key), alt_text=variant.alt_text) for key in schedule.public_keys)
    return Message(text=variant.text, pictures=pictures, run_at=schedule.goes_at)


def _no_rendition(photo_id: str, profile: str) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.PHOTO,
        code="no-rendition",
        message=(
            f"Photo {photo_id} has no rendition {profile}; make it with 'shutterpost photos remake', "
            "then retry this schedule."
        ),
    )


def _not_made(status: Status) -> Failure:
    """The submission came to nothing that can be published; a new one may."""
    if status.failure is not None:
        return status.failure
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"submission-{status.state}",
        message=f"The platform says the submission is {status.state}; it is made anew.",
    )
