"""The operator's hand: retry, skip, resolve and move a schedule. Never calls a platform itself.

Each is one conditional write at the state the schedule was read in; whoever loses it reads and decides anew.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from shutterpost.channels import Cause, ConnectionStatus, Failure, FailureClass
from shutterpost.flows.operating.cancel import ROUNDS
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.deadlines import next_check_at
from shutterpost.flows.posting.release import FRESH, Releaser, photo_claims
from shutterpost.flows.posting.scheduled_time import ScheduledTime, check_ahead, parse_scheduled_time
from shutterpost.flows.refusals import (
    AddressInvalid,
    ConnectionNotConnected,
    MoveInFlight,
    NothingToMove,
    NothingToResolve,
    NothingToRetry,
    NothingToSkip,
    PhotoAlreadyPosted,
    PhotoUnavailable,
    PostIsArchived,
    SlotTaken,
)
from shutterpost.personas import Personas
from shutterpost.photos import PhotoNotFound
from shutterpost.runtime.commit import Committed, Refused, Write
from shutterpost.runtime.refusals import Conflict, Refusal
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    OperatorVerdict,
    Post,
    Review,
    Schedule,
    ScheduleStatus,
    StaleWrite,
    Step,
    anywhere_claim_key,
)

T = TypeVar("T")

MAX_ADDRESS = 500
MAX_BULK = 100
ENDED_WITHOUT_A_POST = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED})
WAITING = frozenset({ScheduleStatus.QUEUED, ScheduleStatus.PENDING})


class MoveResult(Value):
    """The schedule after a move: `done`, or its chain withdraws it first and sync starts it for the new instant."""

    schedule: Schedule
    done: bool


class RetryRefusal(Value):
    """A schedule that could not be retried, with the refusal's name and sentence."""

    schedule_id: str
    kind: str
    detail: str


class RetryResult(Value):
    """What one page of a bulk retry did, and where the next page begins."""

    retried: tuple[str, ...]
    refused: tuple[RetryRefusal, ...]
    cursor: str | None = None


