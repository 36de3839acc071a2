"""Moving a whole post, and swapping two, with their slots: in one transaction, or not at all."""

from datetime import datetime, timedelta

import pytest

from shutterpost.flows.planning import capacity
from shutterpost.flows.planning.slots import slots_between
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.refusals import (
    MoveInFlight,
    NothingToMove,
    SlotTaken,
    SlotUnknown,
    SwapInvalid,
    TimeInPast,
    TooManyWrites,
    TooNear,
    WeekFull,
)
from shutterpost.personas import Persona
from shutterpost.scheduling import ClaimState, PostDetails, Review, ScheduleStatus, Step, slot_claim_key
from tests.support.schedules import now_of, unknown
from tests.support.system import System, soon

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def slots_of(system: System, persona: Persona, days: int = 5) -> list[datetime]:
    """The coming slots, the first of them after what a channel is given at once."""
    stores, now = system.stores, system.clock.now()
    window = (now + 3 * DAY, now + (3 + days) * DAY)
    return [slot.run_at for slot in slots_between(stores.claims, stores.schedules, stores.connections, persona, window)]


def planned(system: System, persona: Persona, number: int, at: datetime, *channels: str) -> str:
    """The id of a post of photo `number`, on the connections of `channels` or on all."""
    system.add_photo(persona, number, score=5.0)
    connections = system.stores.connections.list(persona.persona_id)
    targets = tuple(item.connection_id for item in connections if item.channel in channels)
    request = PhotoRequest(photo=f"photo-{number}.jpg", at=at, connection_ids=targets)
    return system.poster.post(persona, request, request_key=str(number)).post.post_id


def details(system: System, post_id: str) -> PostDetails:
    return system.stores.posts.details(post_id)


def times(system: System, post_id: str) -> set[datetime]:
    """When the post's schedules are published."""
    return {schedule.run_at for schedule in details(system, post_id).schedules}


def holders(system: System, persona: Persona, at: datetime) -> dict[str, str]:
    """Who holds the slot at `at`: each channel's part, and the `whole`."""
    connections = system.stores.connections.list(persona.persona_id)
    keys = {item.channel: slot_claim_key(persona.persona_id, at, item.connection_id) for item in connections}
    claims = {part: system.stores.claims.get(key) for part, key in keys.items()}
    claims["whole"] = system.stores.claims.get(slot_claim_key(persona.persona_id, at))
    return {part: claim.holder for part, claim in claims.items() if claim and claim.state is ClaimState.HELD}


@pytest.fixture
def persona(system: System) -> Persona:
    """A persona with a daily slot and two connections."""
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.connect(persona, "buffer")
    return persona


def test_a_post_moves_with_all_its_schedules_and_its_slot(system: System, persona: Persona) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id = planned(system, persona, 1, first)
    timers = set(system.timers())

    moved = system.mover.move_post(post_id, second, to_slot=True)

    assert [result.done for result in moved] == [True, True]
    assert times(system, post_id) == {second}
    assert holders(system, persona, first) == {}
    assert holders(system, persona, second) == dict.fromkeys(("instagram", "buffer", "whole"), post_id)
    assert len(set(system.timers()) - timers) == 2
    assert not timers & set(system.timers())
    assert system.picker.pick(persona.persona_id, second).post_id == post_id


@pytest.mark.parametrize("channel", ["instagram", "buffer"])
def test_a_refused_move_leaves_every_schedule_where_it_is(system: System, persona: Persona, channel: str) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second, channel)
    before = details(system, post_id).schedules

    with pytest.raises(SlotTaken):
        system.mover.move_post(post_id, second)

    assert details(system, post_id).schedules == before
    assert holders(system, persona, second) == {channel: other}
    assert holders(system, persona, first)["whole"] == post_id


def test_schedules_of_several_times_come_together(system: System, persona: Persona) -> None:
    first, second, third, *_ = slots_of(system, persona)
    post_id = planned(system, persona, 1, first)
    system.mover.move(system.schedules_of(post_id)["buffer"].schedule_id, second)

    system.mover.move_post(post_id, third)

    assert times(system, post_id) == {third}
    assert holders(system, persona, first) == holders(system, persona, second) == {}
    assert holders(system, persona, third)["whole"] == post_id


