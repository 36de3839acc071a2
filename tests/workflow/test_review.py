"""Picks under review: published unless rejected, or only if approved, and never twice."""

from datetime import datetime, time, timedelta

import pytest

from shutterpost.curation import Decision
from shutterpost.flows.refusals import NothingToApprove, NothingToReject
from shutterpost.personas import Persona
from shutterpost.scheduling import ClaimState, Review, ScheduleStatus, slot_claim_key
from tests.support.channel_kinds import Kind
from tests.support.system import System

HOUR = timedelta(hours=1)


def under(system: System, mode: str, *channels: Kind, photos: int = 3, **rules) -> tuple[Persona, datetime]:
    """A persona with photos, its first scored best, armed; and its first slot."""
    persona = system.add_persona(approval=mode, veto_hours=6, **rules)
    for channel in channels or ("facebook",):
        system.connect(persona, channel)
    for number in range(1, photos + 1):
        system.add_photo(persona, number, score=10.0 - number)
    system.armer.arm(persona.persona_id)
    timer = system.next_timer(system.clock.now() + 48 * HOUR)
    assert timer is not None
    payload = timer[2]
    return persona, datetime.fromisoformat(payload["slot_at"])


def post_at(system: System, persona: Persona, slot_at: datetime):
    claim = system.stores.claims.get(slot_claim_key(persona.persona_id, slot_at))
    assert claim is not None
    return system.stores.posts.details(claim.holder)


def decided(system: System, persona: Persona, slot_at: datetime) -> Decision:
    record = system.stores.posts.decision(persona.persona_id, slot_at)
    assert record is not None
    return Decision.model_validate(record.body)


def test_a_pick_under_veto_is_made_ahead_and_goes_out_at_its_slot(system):
    persona, slot_at = under(system, "veto", "facebook", "buffer")
    system.advance_to(slot_at - 6 * HOUR)

    waiting = post_at(system, persona, slot_at)
    assert {schedule.status for schedule in waiting.schedules} == {ScheduleStatus.PENDING}
    assert {schedule.review for schedule in waiting.schedules} == {Review.VETO}
    system.syncer.run()
    assert system.bench.sim.live_media() == []

    system.advance_to(slot_at + timedelta(minutes=1))
    system.syncer.run()
    done = post_at(system, persona, slot_at)
    assert {schedule.status for schedule in done.schedules} == {ScheduleStatus.SUCCESS}
    assert {schedule.review for schedule in done.schedules} == {None}
    assert len(system.bench.sim.live_media()) == 1


def test_veto_ends_for_all_schedules_at_once_before_any_channel_has_the_post(system):
    persona, slot_at = under(system, "veto", "facebook", "buffer")
    system.advance_to(slot_at - 6 * HOUR)
    waiting = post_at(system, persona, slot_at)
    [deadline] = {schedule.start_at for schedule in waiting.schedules}

    system.advance_to(deadline - timedelta(minutes=1))
    system.syncer.run()
    held_by_buffer = system.bench.sim.buffer_posts("scheduled")
    rejected = system.reviewer.reject(waiting.post.post_id, "Too dark.", back=True)

    assert deadline == slot_at - timedelta(minutes=15)
    assert held_by_buffer == []
    assert {schedule.status for schedule in rejected.details.schedules} == {ScheduleStatus.SKIPPED}


def test_a_rejected_pick_is_replaced_by_the_next_best(system):
    persona, slot_at = under(system, "veto", "facebook", "buffer")
    system.advance_to(slot_at - 6 * HOUR)
    first = post_at(system, persona, slot_at)

    answer = system.reviewer.reject(first.post.post_id, "Too dark.")

    second = post_at(system, persona, slot_at)
    assert answer.replacement.post_id == second.post.post_id != first.post.post_id
    assert second.post.photo_ids == (f"{2:064x}",)
    assert {schedule.error_code for schedule in answer.details.schedules} == {"rejected-by-person"}
    assert [event.outcome for event in answer.details.events] == ["rejected", "rejected"]
    decision = decided(system, persona, slot_at)
    assert [(item.name, item.reason) for item in decision.instead_of] == [("photo-1.jpg", "Too dark.")]
    assert decision.reason.startswith("Instead of photo-1.jpg (Too dark): photo-2.jpg has the highest score")

    assert system.reviewer.reject(first.post.post_id).replacement.post_id == second.post.post_id
    system.advance_to(slot_at + HOUR)
    assert [post.post_id for post in system.stores.posts.of_persona(persona.persona_id, limit=9).posts] == [
        second.post.post_id,
        first.post.post_id,
    ]
    assert len(system.bench.sim.live_media()) == 1
    assert not system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted
    explain = system.explainer.explain(persona, "photo-1.jpg")
    assert (explain.standing, explain.because) == (
        "withheld",
        ("It was removed from the slot 2026-11-22T08:00:00.000Z: Too dark.",),
    )


