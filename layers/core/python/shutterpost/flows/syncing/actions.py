"""Carrying out decisions on schedules: one conditional write each, so that the slower of two runs changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from shutterpost.channels import Cause, Failure, FailureClass, TooLate
from shutterpost.curation import Decision
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import LEASE, TIMER_SLACK, queue_after_veto
from shutterpost.flows.posting.failure_policy import MAX_REPLACEMENTS
from shutterpost.flows.posting.release import Releaser, event_of
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import Action, Evidence, NextAction
from shutterpost.flows.publishing.first_comments import FirstComments
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.flows.publishing.rendition_copies import RenditionCopies
from shutterpost.flows.publishing.steps.success import Successes
from shutterpost.flows.syncing.evidence import RemoteObservation
from shutterpost.flows.syncing.next_slot import NextSlot
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    EventOutcome,
    Intent,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    StaleWrite,
    Starter,
    Step,
)

if TYPE_CHECKING:
    from shutterpost.flows.picking.pick_next import Picker

ASK = "needs-a-person"
CONTRADICTED = "word-contradicted"
NOT_LIVE = Failure(
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
    code="not-live",
    message="A person looked and found no post; retry this schedule to post it.",
)
# Public copies are renewed this long after hand-over, before the library's lifecycle removes them.
COPY_LIFE = timedelta(days=1)

Result = Schedule | None


@flow
class Actions:
    """Carries out what `next_action` decides; methods return the schedule afterwards, `None` if it has changed."""

    clock: Clock
    posts: Posts
    schedules: Schedules
    copies: PublicCopies
    access: ChannelAccess
    lease: Lease
    renditions: RenditionCopies
    remote_claims: RemoteClaims
    successes: Successes
    first_comments: FirstComments
    releaser: Releaser
    next_slot: NextSlot
    starter: Starter
    picker: "Callable[[], Picker]"

    def carry_out(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation | None) -> Result:
        """Do `decision.action` on `schedule`, of which the platform shows `observation`."""
        actions: dict[Action, Callable[[NextAction, Schedule, RemoteObservation], Result]] = {
            Action.WAIT: self._wait,
            Action.LOOK_AGAIN: self._look_again,
            Action.ASK_PERSON: self._ask_person,
            Action.START: self._start,
            Action.QUEUE: self._queue,
            Action.REQUEUE: self._requeue,
            Action.NEXT_SLOT: self._next_slot,
            Action.SKIP: self._skip,
            Action.END_UNAPPROVED: self._end_unapproved,
            Action.END_FAILED: self._end_failed,
            Action.END_NOT_LIVE: self._end_not_live,
            Action.ADOPT_LIVE: self._adopt_live,
            Action.ADOPT_HANDED_OVER: self._adopt_handed_over,
            Action.GO_ON: self._go_on,
            Action.START_OVER: self._start_over,
            Action.REPEAT: self._repeat,
            Action.TAKE_BACK: self._take_back,
            Action.CONTRADICT: self._contradict,
            Action.PICK_AGAIN: self._pick_again,
            Action.SETTLE_COMMENT: lambda _, live, __: self.first_comments.settle(live),
        }
        act = actions.get(decision.action)
        return act(decision, schedule, observation or RemoteObservation(Evidence.UNREAD)) if act else None

    def _move(self, schedule: Schedule, to: ScheduleStatus, **changes: Any) -> Result:
        moved = self.schedules.move(schedule, to, now=self.clock.now(), **changes)
        return None if isinstance(moved, StaleWrite) else moved

    def _wait(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        now = self.clock.now()
        changes: dict[str, Any] = {}
        if schedule.step is Step.HANDED_OVER:
            changes = {"error_message": observation.detail if observation.failure else None, "look_count": 0}
            if schedule.last_attempt_at and now - schedule.last_attempt_at > COPY_LIFE:
                self.renditions.renew(schedule)
        return self._move(schedule, schedule.status, due_at=now + decision.pause, **changes)

    def _look_again(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        return self._move(
            schedule,
            schedule.status,
            due_at=self.clock.now() + decision.pause,
            look_count=schedule.look_count + 1,
            error_message=f"{observation.detail} Sync looks again.",
        )

    def _ask_person(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        logger.warning("operator verdict needed", schedule_id=schedule.schedule_id, reason=observation.detail)
        return self._move(
            schedule,
            schedule.status,
            due_at=self.clock.now() + decision.pause,
            look_count=schedule.look_count + 1,
            error_code=ASK,
            error_message=f"{observation.detail} Look at the account, then resolve this schedule as live or not live.",
        )

    def _start(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        now = self.clock.now()
        lease = LEASE if schedule.status is ScheduleStatus.PROCESSING else TIMER_SLACK
        moved = self._move(schedule, schedule.status, revision=schedule.revision + 1, start_at=now, due_at=now + lease)
        if moved is not None:
            self.starter.start(moved)
        return moved

    def _queue(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        now = self.clock.now()
        queued = queue_after_veto(self.schedules, schedule, now)
        return self._move(queued, queued.status, due_at=now) if queued else None

    def _requeue(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        logger.warning("execution given up", schedule_id=schedule.schedule_id, step=schedule.step)
        return self.lease.give_up(schedule)

    def _next_slot(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        return self.next_slot.move(schedule, self.clock.now()) or self._skip(decision, schedule, observation)

    def _skip(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        message = f"It was due at {iso(schedule.run_at)} and is past the persona's grace; retry to post it."
        return self.releaser.end(schedule, ScheduleStatus.SKIPPED, _permanent("too-late", message))

    def _end_unapproved(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        message = f"Nobody approved it by {iso(self.clock.now())}; retry to post it after all."
        details = self.posts.details(schedule.post_id)
        failure = _permanent("not-approved", message)
        ended = self.releaser.end_pick(details, failure, EventOutcome.NOT_APPROVED, back=True)
        return self.schedules.get(schedule.schedule_id) if ended else None

    def _end_failed(self, _: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        message = f"The platform no longer has {schedule.ref}; it was removed there. Retry to hand it over again."
        return self._fail(schedule, observation.failure or _permanent("removed-at-platform", message))

    def _end_not_live(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        return self._fail(schedule, NOT_LIVE)

    def _fail(self, schedule: Schedule, failure: Failure) -> Result:
        ended = self.releaser.end(schedule, ScheduleStatus.FAILED, failure)
        if ended is not None:
            self.copies.remove(schedule.public_keys)
        return ended

    def _pick_again(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        record = self.posts.decision(schedule.persona_id, schedule.run_at)
        passed = Decision.model_validate(record.body).instead_of if record else ()
        replaced = len({item.post_id for item in passed})
        if replaced < MAX_REPLACEMENTS:
            if not self.releaser.reopen_slot(schedule):
                return None
            self.picker().pick(schedule.persona_id, schedule.run_at)
        current = self.schedules.get(schedule.schedule_id)
        return self._move(current, current.status, due_at=None) if current.status is schedule.status else None

    def _adopt_live(self, _: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        live: dict[str, Any] = {}
        if observation.status is not None and observation.evidence in {Evidence.LIVE, Evidence.LIKELY}:
            status = observation.status
            live = {
                "external_id": status.external_id or schedule.ref,
                "external_url": status.external_url,
                "posted_at": status.posted_at,
            }
        if schedule.verdict_url is not None and schedule.verdict_url != live.get("external_url"):
            live = {"external_url": schedule.verdict_url, "posted_at": schedule.last_attempt_at}
        logger.info("live post adopted", schedule_id=schedule.schedule_id, external_id=live.get("external_id"))
        return self.successes.record(schedule, **live)

    def _adopt_handed_over(self, _: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        now = self.clock.now()
        ref = observation.status.ref if observation.status else schedule.ref
        withdraws = schedule.cancel_requested or schedule.intent is Intent.WITHDRAW
        updated = schedule.model_copy(update={"ref": ref})
        moved = self._move(
            schedule,
            ScheduleStatus.PROCESSING,
            event=event_of(updated, EventOutcome.HANDED_OVER, at=now),
            along=self.remote_claims.take(schedule, ref),
            revision=schedule.revision + 1,
            step=Step.HANDED_OVER,
            ref=ref,
            verdict=None,
            verdict_url=None,
            look_count=0,
            intent=Intent.WITHDRAW if withdraws else Intent.PUBLISH,
            error_code=None,
            error_message=None,
            lease_until=None,
            due_at=now if withdraws else max(now, schedule.expected_at),
        )
        if moved is not None and withdraws:
            self.starter.start(moved)
        return moved

    def _go_on(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        return self._queue_again(schedule, step=Step.READY)

    def _start_over(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        return self._queue_again(schedule, step=None, ref=None)

    def _repeat(self, _: NextAction, schedule: Schedule, __: RemoteObservation) -> Result:
        # At the unclear publish call, so that the schedule never counts as not begun in between.
        now = self.clock.now()
        moved = self._move(
            schedule,
            ScheduleStatus.PROCESSING,
            revision=schedule.revision + 1,
            step=Step.PUBLISHING,
            look_count=0,
            due_at=now + LEASE,
        )
        if moved is not None:
            self.starter.start(moved)
        return moved

    def _queue_again(self, schedule: Schedule, **changes: Any) -> Result:
        changes |= {"revision": schedule.revision + 1, "look_count": 0, "due_at": self.clock.now()}
        return self._move(schedule, ScheduleStatus.QUEUED, **changes)

    def _take_back(self, decision: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        """Withdraw a post that the operator says is not live, so that the channel cannot publish it later."""
        account = self.access.account(schedule)
        ref = observation.status.ref if observation.status else schedule.ref
        answer = account if isinstance(account, Failure) else self.access.adapter(schedule).withdraw(account, ref or "")
        if isinstance(answer, TooLate):
            return self._contradict(decision, schedule, observation)
        if isinstance(answer, Failure):
            detail = f"The channel holds the post, and it could not be withdrawn: {answer.message}"
            retry = NextAction(action=Action.LOOK_AGAIN, pause=TIMER_SLACK)
            return self._look_again(retry, schedule, RemoteObservation(observation.evidence, detail=detail))
        return self._fail(schedule, NOT_LIVE)

    def _contradict(self, _: NextAction, schedule: Schedule, observation: RemoteObservation) -> Result:
        live = observation.status
        post = (live.external_url or live.external_id or live.ref) if live else schedule.ref
        logger.warning("verdict contradicted", schedule_id=schedule.schedule_id, post=post)
        return self._move(
            schedule,
            ScheduleStatus.UNKNOWN,
            due_at=self.clock.now(),
            verdict=None,
            verdict_url=None,
            error_code=CONTRADICTED,
            error_message=(
                f"The platform has this post ({post}), contrary to the verdict that it is not live; look again, then "
                "resolve this schedule."
            ),
        )


def _permanent(code: str, message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.ACCOUNT, code=code, message=message)
