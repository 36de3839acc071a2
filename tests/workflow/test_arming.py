"""Arming gives each coming slot a timer, picks for near and missed ones, and deletes timers that no longer apply."""

import json
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from shutterpost.flows.picking.arm_slots import ARM_AHEAD
from shutterpost.personas import Persona, PersonaStatus
from shutterpost.runtime.clients import client
from shutterpost.scheduling import MIN_AHEAD, slot_name
from tests.support.system import PICK_ARN, System

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def wall(instant: datetime) -> dict[str, str]:
    return {"at": f"{instant:%H:%M}"}


def armed(system: System) -> dict[str, tuple[datetime, dict[str, str]]]:
    """The instant and the slot of each timer, by name."""
    return {
        name: (
            datetime.fromisoformat(timer["ScheduleExpression"][3:-1] + "+00:00"),
            json.loads(timer["Target"]["Input"]),
        )
        for name, timer in system.timers().items()
    }


def changed(system: System, persona: Persona, **facts: object) -> Persona:
    current = system.stores.personas.get(persona.persona_id)
    return system.stores.personas.update(current.model_copy(update=facts), system.clock.now())


def test_slots_up_to_the_horizon_get_timers_and_near_ones_a_pick(system: System) -> None:
    # A pick that is due in `MIN_AHEAD` is near, and slots are at whole minutes.
    system.clock.sleep(MINUTE - MIN_AHEAD)
    now, lead = system.clock.now(), timedelta(minutes=15)
    near, last = now + MIN_AHEAD + lead, (now + ARM_AHEAD + lead).replace(second=0)
    slots = [near, near + MINUTE, last, last + MINUTE]
    persona = system.add_persona(zone="UTC", slots=tuple(map(wall, slots)))

    first = system.armer.arm(persona.persona_id)
    again = system.armer.arm(persona.persona_id)

    expected = sorted([last - DAY, last - DAY + MINUTE, near + MINUTE, near + DAY, near + DAY + MINUTE, last])
    assert first.persona_id == persona.persona_id
    assert first.armed == again.armed == tuple(expected)
    assert first.started == again.started == (near,)
    assert first.disarmed == again.disarmed == ()
    assert system.stores.posts.decision(persona.persona_id, near) is not None
    assert armed(system) == {
        slot_name(persona.persona_id, slot_at): (
            slot_at - lead,
            {"job": "pick", "persona_id": persona.persona_id, "slot_at": slot_at.isoformat()},
        )
        for slot_at in expected
    }
    assert {timer["Target"]["Arn"] for timer in system.timers().values()} == {PICK_ARN}


def test_timers_of_slots_that_a_change_removed_are_deleted(system: System) -> None:
    persona, other = system.add_persona(), system.add_persona("Other")
    [before] = system.armer.arm(persona.persona_id).armed
    system.armer.arm(other.persona_id)
    changed(system, persona, slots=(persona.slots[0].model_copy(update={"at": time(10)}),))
    result = system.armer.arm(persona.persona_id)
    assert result.disarmed == (slot_name(persona.persona_id, before),)
    assert result.armed == (before + timedelta(hours=1),)
    kept = {slot_name(persona.persona_id, result.armed[0]), slot_name(other.persona_id, before)}
    assert set(system.timers()) == kept


def test_a_paused_persona_has_no_timers_and_gets_no_picks(system: System) -> None:
    near = system.clock.now() + timedelta(minutes=10)
    persona = system.add_persona(zone="UTC", slots=(wall(near), wall(near + timedelta(hours=2))))
    system.armer.arm(persona.persona_id)
    changed(system, persona, status=PersonaStatus.PAUSED)
    system.clock.sleep(timedelta(hours=20))
    result = system.armer.arm(persona.persona_id)
    assert (result.armed, result.started, len(result.disarmed)) == ((), (), 3)
    assert system.timers() == {}


@pytest.mark.parametrize("days", [1, 3])
def test_each_missed_slot_of_the_last_days_is_picked_for_once(system: System, days: int) -> None:
    persona = system.add_persona(zone="UTC", slots=({"at": "13:00"},))
    first = system.clock.now() + timedelta(hours=1)
    system.clock.sleep(days * DAY + timedelta(hours=2))
    result = system.armer.arm(persona.persona_id)
    assert result.started == tuple(first + number * DAY for number in range(days + 1) if days < 3 or number)
    for slot_at in result.started:
        assert system.stores.posts.decision(persona.persona_id, slot_at) is not None
    assert system.armer.arm(persona.persona_id).started == ()


def test_a_slot_that_was_picked_for_is_not_missed(system: System) -> None:
    persona = system.add_persona(zone="UTC", slots=({"at": "13:00"}, {"at": "14:00"}))
    first = system.clock.now() + timedelta(hours=1)
    system.picker.pick(persona.persona_id, first)
    system.clock.sleep(timedelta(hours=3))
    assert system.armer.arm(persona.persona_id).started == (first + timedelta(hours=1),)


def test_a_change_during_the_arming_lets_it_begin_again(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona()
    arm_slot, later = system.armer.timers.arm_slot, list[Persona]()

    def outrun(*args: Any, **facts: Any) -> None:
        arm_slot(*args, **facts)
        if not later:
            slots = (persona.slots[0].model_copy(update={"at": time(10)}),)
            later.append(changed(system, persona, slots=slots))

    monkeypatch.setattr(system.armer.timers, "arm_slot", outrun)
    result = system.armer.arm(persona.persona_id)
    assert len(result.disarmed) == 1
    assert set(system.timers()) == {slot_name(persona.persona_id, result.armed[0])}


def test_a_timer_that_ends_while_it_is_replaced_is_armed_again(system: System) -> None:
    persona = system.add_persona()
    slots = system.armer.arm(persona.persona_id).armed
    scheduler, before_call = client("scheduler"), "before-call.scheduler.UpdateSchedule"

    def end_it(**_facts: Any) -> None:
        scheduler.meta.events.unregister(before_call, end_it)
        system.armer.timers.disarm_slot(slot_name(persona.persona_id, slots[0]))

    scheduler.meta.events.register(before_call, end_it)
    assert system.armer.arm(persona.persona_id).armed == slots
    assert set(system.timers()) == {slot_name(persona.persona_id, slot_at) for slot_at in slots}
