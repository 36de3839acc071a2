"""A slot whose timer is lost is picked for by sync, in time and once."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shutterpost.flows.picking.pick_next import Picker, PickResult
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.syncing.missed_slots import LOST_AFTER
from shutterpost.personas import ApprovalMode, PersonaStatus, new_persona
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.faults import Fault
from tests.simulation.history import Deploy
from tests.simulation.setting import OWNER
from tests.simulation.stories import START, Story, a_story, daily, guards

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLOT = START + 3 * HOUR


def a_lost_timer(deploy: Deploy, photos: int = 3, **rules: object) -> Story:
    """A daily slot at 08:00, armed; the events of its timers are lost."""
    story = a_story(deploy, "facebook", photos=photos, slots=daily(8), **rules)
    story.world.event("arm at first", story.world.arm, timedelta(minutes=1))
    story.world.events_lost = 1.0
    return story


def missed(story: Story) -> list[datetime]:
    return [slot_at for _, slot_at in story.world.syncer.missed_slots.of_everyone()]


def test_a_slot_whose_timer_was_lost_is_filled_at_its_time(deploy: Deploy) -> None:
    story = a_lost_timer(deploy)
    story.until(SLOT - 12 * MINUTE)
    assert story.schedules == []
    story.world.events_lost = 0.0
    story.until(SLOT + HOUR)
    [posted] = story.schedules
    assert (posted.run_at, posted.status) == (SLOT, ScheduleStatus.SUCCESS)
    [shown] = story.shown
    assert shown.live_at is not None
    assert shown.live_at - SLOT < MINUTE


def test_a_timer_has_five_minutes_before_sync_picks(deploy: Deploy) -> None:
    story = a_lost_timer(deploy)
    due = SLOT - story.persona.pick_ahead
    story.until(due + LOST_AFTER - MINUTE)
    story.world.syncer.run()
    assert story.schedules == []
    story.until(due + LOST_AFTER)
    story.world.syncer.run()
    assert [item.run_at for item in story.schedules] == [SLOT]
    story.world.syncer.run()
    assert len(story.schedules) == 1


def test_a_slot_past_its_grace_is_left_to_the_daily_arming(deploy: Deploy) -> None:
    story = a_lost_timer(deploy, late_grace_minutes=30)
    story.world.sync = lambda *_: None  # type: ignore[assignment, method-assign]  # no run before
    story.until(SLOT + 30 * MINUTE)
    story.world.syncer.run()
    assert story.schedules == []
    record = story.world.stores.posts.decision(story.persona.persona_id, SLOT)
    assert record is None


def test_a_change_gives_its_arming_five_minutes_before_sync_picks(deploy: Deploy) -> None:
    story = a_lost_timer(deploy)
    story.world.sync = lambda *_: None  # type: ignore[assignment, method-assign]  # no scheduled run
    changed_at = SLOT - story.persona.pick_ahead + 20 * MINUTE
    story.until(changed_at)
    change(story, late_grace_minutes=90)
    story.until(changed_at + LOST_AFTER - MINUTE)
    story.world.syncer.run()
    assert story.schedules == []
    story.until(changed_at + LOST_AFTER)
    story.world.syncer.run()
    assert [item.run_at for item in story.schedules] == [SLOT]


CHANGES: list[dict[str, Any]] = [
    {"approval": ApprovalMode.VETO},
    {"late_grace_minutes": 0},
    {"slots": daily(20)},
    {"blackout_dates": (SLOT.date(),)},
    {"zone": "Asia/Tokyo"},
    {"status": PersonaStatus.PAUSED},
]


@guards("no-change-hides-a-slot")
@pytest.mark.parametrize("rules", CHANGES, ids=lambda rules: next(iter(rules)))
def test_no_change_hides_a_slot_that_nothing_was_picked_for(deploy: Deploy, rules: dict[str, Any]) -> None:
    story = a_lost_timer(deploy)
    story.world.sync = lambda *_: None  # type: ignore[assignment, method-assign]  # none that works
    story.until(SLOT + 5 * HOUR)
    change(story, **rules)
    story.until(SLOT + 6 * HOUR)
    story.world.arm_all.run_one(story.persona.persona_id)
    record = story.world.stores.posts.decision(story.persona.persona_id, SLOT)
    assert record is not None
    assert record.post_id is None


def test_a_slot_is_explained_after_two_failed_armings(deploy: Deploy) -> None:
    story = a_lost_timer(deploy)
    story.world.sync = lambda *_: None  # type: ignore[assignment, method-assign]  # none that works
    story.until(SLOT)
    story.fails("ListSchedules", *[Fault.REFUSED] * 6)
    decision = story.world.stores.posts.decision
    story.until(START.replace(hour=0) + 3 * DAY)
    assert story.world.calls.forced["ListSchedules"] == []
    assert decision(story.persona.persona_id, SLOT) is None
    story.until(START.replace(hour=1) + 3 * DAY)
    assert decision(story.persona.persona_id, SLOT) is not None


def change(story: Story, **rules: Any) -> None:
    """Change the persona's rules at this moment."""
    personas = story.world.stores.personas
    persona = personas.get(story.persona.persona_id)
    personas.update(persona.model_copy(update=rules), story.world.kernel.now())


