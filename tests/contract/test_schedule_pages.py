"""Pages of schedules, claims taken again, and stored operator verdicts."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shutterpost.runtime.commit import Committed, Refused, commit
from shutterpost.scheduling import (
    Claims,
    OperatorVerdict,
    Posts,
    Schedule,
    ScheduleNotFound,
    Schedules,
    ScheduleStatus,
    StaleWrite,
)
from shutterpost.scheduling.store.items import Item
from tests.support.aws import create_table, mocked_aws
from tests.support.builders_of_posts import NOW, a_post, a_schedule

TABLE = "posts-of-pages"


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with mocked_aws():
        create_table(Item, TABLE)
        yield


def stored(number: int) -> Schedule:
    post = a_post(number)
    schedule = a_schedule(post, run_at=NOW + timedelta(hours=number))
    assert isinstance(commit(Posts().open(post, [], [schedule])), Committed)
    return schedule


def test_pages_begin_with_the_latest_and_miss_none() -> None:
    schedules = [stored(number) for number in range(1, 6)]
    store = Schedules()

    seen, cursor = [], None
    while True:
        page = store.page(schedules[0].persona_id, limit=2, cursor=cursor)
        seen += [schedule.schedule_id for schedule in page.schedules]
        cursor = page.cursor
        if cursor is None:
            break

    assert seen == [schedule.schedule_id for schedule in reversed(schedules)]


def test_cursor_holds_though_its_schedule_was_moved() -> None:
    schedules = [stored(number) for number in range(1, 4)]
    store = Schedules()
    first = store.page(schedules[0].persona_id, limit=1)
    store.move(first.schedules[0], ScheduleStatus.QUEUED, now=NOW, run_at=NOW + timedelta(days=9))

    second = store.page(schedules[0].persona_id, limit=1, cursor=first.cursor)

    assert [schedule.schedule_id for schedule in second.schedules] == [schedules[1].schedule_id]
    with pytest.raises(ScheduleNotFound):
        store.page(schedules[0].persona_id, limit=1, cursor="nowhere")


def test_claim_may_be_taken_again_by_its_holder_alone() -> None:
    claims = Claims()

    def take(holder: str, *, again: bool = False) -> Committed | Refused:
        return commit([claims.take("claim", "CLAIM#x", holder=holder, owner="owner", now=NOW, again=again)])

    first, again, plain, other = take("p1"), take("p1", again=True), take("p1"), take("p2", again=True)

    assert isinstance(first, Committed)
    assert isinstance(again, Committed)
    assert isinstance(plain, Refused)
    assert isinstance(other, Refused)


def test_a_verdict_given_meanwhile_makes_the_write_stale() -> None:
    store = Schedules()
    processing = store.move(stored(1), ScheduleStatus.PROCESSING, now=NOW)
    assert isinstance(processing, Schedule)
    unknown = store.move(processing, ScheduleStatus.UNKNOWN, now=NOW)
    assert isinstance(unknown, Schedule)

    schedule = store.move(unknown, ScheduleStatus.UNKNOWN, now=NOW, verdict=OperatorVerdict.NOT_LIVE)
    late = store.move(unknown, ScheduleStatus.UNKNOWN, now=NOW, due_at=NOW + timedelta(days=1))

    assert isinstance(schedule, Schedule)
    assert isinstance(late, StaleWrite)
    assert late.current.verdict is OperatorVerdict.NOT_LIVE
