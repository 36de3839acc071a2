"""Retrying schedules that failed or were skipped."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from shutterpost.channels import ConnectionStore, catalogue
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.reschedule import planned_at, timing_fields
from shutterpost.flows.operating.stale_writes import change_schedule
from shutterpost.flows.planning.budgets import check_postable
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead, parse_scheduled_time
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import FRESH, photo_claims
from shutterpost.flows.posting.successors import RETRYABLE
from shutterpost.flows.refusals import (
    NothingToRetry,
    PhotoAlreadyPosted,
    PhotoUnavailable,
    PostIsArchived,
    SlotTaken,
)
from shutterpost.personas import Persona, Personas
from shutterpost.photos import PhotoNotFound, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write
from shutterpost.runtime.refusals import Conflict, Refusal
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Claims,
    Post,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    ShownPhoto,
    ShownPhotos,
    Weeks,
    anywhere_claim_key,
)

MAX_BULK = 100


class RetryRefusal(Value):
    """A schedule that could not be retried, with the refusal's kind and detail."""

    schedule_id: str
    kind: str
    detail: str


class RetryResult(Value):
    """The result of one page of a bulk retry, and the cursor of the next page."""

    retried: tuple[str, ...]
    refused: tuple[RetryRefusal, ...]
    cursor: str | None = None


@flow
class Retrier:
    """Queues failed and skipped schedules again; never calls a platform itself."""

    clock: Clock
    personas: Personas
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    claims: Claims
    weeks: Weeks
    shown: ShownPhotos
    slot_claims: SlotClaims
    start_timers: StartTimers
    max_future: timedelta

    def retry(
        self, schedule_id: str, at: datetime | None = None, zone: str | None = None, *, requested: bool = True
    ) -> Schedule:
        """Queue a failed or skipped schedule again and claim its photo, in one transaction.

        It is published `at` (a local time in `zone`, default the schedule's, or an instant with an offset); without
        `at`, at its own time if that is ahead, else now, past open circuit breakers if it was `requested` by itself.
        Raises `ScheduleNotFound`, `NothingToRetry`, `PhotoAlreadyPosted`, `PhotoUnavailable`, `ConnectionNotConnected`,
        and the refusals of the time.
        """

        def change(schedule: Schedule) -> Schedule | None:
            return self._retry(schedule, at, zone, requested=requested)

        return change_schedule(self.schedules, schedule_id, NothingToRetry, change)

    def retry_all(
        self,
        persona_id: str,
        *,
        error_class: str | None = None,
        error_code: str | None = None,
        limit: int = MAX_BULK,
        cursor: str | None = None,
    ) -> RetryResult:
        """Retry the failed and skipped schedules with this error, among up to `limit` (at most 100), latest first.

        Their publish times are reserved one after the other. Raises `ScheduleNotFound` for an unknown cursor.
        """
        page = self.schedules.page(persona_id, limit=max(1, min(limit, MAX_BULK)), cursor=cursor)
        retried: list[str] = []
        refused: list[RetryRefusal] = []
        for schedule in page.schedules:
            matches = error_class in {None, schedule.error_class} and error_code in {None, schedule.error_code}
            if schedule.status not in RETRYABLE or not matches:
                continue
            try:
                # One of them tries whether the platform works again.
                retried.append(self.retry(schedule.schedule_id, requested=not retried).schedule_id)
            except Refusal as refusal:
                refused.append(RetryRefusal(schedule_id=schedule.schedule_id, kind=refusal.kind, detail=refusal.detail))
        return RetryResult(retried=tuple(retried), refused=tuple(refused), cursor=page.cursor)

    def _retry(self, schedule: Schedule, at: datetime | None, zone: str | None, *, requested: bool) -> Schedule | None:
        if schedule.status not in RETRYABLE:
            raise NothingToRetry(
                f"Schedule {schedule.schedule_id} is {schedule.status}; only failed and skipped schedules can be "
                "retried."
            )
        now = self.clock.now()
        if at is None and schedule.run_at > now:
            when = ScheduledTime(run_at=schedule.run_at, wall_time=schedule.wall_time, zone=schedule.zone)
        else:
            when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now, self.max_future)
        self._check_connected(schedule)
        persona = self.personas.get(schedule.persona_id)
        post = self.posts.details(schedule.post_id).post
        check_not_archived(post)
        timing = timing_fields(self.start_timers, persona, schedule, when, now)
        writes = [
            *self.schedules.moving(schedule, ScheduleStatus.QUEUED, now=now, **FRESH, public_keys=[], **timing),
            *self._photo_writes(schedule, post, persona, now),
            *self.slot_claims.parts(persona, [schedule], when.run_at),
            self.posts.turning(post),
        ]
        answer = commit_planned(self.weeks, self.schedules, persona, [planned_at(schedule, when)], writes)
        if isinstance(answer, Refused):
            if answer.labels & {"schedule", "week", "siblings"}:
                return None
            if "slot" in answer.labels:
                raise SlotTaken.by_another_post()
            raise self._photo_refusal(schedule, post, answer)
        queued = self.schedules.get(schedule.schedule_id)
        logger.info("schedule retried", schedule_id=schedule.schedule_id, revision=queued.revision)
        self.start_timers.arm(queued, requested=requested)
        return queued

    def _check_connected(self, schedule: Schedule) -> None:
        connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        check_postable(connection, catalogue().row(connection.channel))

    def _photo_writes(self, schedule: Schedule, post: Post, persona: Persona, now: datetime) -> Iterator[Write]:
        for photo_id in post.photo_ids:
            keys = [("claim", key) for key in photo_claims(schedule, photo_id, post.cycle)]
            if persona.once_anywhere:
                keys.append(("anywhere", anywhere_claim_key(photo_id, post.owner, post.cycle)))
            for label, key in keys:
                yield self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now, again=True)
            yield self.photos.take(schedule.persona_id, photo_id, post.post_id, must_be_unposted=False, forgive=True)
        looks = []
        for photo_id in post.photo_ids:
            with suppress(PhotoNotFound):
                photo = self.photos.get(schedule.persona_id, photo_id)
                look = ShownPhoto(post_id=post.post_id, photo_id=photo_id, name=photo.names[0], dhash=photo.dhash)
                looks.append(look)
        yield from self.shown.keep(schedule.connection_id, looks, owner=post.owner, created_at=post.created_at)

    def _photo_refusal(self, schedule: Schedule, post: Post, answer: Refused) -> Conflict:
        keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
        for key in keys if "claim" in answer.labels else ():
            claim = self.claims.get(key)
            if claim is not None and claim.holder != post.post_id:
                detail = f"Post {claim.holder} now has this photo on the same connection."
                return PhotoAlreadyPosted(detail, post_id=claim.holder, connection_id=schedule.connection_id)
        if "anywhere" in answer.labels:
            return PhotoAlreadyPosted.on_another_connection()
        return PhotoUnavailable("The photo is no longer in the library, or is withheld; choose another photo.")


def check_not_archived(post: Post) -> None:
    if post.archived:
        raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to retry it.")
