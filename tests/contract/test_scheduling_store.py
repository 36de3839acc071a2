"""The contract of the scheduling store."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shutterpost.runtime.commit import Committed, Refused, commit
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    DecisionRecord,
    EventOutcome,
    IllegalMove,
    PostNotFound,
    Posts,
    PublishEvent,
    Schedule,
    ScheduleNotFound,
    Schedules,
    ScheduleStatus,
    StaleWrite,
    Step,
    Variant,
    photo_claim_key,
)
from shutterpost.scheduling.store.items import Item, WeekItem
from tests.contract.conftest import CreateTable
from tests.support.builders_of_posts import a_post, a_schedule

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CLAIMANTS = 50
KEY = photo_claim_key("ab" * 32, "cig", 1)


@pytest.fixture(autouse=True)
def table(new_table: CreateTable) -> str:
    """The table `posts`."""
    return new_table(Item)


def opened(number: int = 1, **facts: Any) -> Schedule:
    post = a_post(number)
    schedule = a_schedule(post, **facts)
    variant = Variant(
        post_id=post.post_id,
        owner=post.owner,
        connection_id="cig",
        channel="instagram",
        text="Calm.",
        alt_text="A lake",  # DynamoDB Local of 2020 refuses empty strings, which DynamoDB has taken since that May
        photo_ids=post.photo_ids,
        source="manual",
    )
    assert commit(Posts().open(post, [variant], [schedule])) == Committed()
    return schedule


def test_opened_post_reads_back_whole() -> None:
    schedule = opened()

    details = Posts().details(schedule.post_id)

    assert details.post == a_post()
    assert details.schedules == (schedule,)
    assert details.variants[0].text == "Calm."


def test_second_opening_of_a_post_is_refused_and_writes_nothing() -> None:
    opened()
    post = a_post(title="Another")
    answer = commit(Posts().open(post, [], []))
    assert answer == Refused(frozenset({"post"}))
    assert Posts().details(post.post_id).post.title is None


def test_post_of_another_owner_is_not_found() -> None:
    schedule = opened()
    with pytest.raises(PostNotFound):
        Posts().details(schedule.post_id, owner="somebody else")


def test_missing_schedule_is_refused_by_name() -> None:
    with pytest.raises(ScheduleNotFound):
        Schedules().get("p0-c0")


def test_move_writes_status_changes_and_event_together() -> None:
    store, schedule = Schedules(), opened()
    begun = store.move(schedule, ScheduleStatus.PROCESSING, now=NOW, step=Step.BEGUN, run_id="run")
    assert isinstance(begun, Schedule)
    event = PublishEvent(
        schedule_id=schedule.schedule_id,
        owner="owner",
        index=1,
        attempt=1,
        revision=1,
        at=NOW,
        outcome=EventOutcome.SUCCESS,
    )

    done = store.move(begun, ScheduleStatus.SUCCESS, now=NOW, event=event, external_id="17")

    assert isinstance(done, Schedule)
    assert (done.status, done.external_id, done.event_count, done.due_at) == ("success", "17", 1, None)
    assert Posts().details(schedule.post_id).events == (event,)


@pytest.mark.parametrize(
    "meanwhile", [{"revision": 2}, {"step": Step.PREPARED}, {"run_id": "another"}, {"to": ScheduleStatus.PENDING}]
)
def test_move_is_lost_when_the_schedule_moved_meanwhile(meanwhile: dict[str, Any]) -> None:
    store, schedule = Schedules(), opened()
    changes = {"to": ScheduleStatus.QUEUED, **meanwhile}
    assert isinstance(store.move(schedule, now=NOW, **changes), Schedule)

    answer = store.move(schedule, ScheduleStatus.PROCESSING, now=NOW, step=Step.BEGUN)

    assert isinstance(answer, StaleWrite)
    assert answer.current.step == meanwhile.get("step")


def test_move_to_a_step_is_lost_after_a_cancel_was_requested() -> None:
    store, schedule = Schedules(), opened()
    request = store.request_cancel(schedule, now=NOW)
    assert isinstance(request, Schedule)
    answer = store.move(request, ScheduleStatus.PROCESSING, now=NOW, unless_cancelled=True)
    assert isinstance(answer, StaleWrite)


def test_move_that_the_table_forbids_is_refused_before_any_write() -> None:
    store, schedule = Schedules(), opened()
    with pytest.raises(IllegalMove, match="from queued to success"):
        store.move(schedule, ScheduleStatus.SUCCESS, now=NOW)


def test_due_index_gives_open_schedules_whose_time_has_come_and_forgets_ended_ones() -> None:
    store = Schedules()
    schedules = [opened(number) for number in range(6)]
    assert list(store.due(NOW, limit=10)) == []
    late = NOW + timedelta(hours=1)
    assert len(list(store.due(late, limit=10))) == 6

    store.move(schedules[0], ScheduleStatus.CANCELLED, now=NOW)

    assert {item.schedule_id for item in store.due(late, limit=10)} == {
        schedule.schedule_id for schedule in schedules[1:]
    }


def test_timeline_lists_a_personas_schedules_in_order_of_time() -> None:
    store = Schedules()
    runs = [NOW + timedelta(hours=hours) for hours in (5, 2, 9)]
    for number, run_at in enumerate(runs):
        opened(number, run_at=run_at)
    between = store.between("nature-1a2b3c", NOW, NOW + timedelta(hours=6))
    assert [schedule.run_at for schedule in between] == sorted(runs)[:2]


def test_pages_of_posts_join_to_all_of_them_newest_first() -> None:
    for number in range(5):
        opened(number)
    posts, cursor, postss = Posts(), None, []
    while True:
        page = posts.of_persona("nature-1a2b3c", limit=2, cursor=cursor)
        postss += [post.created_at for post in page.posts]
        cursor = page.cursor
        if cursor is None:
            break
    assert postss == sorted(postss, reverse=True)
    assert len(postss) == 5


def test_pages_of_decisions_join_to_all_of_them_newest_first() -> None:
    posts = Posts()
    for day in range(5):
        slot_at = NOW + timedelta(days=day)
        posts.keep(DecisionRecord(persona_id="n", owner="owner", slot_at=slot_at, decided_at=NOW, body={"day": day}))
    first = posts.decisions("n", limit=3)
    second = posts.decisions("n", limit=3, cursor=first.cursor)
    days = [decision.body["day"] for decision in first.decisions + second.decisions]
    assert days == [4, 3, 2, 1, 0]
    assert second.cursor is None


def test_claim_has_one_holder_until_it_is_released_with_a_reason() -> None:
    claims = Claims()

    def take(holder: str) -> Committed | Refused:
        return commit([claims.take("claim", KEY, holder=holder, owner="owner", now=NOW)])

    assert take("p1") == Committed()
    assert take("p2") == Refused(frozenset({"claim"}))
    release = claims.release("claim", KEY, holder="p1", reason="quota used up", now=NOW)
    assert commit([release]) == Committed()
    released = claims.get(KEY)
    assert released is not None
    assert (released.state, released.reason) == (ClaimState.RELEASED, "quota used up")
    assert take("p2") == Committed()


def test_claim_is_released_by_its_holder_alone() -> None:
    claims = Claims()
    commit([claims.take("claim", KEY, holder="p1", owner="owner", now=NOW)])
    answer = commit([claims.release("claim", KEY, holder="p2", reason="mine!", now=NOW)])
    assert answer == Refused(frozenset({"claim"}))


@pytest.mark.parametrize("new_table", [pytest.param("dynamodb-local", marks=pytest.mark.java)], indirect=True)
def test_of_many_claimants_at_once_exactly_one_wins() -> None:
    # Not on moto: its transactions are not isolated between threads.
    claims, answers = Claims(), []
    start = threading.Barrier(CLAIMANTS)

    def claim(holder: str) -> None:
        start.wait()
        answers.append(commit([claims.take("claim", KEY, holder=holder, owner="owner", now=NOW)]))

    threads = [threading.Thread(target=claim, args=(f"p{number}",)) for number in range(CLAIMANTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(Committed()) == 1


def test_a_week_expires_after_its_last_possible_post() -> None:
    monday = date(2026, 11, 16)
    week = Posts().weeks.get("nature", monday)
    assert commit([Posts().weeks.plan(week, "owner", {"s1": NOW})]) == Committed()
    assert WeekItem.get("WEEKS#nature", f"WEEK#{monday}").expires_at == datetime(2027, 1, 15, tzinfo=UTC)
    assert Posts().weeks.get("nature", monday).planned == {"s1": NOW}
