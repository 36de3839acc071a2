"""The decision on a due schedule: what to do next, from its record, its platform's evidence, the policy and the time.

Pure, and defined for each status, step and evidence. The flows read and act; only this module decides.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from shutterpost.channels import FailureClass, Grade
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    CommentState,
    Intent,
    LateAction,
    OperatorVerdict,
    Review,
    Schedule,
    ScheduleStatus,
    Step,
    late_action,
)

# A platform executes a request within this time after it was recorded, or never; before that, an empty search proves
# nothing. It covers a worker's minute and an effect minutes after the lost answer.
SETTLED_AFTER = timedelta(minutes=5)
# A channel of grade B recognises a repeated request for an hour; the rest of it is for the request's own way.
RECOGNISED_FOR = timedelta(minutes=50)
# So many looks must find nothing before the post counts as not published.
LOOKS_FOR_NOTHING = 2
# The pause between two looks at an unclear outcome; it doubles after each look.
LOOK_PAUSE = timedelta(seconds=60)
# After this many looks without an answer the owner is asked; looks continue once a day.
LOOKS_BEFORE_ASKING = 5
ASKED_PAUSE = timedelta(days=1)
# A schedule held by a connection in error or a pause is checked again after this.
HELD_PAUSE = timedelta(minutes=15)
# A handed-over post is checked again after this, later after a tenth of its delay, at most after an hour.
ASK_PAUSE, LONGEST_ASK_PAUSE = timedelta(seconds=60), timedelta(hours=1)
# The time that an execution needs once it has begun.
CHAIN_TIME = timedelta(minutes=5)


class Evidence(StrEnum):
    """What the platform shows of a schedule's submission.

    `unread`: not asked yet. `unreadable`: no usable answer. `nothing`: no trace of it. `hidden`: there, but published
    only by a further call. `waiting`: published by the platform later. `sending`: being published. `live`. `likely`:
    one live post matches by time alone. `unnamed`: live, but not found. `several`: more than one post matches.
    `refused`: the platform failed it. `gone`: it was there before.
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
    REPEAT = "repeat"
    TAKE_BACK = "take_back"
    CONTRADICT = "contradict"
    PICK_AGAIN = "pick_again"
    SETTLE_COMMENT = "settle_comment"


class Policy(Value):
    """What the decision depends on besides the schedule.

    `grace` and `then` are the persona's late policy. `held`: its connection is in error or lacks a budget, or the owner
    has paused. `visible`: a submission on its channel is visible or published without a further call. `grade`: what the
    channel allows after an unclear publish call.
    """

    grace: timedelta
    then: str
    held: bool
    visible: bool
    grade: Grade


class NextAction(Value):
    """The action, and how long to pause (from now) if it waits."""

    action: Action
    pause: timedelta = timedelta(0)


