"""The defects that the simulation found, each as the story that it was."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from shutterpost.flows.operating.moving.timezone_changes import TimezoneChanges
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.refusals import ConnectionHasPosts, PostIsArchived, SlotTaken
from shutterpost.flows.syncing import arm_all
from shutterpost.personas import LateThen, Persona
from shutterpost.scheduling import ClaimState, Intent, ScheduleStatus, Step, slot_claim_key
from tests.simulation.faults import Fault
from tests.simulation.history import Deploy
from tests.simulation.setting import OWNER, reconnect
from tests.simulation.stories import START, a_story, daily, guards

S = ScheduleStatus
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@guards("copies-outlive-hand-over")
def test_a_buffer_post_planned_further_ahead_than_its_copy_lives_goes_out(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    schedule = story.post(START + 9 * DAY)
    story.until(START + 6 * DAY)
    assert story.shown == []
    story.until(START + 8 * DAY)
    assert story.now(schedule).step is Step.HANDED_OVER
    story.until(START + 9 * DAY + HOUR)
    assert story.now(schedule).status is S.SUCCESS


@guards("copies-are-renewed")
def test_a_post_that_waits_at_buffer_longer_than_its_copy_lives_keeps_its_picture(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    schedule = story.post(START + HOUR)
    story.until(START + HOUR / 2)
    [post] = story.world.platforms.world.buffer.posts.values()
    post.status = "needs_approval"
    story.until(START + 6 * DAY)
    post.status, post.due_at = "scheduled", story.world.kernel.now() + HOUR
    story.until(START + 7 * DAY)
    assert story.now(schedule).status is S.SUCCESS


@guards("handed-over-stays-so")
@pytest.mark.parametrize("grace", [0, 60])
def test_a_lost_answer_of_buffer_is_adopted_and_neither_held_nor_skipped(deploy: Deploy, grace: int) -> None:
    story = a_story(deploy, "buffer", late_grace_minutes=grace, late_then="skip")
    story.world.platforms.world.settings.sending_seconds = 900
    story.fails("buffer createPost", Fault.LOST_ANSWER)
    schedule = story.post(START + HOUR / 4)
    story.until(START + timedelta(minutes=10))
    story.world.stores.pauses.pause(OWNER, "a storm", story.world.kernel.now())
    story.until(START + 3 * HOUR)
    assert story.now(schedule).status is S.SUCCESS
    assert len(story.shown) == 1
    assert not story.photo_is_free()


@guards("look-twice", "wait-until-settled")
@pytest.mark.parametrize("seconds", [45, 105])
def test_two_syncs_at_once_are_one_look(deploy: Deploy, seconds: int) -> None:
    story = a_story(deploy, "buffer")
    story.world.platforms.world.settings.refuse_past_due = False
    story.world.calls.delay = timedelta(seconds=seconds)
    story.fails("buffer createPost", Fault.LATER)
    schedule = story.post(None)
    for second in range(20, 140, 3):
        story.until(START + timedelta(seconds=second))
        story.world.kernel.spawn(f"sync {second}", lambda: story.world.sync(story.persona.persona_id))
    story.until(START + 3 * HOUR)
    assert len(story.shown) == 1
    assert story.now(schedule).status is S.SUCCESS


@guards("unreadable-is-not-nothing", "a-word-is-checked")
def test_an_unreadable_listing_is_not_nothing_even_where_a_person_says_so(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    story.fails("buffer createPost", Fault.LOST_ANSWER)
    schedule = story.post(START + 2 * HOUR)
    story.until(START + timedelta(seconds=20))
    assert story.now(schedule).status is S.UNKNOWN
    story.fails("buffer posts", *[Fault.THROTTLED] * 4)
    story.world.resolver.resolve(schedule.schedule_id, not_live=True)
    story.until(START + timedelta(minutes=12))
    assert story.now(schedule).status is S.UNKNOWN
    assert "could not be searched" in (story.now(schedule).error_message or "")
    story.until(START + 3 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.FAILED, [])


@guards("an-end-is-one-transaction", "photo-returns", "claims-are-released")
def test_a_worker_that_dies_at_an_end_loses_no_photo(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", once_anywhere=True)
    schedule = story.post(START + HOUR)
    story.fails("TransactWriteItems", Fault.KILLED_AFTER)
    story.by_somebody("person", lambda: story.world.canceller.cancel(schedule.schedule_id))
    assert story.now(schedule).status is S.CANCELLED
    assert story.photo_is_free()
    story.post(START + 2 * HOUR)


@guards("a-leftover-takes-its-part")
def test_a_leftover_takes_only_its_own_part_of_the_next_slot(deploy: Deploy) -> None:
    rules = {"late_grace_minutes": 30, "late_then": LateThen.NEXT_SLOT, "slots": daily(8)}
    story = a_story(deploy, "facebook", "buffer", photos=2, **rules)
    buffer = story.channels["buffer"]
    story.world.arm()
    connections = story.world.stores.connections
    story.until(START + 2.7 * HOUR)
    seen = connections.get(story.persona.persona_id, buffer.connection_id)
    story.until(START + timedelta(hours=2, minutes=46, seconds=30))
    leftover = next(schedule for schedule in story.schedules if schedule.connection_id == buffer.connection_id)
    assert leftover.step is Step.HANDED_OVER or connections.mark_error(seen, "broken", story.world.kernel.now())
    story.world.platforms.world.buffer.posts.clear()
    moved = story.world.stores.schedules.move(
        leftover, S.QUEUED, now=story.world.kernel.now(), step=None, ref=None, revision=9, due_at=START + 4 * HOUR
    )
    assert moved
    story.until(START + 2 * DAY)
    live = Counter(shown.account.split()[0] for shown in story.shown)
    assert live == {"instagram": 2, "buffer": 1}


@guards("resumed-chain-is-judged")
def test_a_resumed_chain_heeds_pause_and_grace(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=30, late_then="skip")
    schedule = story.post(START + HOUR)
    stuck: dict[str, Any] = {"step": Step.BEGUN, "run_id": "dead", "due_at": START + HOUR, "revision": 5}
    story.world.stores.schedules.move(story.now(schedule), S.PROCESSING, now=START, **stuck)
    story.world.stores.pauses.pause(OWNER, "a storm", START)
    story.until(START + 6 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.QUEUED, [])
    story.world.stores.pauses.resume(OWNER)
    story.until(START + 7 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.SKIPPED, [])


@guards("a-newer-arming-wins")
def test_an_older_arming_takes_away_nothing_that_a_newer_one_set(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = a_story(deploy, "facebook", slots=daily(8))
    everyone = story.world.arm_all
    everyone.run()
    personas = story.world.stores.personas
    personas.update(personas.get(story.persona.persona_id).model_copy(update={"slots": daily(12)}), START)
    timers, changed = type(story.world.start_timers.timers), list[str]()
    disarm = timers.disarm_slot

    def while_another_changes(self: object, name: str) -> None:
        if not changed:
            changed.append(name)
            newest = personas.get(story.persona.persona_id).model_copy(update={"slots": daily(8)})
            personas.update(newest, START)
            everyone.run_one(story.persona.persona_id)
        disarm(self, name)  # type: ignore[arg-type]  # bound by hand

    monkeypatch.setattr(timers, "disarm_slot", while_another_changes)
    everyone.run_one(story.persona.persona_id)
    armed = sorted(at.hour for _, at, _ in story.world.account.timers.armed.values())
    assert set(armed) == {7}


@guards("one-failure-stops-no-arming")
def test_one_persona_that_cannot_be_armed_stops_no_other_and_time_none(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = a_story(deploy, "facebook")
    personas, now = story.world.stores.personas, story.world.kernel.now()
    for number in range(5):
        name = f"Persona {number}"
        personas.create(story.persona.model_copy(update={"persona_id": f"p-{number}", "name": name, "slots": daily(8)}))
    follow = TimezoneChanges.follow

    def failing(changes: TimezoneChanges, persona: Persona) -> tuple[str, ...]:
        if persona.persona_id == "p-1":
            raise RuntimeError("broken")
        return follow(changes, persona)

    monkeypatch.setattr(TimezoneChanges, "follow", failing)
    monkeypatch.setattr(arm_all, "BUDGET", timedelta(0))
    everyone = story.world.arm_all
    report, runs = everyone.run(), 1
    while report.continues_after:
        report, runs = everyone.run(report.continues_after), runs + 1
    armed = {name.rpartition("-")[0] for name in story.world.account.timers.armed if not name.startswith("arm-rest")}
    assert armed == {"p-0", "p-2", "p-3", "p-4"}
    assert runs == 6
    assert now == story.world.kernel.now()


@guards("a-moved-post-leaves-its-slot")
def test_a_moved_post_leaves_its_slot_and_takes_its_part_in_the_other(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=3, slots=daily(8))
    schedule = story.post(START + 3 * HOUR)
    story.world.mover.move(schedule.schedule_id, START + 3 * HOUR + DAY)
    other = story.post(START + 3 * HOUR, photo=2)
    with pytest.raises(SlotTaken):
        story.world.mover.move(other.schedule_id, START + 3 * HOUR + DAY)
    story.world.canceller.cancel(schedule.schedule_id)
    story.world.mover.move(other.schedule_id, START + 3 * HOUR + DAY)
    story.world.arm()
    story.until(START + 2 * DAY)
    at = sorted(schedule.run_at for schedule in story.schedules if schedule.status is S.SUCCESS)
    assert len(at) == len(set(at)) >= 2


@guards("archived-is-not-retried")
def test_what_a_person_archived_is_not_retried(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.world.canceller.skip(schedule.schedule_id)
    details = story.world.stores.posts.details(schedule.post_id)
    story.world.editor.change(details, PostChange(archived=True))
    answer = story.world.retrier.retry_all(story.persona.persona_id)
    assert [refusal.kind for refusal in answer.refused] == [PostIsArchived.kind]
    story.until(START + 3 * HOUR)
    assert story.shown == []


@guards("never-sent-is-told", "never-sent-is-asked-less-often")
def test_a_post_that_buffer_never_sends_is_told_and_asked_about_less_often(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    schedule = story.post(START + HOUR)
    story.until(START + HOUR / 2)
    [post] = story.world.platforms.world.buffer.posts.values()
    post.status = "needs_approval"
    story.until(START + 5 * DAY)
    reads = sum(number for (name, _, _), number in story.world.calls.hits.items() if name.startswith("buffer post"))
    assert reads < 5 * 24 * 2
    assert "approve" in (story.now(schedule).error_message or "")
    assert story.world.overdue


@guards("revoked-only-without-posts")
def test_a_connection_is_not_revoked_while_a_post_of_it_lies_at_the_platform(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    schedule = story.post(START + 3 * HOUR)
    story.until(START + HOUR)
    connection_id = story.channels["buffer"].connection_id
    with pytest.raises(ConnectionHasPosts):
        story.world.connector.revoke(story.persona, connection_id)
    story.world.canceller.cancel(schedule.schedule_id)
    story.until(START + 2 * HOUR)
    story.world.connector.revoke(story.persona, connection_id)
    assert (story.now(schedule).status, story.shown) == (S.CANCELLED, [])


@guards("a-conflict-is-repeated")
def test_a_write_that_meets_a_transaction_is_repeated(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.until(START + timedelta(minutes=59))
    story.fails("UpdateItem", *[Fault.CONFLICT] * 3)
    errors = story.by_somebody("person", lambda: story.world.canceller.cancel(schedule.schedule_id))
    story.until(START + 2 * HOUR)
    assert errors == []
    assert (story.now(schedule).status, story.shown) == (S.CANCELLED, [])


@guards("a-busy-account-is-repeated")
def test_a_busy_account_does_not_keep_a_ready_post_from_going_out(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=0)
    schedule = story.post(START + HOUR)
    story.world.busy = {"publish": 2}
    story.until(START + 2 * HOUR)
    assert (story.now(schedule).status, story.now(schedule).revision) == (S.SUCCESS, 1)


@guards("account-is-claimed")
def test_two_personas_on_one_account_post_a_photo_once(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    story.post(START + HOUR)
    other = story.persona.model_copy(update={"persona_id": "other-1", "name": "Other"})
    story.world.stores.personas.create(other)
    channel = story.channels["facebook"]
    from tests.simulation.setting import add_photo, connect

    connect(story.world, other, "facebook", 0)
    reconnect(story.world, channel)
    add_photo(story.world, story.setting, other, 1)
    story.persona = other
    with pytest.raises(Exception, match="already posted or planned"):
        story.post(START + 2 * HOUR)


def test_a_cancel_is_done_although_the_grace_ended_before_the_outcome_was_clear(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer", late_grace_minutes=0, late_then="skip")
    story.world.calls.delay = 30 * DAY
    story.fails("buffer createPost", Fault.LATER)
    schedule = story.post(START + timedelta(minutes=2))
    story.until(START + timedelta(seconds=5))
    story.by_somebody("person", lambda: story.world.canceller.cancel(schedule.schedule_id))
    waiting = story.now(schedule)
    assert (waiting.status, waiting.cancel_requested) == (S.UNKNOWN, True)
    story.until(START + HOUR)
    assert (story.now(schedule).status, story.shown) == (S.CANCELLED, [])
    assert story.photo_is_free()


@pytest.mark.parametrize("by_way_of", [None, START + 2 * DAY])
def test_a_post_at_buffer_that_is_moved_to_its_own_slot_keeps_it(deploy: Deploy, by_way_of: datetime | None) -> None:
    story = a_story(deploy, "buffer", photos=3, slots=daily(8))
    slot = START + 3 * HOUR
    schedule = story.post(slot)
    story.until(START + HOUR)
    assert story.now(schedule).step is Step.HANDED_OVER
    for at in [by_way_of, slot] if by_way_of else [slot]:
        story.world.mover.move(schedule.schedule_id, at)
    story.until(START + 2 * HOUR)
    moved = story.now(schedule)
    assert (moved.run_at, moved.step, moved.intent) == (slot, Step.HANDED_OVER, Intent.PUBLISH)
    story.world.arm()
    story.until(START + 4 * HOUR)
    assert [item.schedule_id for item in story.schedules if item.run_at == slot] == [schedule.schedule_id]


def test_a_post_that_went_out_before_its_move_to_its_own_slot_keeps_it(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer", photos=3, slots=daily(8))
    story.world.platforms.world.settings.sending_seconds = 900
    slot = START + 3 * HOUR
    schedule = story.post(slot)
    story.until(slot - timedelta(seconds=1))
    story.world.mover.move(schedule.schedule_id, slot)
    story.until(slot + HOUR)
    claim = story.world.stores.claims.get(slot_claim_key(schedule.persona_id, slot))
    assert claim is not None
    assert (claim.holder, claim.state) == (schedule.post_id, ClaimState.HELD)


def test_a_transaction_whose_answer_is_lost_is_repeated(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.fails("TransactWriteItems", Fault.LOST_ANSWER)
    errors = story.by_somebody("person", lambda: story.world.canceller.skip(schedule.schedule_id))
    assert (errors, story.now(schedule).status) == ([], S.SKIPPED)


def test_a_write_whose_answer_is_lost_fails_as_such(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.until(START + timedelta(minutes=59))
    story.fails("UpdateItem", Fault.LOST_ANSWER)
    [error] = story.by_somebody("person", lambda: story.world.canceller.cancel(schedule.schedule_id))
    assert isinstance(error, ReadTimeoutError)