def test_a_slot_that_is_filled_or_decided_is_not_missed(deploy: Deploy) -> None:
    story = a_lost_timer(deploy, photos=0)
    story.until(SLOT - story.persona.pick_ahead + LOST_AFTER + MINUTE)
    decided = story.world.stores.posts.decision(story.persona.persona_id, SLOT)
    assert decided is not None
    assert missed(story) == []

    story = a_lost_timer(deploy)
    request = PhotoRequest(photo=f"{1:064x}")
    [filled] = story.world.poster.post(story.persona, request, request_key="by hand", next_slot=True).schedules
    story.until(SLOT - MINUTE)
    assert filled.run_at == SLOT
    assert story.world.stores.posts.decision(story.persona.persona_id, SLOT) is None
    assert missed(story) == []


def test_a_persons_sync_of_a_persona_picks_nothing(deploy: Deploy) -> None:
    story = a_lost_timer(deploy)
    story.until(SLOT - story.persona.pick_ahead + LOST_AFTER - MINUTE)
    story.world.sync = lambda *_: None  # type: ignore[assignment, method-assign]  # no scheduled run
    story.until(SLOT)
    assert missed(story) == [SLOT]
    story.world.syncer.run(story.persona.persona_id)
    assert story.schedules == []


@pytest.mark.parametrize("how", ["persona", "owner"])
def test_nothing_is_picked_while_paused(deploy: Deploy, how: str) -> None:
    story = a_lost_timer(deploy)
    story.until(SLOT - 20 * MINUTE)
    personas, pauses = story.world.stores.personas, story.world.stores.pauses
    if how == "persona":
        persona = personas.get(story.persona.persona_id)
        personas.update(persona.model_copy(update={"status": PersonaStatus.PAUSED}), story.world.kernel.now())
    else:
        pauses.pause(OWNER, "Holiday.", story.world.kernel.now())
    story.until(SLOT)
    assert story.schedules == []


def test_a_slot_that_fails_does_not_stop_the_others(deploy: Deploy, monkeypatch: pytest.MonkeyPatch) -> None:
    story = a_lost_timer(deploy)
    other = new_persona(owner=OWNER, name="Zoo", zone="UTC", now=START, slots=daily(8))
    story.world.stores.personas.create(other)
    pick = Picker.pick

    def fails(picker: Picker, persona_id: str, slot_at: datetime) -> PickResult:
        if persona_id == story.persona.persona_id:
            raise RuntimeError("no library")
        return pick(picker, persona_id, slot_at)

    monkeypatch.setattr(Picker, "pick", fails)
    story.until(SLOT - story.persona.pick_ahead + LOST_AFTER + MINUTE)
    assert story.world.syncer.run().failed == (story.persona.persona_id,)
    decisions = story.world.stores.posts.decision
    assert decisions(story.persona.persona_id, SLOT) is None
    assert decisions(other.persona_id, SLOT) is not None