def next_action(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> NextAction:
    if schedule.status is ScheduleStatus.PENDING:
        return _pending(schedule, policy, now)
    if schedule.status is ScheduleStatus.QUEUED:
        return _queued(schedule, policy, now)
    if schedule.status is ScheduleStatus.PROCESSING:
        return _processing(schedule, evidence, policy, now)
    if schedule.status is ScheduleStatus.UNKNOWN:
        return _unknown(schedule, evidence, policy, now)
    if schedule.status is ScheduleStatus.SUCCESS and schedule.first_comment in _BEGUN_COMMENTS:
        waits = NextAction(action=Action.WAIT, pause=HELD_PAUSE)
        return waits if policy.held else NextAction(action=Action.SETTLE_COMMENT)
    if schedule.status is ScheduleStatus.FAILED and schedule.due_at is not None:
        return NextAction(action=Action.PICK_AGAIN)
    return NextAction(action=Action.NOTHING)


def is_handed_over(schedule: Schedule) -> bool:
    """Whether the channel holds the post and publishes it, and no withdrawal is requested."""
    handed = schedule.status is ScheduleStatus.PROCESSING and schedule.step is Step.HANDED_OVER
    return handed and schedule.intent is Intent.PUBLISH


def is_unclear(schedule: Schedule, *, visible: bool) -> bool:
    """Whether the recorded step is a remote write whose answer is not known."""
    if schedule.step is Step.PUBLISHING:
        return True
    return schedule.step is Step.SUBMITTING and schedule.ref is None and visible


def settles_at(schedule: Schedule) -> datetime:
    """When the platform has taken the last attempt's call or never will."""
    return _attempted_at(schedule) + SETTLED_AFTER


def _attempted_at(schedule: Schedule) -> datetime:
    return schedule.last_attempt_at or schedule.run_at


def repeats_at_once(schedule: Schedule, policy: Policy, now: datetime) -> bool:
    """Whether an unclear publish call is repeated before its outcome is known; it stays unclear until an answer."""
    if policy.grade is not Grade.A or schedule.step is not Step.PUBLISHING or schedule.ref is None:
        return False
    wanted = schedule.intent is Intent.PUBLISH and not schedule.cancel_requested and schedule.verdict is None
    # A repeat that was refused says nothing of the first call, so it is the last one.
    unclear = schedule.error_class in {None, FailureClass.AMBIGUOUS}
    return wanted and unclear and not policy.held and now <= schedule.run_at + policy.grace


def _pending(schedule: Schedule, policy: Policy, now: datetime) -> NextAction:
    if schedule.review is not Review.APPROVAL:
        return NextAction(action=Action.QUEUE)
    late_at = schedule.run_at + policy.grace
    if now < late_at:
        return NextAction(action=Action.WAIT, pause=late_at - now)
    return NextAction(action=Action.END_UNAPPROVED)


def _queued(schedule: Schedule, policy: Policy, now: datetime) -> NextAction:
    if schedule.step is Step.HANDED_OVER and schedule.intent is Intent.PUBLISH:
        return NextAction(action=Action.ADOPT_HANDED_OVER)
    if schedule.intent is Intent.WITHDRAW or schedule.cancel_requested:
        return NextAction(action=Action.START)
    if policy.held:
        return NextAction(action=Action.WAIT, pause=HELD_PAUSE)
    late = late_action(run_at=schedule.run_at, now=now, grace=policy.grace, then=policy.then)
    return NextAction(action=_LATE[late])


def _processing(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> NextAction:
    if is_handed_over(schedule):
        return _handed_over(schedule, evidence, now)
    settles = schedule.intent is Intent.WITHDRAW or schedule.cancel_requested
    if settles or schedule.step is Step.PUBLISHED or is_unclear(schedule, visible=policy.visible):
        return NextAction(action=Action.START)
    late = now > schedule.run_at + policy.grace + CHAIN_TIME
    return NextAction(action=Action.REQUEUE if policy.held or late else Action.START)


def _handed_over(schedule: Schedule, evidence: Evidence, now: datetime) -> NextAction:
    """A handed-over post is neither held nor late: it is checked until it is published or certainly not."""
    if evidence is Evidence.UNREAD:
        return NextAction(action=Action.LOOK)
    if evidence in {Evidence.LIVE, Evidence.LIKELY}:
        return NextAction(action=Action.ADOPT_LIVE)
    if evidence is Evidence.REFUSED:
        return NextAction(action=Action.END_FAILED)
    if evidence in {Evidence.GONE, Evidence.NOTHING}:
        if schedule.look_count:
            return NextAction(action=Action.END_FAILED)
        return NextAction(action=Action.LOOK_AGAIN, pause=LOOK_PAUSE)
    delay = now - schedule.expected_at
    if delay < timedelta(0):
        return NextAction(action=Action.WAIT, pause=max(ASK_PAUSE, -delay))
    return NextAction(action=Action.WAIT, pause=min(max(ASK_PAUSE, delay / 10), LONGEST_ASK_PAUSE))


def _unknown(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> NextAction:
    verdict = schedule.verdict
    if evidence is Evidence.UNREAD:
        return NextAction(action=Action.LOOK)
    if verdict is OperatorVerdict.LIVE or (evidence is Evidence.LIVE and verdict is None):
        return NextAction(action=Action.ADOPT_LIVE)
    if verdict is OperatorVerdict.NOT_LIVE and evidence in _PUBLISHED:
        return NextAction(action=Action.CONTRADICT)
    if evidence is Evidence.SEVERAL:
        return NextAction(action=Action.ASK_PERSON, pause=ASKED_PAUSE)
    if evidence is Evidence.UNNAMED or (evidence is Evidence.UNREADABLE and policy.grade is not Grade.E):
        return _unreadable(schedule)
    if evidence in {Evidence.WAITING, Evidence.SENDING}:
        taken_back = verdict is OperatorVerdict.NOT_LIVE
        return NextAction(action=Action.TAKE_BACK if taken_back else Action.ADOPT_HANDED_OVER)
    if evidence is Evidence.HIDDEN and repeats_at_once(schedule, policy, now):
        return NextAction(action=Action.REPEAT)
    return _by_grade(schedule, evidence, policy, now)


def _unreadable(schedule: Schedule) -> NextAction:
    """An unusable answer never counts as "nothing", not even with a verdict of not live."""
    if schedule.look_count + 1 >= LOOKS_BEFORE_ASKING:
        return NextAction(action=Action.ASK_PERSON, pause=ASKED_PAUSE)
    return NextAction(action=Action.LOOK_AGAIN, pause=LOOK_PAUSE * 2**schedule.look_count)


def _by_grade(schedule: Schedule, evidence: Evidence, policy: Policy, now: datetime) -> NextAction:
    # No post, or one by its time alone, counts once every request has settled; what follows is the grade's rule.
    settled_at, looked = settles_at(schedule), schedule.look_count + 1
    asks = policy.grade in _ASKING and schedule.verdict is None and evidence is not Evidence.LIKELY
    if asks and now >= settled_at and looked >= _LOOKS[policy.grade]:
        return NextAction(action=Action.ASK_PERSON, pause=ASKED_PAUSE)
    by_id = evidence is Evidence.HIDDEN and now <= _attempted_at(schedule) + _BY_ID.get(policy.grade, timedelta(0))
    if now < settled_at or (looked < LOOKS_FOR_NOTHING and not by_id):
        return NextAction(action=Action.LOOK_AGAIN, pause=max(LOOK_PAUSE, settled_at - now))
    if evidence is Evidence.LIKELY:
        return NextAction(action=Action.ADOPT_LIVE)
    if schedule.verdict is OperatorVerdict.NOT_LIVE:
        return NextAction(action=Action.END_NOT_LIVE)
    if evidence is Evidence.HIDDEN:
        return NextAction(action=Action.GO_ON)
    if evidence is Evidence.REFUSED and policy.visible:
        return NextAction(action=Action.END_FAILED)
    return NextAction(action=Action.START_OVER)


# Grades whose channel would take a second post and could not show the first: a person decides, after so many looks.
_ASKING = frozenset({Grade.D, Grade.E})
_LOOKS: Mapping[Grade, int] = {Grade.D: LOOKS_FOR_NOTHING, Grade.E: 1}
# How long after the attempt one look by its id suffices, because the channel itself refuses a second post.
_BY_ID: Mapping[Grade, timedelta] = {Grade.A: timedelta(days=36_500), Grade.B: RECOGNISED_FOR}
_BEGUN_COMMENTS = frozenset({CommentState.WAITING, CommentState.SENDING})
# Evidence that the post is published.
_PUBLISHED = frozenset({Evidence.LIVE, Evidence.UNNAMED, Evidence.SEVERAL})
_LATE: Mapping[LateAction, Action] = {
    LateAction.START: Action.START,
    LateAction.NEXT_SLOT: Action.NEXT_SLOT,
    LateAction.SKIP: Action.SKIP,
}
