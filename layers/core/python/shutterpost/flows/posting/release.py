"""Ending a schedule without a post: the end, its event and its claims in one transaction, then the photo's return."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Committed, Refused, Write, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    Claims,
    EventOutcome,
    Intent,
    Lanes,
    Post,
    PostDetails,
    Posts,
    PublishEvent,
    Schedule,
    Schedules,
    ScheduleStatus,
    anywhere_claim_key,
    photo_claim_key,
    slot_claim_key,
)

# The photo returns to the unposted ones where the failure says nothing against it (DESIGN §2, Release).
RETURNS = frozenset({Cause.ACCOUNT, Cause.QUOTA, Cause.TOKEN, Cause.PLATFORM})
BROKE_OFF = Failure(
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    code="internal-error",
    message="A step broke off on our own side before anything went out.",
)
_NO_ERROR: dict[str, Any] = dict.fromkeys(("error_code", "error_class", "error_cause", "error_message"))

NO_MOVE: dict[str, Any] = dict.fromkeys(("next_run_at", "next_wall_time", "next_zone"))
# A fresh start: nothing is submitted, no run has it, no word and no error stands.
FRESH: dict[str, Any] = {
    **dict.fromkeys(("step", "ref", "run_id", "lease_until", "publish_at", "told", "told_url")),
    **dict.fromkeys(("external_id", "external_url", "posted_at")),
    **dict.fromkeys(("retry_count", "poll_count", "look_count"), 0),
    **_NO_ERROR,
    **NO_MOVE,
    **dict.fromkeys(("checked_at", "concern")),
    "intent": Intent.PUBLISH,
    "cancel_requested": False,
}


@dataclass(frozen=True, kw_only=True)
class Releaser:
    """What ends schedules and gives back what they claimed."""

    clock: Clock
    schedules: Schedules
    posts: Posts
    claims: Claims
    lanes: Lanes
    photos: Photos

    def end(self, schedule: Schedule, to: ScheduleStatus, failure: Failure | None = None) -> Schedule | None:
        """Move `schedule` to `failed`, `skipped` or `cancelled` with its claims released; `None` where it had moved.

        The error kept is `failure`'s, else the one noted before, else that the chain broke off. Call `free_photo`
        with the answer.
        """
        now = self.clock.now()
        error = self._error(schedule, to, failure)
        changes = {**error, "public_keys": [], "ref": None, "step": None, "review": None}
        outcome = EventOutcome.CANCELLED if to is ScheduleStatus.CANCELLED else EventOutcome.FAILED
        noted = schedule.model_copy(update=error)
        event = event_of(noted, outcome, at=now, failure=failure) if schedule.attempt_count else None
        # Before the end: a booking too few does no harm, one too many would hold others up.
        self.lanes.give_back(schedule)
        moving = self.schedules.moving(schedule, to, now=now, event=event, **changes)
        reason = noted.error_message or f"schedule {to}"
        done = commit([*moving, *self._claim_releases(schedule, reason, now)])
        if isinstance(done, Refused) and "schedule" not in done.labels:
            # Its claims are another post's by now; the end is to be written all the same.
            done = commit(moving)
        if isinstance(done, Refused):
            return None
        logger.info("schedule ended without a post", schedule_id=schedule.schedule_id, status=to, reason=reason)
        return self.schedules.get(schedule.schedule_id)

    def end_pick(
        self, details: PostDetails, failure: Failure, outcome: EventOutcome, *, slot_at: datetime | None
    ) -> bool:
        """Skip all of a post that waits, for `failure`, with its claims, and that of the slot at `slot_at`, released in
        one transaction: all or nothing. Says whether it held.

        The photo stays with the post; follow with `free_photo` or `give_up_photo`.
        """
        now = self.clock.now()
        error = noted_error(failure)
        writes: list[Write] = []
        for schedule in (one for one in details.schedules if one.is_open):
            event = event_of(schedule, outcome, at=now, failure=failure)
            changes: dict[str, Any] = {**error, "public_keys": [], "review": None}
            writes += self.schedules.moving(schedule, ScheduleStatus.SKIPPED, now=now, event=event, **changes)
            writes += self._claim_releases(schedule, failure.message, now)
        if slot_at is not None:
            key, holder = slot_claim_key(details.post.persona_id, slot_at), details.post.post_id
            writes.append(self.claims.release("slot", key, holder=holder, reason=failure.message, now=now))
        held = isinstance(commit(writes), Committed)
        if held:
            logger.info("pick taken back", post_id=details.post.post_id, code=failure.code, reason=failure.message)
        return held

    def give_up_photo(self, post: Post, reason: str) -> None:
        """Let `post` no longer hold its photos, which stay out of the unposted ones; repeating it is harmless."""
        for photo_id in post.photo_ids:
            commit([self.photos.let_go(post.persona_id, photo_id, post.post_id)])
            self._release_anywhere(post, photo_id, reason)

    def free_photo(self, ended: Schedule) -> None:
        """Return the post's photos to the unposted ones, where no sibling published or is open and the class allows.

        Read after the own end was written: of siblings that end together, at least the last sees all of them ended.
        """
        details = self.posts.details(ended.post_id)
        if not all(_lets_photo_return(sibling) for sibling in details.schedules):
            return
        reason = ended.error_message or f"schedule {ended.status}"
        for photo_id in details.post.photo_ids:
            # Given up before it is put back: of two posts that end together, the last then returns the photo.
            commit([self.photos.let_go(ended.persona_id, photo_id, details.post.post_id)])
            commit([self.photos.put_back(ended.persona_id, photo_id, details.post.post_id)])
            self._release_anywhere(details.post, photo_id, reason)

    def _error(self, schedule: Schedule, to: ScheduleStatus, failure: Failure | None) -> dict[str, Any]:
        if failure is not None:
            return noted_error(failure)
        if to is ScheduleStatus.CANCELLED:
            return _NO_ERROR
        if schedule.error_code is not None:
            return {}
        return noted_error(BROKE_OFF)

    def _claim_releases(self, schedule: Schedule, reason: str, now: datetime) -> list[Write]:
        post = self.posts.details(schedule.post_id).post
        keys = [photo_claim_key(photo_id, schedule.connection_id, post.cycle) for photo_id in post.photo_ids]
        look = self.posts.looks.drop(schedule.connection_id, post.post_id, created_at=post.created_at)
        return [
            *(self.claims.release("claim", key, holder=post.post_id, reason=reason, now=now) for key in keys),
            look,
        ]

    def _release_anywhere(self, post: Post, photo_id: str, reason: str) -> None:
        key = anywhere_claim_key(photo_id, post.owner, post.cycle)
        commit([self.claims.release("anywhere", key, holder=post.post_id, reason=reason, now=self.clock.now())])


def event_of(
    schedule: Schedule, outcome: EventOutcome, *, at: datetime, failure: Failure | None = None
) -> PublishEvent:
    """The next event of `schedule`; its error is `failure`'s, else the one last noted."""
    went_well = outcome in {EventOutcome.SUCCESS, EventOutcome.HANDED_OVER}
    return PublishEvent(
        schedule_id=schedule.schedule_id,
        owner=schedule.owner,
        index=schedule.event_count + 1,
        attempt=schedule.attempt_count,
        revision=schedule.revision,
        at=at,
        outcome=outcome,
        external_id=schedule.external_id or schedule.ref,
        external_url=schedule.external_url,
        error_code=None if went_well else failure.code if failure else schedule.error_code,
        error_class=None if went_well else failure.failure_class if failure else schedule.error_class,
        error_message=None if went_well else failure.message if failure else schedule.error_message,
        raw=failure.raw or None if failure else None,
    )


def noted_error(failure: Failure) -> dict[str, Any]:
    """A schedule's `error_*` fields for `failure`."""
    return {
        "error_code": failure.code,
        "error_class": failure.failure_class,
        "error_cause": failure.cause,
        "error_message": failure.message,
    }


def _lets_photo_return(sibling: Schedule) -> bool:
    if sibling.status is ScheduleStatus.FAILED:
        return sibling.error_cause in RETURNS and sibling.error_class != FailureClass.AMBIGUOUS
    return sibling.status in {ScheduleStatus.CANCELLED, ScheduleStatus.SKIPPED}
