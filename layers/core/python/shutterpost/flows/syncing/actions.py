"""Carrying out what was decided on a schedule: one conditional write each, so whoever is slower changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shutterpost.channels import Cause, Failure, FailureClass, Status, TooLate
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.deadlines import TIMER_SLACK, queue_after_veto
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.posting.slots import free_slots
from shutterpost.flows.publishing.context import LEASE, PublishContext
from shutterpost.flows.publishing.decision import Action, Decision, Evidence
from shutterpost.flows.publishing.publish import succeed
from shutterpost.flows.syncing.evidence import Sight
from shutterpost.runtime.clock import iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import EventOutcome, Intent, Schedule, ScheduleStatus, StaleWrite, Step

# A late post looks for its next slot within this time.
SLOTS_AHEAD = timedelta(days=14)
ASK = "needs-a-person"
CONTRADICTED = "word-contradicted"
NOT_LIVE = Failure(
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
    code="not-live",
    message="A person looked and found no post; retry this schedule to post it.",
)
# A copy of a picture is made anew this long after hand-over, before the library's lifecycle removes it.
COPY_LIFE = timedelta(days=1)

Carried = Schedule | None


@dataclass(frozen=True, kw_only=True)
class Actions:
    """Does what `next_action` says; each answers with the schedule afterwards, or `None` where it had moved."""

    chain: PublishContext
    creator: PostCreator

    def carry_out(self, decision: Decision, schedule: Schedule, sight: Sight | None) -> Carried:
        """Do `decision.action` on `schedule`, of which the platform shows `sight`."""
        do: dict[Action, Callable[[Decision, Schedule, Sight], Carried]] = {
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
            Action.TAKE_BACK: self._take_back,
            Action.CONTRADICT: self._contradict,
        }
        act = do.get(decision.action)
        return act(decision, schedule, sight or Sight(Evidence.UNREAD)) if act else None

    def _move(self, schedule: Schedule, to: ScheduleStatus, **changes: Any) -> Carried:
        moved = self.chain.schedules.move(schedule, to, now=self.chain.clock.now(), **changes)
        return None if isinstance(moved, StaleWrite) else moved

    def _wait(self, decision: Decision, schedule: Schedule, sight: Sight) -> Carried:
        now = self.chain.clock.now()
        changes: dict[str, Any] = {}
        if schedule.step is Step.HANDED_OVER:
            changes = {"error_message": sight.words if sight.failure else None, "look_count": 0}
            if schedule.last_attempt_at and now - schedule.last_attempt_at > COPY_LIFE:
                self.chain.renew_copies(schedule)
        return self._move(schedule, schedule.status, due_at=now + decision.pause, **changes)

    def _look_again(self, decision: Decision, schedule: Schedule, sight: Sight) -> Carried:
        due_at = self.chain.clock.now() + decision.pause
        looks = {"look_count": schedule.look_count + 1, "error_message": f"{sight.words} It is looked at again."}
        return self._move(schedule, schedule.status, due_at=due_at, **looks)

    def _ask_person(self, decision: Decision, schedule: Schedule, sight: Sight) -> Carried:
        sentence = f"{sight.words} Look at the account, then resolve this schedule as live or not live."
        logger.warning("a person must look", schedule_id=schedule.schedule_id, reason=sight.words)
        asked = {"look_count": schedule.look_count + 1, "error_code": ASK, "error_message": sentence}
        return self._move(schedule, schedule.status, due_at=self.chain.clock.now() + decision.pause, **asked)

    def _start(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        """A new revision, so that an execution that ended without doing anything is no obstacle."""
        now = self.chain.clock.now()
        lease = LEASE if schedule.status is ScheduleStatus.PROCESSING else TIMER_SLACK
        moved = self._move(schedule, schedule.status, revision=schedule.revision + 1, start_at=now, due_at=now + lease)
        if moved is not None:
            self.creator.starter.start(moved)
        return moved

    def _queue(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        now = self.chain.clock.now()
        queued = queue_after_veto(self.chain.schedules, schedule, now)
        return self._move(queued, queued.status, due_at=now) if queued else None

    def _requeue(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        logger.warning("taken off its chain", schedule_id=schedule.schedule_id, step=schedule.step)
        return self.chain.set_back(schedule)

    def _next_slot(self, decision: Decision, schedule: Schedule, sight: Sight) -> Carried:
        """To the persona's next slot that the connection is free at; without one it is skipped."""
        now = self.chain.clock.now()
        persona = self.chain.personas.get(schedule.persona_id)
        ahead = now + TIMER_SLACK, now + SLOTS_AHEAD
        for slot in free_slots(self.creator, persona, (schedule.connection_id,), *ahead, post_id=schedule.post_id):
            moved = self.creator.move_to_slot(persona, schedule, slot)
            if moved is not None:
                logger.warning("late: moved to the next slot", schedule_id=moved.schedule_id, run_at=iso(moved.run_at))
                return moved
        return self._skip(decision, schedule, sight)

    def _skip(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        late = Failure(
            failure_class=FailureClass.PERMANENT,
            cause=Cause.ACCOUNT,
            code="too-late",
            message=f"Due at {iso(schedule.run_at)}, later now than the persona's grace; retry to post it.",
        )
        return self.chain.releaser.end(schedule, ScheduleStatus.SKIPPED, late)

    def _end_unapproved(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        """A pick that nobody approved in time; its photo is picked again."""
        failure = Failure(
            failure_class=FailureClass.PERMANENT,
            cause=Cause.ACCOUNT,
            code="not-approved",
            message=f"Nobody approved it by {iso(self.chain.clock.now())}; retry to post it after all.",
        )
        details = self.chain.posts.details(schedule.post_id)
        held = self.chain.releaser.end_pick(details, failure, EventOutcome.NOT_APPROVED, back=True)
        return self.chain.schedules.get(schedule.schedule_id) if held else None

    def _end_failed(self, _: Decision, schedule: Schedule, sight: Sight) -> Carried:
        return self._ended(schedule, sight.failure or _gone(schedule))

    def _end_not_live(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        return self._ended(schedule, NOT_LIVE)

    def _ended(self, schedule: Schedule, failure: Failure) -> Carried:
        ended = self.chain.releaser.end(schedule, ScheduleStatus.FAILED, failure)
        if ended is not None:
            self.chain.copies.remove(schedule.public_keys)
        return ended

    def _adopt_live(self, _: Decision, schedule: Schedule, sight: Sight) -> Carried:
        """The post is live: what its platform tells of it, else what the person said."""
        known: dict[str, Any] = {}
        if sight.status is not None and sight.evidence in {Evidence.LIVE, Evidence.LIKELY}:
            live = sight.status
            known = {
                "external_id": live.external_id or schedule.ref,
                "external_url": live.external_url,
                "posted_at": live.posted_at,
            }
        if schedule.told_url is not None and schedule.told_url != known.get("external_url"):
            known = {"external_url": schedule.told_url, "posted_at": schedule.last_attempt_at}
        logger.info("the post is live", schedule_id=schedule.schedule_id, external_id=known.get("external_id"))
        return succeed(self.chain, schedule, **known)

    def _adopt_handed_over(self, _: Decision, schedule: Schedule, sight: Sight) -> Carried:
        """It lies at the platform and goes out by itself; a person who wants it stopped has it withdrawn."""
        now = self.chain.clock.now()
        ref = sight.status.ref if sight.status else schedule.ref
        stops = schedule.cancel_requested or schedule.intent is Intent.WITHDRAW
        found = schedule.model_copy(update={"ref": ref})
        moved = self._move(
            schedule,
            ScheduleStatus.PROCESSING,
            event=event_of(found, EventOutcome.HANDED_OVER, at=now),
            along=self.chain.claim_remote(schedule, ref),
            revision=schedule.revision + 1,
            step=Step.HANDED_OVER,
            ref=ref,
            told=None,
            told_url=None,
            look_count=0,
            intent=Intent.WITHDRAW if stops else Intent.PUBLISH,
            error_code=None,
            error_message=None,
            lease_until=None,
            due_at=now if stops else max(now, schedule.goes_at),
        )
        if moved is not None and stops:
            self.creator.starter.start(moved)
        return moved

    def _go_on(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        return self._queued_again(schedule, step=Step.READY)

    def _start_over(self, _: Decision, schedule: Schedule, __: Sight) -> Carried:
        return self._queued_again(schedule, step=None, ref=None)

    def _queued_again(self, schedule: Schedule, **changes: Any) -> Carried:
        now = self.chain.clock.now()
        changes |= {"revision": schedule.revision + 1, "look_count": 0, "due_at": now}
        return self._move(schedule, ScheduleStatus.QUEUED, **changes)

    def _take_back(self, decision: Decision, schedule: Schedule, sight: Sight) -> Carried:
        """A person says that it is not live, and it lies at the platform: so that it cannot appear later."""
        account = self.chain.account(schedule)
        ref = sight.status.ref if sight.status else schedule.ref
        answer = account if isinstance(account, Failure) else self.chain.adapter(schedule).withdraw(account, ref or "")
        if isinstance(answer, TooLate):
            return self._contradict(decision, schedule, sight)
        if isinstance(answer, Failure):
            words = f"It lies at the platform and could not be withdrawn: {answer.message}"
            return self._look_again(
                Decision(action=Action.LOOK_AGAIN, pause=TIMER_SLACK), schedule, _with(sight, words)
            )
        return self._ended(schedule, NOT_LIVE)

    def _contradict(self, _: Decision, schedule: Schedule, sight: Sight) -> Carried:
        live: Status | None = sight.status
        where = (live.external_url or live.external_id or live.ref) if live else schedule.ref
        logger.warning("a person's word is contradicted", schedule_id=schedule.schedule_id, where=where)
        sentence = f"The platform has this post ({where}). It was said not to be live; look again, then resolve it."
        dropped = {"told": None, "told_url": None, "error_code": CONTRADICTED, "error_message": sentence}
        return self._move(schedule, ScheduleStatus.UNKNOWN, due_at=self.chain.clock.now(), **dropped)


def _with(sight: Sight, words: str) -> Sight:
    return Sight(sight.evidence, sight.status, words, sight.failure)


def _gone(schedule: Schedule) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code="removed-at-platform",
        message=f"The platform no longer has {schedule.ref}; somebody removed it there. Retry to hand it over again.",
    )