def test_a_replacement_keeps_the_rules_of_themes_with_what_is_picked_for_later(system):
    themes = ({"name": "birds", "min_gap_days": 2}, {"name": "boats"})
    persona, slot_at = under(system, "veto", photos=0, themes=themes)
    for number, theme in enumerate(("boats", "birds", "birds", "boats"), start=1):
        system.add_photo(persona, number, score=10.0 - number, theme=theme)
    first = system.picker.pick(persona.persona_id, slot_at)
    system.picker.pick(persona.persona_id, slot_at + 24 * HOUR)
    system.reviewer.reject(first.post_id or "")
    assert post_at(system, persona, slot_at + 24 * HOUR).post.theme == "birds"
    assert post_at(system, persona, slot_at).post.photo_ids == (f"{4:064x}",)
    assert "goes out less than 2 days later" in decided(system, persona, slot_at).considered[0].rules[0]


def test_rejecting_all_ends_in_an_explained_empty_slot(system):
    persona, slot_at = under(system, "veto", photos=2)
    system.advance_to(slot_at - 6 * HOUR)
    system.reviewer.reject(post_at(system, persona, slot_at).post.post_id, "One.")
    answer = system.reviewer.reject(post_at(system, persona, slot_at).post.post_id, "Two.")

    assert answer.replacement.post_id is None
    assert answer.replacement.reason == (
        "Instead of photo-1.jpg (One); photo-2.jpg (Two): No unposted photos available to schedule."
    )
    system.advance_to(slot_at + HOUR)
    assert system.bench.sim.live_media() == []


def test_a_rejection_while_all_is_paused_is_made_good_afterwards(system):
    persona, slot_at = under(system, "veto")
    system.advance_to(slot_at - 5 * HOUR)
    first = post_at(system, persona, slot_at).post.post_id
    system.stores.pauses.pause(persona.owner, "A break.", system.clock.now())
    answer = system.reviewer.reject(first, "Too dark.", back=True).replacement
    assert answer.post_id is None
    assert answer.reason.startswith("Instead of photo-1.jpg (Too dark): Posting is paused")

    system.stores.pauses.resume(persona.owner)
    system.armer.arm(persona.persona_id)

    assert post_at(system, persona, slot_at).post.photo_ids == (f"{2:064x}",)
    assert [item.name for item in decided(system, persona, slot_at).instead_of] == ["photo-1.jpg"]


def test_a_photo_that_may_come_back_is_not_picked_for_the_same_slot(system):
    persona, slot_at = under(system, "veto", once_anywhere=True)
    system.advance_to(slot_at - 6 * HOUR)
    system.reviewer.reject(post_at(system, persona, slot_at).post.post_id, back=True)

    assert post_at(system, persona, slot_at).post.photo_ids == (f"{2:064x}",)
    assert system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted
    assert decided(system, persona, slot_at).considered[0].rules == (
        "it was removed from this slot: A person rejected it.",
    )
    later = system.picker.pick(persona.persona_id, slot_at + 24 * HOUR)
    assert system.stores.posts.details(later.post_id or "").post.photo_ids == (f"{1:064x}",)


def test_a_pick_without_approval_is_skipped_with_the_reason(system):
    persona, slot_at = under(system, "approval")
    system.advance_to(slot_at + HOUR / 2)
    system.syncer.run()
    assert post_at(system, persona, slot_at).schedules[0].status is ScheduleStatus.PENDING

    system.advance_to(slot_at + HOUR + timedelta(minutes=2))
    [update] = system.syncer.run().updated
    [ended] = post_at(system, persona, slot_at).schedules

    assert (ended.status, ended.error_code, update.after) == (ScheduleStatus.SKIPPED, "not-approved", ended.status)
    assert [event.outcome for event in post_at(system, persona, slot_at).events] == ["not_approved"]
    assert system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted
    assert system.bench.sim.live_media() == []
    with pytest.raises(NothingToApprove):
        system.reviewer.approve(ended.post_id)


@pytest.mark.parametrize("after", [-2 * HOUR, timedelta(minutes=30)])
def test_an_approved_pick_goes_out_once(system, after):
    persona, slot_at = under(system, "approval", "facebook", "buffer")
    system.advance_to(slot_at + after)
    post_id = post_at(system, persona, slot_at).post.post_id

    approved = system.reviewer.approve(post_id)
    assert [event.outcome for event in approved.events] == ["approved", "approved"]
    system.run_executions()
    system.advance_to(slot_at + 2 * HOUR)
    system.syncer.run()

    assert {schedule.status for schedule in post_at(system, persona, slot_at).schedules} == {ScheduleStatus.SUCCESS}
    assert len(system.bench.sim.live_media()) == 1
    with pytest.raises(NothingToApprove):
        system.reviewer.approve(post_id)
    with pytest.raises(NothingToReject):
        system.reviewer.reject(post_id)