def test_what_the_channel_holds_is_withdrawn_and_the_rest_moves_at_once(system: System, persona: Persona) -> None:
    post_id = planned(system, persona, 1, soon(system, 24 * 60))
    system.run_executions()
    assert system.schedules_of(post_id)["buffer"].step is Step.HANDED_OVER
    there = soon(system, 30 * 60)

    moved = {result.schedule.channel: result.done for result in system.mover.move_post(post_id, there)}
    again = {result.schedule.channel: result.done for result in system.mover.move_post(post_id, there)}
    revision = system.schedules_of(post_id)["buffer"].revision
    system.run_executions()

    assert moved == again == {"instagram": True, "buffer": False}
    assert revision == 2
    assert times(system, post_id) == {there}
    [held] = system.bench.sim.buffer_posts("scheduled")
    assert datetime.fromisoformat(held["due_at"]) == there


def test_a_post_that_is_being_published_does_not_move(system: System, persona: Persona) -> None:
    alone = system.add_persona("Alone")
    system.connect(alone, "instagram")
    schedule = unknown(system, alone)
    with pytest.raises(MoveInFlight) as refused:
        system.mover.move_post(schedule.post_id, soon(system, 60))
    assert refused.value.members["schedule_id"] == schedule.schedule_id
    assert now_of(system, schedule).revision == schedule.revision


def test_a_post_moves_to_a_slot_that_the_persona_has(system: System, persona: Persona) -> None:
    first, *_ = slots_of(system, persona)
    post_id = planned(system, persona, 1, first)
    with pytest.raises(SlotUnknown):
        system.mover.move_post(post_id, first + HOUR, to_slot=True)
    with pytest.raises(TimeInPast):
        system.mover.move_post(post_id, system.clock.now() - DAY)
    for schedule in details(system, post_id).schedules:
        system.canceller.cancel(schedule.schedule_id)
    with pytest.raises(NothingToMove):
        system.mover.move_post(post_id, first + HOUR)


def test_a_move_beyond_one_transaction_is_refused(
    system: System, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second)
    monkeypatch.setattr(capacity, "MAX_WRITES", 5)
    with pytest.raises(TooManyWrites, match="one by one"):
        system.mover.move_post(post_id, second + HOUR)
    with pytest.raises(TooManyWrites, match="one after the other"):
        system.swapper.swap(post_id, other)
    assert times(system, post_id) == {first}


def test_a_move_sees_what_a_workflow_changed_meanwhile(
    system: System, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second)
    elsewhere = system.schedules_of(post_id)["buffer"]
    read = system.stores.posts.details
    reads: list[str] = []

    def slow_read(name: str, **options: str) -> PostDetails:
        seen = read(name, **options)
        reads.append(name)
        if len(reads) == 1:
            system.mover.move(elsewhere.schedule_id, third + HOUR)
        return seen

    monkeypatch.setattr(system.stores.posts, "details", slow_read)
    system.mover.move_post(post_id, third)
    assert times(system, post_id) == {third}
    reads.clear()
    with pytest.raises(SwapInvalid, match="several times"):
        system.swapper.swap(post_id, other)


def test_two_posts_swap_their_times_and_slots(system: System, persona: Persona) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second)
    timers = set(system.timers())

    swapped = system.swapper.swap(post_id, other)

    assert [item.post.post_id for item in swapped] == [post_id, other]
    assert (times(system, post_id), times(system, other)) == ({second}, {first})
    assert set(holders(system, persona, first).values()) == {other}
    assert set(holders(system, persona, second).values()) == {post_id}
    assert not timers & set(system.timers())
    assert len(system.timers()) == 4
    assert {item.revision for item in (*swapped[0].schedules, *swapped[1].schedules)} == {2}


def test_a_post_takes_the_parts_of_its_own_connections(system: System, persona: Persona) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second, "buffer")
    assert holders(system, persona, second) == {"buffer": other}

    system.swapper.swap(post_id, other)

    assert holders(system, persona, first) == {"buffer": other}
    assert holders(system, persona, second) == dict.fromkeys(("instagram", "buffer", "whole"), post_id)


