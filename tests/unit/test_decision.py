"""The decision on a schedule: defined for every input, and the rows of its table."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from shutterpost.channels import Grade
from shutterpost.flows.publishing.decision import (
    ASK_PAUSE,
    ASKED_PAUSE,
    CHAIN_TIME,
    HELD_PAUSE,
    LONGEST_ASK_PAUSE,
    LOOK_PAUSE,
    LOOKS_BEFORE_ASKING,
    SETTLED_AFTER,
    Action,
    Evidence,
    Policy,
    next_action,
    repeats_at_once,
)
from shutterpost.scheduling import CommentState, Intent, OperatorVerdict, Review, Schedule, ScheduleStatus, Step
from tests.support.builders_of_posts import a_post, a_schedule

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
GRACE, SECOND = timedelta(minutes=30), timedelta(seconds=1)
NOT_LIVE = OperatorVerdict.NOT_LIVE
S, E, A = ScheduleStatus, Evidence, Action
SENT_BACK = {A.REQUEUE, A.NEXT_SLOT, A.SKIP, A.START, A.START_OVER, A.GO_ON, A.END_UNAPPROVED}
DECIDED = {A.START_OVER, A.GO_ON, A.END_NOT_LIVE, A.END_FAILED, A.ADOPT_LIVE, A.ADOPT_HANDED_OVER}


def a_policy(**facts: object) -> Policy:
    usual = {"grace": GRACE, "then": "next_slot", "held": False, "visible": True, "grade": Grade.C}
    return Policy.model_validate({**usual, **facts})


def standing(status: ScheduleStatus, step: Step | None = None, **facts: object) -> Schedule:
    """A schedule that was to go out a minute ago, with its last attempt long settled."""
    known = {"run_at": NOW - timedelta(minutes=1), "last_attempt_at": NOW - timedelta(hours=1), **facts}
    return a_schedule(a_post(1)).model_copy(update={"status": status, "step": step, **known})


def action(schedule: Schedule, evidence: Evidence = E.UNREAD, **policy: object) -> Action:
    return next_action(schedule, evidence, a_policy(**policy), NOW).action


STATES = list(product(S, [None, *Step], [None, *OperatorVerdict], [0, 1, LOOKS_BEFORE_ASKING], Intent, (0, 600)))
POLICIES = [
    a_policy(held=held, visible=visible, grade=grade)
    for held, visible, grade in product((True, False), (True, False), Grade)
]


def test_every_state_with_every_evidence_has_an_action() -> None:
    for status, step, verdict, looks, intent, late in STATES:
        run_at = NOW - timedelta(minutes=late)
        schedule = standing(status, step, verdict=verdict, look_count=looks, intent=intent, run_at=run_at)
        without_due = schedule.model_copy(update={"due_at": None})
        acts = {S.PENDING, S.QUEUED, S.PROCESSING, S.UNKNOWN} | ({S.FAILED} if schedule.due_at else set())
        for evidence, policy in product(E, POLICIES):
            decision = next_action(schedule, evidence, policy, NOW)
            assert decision.pause >= timedelta(0)
            assert (decision.action is A.NOTHING) is (status not in acts)
            ended = next_action(without_due, evidence, policy, NOW).action is A.NOTHING
            assert ended is not schedule.is_open


@pytest.mark.parametrize("evidence", E)
@pytest.mark.parametrize("late", [0, 600, 100_000])
@pytest.mark.parametrize("held", [True, False])
def test_what_is_handed_over_is_never_treated_as_not_begun(evidence: Evidence, late: int, held: bool) -> None:
    schedule = standing(S.PROCESSING, Step.HANDED_OVER, run_at=NOW - timedelta(minutes=late), look_count=1)
    assert action(schedule, evidence, held=held, grace=timedelta(0)) not in SENT_BACK
    queued = schedule.model_copy(update={"status": S.QUEUED})
    assert action(queued, evidence, held=held, grace=timedelta(0)) is A.ADOPT_HANDED_OVER


@pytest.mark.parametrize("evidence", [E.UNREADABLE, E.UNNAMED])
@pytest.mark.parametrize("verdict", [None, OperatorVerdict.NOT_LIVE])
@pytest.mark.parametrize("looks", range(LOOKS_BEFORE_ASKING + 2))
def test_what_cannot_be_read_decides_nothing(evidence: Evidence, verdict: OperatorVerdict | None, looks: int) -> None:
    assert action(standing(S.UNKNOWN, Step.PUBLISHING, verdict=verdict, look_count=looks), evidence) not in DECIDED


@pytest.mark.parametrize("evidence", [E.NOTHING, E.GONE, E.REFUSED, E.HIDDEN, E.LIKELY])
@pytest.mark.parametrize("verdict", [None, OperatorVerdict.NOT_LIVE])
def test_no_post_is_believed_at_the_second_look_after_everything_settled(
    evidence: Evidence, verdict: OperatorVerdict | None
) -> None:
    unclear = standing(S.UNKNOWN, Step.SUBMITTING, verdict=verdict)
    twice = unclear.model_copy(update={"look_count": 1})
    fresh = twice.model_copy(update={"last_attempt_at": NOW - SETTLED_AFTER + timedelta(seconds=1)})
    assert action(unclear, evidence) is A.LOOK_AGAIN
    assert action(fresh, evidence) is A.LOOK_AGAIN
    assert action(twice, evidence) in DECIDED


@pytest.mark.parametrize(
    ("schedule", "evidence", "expected"),
    [
        (standing(S.PENDING, review=Review.VETO), E.UNREAD, A.QUEUE),
        (standing(S.PENDING, review=Review.APPROVAL), E.UNREAD, A.WAIT),
        (standing(S.PENDING, review=Review.APPROVAL, run_at=NOW - GRACE), E.UNREAD, A.END_UNAPPROVED),
        (standing(S.QUEUED), E.UNREAD, A.START),
        (standing(S.QUEUED, run_at=NOW - GRACE * 2), E.UNREAD, A.NEXT_SLOT),
        (standing(S.QUEUED, run_at=NOW - GRACE * 2, intent=Intent.WITHDRAW), E.UNREAD, A.START),
        (standing(S.PROCESSING, Step.READY), E.UNREAD, A.START),
        (standing(S.PROCESSING, Step.READY, run_at=NOW - GRACE - CHAIN_TIME * 2), E.UNREAD, A.REQUEUE),
        (standing(S.PROCESSING, Step.PUBLISHING, run_at=NOW - GRACE * 9), E.UNREAD, A.START),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.UNREAD, A.LOOK),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.LIVE, A.ADOPT_LIVE),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.REFUSED, A.END_FAILED),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.GONE, A.LOOK_AGAIN),
        (standing(S.PROCESSING, Step.HANDED_OVER, look_count=1), E.GONE, A.END_FAILED),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.NOTHING, A.LOOK_AGAIN),
        (standing(S.PROCESSING, Step.HANDED_OVER, look_count=1), E.NOTHING, A.END_FAILED),
        (standing(S.UNKNOWN, Step.SUBMITTING), E.UNREAD, A.LOOK),
        (standing(S.UNKNOWN, Step.SUBMITTING), E.WAITING, A.ADOPT_HANDED_OVER),
        (standing(S.UNKNOWN, Step.SUBMITTING, verdict=OperatorVerdict.NOT_LIVE), E.WAITING, A.TAKE_BACK),
        (standing(S.UNKNOWN, Step.PUBLISHING, verdict=OperatorVerdict.NOT_LIVE), E.LIVE, A.CONTRADICT),
        (standing(S.UNKNOWN, Step.PUBLISHING, verdict=OperatorVerdict.LIVE), E.UNREADABLE, A.ADOPT_LIVE),
        (standing(S.UNKNOWN, Step.PUBLISHING), E.LIVE, A.ADOPT_LIVE),
        (standing(S.UNKNOWN, Step.PUBLISHING), E.SEVERAL, A.ASK_PERSON),
        (standing(S.UNKNOWN, Step.PUBLISHING, look_count=1), E.HIDDEN, A.GO_ON),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1), E.NOTHING, A.START_OVER),
    ],
)
def test_rows_of_the_table(schedule: Schedule, evidence: Evidence, expected: Action) -> None:
    assert action(schedule, evidence) is expected


@pytest.mark.parametrize(
    ("schedule", "evidence", "expected", "pause"),
    [
        (standing(S.PENDING, review=Review.APPROVAL), E.UNREAD, A.WAIT, GRACE - timedelta(minutes=1)),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.GONE, A.LOOK_AGAIN, LOOK_PAUSE),
        (standing(S.UNKNOWN, Step.PUBLISHING), E.SEVERAL, A.ASK_PERSON, ASKED_PAUSE),
        (standing(S.UNKNOWN, Step.PUBLISHING), E.UNREADABLE, A.LOOK_AGAIN, LOOK_PAUSE),
        (standing(S.UNKNOWN, Step.PUBLISHING, look_count=3), E.UNREADABLE, A.LOOK_AGAIN, LOOK_PAUSE * 8),
        (standing(S.UNKNOWN, Step.PUBLISHING, look_count=4), E.UNREADABLE, A.ASK_PERSON, ASKED_PAUSE),
        (standing(S.UNKNOWN, Step.PUBLISHING), E.NOTHING, A.LOOK_AGAIN, LOOK_PAUSE),
        (
            standing(S.UNKNOWN, Step.PUBLISHING, look_count=1, last_attempt_at=NOW - timedelta(minutes=1)),
            E.NOTHING,
            A.LOOK_AGAIN,
            SETTLED_AFTER - timedelta(minutes=1),
        ),
        (
            standing(S.UNKNOWN, Step.PUBLISHING, look_count=1, last_attempt_at=None),
            E.NOTHING,
            A.LOOK_AGAIN,
            SETTLED_AFTER - timedelta(minutes=1),
        ),
    ],
)
def test_what_waits_is_looked_at_again_after_a_pause(
    schedule: Schedule, evidence: Evidence, expected: Action, pause: timedelta
) -> None:
    answer = next_action(schedule, evidence, a_policy(), NOW)
    assert (answer.action, answer.pause) == (expected, pause)


@pytest.mark.parametrize(
    ("schedule", "evidence", "visible", "expected"),
    [
        (standing(S.PROCESSING, Step.READY, run_at=NOW - GRACE - CHAIN_TIME), E.UNREAD, True, A.START),
        (standing(S.PROCESSING, Step.READY, run_at=NOW - GRACE - CHAIN_TIME - SECOND), E.UNREAD, True, A.REQUEUE),
        (standing(S.PROCESSING, Step.SUBMITTING, run_at=NOW - GRACE * 9), E.UNREAD, True, A.START),
        (standing(S.PROCESSING, Step.SUBMITTING, run_at=NOW - GRACE * 9), E.UNREAD, False, A.REQUEUE),
        (standing(S.PROCESSING, Step.SUBMITTING, run_at=NOW - GRACE * 9, ref="1"), E.UNREAD, True, A.REQUEUE),
        (standing(S.PROCESSING, Step.PUBLISHED, run_at=NOW - GRACE * 9), E.UNREAD, False, A.START),
        (standing(S.PROCESSING, Step.READY, run_at=NOW - GRACE * 9, cancel_requested=True), E.UNREAD, True, A.START),
        (standing(S.PROCESSING, Step.READY, run_at=NOW - GRACE * 9, intent=Intent.WITHDRAW), E.UNREAD, True, A.START),
        (standing(S.QUEUED, run_at=NOW - GRACE * 2, cancel_requested=True), E.UNREAD, True, A.START),
        (standing(S.FAILED, due_at=NOW), E.UNREAD, True, A.PICK_AGAIN),
        (standing(S.FAILED, due_at=None), E.UNREAD, True, A.NOTHING),
        (standing(S.SKIPPED, due_at=NOW), E.UNREAD, True, A.NOTHING),
        (standing(S.QUEUED, Step.HANDED_OVER, intent=Intent.WITHDRAW), E.UNREAD, True, A.START),
        (standing(S.PROCESSING, Step.HANDED_OVER, intent=Intent.WITHDRAW), E.UNREAD, True, A.START),
        (standing(S.PROCESSING, Step.HANDED_OVER), E.LIKELY, True, A.ADOPT_LIVE),
        (
            standing(S.UNKNOWN, Step.PUBLISHING, look_count=1, last_attempt_at=NOW - SETTLED_AFTER),
            E.NOTHING,
            True,
            A.START_OVER,
        ),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1), E.LIKELY, True, A.ADOPT_LIVE),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1), E.REFUSED, True, A.END_FAILED),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1), E.REFUSED, False, A.START_OVER),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1), E.GONE, True, A.START_OVER),
        (standing(S.UNKNOWN, Step.SUBMITTING, look_count=1, verdict=NOT_LIVE), E.HIDDEN, True, A.END_NOT_LIVE),
        (standing(S.UNKNOWN, Step.SUBMITTING, verdict=NOT_LIVE), E.SENDING, True, A.TAKE_BACK),
        (standing(S.UNKNOWN, Step.SUBMITTING, verdict=OperatorVerdict.LIVE), E.NOTHING, True, A.ADOPT_LIVE),
        (standing(S.UNKNOWN, Step.SUBMITTING, verdict=NOT_LIVE), E.UNNAMED, True, A.CONTRADICT),
    ],
)
def test_rows_that_lie_near_another(schedule: Schedule, evidence: Evidence, visible: bool, expected: Action) -> None:
    assert action(schedule, evidence, visible=visible) is expected


LOOKED = {"look_count": 1}
HOUR_AGO, LONG_AGO = {"last_attempt_at": NOW - timedelta(minutes=20)}, {"last_attempt_at": NOW - timedelta(hours=2)}
JUST_NOW = {"last_attempt_at": NOW - timedelta(seconds=30)}
WENT_OUT = {"ref": "r1", **JUST_NOW}


@pytest.mark.parametrize(
    ("grade", "facts", "evidence", "expected"),
    [
        ("A", WENT_OUT, E.HIDDEN, A.REPEAT),
        ("A", JUST_NOW, E.HIDDEN, A.LOOK_AGAIN),
        ("A", LONG_AGO, E.HIDDEN, A.GO_ON),
        ("A", LONG_AGO, E.NOTHING, A.LOOK_AGAIN),
        ("A", WENT_OUT, E.LIVE, A.ADOPT_LIVE),
        ("B", WENT_OUT, E.HIDDEN, A.LOOK_AGAIN),
        ("B", HOUR_AGO, E.HIDDEN, A.GO_ON),
        ("B", LONG_AGO, E.HIDDEN, A.LOOK_AGAIN),
        ("B", {**LONG_AGO, **LOOKED}, E.HIDDEN, A.GO_ON),
        ("B", HOUR_AGO, E.NOTHING, A.LOOK_AGAIN),
        ("C", HOUR_AGO, E.HIDDEN, A.LOOK_AGAIN),
        ("C", {**HOUR_AGO, **LOOKED}, E.HIDDEN, A.GO_ON),
        ("C", {**HOUR_AGO, **LOOKED}, E.NOTHING, A.START_OVER),
        ("D", HOUR_AGO, E.NOTHING, A.LOOK_AGAIN),
        ("D", {**HOUR_AGO, **LOOKED}, E.NOTHING, A.ASK_PERSON),
        ("D", {**HOUR_AGO, **LOOKED}, E.HIDDEN, A.ASK_PERSON),
        ("D", {**HOUR_AGO, **LOOKED}, E.LIKELY, A.ADOPT_LIVE),
        ("D", {**HOUR_AGO, **LOOKED, "verdict": NOT_LIVE}, E.NOTHING, A.END_NOT_LIVE),
        ("D", HOUR_AGO, E.UNREADABLE, A.LOOK_AGAIN),
        ("E", JUST_NOW, E.NOTHING, A.LOOK_AGAIN),
        ("E", JUST_NOW, E.UNREADABLE, A.LOOK_AGAIN),
        ("E", HOUR_AGO, E.NOTHING, A.ASK_PERSON),
        ("E", HOUR_AGO, E.UNREADABLE, A.ASK_PERSON),
        ("D", {**JUST_NOW, **LOOKED}, E.HIDDEN, A.LOOK_AGAIN),
        ("E", {**JUST_NOW, **LOOKED, "verdict": NOT_LIVE}, E.UNREADABLE, A.LOOK_AGAIN),
        ("E", {**HOUR_AGO, **LOOKED, "verdict": NOT_LIVE}, E.UNREADABLE, A.END_NOT_LIVE),
    ],
)
def test_rows_of_the_grades(grade: str, facts: dict[str, object], evidence: Evidence, expected: Action) -> None:
    assert action(standing(S.UNKNOWN, Step.PUBLISHING, **facts), evidence, grade=grade, visible=False) is expected


@pytest.mark.parametrize("grade", ["D", "E"])
def test_what_cannot_be_looked_up_is_never_repeated_without_a_verdict(grade: str) -> None:
    for evidence, looks in product(E, range(LOOKS_BEFORE_ASKING + 2)):
        schedule = standing(S.UNKNOWN, Step.PUBLISHING, look_count=looks, ref="r1")
        assert action(schedule, evidence, grade=grade) not in {A.REPEAT, A.GO_ON, A.START_OVER}


@pytest.mark.parametrize(
    "facts",
    [
        {"step": Step.READY},
        {"ref": None},
        {"intent": Intent.WITHDRAW},
        {"cancel_requested": True},
        {"verdict": NOT_LIVE},
        {"error_class": "permanent"},
        {"error_class": "retryable"},
        {"run_at": NOW - GRACE - SECOND},
    ],
)
def test_a_call_is_repeated_at_once_only_while_its_post_is_wanted_and_unclear(facts: dict[str, object]) -> None:
    unclear = standing(S.PROCESSING, Step.PUBLISHING, **WENT_OUT)
    changed = unclear.model_copy(update=facts)
    for grade in Grade:
        assert repeats_at_once(unclear, a_policy(grade=grade), NOW) is (grade is Grade.A)
        assert not repeats_at_once(changed, a_policy(grade=grade), NOW)
    assert not repeats_at_once(unclear, a_policy(grade=Grade.A, held=True), NOW)


def test_pause_and_error_hold_what_has_not_begun() -> None:
    waiting = next_action(standing(S.QUEUED), E.UNREAD, a_policy(held=True), NOW)
    assert (waiting.action, waiting.pause) == (A.WAIT, HELD_PAUSE)
    assert action(standing(S.PROCESSING, Step.READY), held=True) is A.REQUEUE
    assert action(standing(S.PROCESSING, Step.PUBLISHING), held=True) is A.START


@pytest.mark.parametrize(
    ("late", "pause"),
    [(timedelta(0), ASK_PAUSE), (timedelta(hours=1), timedelta(minutes=6)), (timedelta(days=9), LONGEST_ASK_PAUSE)],
)
def test_a_handed_over_post_is_checked_at_growing_intervals(late: timedelta, pause: timedelta) -> None:
    schedule = standing(S.PROCESSING, Step.HANDED_OVER, run_at=NOW - late)
    assert next_action(schedule, E.WAITING, a_policy(), NOW).pause == pause


@pytest.mark.parametrize("early", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=2)])
def test_a_handed_over_post_that_was_looked_at_early_is_checked_at_its_time(early: timedelta) -> None:
    schedule = standing(S.PROCESSING, Step.HANDED_OVER, run_at=NOW + early)
    assert next_action(schedule, E.WAITING, a_policy(), NOW).pause == max(early, ASK_PAUSE)


@pytest.mark.parametrize("state", [None, *CommentState])
def test_a_live_post_is_due_for_a_comment_that_was_not_settled(state: CommentState | None) -> None:
    live = standing(S.SUCCESS, Step.PUBLISHED, first_comment=state)
    unsettled = state in {CommentState.WAITING, CommentState.SENDING}
    assert action(live) is (A.SETTLE_COMMENT if unsettled else A.NOTHING)
    assert action(live, held=True) is (A.WAIT if unsettled else A.NOTHING)