def test_a_lost_timer_only_delays_a_pick_that_is_not_rejected(system):
    persona, slot_at = under(system, "veto")
    system.advance_to(slot_at - HOUR)
    for name in system.timers():
        system.forget_timer(name)
    system.advance_to(slot_at + timedelta(minutes=5))
    system.syncer.run()
    system.run_executions()
    assert post_at(system, persona, slot_at).schedules[0].status is ScheduleStatus.SUCCESS


def test_a_rejection_that_comes_too_late_is_refused(system):
    persona, slot_at = under(system, "veto", "facebook", "buffer")
    system.advance_to(slot_at - timedelta(minutes=14))
    post = post_at(system, persona, slot_at)
    with pytest.raises(NothingToReject, match="on all its schedules"):
        system.reviewer.reject(post.post.post_id)
    claim = system.stores.claims.get(slot_claim_key(persona.persona_id, slot_at))
    assert (claim.state, claim.holder) == (ClaimState.HELD, post.post.post_id)


def test_a_person_who_moves_a_pick_approves_it(system):
    persona, slot_at = under(system, "approval")
    system.advance_to(slot_at - 3 * HOUR)
    [waiting] = post_at(system, persona, slot_at).schedules

    moved = system.mover.move(waiting.schedule_id, slot_at + HOUR).schedule
    assert (moved.status, moved.review) == (ScheduleStatus.QUEUED, None)
    system.advance_to(slot_at + 2 * HOUR)
    assert post_at(system, persona, slot_at).schedules[0].status is ScheduleStatus.SUCCESS


def test_a_waiting_pick_follows_its_slot_and_goes_on_waiting(system):
    persona, slot_at = under(system, "veto")
    system.advance_to(slot_at - 5 * HOUR)
    first = post_at(system, persona, slot_at)
    changed = persona.model_copy(update={"slots": (persona.slots[0].model_copy(update={"at": time(10)}),)})
    persona = system.stores.personas.update(changed, system.clock.now())
    assert len(system.timezone_changes.follow(persona)) == 1
    [waiting] = post_at(system, persona, slot_at + HOUR).schedules
    assert (waiting.post_id, waiting.review, waiting.run_at) == (first.post.post_id, Review.VETO, slot_at + HOUR)
    replacement = system.reviewer.reject(waiting.post_id).replacement
    assert (replacement.slot_at, bool(replacement.post_id)) == (slot_at + HOUR, True)
    system.advance_to(slot_at + 2 * HOUR)
    assert post_at(system, persona, slot_at + HOUR).schedules[0].status is ScheduleStatus.SUCCESS
    assert len(system.bench.sim.live_media()) == 1


def test_a_skipped_pick_leaves_its_slot_empty(system):
    persona, slot_at = under(system, "veto")
    system.advance_to(slot_at - 5 * HOUR)
    [waiting] = post_at(system, persona, slot_at).schedules
    ended = system.canceller.skip(waiting.schedule_id)
    assert (ended.status, ended.review) == (ScheduleStatus.SKIPPED, None)
    system.armer.arm(persona.persona_id)
    system.advance_to(slot_at + HOUR)
    assert system.bench.sim.live_media() == []


def test_slots_are_armed_as_far_ahead_as_their_picks_are_made(system):
    persona = system.add_persona(approval="veto", veto_hours=72)
    system.connect(persona, "facebook")
    for number in range(1, 6):
        system.add_photo(persona, number, score=10.0 - number)
    armed = system.armer.arm(persona.persona_id)
    now = system.clock.now()
    assert [round((at - now) / (24 * HOUR)) for at in armed.started] == [1, 2, 3]
    assert armed.armed == (armed.started[-1] + 24 * HOUR,)
    again = system.armer.arm(persona.persona_id)
    assert again.armed == armed.armed
    assert len(system.stores.posts.of_persona(persona.persona_id, limit=9).posts) == 3


def test_the_start_event_of_a_rejected_pick_starts_nothing(system):
    persona, slot_at = under(system, "veto", photos=1)
    system.advance_to(slot_at - 3 * HOUR)
    [waiting] = post_at(system, persona, slot_at).schedules
    system.reviewer.reject(waiting.post_id)
    system.clock.sleep(4 * HOUR)
    system.fire({"step": "start", "schedule_id": waiting.schedule_id, "revision": waiting.revision})
    assert system.run_executions() == []