def test_a_swap_does_not_take_the_part_of_a_third_post(system: System, persona: Persona) -> None:
    first, second, *_ = slots_of(system, persona)
    post_id, other = planned(system, persona, 1, first), planned(system, persona, 2, second, "buffer")
    third = planned(system, persona, 3, second, "instagram")
    before = details(system, post_id).schedules

    with pytest.raises(SlotTaken):
        system.swapper.swap(other, post_id)

    assert details(system, post_id).schedules == before
    assert holders(system, persona, second) == {"buffer": other, "instagram": third}


def test_what_has_begun_does_not_swap(system: System, persona: Persona) -> None:
    near, far = soon(system, 24 * 60), slots_of(system, persona)[0]
    post_id, other = planned(system, persona, 1, far), planned(system, persona, 2, near)
    system.run_executions()
    before = details(system, post_id).schedules
    with pytest.raises(MoveInFlight, match="at its channel"):
        system.swapper.swap(post_id, other)
    alone = planned(system, persona, 3, soon(system, 24 * 60 + 60), "instagram")
    begun = system.schedules_of(alone)["instagram"]
    system.stores.schedules.move(begun, ScheduleStatus.PROCESSING, now=system.clock.now(), step=Step.SUBMITTING)
    with pytest.raises(MoveInFlight, match="being published"):
        system.swapper.swap(post_id, alone)
    for schedule in details(system, other).schedules:
        system.canceller.cancel(schedule.schedule_id)
    system.run_executions()
    with pytest.raises(NothingToMove):
        system.swapper.swap(post_id, other)
    assert details(system, post_id).schedules == before


def test_a_swap_is_between_two_posts_of_a_persona_at_two_times(system: System, persona: Persona) -> None:
    first, *_ = slots_of(system, persona)
    post_id, same = planned(system, persona, 1, first, "buffer"), planned(system, persona, 2, first, "instagram")
    rival = system.add_persona("Rival")
    system.connect(rival, "facebook")
    theirs = planned(system, rival, 3, first + HOUR)
    for other in (post_id, same, theirs):
        with pytest.raises(SwapInvalid):
            system.swapper.swap(post_id, other)


def test_a_swap_keeps_the_limits_of_the_persona(system: System) -> None:
    persona = system.add_persona(min_gap_minutes=60, max_per_week=2)
    system.connect(persona, "facebook")
    system.connect(persona, "buffer")
    at = soon(system, 24 * 60 * 10)
    there = at + 8 * DAY
    post_id, other = planned(system, persona, 1, at), planned(system, persona, 2, there, "instagram")
    system.swapper.swap(post_id, other)
    assert (times(system, post_id), times(system, other)) == ({there}, {at})

    planned(system, persona, 3, at + timedelta(minutes=30), "buffer")
    with pytest.raises(TooNear):
        system.swapper.swap(post_id, other)
    assert times(system, post_id) == {there}


def test_a_week_counts_swapped_posts_where_they_come_to_be(system: System) -> None:
    persona = system.add_persona(max_per_week=1)
    system.connect(persona, "facebook")
    at = soon(system, 24 * 60 * 10)
    first, second = planned(system, persona, 1, at), planned(system, persona, 2, at + 8 * DAY)
    with pytest.raises(WeekFull):
        system.mover.move_post(first, at + 8 * DAY + HOUR)
    system.swapper.swap(first, second)
    assert (times(system, first), times(system, second)) == ({at + 8 * DAY}, {at})


def test_a_person_who_moves_or_swaps_picks_approves_them(system: System) -> None:
    persona = system.add_persona(approval="approval")
    system.connect(persona, "facebook")
    for number in (1, 2):
        system.add_photo(persona, number, score=9.0)
    first, second, third, *_ = slots_of(system, persona)
    picks = [str(system.picker.pick(persona.persona_id, at).post_id) for at in (first, second)]
    assert {item.review for pick in picks for item in details(system, pick).schedules} == {Review.APPROVAL}

    system.swapper.swap(*picks)
    assert (times(system, picks[0]), times(system, picks[1])) == ({second}, {first})
    waiting = [item for pick in picks for item in details(system, pick).schedules]
    assert {(item.status, item.review) for item in waiting} == {(ScheduleStatus.QUEUED, None)}

    system.add_photo(persona, 3, score=9.0)
    pick = str(system.picker.pick(persona.persona_id, third).post_id)
    system.mover.move_post(pick, third + HOUR)
    assert {(item.status, item.review) for item in details(system, pick).schedules} == {(ScheduleStatus.QUEUED, None)}
