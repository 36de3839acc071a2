"""The one decision on a schedule whose turn it is: what to do next, from what is recorded, what its platform shows, the
policy and the time.

Pure, and total over status, step and evidence. The flows look, ask, and carry out; none decides by itself.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    LateAction,
    OperatorVerdict,
    Review,
    Schedule,
    ScheduleStatus,
    Step,
    late_action,
)

# A platform carries a request out within this time after it was recorded, or never: until then, nothing found proves
# nothing. It covers a worker's minute and an effect minutes after the lost answer.
SETTLED_AFTER = timedelta(minutes=5)
# Looks at an unclear outcome keep this distance, and twice as much after each (platform-apis.md §5, rules 1 and 3).
LOOK_PAUSE = timedelta(seconds=60)
# After this many looks without an answer the owner is asked; looking goes on once a day.
LOOKS_BEFORE_ASKING = 5
ASKED_PAUSE = timedelta(days=1)
# What a connection in error or a pause holds up is looked at again after this.
HELD_PAUSE = timedelta(minutes=15)
# A handed-over post is asked about again after this, later after a tenth of its delay, at most after an hour.
ASK_PAUSE, LONGEST_ASK_PAUSE = timedelta(seconds=60), timedelta(hours=1)
# What a chain needs by itself, once it has begun in time.
CHAIN_TIME = timedelta(minutes=5)


class Evidence(StrEnum):
    """What the platform shows of a schedule's submission.

    `unread`: nobody asked. `unreadable`: the answer does not say. `nothing`: it has nothing of it. `hidden`: it lies
    there and does not go out by itself. `waiting`: it goes out by itself. `sending`: it is on its way. `live`.
    `likely`: one live post fits, by its time alone. `unnamed`: it is live, and cannot be found. `several`: more than
    one post fits. `refused`: the platform gave it up. `gone`: it was there.
    """

    UNREAD = "unread"
    UNREADABLE = "unreadable"
    NOTHING = "nothing"
    HIDDEN = "hidden"
    WAITING = "waiting"
    SENDING = "sending"
    LIVE = "live"
    LIKELY = "likely"
    UNNAMED = "unnamed"
    SEVERAL = "several"
    REFUSED = "refused"
    GONE = "gone"


class Action(StrEnum):
    """What a flow is to do."""

    NOTHING = "nothing"
    LOOK = "look"
    WAIT = "wait"
    LOOK_AGAIN = "look_again"
    ASK_PERSON = "ask_person"
    START = "start"
    QUEUE = "queue"
    REQUEUE = "requeue"
    NEXT_SLOT = "next_slot"
    SKIP = "skip"
    END_UNAPPROVED = "end_unapproved"
    END_FAILED = "end_failed"
    END_NOT_LIVE = "end_not_live"
    ADOPT_LIVE = "adopt_live"
    ADOPT_HANDED_OVER = "adopt_handed_over"
    GO_ON = "go_on"
    START_OVER = "start_over"
    TAKE_BACK = "take_back"
    CONTRADICT = "contradict"


class Policy(Value):
    """What the decision depends on besides the schedule: the persona's `grace` and what comes `then`, whether its
    connection is in error or everything is paused (`held`), and whether a submission is `visible` or goes out by
    itself."""

    grace: timedelta
    then: str
    held: bool
    visible: bool


class Decision(Value):
    """The action, and for one that waits how long (from now)."""

    action: Action
    pause: timedelta = timedelta(0)


def next_action(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> Decision:
    """What to do with `schedule` at `now`, its turn having come."""
    if schedule.status is ScheduleStatus.PENDING:
        return _pending(schedule, policy, now)
    if schedule.status is ScheduleStatus.QUEUED:
        return _queued(schedule, policy, now)
    if schedule.status is ScheduleStatus.PROCESSING:
        return _processing(schedule, evidence, policy, now)
    if schedule.status is ScheduleStatus.UNKNOWN:
        return _unknown(schedule, evidence, policy, now)
    return Decision(action=Action.NOTHING)


def is_handed_over(schedule: Schedule) -> bool:
    """Whether the platform has the post and sends it by itself, and nobody takes it back."""
    handed = schedule.status is ScheduleStatus.PROCESSING and schedule.step is Step.HANDED_OVER
    return handed and schedule.intent is Intent.PUBLISH


def is_unclear(schedule: Schedule, *, visible: bool) -> bool:
    """Whether the recorded step is a remote write whose answer is not known."""
    if schedule.step is Step.PUBLISHING:
        return True
    return schedule.step is Step.SUBMITTING and schedule.ref is None and visible


def _pending(schedule: Schedule, policy: Policy, now: datetime) -> Decision:
    if schedule.review is not Review.APPROVAL:
        return Decision(action=Action.QUEUE)
    late_at = schedule.run_at + policy.grace
    if now < late_at:
        return Decision(action=Action.WAIT, pause=late_at - now)
    return Decision(action=Action.END_UNAPPROVED)


def _queued(schedule: Schedule, policy: Policy, now: datetime) -> Decision:
    if schedule.step is Step.HANDED_OVER and schedule.intent is Intent.PUBLISH:
        return Decision(action=Action.ADOPT_HANDED_OVER)
    if schedule.intent is Intent.WITHDRAW or schedule.cancel_requested:
        return Decision(action=Action.START)
    if policy.held:
        return Decision(action=Action.WAIT, pause=HELD_PAUSE)
    late = late_action(run_at=schedule.run_at, now=now, grace=policy.grace, then=policy.then)
    return Decision(action=_LATE[late])


def _processing(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> Decision:
    if is_handed_over(schedule):
        return _handed_over(schedule, evidence, now)
    settles = schedule.intent is Intent.WITHDRAW or schedule.cancel_requested
    if settles or schedule.step is Step.PUBLISHED or is_unclear(schedule, visible=policy.visible):
        return Decision(action=Action.START)
    late = now > schedule.run_at + policy.grace + CHAIN_TIME
    return Decision(action=Action.REQUEUE if policy.held or late else Action.START)


def _handed_over(schedule: Schedule, evidence: Evidence, now: datetime) -> Decision:
    """What lies at the platform is neither held nor late: it is asked about until it is out, or surely not."""
    if evidence is Evidence.UNREAD:
        return Decision(action=Action.LOOK)
    if evidence in {Evidence.LIVE, Evidence.LIKELY}:
        return Decision(action=Action.ADOPT_LIVE)
    if evidence is Evidence.REFUSED:
        return Decision(action=Action.END_FAILED)
    if evidence in {Evidence.GONE, Evidence.NOTHING}:
        if schedule.look_count:
            return Decision(action=Action.END_FAILED)
        return Decision(action=Action.LOOK_AGAIN, pause=LOOK_PAUSE)
    delay = max(timedelta(0), now - schedule.goes_at)
    return Decision(action=Action.WAIT, pause=min(max(ASK_PAUSE, delay / 10), LONGEST_ASK_PAUSE))


def _unknown(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> Decision:
    said = schedule.told
    if evidence is Evidence.UNREAD:
        return Decision(action=Action.LOOK)
    if said is OperatorVerdict.LIVE or (evidence is Evidence.LIVE and said is None):
        return Decision(action=Action.ADOPT_LIVE)
    if said is OperatorVerdict.NOT_LIVE and evidence in _OUT:
        return Decision(action=Action.CONTRADICT)
    if evidence is Evidence.SEVERAL:
        return Decision(action=Action.ASK_PERSON, pause=ASKED_PAUSE)
    if evidence in {Evidence.UNREADABLE, Evidence.UNNAMED}:
        return _unreadable(schedule)
    if evidence in {Evidence.WAITING, Evidence.SENDING}:
        taken_back = said is OperatorVerdict.NOT_LIVE
        return Decision(action=Action.TAKE_BACK if taken_back else Action.ADOPT_HANDED_OVER)
    return _looked_twice(schedule, evidence, policy, now)


def _unreadable(schedule: Schedule) -> Decision:
    """An answer that does not say is never "nothing", even where a person says so."""
    if schedule.look_count + 1 >= LOOKS_BEFORE_ASKING:
        return Decision(action=Action.ASK_PERSON, pause=ASKED_PAUSE)
    return Decision(action=Action.LOOK_AGAIN, pause=LOOK_PAUSE * 2**schedule.look_count)


def _looked_twice(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> Decision:
    """What shows no post, or one by its time alone, counts at the second look, once everything sent has settled."""
    settled_at = (schedule.last_attempt_at or schedule.run_at) + SETTLED_AFTER
    if schedule.look_count == 0 or now < settled_at:
        return Decision(action=Action.LOOK_AGAIN, pause=max(LOOK_PAUSE, settled_at - now))
    if evidence is Evidence.LIKELY:
        return Decision(action=Action.ADOPT_LIVE)
    if schedule.told is OperatorVerdict.NOT_LIVE:
        return Decision(action=Action.END_NOT_LIVE)
    if evidence is Evidence.HIDDEN:
        return Decision(action=Action.GO_ON)
    if evidence is Evidence.REFUSED and policy.visible:
        return Decision(action=Action.END_FAILED)
    return Decision(action=Action.START_OVER)


# What tells that a post is out, or about to be.
_OUT = frozenset({Evidence.LIVE, Evidence.UNNAMED, Evidence.SEVERAL})
_LATE: Mapping[LateAction, Action] = {
    LateAction.START: Action.START,
    LateAction.NEXT_SLOT: Action.NEXT_SLOT,
    LateAction.SKIP: Action.SKIP,
}
