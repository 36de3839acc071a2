"""Ending a schedule without a post, in one transaction with the release of all that it claimed."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.failure_policy import MAX_FAILURES, PhotoRule, rule_after
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

INTERNAL_ERROR = Failure(
    failure_class=FailureClass.RETRYABLE,
    cause=Cause.PLATFORM,
    code="internal-error",
    message="An internal error interrupted a step before anything was published.",
)
NO_ERROR: dict[str, Any] = dict.fromkeys(
    ("error_code", "error_class", "error_cause", "error_message", "error_raw", "error_picture")
)

NO_MOVE: dict[str, Any] = dict.fromkeys(("next_run_at", "next_wall_time", "next_zone"))
# The fields of a schedule that starts afresh: nothing submitted, no execution, no operator verdict, no error.
FRESH: dict[str, Any] = {
    **dict.fromkeys(("step", "ref", "run_id", "lease_until", "publish_at", "verdict", "verdict_url")),
    **dict.fromkeys(("external_id", "external_url", "posted_at")),
    **dict.fromkeys(("retry_count", "poll_count", "look_count", "part_count"), 0),
    **NO_ERROR,
    **NO_MOVE,
    **dict.fromkeys(("checked_at", "concern")),
    "intent": Intent.PUBLISH,
    "cancel_requested": False,
}
# The fields that an ended schedule loses.
_CLEARED: dict[str, Any] = {"public_keys": [], "ref": None, "step": None, "review": None}
_ENDED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})
# A round is lost only if a sibling, a person or another post changed something between the read and the write.
ROUNDS = 10
# Sync picks again after this for the slot of a failed pick, if a run ended in between.
REPICK_PAUSE = timedelta(minutes=2)


@flow
class Releaser:
    clock: Clock
    schedules: Schedules
    posts: Posts
    claims: Claims
    lanes: Lanes
    photos: Photos

    def end(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        failure: Failure | None = None,
        *,
        details: PostDetails | None = None,
    ) -> Schedule | None:
        """Move the schedule to `failed`, `skipped` or `cancelled`, and release its claims and its part in a slot ahead.

        The last schedule of its post returns the photo as well. Stores the error of `failure`, else the recorded one,
        else an internal error. `details`, read before, save a read. Returns `None` if the schedule has changed.
        """
        now = self.clock.now()
        error = self._error(schedule, to, failure)
        updated = schedule.model_copy(update=error)
        outcome = EventOutcome.CANCELLED if to is ScheduleStatus.CANCELLED else EventOutcome.FAILED
        event = event_of(updated, outcome, at=now, failure=failure) if schedule.attempt_count else None
        changes = {**error, **_CLEARED}
        reason = updated.error_message or f"schedule {to}"
        # Before the end: a missing reservation does no harm, one too many would delay others.
        self.lanes.release(schedule)
        for _ in range(ROUNDS):
            details = details or self.posts.details(schedule.post_id)
            ended = updated.model_copy(update={"status": to})
            due_at = now if self._leaves_slot_open(details, ended) else None
            moving = self.schedules.moving(schedule, to, now=now, event=event, **changes, due_at=due_at)
            answer = commit([*moving, *self._releases(details, [ended], reason, now)])
            if isinstance(answer, Committed):
                logger.info("schedule ended without a post", schedule_id=schedule.schedule_id, status=to, reason=reason)
                return self.schedules.get(schedule.schedule_id)
            if "schedule" in answer.labels:
                return None
            details = None
        return None

    def end_pick(
        self, details: PostDetails, failure: Failure, outcome: EventOutcome, *, back: bool, again: bool = False
    ) -> bool:
        """Skip all open schedules of a post with `failure` and release what they claimed, in one transaction.

        With `back` the photo returns to the unposted photos. With `again`, for another pick, the slot is released even
        if it has passed. Returns whether it was written.
        """
        now = self.clock.now()
        error = error_fields(failure)
        writes: list[Write] = []
        ended: list[Schedule] = []
        for schedule in (item for item in details.schedules if item.is_open):
            event = event_of(schedule, outcome, at=now, failure=failure)
            skipped = ScheduleStatus.SKIPPED
            writes += self.schedules.moving(schedule, skipped, now=now, event=event, **error, **_CLEARED)
            ended.append(schedule.model_copy(update={**error, "status": skipped}))
        writes += self._releases(details, ended, failure.message, now, keep_photo=not back, again=again)
        written = isinstance(commit(writes), Committed)
        if written:
            logger.info("pick ended", post_id=details.post.post_id, code=failure.code, reason=failure.message)
        return written

    def slot_releases(
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
        """The writes that release the parts of the schedules `leaving` the slot at `at`.

        They release the whole slot if no schedule of the post stays there; a pick that `ended` keeps its own slot, so
        that the slot stays empty. A slot that has passed is not released, unless it is picked for `again`.
        """
        if at <= now and not again:
            return []
        post = details.post
        parts = [item.connection_id for item in details.schedules if item.schedule_id in leaving]
        keys = [slot_claim_key(post.persona_id, at, part) for part in parts]
        stays = any(_is_at(item, at) for item in details.schedules if item.schedule_id not in leaving)
        own = post.origin is Origin.SLOT and post.slot_at == at
        if not stays and not (ended and own and not again):
            keys.append(slot_claim_key(post.persona_id, at))
        return self.released("slot", keys, post.post_id, reason, now)

    def leave_slot(self, schedule: Schedule, at: datetime, reason: str) -> list[Write]:
        """The writes that release the schedule's part in the slot at `at`; see `slot_releases`."""
        details = self.posts.details(schedule.post_id)
        return self.slot_releases(details, {schedule.schedule_id}, at, reason, self.clock.now())

    def _error(self, schedule: Schedule, to: ScheduleStatus, failure: Failure | None) -> dict[str, Any]:
        if failure is not None:
            return error_fields(failure)
        if to is ScheduleStatus.CANCELLED:
            return NO_ERROR
        if schedule.error_code is not None:
            return {}
        return error_fields(INTERNAL_ERROR)

    def part_release(self, schedule: Schedule, at: datetime, reason: str, now: datetime) -> list[Write]:
        """The write that releases a connection's part in the slot at `at`, if that is ahead."""
        key = slot_claim_key(schedule.persona_id, at, schedule.connection_id)
        return self.released("slot", [key], schedule.post_id, reason, now) if at > now else []

    def _releases(
        self,
        details: PostDetails,
        ended: Sequence[Schedule],
        reason: str,
        now: datetime,
        *,
        keep_photo: bool = False,
        again: bool = False,
    ) -> list[Write]:
        post, ended_ids = details.post, {item.schedule_id for item in ended}
        writes = [self.posts.turning(post)]
        for schedule in ended:
            keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
            writes += self.released("claim", keys, post.post_id, reason, now)
            writes += self.posts.shown_photos.drop(
                schedule.connection_id, post.post_id, count=len(post.photo_ids), created_at=post.created_at
            )
        for at in {at for item in ended for at in (item.run_at, item.next_run_at) if at is not None}:
            leaving = {item.schedule_id for item in ended if at in {item.run_at, item.next_run_at}}
            writes += self.slot_releases(details, leaving, at, reason, now, ended=True, again=again)
        siblings = [*(item for item in details.schedules if item.schedule_id not in ended_ids), *ended]
        if all(item.status in _ENDED for item in siblings):
            writes += self._photo_writes(details, siblings, reason, now, keep_photo=keep_photo)
        return writes

    def _photo_writes(
        self, details: PostDetails, ended: Sequence[Schedule], reason: str, now: datetime, *, keep_photo: bool
    ) -> list[Write]:
        writes: list[Write] = []
        post = details.post
        for photo_id in post.photo_ids:
            own = [item for item in ended if details.refused_photo(item) in {None, photo_id}]
            failed = any(item.status is ScheduleStatus.FAILED for item in own)
            key = anywhere_claim_key(photo_id, post.owner, post.cycle)
            writes += self.released("anywhere", [key], post.post_id, reason, now)
            photo = self._photo(post.persona_id, photo_id)
            if photo is None:
                continue
            rule = PhotoRule.STAYS_OUT if keep_photo and own else rule_after(own, photo.failures + failed)
            blocked = photo.withheld or photo.is_barred or set(photo.taken_by) - {post.post_id}
            if rule is PhotoRule.STAYS_OUT:
                writes.append(self.photos.let_go(photo, post.post_id, failed=failed, excluded=reason))
            elif rule is PhotoRule.RETURNS and blocked:
                writes.append(self.photos.let_go(photo, post.post_id, failed=failed))
            elif rule is PhotoRule.RETURNS:
                writes.append(self.photos.put_back(photo, post.post_id, failed=failed))
        return writes

    def _leaves_slot_open(self, details: PostDetails, ended: Schedule) -> bool:
        post = details.post
        siblings = [ended, *(item for item in details.schedules if item.schedule_id != ended.schedule_id)]
        if post.origin is not Origin.SLOT or any(item.status not in _ENDED for item in siblings):
            return False
        return post.slot_at == ended.run_at and any(self._stays_out(details, siblings, item) for item in post.photo_ids)

    def _stays_out(self, details: PostDetails, siblings: Sequence[Schedule], photo_id: str) -> bool:
        photo = self._photo(details.post.persona_id, photo_id)
        own = [item for item in siblings if details.refused_photo(item) in {None, photo_id}]
        failures = photo.failures + 1 if photo else MAX_FAILURES
        return rule_after(own, failures) is PhotoRule.STAYS_OUT

    def reopen_slot(self, schedule: Schedule) -> bool:
        """Release a failed pick's slot for another pick, until which it stays due; `False` if it has changed."""
        details, now = self.posts.details(schedule.post_id), self.clock.now()
        reason = schedule.error_message or "The post failed."
        everyone = {item.schedule_id for item in details.schedules}
        writes = self.schedules.moving(schedule, schedule.status, now=now, due_at=now + REPICK_PAUSE)
        writes += self.slot_releases(details, everyone, schedule.run_at, reason, now, again=True)
        return isinstance(commit(writes), Committed)

    def _photo(self, persona_id: str, photo_id: str) -> Photo | None:
        try:
            return self.photos.get(persona_id, photo_id)
        except PhotoNotFound:
            return None

    def released(self, label: str, keys: Iterable[str], holder: str, reason: str, now: datetime) -> list[Write]:
        """The writes that release those of `keys` that `holder` holds now."""
        writes = []
        for key in keys:
            claim = self.claims.get(key)
            if claim is not None and claim.holder == holder and claim.state is ClaimState.HELD:
                writes.append(self.claims.release(label, key, holder=holder, reason=reason, now=now))
        return writes


def photo_claims(schedule: Schedule, photo_id: str, cycle: int) -> list[str]:
    """The keys of a schedule's claims on a photo: for its connection, and for its account, which personas may share."""
    keys = [photo_claim_key(photo_id, schedule.connection_id, cycle)]
    return keys if schedule.account is None else [*keys, photo_claim_key(photo_id, schedule.account, cycle)]


def event_of(
    schedule: Schedule, outcome: EventOutcome, *, at: datetime, failure: Failure | None = None
) -> PublishEvent:
    """The next event of `schedule`, with the error of `failure`, else the recorded one."""
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
        raw=None if went_well else (failure.raw or None) if failure else schedule.error_raw,
    )


def error_fields(failure: Failure) -> dict[str, Any]:
    return {
        "error_code": failure.code,
        "error_class": failure.failure_class,
        "error_cause": failure.cause,
        "error_message": failure.message,
        "error_raw": failure.raw or None,
        "error_picture": failure.picture,
    }


def _is_at(schedule: Schedule, at: datetime) -> bool:
    counts = schedule.is_open or schedule.status is ScheduleStatus.SUCCESS
    return counts and at in {schedule.run_at, schedule.next_run_at}