@dataclass(frozen=True, kw_only=True)
class Operator:
    """What a person does to schedules, beside cancelling them (`Canceller`)."""

    scheduler: PostCreator
    releaser: Releaser
    personas: Personas

    def retry(self, schedule_id: str, at: datetime | None = None, zone: str | None = None) -> Schedule:
        """Queue a failed or skipped schedule again, with its claims taken anew in the same transaction.

        It goes out `at` (a local time in `zone`, default the schedule's own, or an instant with an offset); without
        it at its own instant where that is still ahead, else now. Raises `ScheduleNotFound`, `NothingToRetry`,
        `PhotoAlreadyPosted` where another post has the photo by now, `PhotoUnavailable`, `ConnectionNotConnected`,
        and the refusals of the time.
        """
        return self._until_it_holds(schedule_id, NothingToRetry, lambda schedule: self._retry(schedule, at, zone))

    def retry_all(
        self,
        persona_id: str,
        *,
        error_class: str | None = None,
        error_code: str | None = None,
        limit: int = MAX_BULK,
        cursor: str | None = None,
    ) -> RetryResult:
        """Retry what failed or was skipped with this class and code of error, among up to `limit` (at most 100) of the
        persona's schedules, the latest first. What is retried goes out one after the other, as its lane allows.

        Raises `ScheduleNotFound` for a cursor that leads nowhere.
        """
        page = self.scheduler.schedules.page(persona_id, limit=max(1, min(limit, MAX_BULK)), cursor=cursor)
        retried: list[str] = []
        refused: list[RetryRefusal] = []
        for schedule in page.schedules:
            matches = error_class in {None, schedule.error_class} and error_code in {None, schedule.error_code}
            if schedule.status not in ENDED_WITHOUT_A_POST or not matches:
                continue
            try:
                retried.append(self.retry(schedule.schedule_id).schedule_id)
            except Refusal as refusal:
                refused.append(RetryRefusal(schedule_id=schedule.schedule_id, kind=refusal.kind, detail=refusal.detail))
        return RetryResult(retried=tuple(retried), refused=tuple(refused), cursor=page.cursor)

    def skip(self, schedule_id: str, reason: str | None = None) -> Schedule:
        """End a waiting schedule as skipped, with its claims released and `reason` kept.

        Raises `ScheduleNotFound`, and `NothingToSkip` for what has begun or ended.
        """
        return self._until_it_holds(schedule_id, NothingToSkip, lambda schedule: self._skip(schedule, reason))

    def resolve(self, schedule_id: str, *, live_url: str | None = None, not_live: bool = False) -> Schedule:
        """Keep a person's word on an unknown outcome: live at `live_url`, or not live. The reconciler applies it.

        Raises `ScheduleNotFound`, `NothingToResolve` where nothing is unknown, and `AddressInvalid`. Exactly one of
        the two must be given; anything else raises `AddressInvalid` too.
        """
        if not_live == (live_url is not None):
            raise AddressInvalid("Say where the post is live, or that it is not live.", field="live_url")
        if live_url is not None:
            _check_address(live_url)
        told = OperatorVerdict.NOT_LIVE if not_live else OperatorVerdict.LIVE
        return self._until_it_holds(
            schedule_id, NothingToResolve, lambda schedule: self._resolve(schedule, told, live_url)
        )

    def move(self, schedule_id: str, at: datetime, zone: str | None = None, *, by_person: bool = True) -> MoveResult:
        """Let a schedule go out `at` another instant; what was handed over is withdrawn first.

        A person who moves a pick that waits for a word has said yes to it.

        Raises `ScheduleNotFound`, `NothingToMove` for what has ended or is being cancelled, `MoveInFlight` while it
        goes out or its outcome is unknown, and the refusals of the time.
        """
        return self._until_it_holds(
            schedule_id, NothingToMove, lambda schedule: self._move(schedule, at, zone, by_person)
        )

    def _until_it_holds(self, schedule_id: str, busy: type[Conflict], act: Callable[[Schedule], T | None]) -> T:
        """What `act` answers on the schedule as it stands; `None` means that it moved meanwhile."""
        for _ in range(ROUNDS):
            answer = act(self.scheduler.schedules.get(schedule_id))
            if answer is not None:
                return answer
        raise busy(f"Schedule {schedule_id} is moving right now; ask again in a moment.")

    def _retry(self, schedule: Schedule, at: datetime | None, zone: str | None) -> Schedule | None:
        if schedule.status not in ENDED_WITHOUT_A_POST:
            raise NothingToRetry(
                f"Schedule {schedule.schedule_id} is {schedule.status}; only what failed or was skipped can be retried."
            )
        now = self.scheduler.clock.now()
        if at is None and schedule.run_at > now:
            when = ScheduledTime(run_at=schedule.run_at, wall_time=schedule.wall_time, zone=schedule.zone)
        else:
            when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now)
        self._check_connected(schedule)
        post = self.scheduler.posts.details(schedule.post_id).post
        check_not_archived(post)
        photos = self.scheduler.photos
        writes = [
            *self.scheduler.schedules.moving(
                schedule, ScheduleStatus.QUEUED, now=now, **FRESH, public_keys=[], **self._timing(schedule, when, now)
            ),
            *self._claims(schedule, post, now),
            *(
                photos.take(schedule.persona_id, photo_id, post.post_id, must_be_unposted=False)
                for photo_id in post.photo_ids
            ),
            *self._looks(schedule, post),
            *self.scheduler.slot_part(self.personas.get(schedule.persona_id), schedule, when.run_at),
            self.scheduler.posts.turning(post),
        ]
        answer = self._commit_planned(schedule, when, writes)
        if isinstance(answer, Refused):
            if answer.labels & {"schedule", "week", "siblings"}:
                return None
            if "slot" in answer.labels:
                raise _slot_taken()
            raise self._lost_photo(schedule, post, answer)
        queued = self.scheduler.schedules.get(schedule.schedule_id)
        logger.info("retried by a person", schedule_id=schedule.schedule_id, revision=queued.revision)
        self.scheduler.arm(queued)
        return queued

    def _check_connected(self, schedule: Schedule) -> None:
        connection = self.scheduler.connections.get(schedule.persona_id, schedule.connection_id)
        if connection.status is not ConnectionStatus.CONNECTED:
            detail = f"Connection {connection.display_name} is {connection.status}; reconnect it first."
            raise ConnectionNotConnected(detail, connection_id=connection.connection_id)

    def _commit_planned(self, schedule: Schedule, when: ScheduledTime, writes: Sequence[Write]) -> Committed | Refused:
        persona = self.personas.get(schedule.persona_id)
        stood = schedule.model_copy(update={"run_at": when.run_at, "next_run_at": None})
        return self.scheduler.commit_planned(persona, [stood], writes)

    def _looks(self, schedule: Schedule, post: Post) -> list[Write]:
        """What the connection comes to show again; its end had taken that away."""
        found = []
        for photo_id in post.photo_ids:
            with suppress(PhotoNotFound):
                photo = self.scheduler.photos.get(schedule.persona_id, photo_id)
                found.append(self.scheduler.shows(post, photo, schedule.connection_id))
        return found

    def _claims(self, schedule: Schedule, post: Post, now: datetime) -> list[Write]:
        photo_ids = post.photo_ids
        keys = {key: "claim" for photo_id in photo_ids for key in photo_claims(schedule, photo_id, post.cycle)}
        if self.personas.get(schedule.persona_id).once_anywhere:
            keys |= {anywhere_claim_key(photo_id, post.owner, post.cycle): "anywhere" for photo_id in post.photo_ids}
        take = self.scheduler.claims.take
        return [
            take(label, key, holder=post.post_id, owner=post.owner, now=now, again=True) for key, label in keys.items()
        ]

    def _lost_photo(self, schedule: Schedule, post: Post, answer: Refused) -> Conflict:
        keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
        for key in keys if "claim" in answer.labels else ():
            claim = self.scheduler.claims.get(key)
            if claim is not None and claim.holder != post.post_id:
                detail = f"This photo is posted or planned on the same connection by post {claim.holder} by now."
                return PhotoAlreadyPosted(detail, post_id=claim.holder, connection_id=schedule.connection_id)
        if "anywhere" in answer.labels:
            return PhotoAlreadyPosted(
                "This photo went out on another connection, and its persona posts each photo once anywhere."
            )
        return PhotoUnavailable("The photo is no longer in the library, or is withheld; choose another photo.")

    def _skip(self, schedule: Schedule, reason: str | None) -> Schedule | None:
        if schedule.status not in WAITING or schedule.step is not None:
            raise NothingToSkip(
                f"Schedule {schedule.schedule_id} is {schedule.status}; only what waits can be skipped. "
                "Cancel what has begun."
            )
        ended = self.releaser.end(schedule, ScheduleStatus.SKIPPED, _skipped(reason))
        if ended is None:
            return None
        self.scheduler.timers.disarm_start(schedule)
        return ended

    def _resolve(self, schedule: Schedule, told: OperatorVerdict, live_url: str | None) -> Schedule | None:
        if schedule.status is not ScheduleStatus.UNKNOWN:
            raise NothingToResolve(
                f"Schedule {schedule.schedule_id} is {schedule.status}; only an unknown outcome can be resolved."
            )
        now = self.scheduler.clock.now()
        kept = self.scheduler.schedules.move(
            schedule, ScheduleStatus.UNKNOWN, now=now, told=told, told_url=live_url, due_at=now
        )
        return None if isinstance(kept, StaleWrite) else kept

    def _move(self, schedule: Schedule, at: datetime, zone: str | None, by_person: bool) -> MoveResult | None:  # noqa: FBT001 - as `move` was told
        if not schedule.is_open or schedule.cancel_requested:
            what = "is being cancelled" if schedule.is_open else f"has ended: it is {schedule.status}"
            hint = "; retry it with another time" if schedule.status in ENDED_WITHOUT_A_POST else ""
            raise NothingToMove(f"Schedule {schedule.schedule_id} {what}{hint}.")
        if self._is_in_flight(schedule):
            detail = f"Schedule {schedule.schedule_id} is going out, or may have; move it once its outcome is known."
            raise MoveInFlight(detail)
        now = self.scheduler.clock.now()
        when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now)
        if schedule.step is Step.HANDED_OVER:
            return self._withdraw_and_move(schedule, when, now)
        return self._requeue(schedule, when, now, None if by_person else schedule.review)

    def _is_in_flight(self, schedule: Schedule) -> bool:
        if schedule.status is ScheduleStatus.UNKNOWN or schedule.step in {Step.PUBLISHING, Step.PUBLISHED}:
            return True
        visible = self.scheduler.catalogue.row(schedule.channel).ambiguous_from == "submitting"
        return schedule.step is Step.SUBMITTING and visible

    def _requeue(
        self, schedule: Schedule, when: ScheduledTime, now: datetime, review: Review | None
    ) -> MoveResult | None:
        """A new revision: the running chain loses its next write, and what it made that nobody can see expires."""
        status = ScheduleStatus.QUEUED if review is None else ScheduleStatus.PENDING
        timing = self._timing(schedule, when, now, review)
        moved = self._moved(schedule, status, when, now, **FRESH, **timing)
        if moved is None:
            return None
        self.releaser.lanes.give_back(schedule)
        self.scheduler.timers.disarm_start(schedule)
        self.scheduler.arm(moved)
        return MoveResult(schedule=moved, done=True)

    def _withdraw_and_move(self, schedule: Schedule, when: ScheduledTime, now: datetime) -> MoveResult | None:
        """A new revision that takes back what was handed over, and then waits for the new instant."""
        moved = self._moved(
            schedule,
            schedule.status,
            when,
            now,
            revision=schedule.revision + 1,
            intent=Intent.WITHDRAW,
            retry_count=0,
            due_at=now,
            next_run_at=when.run_at,
            next_wall_time=when.wall_time,
            next_zone=when.zone,
        )
        if moved is None:
            return None
        self.scheduler.starter.start(moved)
        return MoveResult(schedule=moved, done=False)

    def _moved(
        self, schedule: Schedule, to: ScheduleStatus, when: ScheduledTime, now: datetime, **changes: Any
    ) -> Schedule | None:
        """The schedule after its move to the instant `when`; `None` where it had moved meanwhile.

        It takes its part in a slot there and leaves the one that it had, which a withdrawal keeps until it is done.
        """
        scheduler, leaving = self.scheduler, {schedule.schedule_id}
        writes = scheduler.schedules.moving(schedule, to, now=now, **changes)
        at = schedule.next_run_at if changes.get("next_run_at") else schedule.run_at
        if at is not None and at != when.run_at:
            details = scheduler.posts.details(schedule.post_id)
            writes.append(scheduler.posts.turning(details.post))
            writes += self.releaser.slot_given_back(details, leaving, at, "the post was moved", now)
        if at != when.run_at:
            writes += scheduler.slot_part(self.personas.get(schedule.persona_id), schedule, when.run_at)
        answer = self._commit_planned(schedule, when, writes)
        if isinstance(answer, Refused):
            if "slot" in answer.labels and "schedule" not in answer.labels:
                raise _slot_taken()
            return None
        return scheduler.schedules.get(schedule.schedule_id)

    def _timing(
        self, schedule: Schedule, when: ScheduledTime, now: datetime, review: Review | None = None
    ) -> dict[str, Any]:
        start_at = self.scheduler.start_instant(schedule.channel, when.run_at, now, review)
        persona = self.personas.get(schedule.persona_id)
        return {
            "revision": schedule.revision + 1,
            "run_at": when.run_at,
            "wall_time": when.wall_time,
            "zone": when.zone,
            "start_at": start_at,
            "review": review,
            "due_at": next_check_at(persona, review, run_at=when.run_at, start_at=start_at, now=now),
        }


def check_not_archived(post: Post) -> None:
    """Raise `PostIsArchived` where a person put the post away."""
    if post.archived:
        raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to retry it.")


def _slot_taken() -> SlotTaken:
    return SlotTaken("This slot belongs to another post on the same connection; choose another time.")


def _skipped(reason: str | None) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code="skipped-by-person",
        message=reason or "A person skipped it; retry to post it after all.",
    )


def _check_address(text: str) -> None:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if len(text) > MAX_ADDRESS or parts.scheme != "https" or not parts.netloc or not text.isprintable():
        raise AddressInvalid("Give the address of the live post, beginning with https://.", field="live_url")
