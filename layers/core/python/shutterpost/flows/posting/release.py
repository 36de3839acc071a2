"""Ending a schedule without a post, in one transaction with all that it gives back."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.photos import Photo, PhotoNotFound, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Committed, Write, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    EventOutcome,
    Intent,
    Lanes,
    Origin,
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
# What an ended schedule no longer has.
_NOTHING_LEFT: dict[str, Any] = {"public_keys": [], "ref": None, "step": None, "review": None}
_ENDED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})
# Each round lost means that a sibling, a person or another post moved something in between.
ROUNDS = 10


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
        """Move `schedule` to `failed`, `skipped` or `cancelled`, in one transaction with what it gives back: its
        claims, its part in a slot ahead and, as the last of its post, the photo. `None` where it had moved.

        The error kept is `failure`'s, else the one noted before, else that the chain broke off.
        """
        now = self.clock.now()
        error = self._error(schedule, to, failure)
        noted = schedule.model_copy(update=error)
        outcome = EventOutcome.CANCELLED if to is ScheduleStatus.CANCELLED else EventOutcome.FAILED
        event = event_of(noted, outcome, at=now, failure=failure) if schedule.attempt_count else None
        changes = {**error, **_NOTHING_LEFT}
        reason = noted.error_message or f"schedule {to}"
        # Before the end: a booking too few does no harm, one too many would hold others up.
        self.lanes.give_back(schedule)
        for _ in range(ROUNDS):
            details = self.posts.details(schedule.post_id)
            ended = noted.model_copy(update={"status": to})
            moving = self.schedules.moving(schedule, to, now=now, event=event, **changes)
            done = commit([*moving, *self._given_back(details, [ended], reason, now)])
            if isinstance(done, Committed):
                logger.info("schedule ended without a post", schedule_id=schedule.schedule_id, status=to, reason=reason)
                return self.schedules.get(schedule.schedule_id)
            if "schedule" in done.labels:
                return None
        return None

    def end_pick(
        self, details: PostDetails, failure: Failure, outcome: EventOutcome, *, back: bool, again: bool = False
    ) -> bool:
        """Skip all of a post that waits, for `failure`, in one transaction with what it gives back: all or nothing.

        The photo comes `back` to the unposted ones, or stays out of them; a slot that is to be picked for `again` is
        free even where it has come. Says whether it held.
        """
        now = self.clock.now()
        error = noted_error(failure)
        writes: list[Write] = []
        ended: list[Schedule] = []
        for schedule in (one for one in details.schedules if one.is_open):
            event = event_of(schedule, outcome, at=now, failure=failure)
            skipped = ScheduleStatus.SKIPPED
            writes += self.schedules.moving(schedule, skipped, now=now, event=event, **error, **_NOTHING_LEFT)
            ended.append(schedule.model_copy(update={**error, "status": skipped}))
        writes += self._given_back(details, ended, failure.message, now, keep_photo=not back, again=again)
        held = isinstance(commit(writes), Committed)
        if held:
            logger.info("pick taken back", post_id=details.post.post_id, code=failure.code, reason=failure.message)
        return held

    def slot_given_back(
        self,
        details: PostDetails,
        leaving: Collection[str],
        at: datetime,
        reason: str,
        now: datetime,
        *,
        ended: bool = False,
        again: bool = False,
    ) -> list[Write]:
        """The writes that free the slot at `at`, while it is ahead or is to be picked for `again`, of the schedules
        `leaving` it: each connection's part, and the whole slot where none of the post's schedules stays there. A pick
        that `ended` leaves its own slot empty: the whole stays with it."""
        if at <= now and not again:
            return []
        post = details.post
        going = [one for one in details.schedules if one.schedule_id in leaving]
        keys = [slot_claim_key(post.persona_id, at, one.connection_id) for one in going]
        stays = [one for one in details.schedules if one.schedule_id not in leaving and _stands_at(one, at)]
        own = post.origin is Origin.SLOT and post.slot_at == at
        if not stays and not (ended and own and not again):
            keys.append(slot_claim_key(post.persona_id, at))
        return self.released("slot", keys, post.post_id, reason, now)

    def _error(self, schedule: Schedule, to: ScheduleStatus, failure: Failure | None) -> dict[str, Any]:
        if failure is not None:
            return noted_error(failure)
        if to is ScheduleStatus.CANCELLED:
            return _NO_ERROR
        if schedule.error_code is not None:
            return {}
        return noted_error(BROKE_OFF)

    def part_given_back(self, schedule: Schedule, at: datetime, reason: str, now: datetime) -> list[Write]:
        """The write that frees a connection's part in the slot at `at`, where others of its post stay."""
        key = slot_claim_key(schedule.persona_id, at, schedule.connection_id)
        return self.released("slot", [key], schedule.post_id, reason, now) if at > now else []

    def _given_back(
        self,
        details: PostDetails,
        ended: Sequence[Schedule],
        reason: str,
        now: datetime,
        *,
        keep_photo: bool = False,
        again: bool = False,
    ) -> list[Write]:
        """The writes by which a post gives back what it held for the schedules `ended`, as the post stands in
        `details`."""
        post, names = details.post, {one.schedule_id for one in ended}
        writes = [self.posts.turning(post)]
        for schedule in ended:
            keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
            writes += self.released("claim", keys, post.post_id, reason, now)
            writes.append(self.posts.looks.drop(schedule.connection_id, post.post_id, created_at=post.created_at))
        for at in {at for one in ended for at in (one.run_at, one.next_run_at) if at is not None}:
            there = {one.schedule_id for one in ended if at in {one.run_at, one.next_run_at}}
            writes += self.slot_given_back(details, there, at, reason, now, ended=True, again=again)
        siblings = [*(one for one in details.schedules if one.schedule_id not in names), *ended]
        if all(one.status in _ENDED for one in siblings):
            returns = not keep_photo and all(_lets_photo_return(one) for one in siblings)
            writes += self._last_ended(post, reason, now, returns=returns, keep=not returns and not keep_photo)
        return writes

    def _last_ended(self, post: Post, reason: str, now: datetime, *, returns: bool, keep: bool) -> list[Write]:
        """The writes for a post of which nothing went out: it lets its photos go, and they return, or it keeps them."""
        writes: list[Write] = []
        for photo_id in post.photo_ids:
            key = anywhere_claim_key(photo_id, post.owner, post.cycle)
            writes += self.released("anywhere", [key], post.post_id, reason, now)
            photo = self._photo(post.persona_id, photo_id)
            if photo is None or keep:
                continue
            free = returns and photo.withheld is None and not set(photo.taken_by) - {post.post_id}
            let_go = self.photos.put_back if free else self.photos.let_go
            writes.append(let_go(post.persona_id, photo_id, post.post_id))
        return writes

    def _photo(self, persona_id: str, photo_id: str) -> Photo | None:
        try:
            return self.photos.get(persona_id, photo_id)
        except PhotoNotFound:
            return None

    def released(self, label: str, keys: Iterable[str], holder: str, reason: str, now: datetime) -> list[Write]:
        """The releases of those of `keys` that `holder` holds at this moment."""
        writes = []
        for key in keys:
            claim = self.claims.get(key)
            if claim is not None and claim.holder == holder and claim.state is ClaimState.HELD:
                writes.append(self.claims.release(label, key, holder=holder, reason=reason, now=now))
        return writes


def photo_claims(schedule: Schedule, photo_id: str, cycle: int) -> list[str]:
    """The keys of the claims that a schedule has on a photo: for its connection, and for its account, which another
    persona may be connected to as well."""
    keys = [photo_claim_key(photo_id, schedule.connection_id, cycle)]
    return keys if schedule.account is None else [*keys, photo_claim_key(photo_id, schedule.account, cycle)]


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


def _stands_at(schedule: Schedule, at: datetime) -> bool:
    open_or_out = schedule.is_open or schedule.status is ScheduleStatus.SUCCESS
    return open_or_out and at in {schedule.run_at, schedule.next_run_at}


def _lets_photo_return(sibling: Schedule) -> bool:
    if sibling.status is ScheduleStatus.FAILED:
        return sibling.error_cause in RETURNS and sibling.error_class != FailureClass.AMBIGUOUS
    return sibling.status in {ScheduleStatus.CANCELLED, ScheduleStatus.SKIPPED}
