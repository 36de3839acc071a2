"""Capacity: the minimum gap per connection, the weekly maximum, and the free slots."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from shutterpost.flows.planning.slots import ComingSlot, slots_between
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.refusals import TooNear, WeekFull
from shutterpost.personas import Persona
from shutterpost.scheduling import Week
from tests.support.system import System, soon


def slots_until(system: System, persona: Persona, until: datetime) -> Iterator[ComingSlot]:
    stores, window = system.stores, (system.clock.now(), until)
    return slots_between(stores.claims, stores.schedules, stores.connections, persona, window)


def planned(system: System, persona, number: int, at):
    """A photo planned at an instant."""
    system.add_photo(persona, number, score=5.0)
    request = PhotoRequest(photo=f"photo-{number}.jpg", at=at)
    return system.poster.post(persona, request, request_key=str(number))


def test_two_posts_of_a_connection_keep_the_minimum_gap(system):
    persona = system.add_persona(min_gap_minutes=60)
    system.connect(persona, "facebook")
    at = soon(system, 600)
    first = planned(system, persona, 1, at)
    with pytest.raises(TooNear) as refused:
        planned(system, persona, 2, at + timedelta(minutes=59))
    assert refused.value.members["schedule_id"] == first.schedules[0].schedule_id
    assert planned(system, persona, 3, at + timedelta(minutes=60))


def test_a_cancelled_post_frees_its_capacity(system):
    persona = system.add_persona(min_gap_minutes=60, max_per_week=1)
    system.connect(persona, "facebook")
    at = soon(system, 600)
    first = planned(system, persona, 1, at)
    with pytest.raises(WeekFull):
        planned(system, persona, 2, at + timedelta(hours=2))
    system.canceller.cancel(first.schedules[0].schedule_id)
    assert planned(system, persona, 3, at + timedelta(hours=2))


def test_a_week_is_counted_in_the_personas_zone(system):
    persona = system.add_persona(zone="Pacific/Auckland", max_per_week=1)
    system.connect(persona, "facebook")
    now = system.clock.now()
    sunday = now + timedelta(days=(6 - now.weekday()) % 7 + 7)
    late_sunday_there = sunday.replace(hour=10, minute=0)
    planned(system, persona, 1, late_sunday_there)
    assert planned(system, persona, 2, late_sunday_there + timedelta(hours=4))


def test_a_pick_leaves_a_slot_without_capacity_empty_with_a_reason(system):
    persona = system.add_persona(min_gap_minutes=24 * 60)
    system.connect(persona, "facebook")
    first = next(slots_until(system, persona, soon(system, 3 * 24 * 60)))
    planned(system, persona, 1, first.run_at + timedelta(hours=1))
    system.add_photo(persona, 2, score=9.0)
    picked = system.picker.pick(persona.persona_id, first.run_at)
    assert picked.post_id is None
    assert "least gap is 1440 minutes" in picked.reason


def test_coming_slots_name_their_post_or_are_free(system):
    persona = system.add_persona(max_per_week=1, slots=({"at": "09:00", "weekdays": ["mon", "tue"]},))
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=9.0)
    coming = slots_until(system, persona, soon(system, 15 * 24 * 60))
    monday = next(slot for slot in coming if slot.wall_time.weekday() == 0)
    system.advance_to(monday.run_at - timedelta(minutes=10))
    picked = system.picker.pick(persona.persona_id, monday.run_at)
    until = monday.run_at + timedelta(days=8)
    now, tuesday, following = list(slots_until(system, persona, until))[:3]
    assert (now.run_at, now.free, now.post_id) == (monday.run_at, False, picked.post_id)
    assert (tuesday.free, tuesday.post_id) == (False, None)
    assert "the persona's maximum is 1" in (tuesday.reason or "")
    assert following.free


def test_of_two_concurrent_plans_the_later_finds_the_week_full(system, monkeypatch):
    """The second is made whole between the first one's look and its write, and the calendar shows neither yet."""
    persona = system.add_persona(min_gap_minutes=60, max_per_week=1)
    system.connect(persona, "facebook")
    at = soon(system, 600)
    looked: list[Week] = []
    posts = system.stores.posts
    look = posts.weeks.get

    def slow_look(persona_id, monday):
        seen = look(persona_id, monday)
        if not looked:
            looked.append(seen)
            planned(system, persona, 2, at + timedelta(minutes=5))
        return seen

    monkeypatch.setattr(posts.weeks, "get", slow_look)
    monkeypatch.setattr(system.stores.schedules, "between", lambda *_, **__: iter(()))
    with pytest.raises(TooNear):
        planned(system, persona, 1, at)
    with pytest.raises(WeekFull):
        planned(system, persona, 3, at + timedelta(hours=2))
    assert len(posts.of_persona(persona.persona_id, limit=9).posts) == 1


def test_a_move_takes_capacity_in_the_new_week_and_frees_it_in_the_old(system, monkeypatch):
    persona = system.add_persona(min_gap_minutes=60)
    system.connect(persona, "facebook")
    at = soon(system, 600)
    first = planned(system, persona, 1, at).schedules[0]
    there = at + timedelta(hours=5)
    system.mover.move(first.schedule_id, there)
    monkeypatch.setattr(system.stores.schedules, "between", lambda *_, **__: iter(()))
    with pytest.raises(TooNear):
        planned(system, persona, 2, there + timedelta(minutes=30))
    assert planned(system, persona, 3, at)


def test_a_gap_is_checked_across_the_week_boundary(system, monkeypatch):
    persona = system.add_persona(zone="UTC", min_gap_minutes=120)
    system.connect(persona, "facebook")
    now = system.clock.now()
    monday = (now + timedelta(days=14 - now.weekday())).replace(hour=0, minute=30)
    planned(system, persona, 1, monday - timedelta(hours=1))
    monkeypatch.setattr(system.stores.schedules, "between", lambda *_, **__: iter(()))
    with pytest.raises(TooNear):
        planned(system, persona, 2, monday)


def test_a_pick_that_loses_the_last_place_in_a_week_gives_the_reason(system, monkeypatch):
    persona = system.add_persona(max_per_week=1, slots=({"at": "09:00"},))
    system.connect(persona, "facebook")
    first = next(slots_until(system, persona, soon(system, 3 * 24 * 60)))
    planned(system, persona, 1, first.run_at + timedelta(hours=1))
    system.add_photo(persona, 2, score=9.0)
    monkeypatch.setattr(system.stores.schedules, "between", lambda *_, **__: iter(()))
    picked = system.picker.pick(persona.persona_id, first.run_at)
    assert (picked.post_id, "the persona's maximum is 1" in picked.reason) == (None, True)


def test_a_slot_with_a_manual_post_gets_no_second_post(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    for number in (1, 2):
        system.add_photo(persona, number, score=5.0)
    request = PhotoRequest(photo="photo-1.jpg")
    mine = system.poster.post(persona, request, request_key="mine", next_slot=True)
    assert mine.post.slot_at is not None
    picked = system.picker.pick(persona.persona_id, mine.post.slot_at)
    assert (picked.post_id, picked.repeated) == (mine.post.post_id, True)
    system.advance_to(mine.post.slot_at)
    assert len(system.bench.sim.live_media()) == 1
