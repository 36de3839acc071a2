"""Each rule of the chain and each policy, as a short story that fails without it."""

from collections.abc import Sequence
from datetime import time, timedelta

import pytest

from infra.local.simulators.faults import Fault as PlatformFault
from infra.local.simulators.instagram.accounts import AccountSetup
from shutterpost.flows.refusals import TooNear
from shutterpost.personas import ApprovalMode, LateThen, Slot, Weekday
from shutterpost.scheduling import Schedule, ScheduleStatus, Step
from tests.simulation.faults import Fault
from tests.simulation.history import Deploy
from tests.simulation.setting import OWNER, Kind, add_photo, connect
from tests.simulation.stories import START, Story, a_story, daily, guards

S = ScheduleStatus
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PUBLISH, CREATE = "instagram POST media_publish", "buffer createPost"


def states(story: Story, schedules: Sequence[Schedule]) -> list[ScheduleStatus]:
    return [story.now(schedule).status for schedule in schedules]


@guards("look-before-acting", "state-before-write", "silence-is-not-no", "unclear-is-unknown")
@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.KILLED_AFTER])
@pytest.mark.parametrize(("kind", "operation"), [("facebook", PUBLISH), ("instagram", PUBLISH), ("buffer", CREATE)])
def test_a_write_without_an_answer_is_looked_up_and_not_repeated(
    deploy: Deploy, kind: Kind, operation: str, fault: Fault
) -> None:
    story = a_story(deploy, kind)
    story.fails(operation, fault)
    schedule = story.post(START + HOUR)
    story.until(START + 3 * HOUR)
    assert (story.now(schedule).status, len(story.shown)) == (S.SUCCESS, 1)


@guards("a-remote-post-has-one-owner")
def test_a_post_found_by_its_time_alone_belongs_to_the_schedule_that_published_it(deploy: Deploy) -> None:
    story = a_story(deploy, "instagram", photos=2)
    story.fails(PUBLISH, Fault.LOST_ANSWER)
    schedules = [story.post(START + HOUR, photo=number) for number in (1, 2)]
    story.until(START + 3 * HOUR)
    assert states(story, schedules) == [S.SUCCESS, S.SUCCESS]
    assert len(story.shown) == 2


@guards("refused-there-is-failed")
def test_a_post_that_buffer_could_not_send_has_failed(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer")
    fault = PlatformFault(platform="buffer", operation="send", kind="refuse", message="Instagram said no.")
    story.world.platforms.world.faults.add(fault)
    schedule = story.post(START + HOUR)
    story.until(START + 3 * HOUR)
    assert story.now(schedule).status is S.FAILED
    assert "Instagram said no." in (story.now(schedule).error_message or "")


@guards("pause-holds")
def test_a_pause_holds_a_post_until_it_ends(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=360)
    schedule = story.post(START + HOUR)
    story.world.stores.pauses.pause(OWNER, "a storm", START)
    story.until(START + 2 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.QUEUED, [])
    story.world.stores.pauses.resume(OWNER)
    story.until(START + 3 * HOUR)
    assert story.now(schedule).status is S.SUCCESS


@guards("late-is-not-sent")
def test_a_post_later_than_its_grace_is_skipped(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=30, late_then=LateThen.SKIP)
    schedule = story.post(START + HOUR)
    story.world.stores.pauses.pause(OWNER, "a storm", START)
    story.until(START + 2 * HOUR)
    story.world.stores.pauses.resume(OWNER)
    story.until(START + 3 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.SKIPPED, [])


@guards("late-goes-to-next-slot", "a-late-post-starts-again")
def test_a_late_post_is_submitted_again_in_the_next_slot(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=30, late_then=LateThen.NEXT_SLOT, slots=daily(8))
    schedule = story.post(START + 3 * HOUR)
    story.until(START + 3 * HOUR - 10 * MINUTE / 60)
    assert story.now(schedule).step is Step.READY
    story.world.stores.pauses.pause(OWNER, "a storm", START)
    story.until(START + 4 * HOUR)
    story.world.stores.pauses.resume(OWNER)
    story.until(START + 5 * HOUR)
    moved = story.now(schedule)
    assert (moved.run_at, moved.wall_time) == (START + 3 * HOUR + DAY, "2026-11-22T08:00:00")
    timers = [(at, event) for _, at, event in story.world.account.timers.armed.values()]
    assert (moved.start_at, moved.revision) in [(at, event.get("revision")) for at, event in timers]
    story.until(START + 2 * DAY)
    assert story.now(schedule).status is S.SUCCESS
    assert story.world.platforms.world.instagram.violations == []


@guards("late-goes-to-next-slot")
def test_a_late_post_waits_for_a_slot_of_next_week(deploy: Deploy) -> None:
    slots = (Slot(weekdays=frozenset({Weekday.MON}), at=time(8)),)
    story = a_late_post(deploy, slots=slots)
    [schedule] = story.schedules
    # `START` is on a Saturday.
    assert (schedule.run_at, schedule.status) == (START + 3 * HOUR + 2 * DAY, S.QUEUED)


def test_a_late_post_without_a_slot_ahead_is_skipped(deploy: Deploy) -> None:
    story = a_late_post(deploy)
    [schedule] = story.schedules
    assert (schedule.status, schedule.error_code) == (S.SKIPPED, "too-late")
    assert story.photo_is_free()


def test_a_late_post_is_skipped_if_the_weeks_to_come_are_full(deploy: Deploy) -> None:
    slots = (Slot(weekdays=frozenset({Weekday.MON}), at=time(8)),)
    story = a_late_post(deploy, slots=slots, max_per_week=1, other_posts=(3, 10))
    late = story.schedules[0]
    assert (late.run_at, late.status, late.error_code) == (START + HOUR, S.SKIPPED, "too-late")


def test_a_late_post_passes_over_a_slot_too_near_to_another_post(deploy: Deploy) -> None:
    story = a_late_post(deploy, slots=daily(8), min_gap_minutes=600, other_posts=(0,))
    assert {item.run_at for item in story.schedules} == {START + 12 * HOUR, START + DAY + 3 * HOUR}


def a_late_post(deploy: Deploy, *, other_posts: Sequence[int] = (), **rules: object) -> Story:
    """A post that a pause makes too late for its grace, with other posts planned on later days."""
    story = a_story(
        deploy, "facebook", photos=1 + len(other_posts), late_grace_minutes=30, late_then=LateThen.NEXT_SLOT, **rules
    )
    story.post(START + HOUR)
    for photo, days in enumerate(other_posts, 2):
        story.post(START + days * DAY + 12 * HOUR, photo)
    story.world.stores.pauses.pause(OWNER, "a storm", START)
    story.until(START + 2 * HOUR)
    story.world.stores.pauses.resume(OWNER)
    story.until(START + 2 * HOUR + HOUR / 2)
    return story


@guards("never-early")
def test_a_post_goes_out_at_its_second(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    story.post(START + HOUR)
    story.until(START + 2 * HOUR)
    [shown] = story.shown
    assert shown.live_at is not None
    assert START + HOUR <= shown.live_at < START + HOUR + MINUTE / 6


@guards("cancel-is-honoured")
def test_a_cancel_seconds_before_the_publish_call_is_honoured(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.until(START + HOUR - MINUTE / 6)
    assert story.now(schedule).step is Step.READY
    assert not story.world.canceller.cancel(schedule.schedule_id).done
    story.until(START + 2 * HOUR)
    assert (story.now(schedule).status, story.shown) == (S.CANCELLED, [])


@guards("approval-is-awaited")
def test_a_pick_that_nobody_approved_does_not_go_out(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", slots=daily(8), approval=ApprovalMode.APPROVAL)
    story.world.arm()
    story.until(START + 12 * HOUR)
    [pick] = story.schedules
    assert (pick.status, pick.error_code, story.shown) == (S.SKIPPED, "not-approved", [])


@guards("blackouts-stay-empty")
def test_a_blackout_date_stays_empty(deploy: Deploy) -> None:
    tomorrow = (START + DAY).date()
    story = a_story(deploy, "facebook", photos=3, slots=daily(8), blackout_dates=(tomorrow,))
    story.world.arm()
    story.until(START + 2.5 * DAY)
    assert [schedule.run_at.date() for schedule in story.schedules] == [START.date(), tomorrow + DAY]


@guards("posts-keep-their-distance")
def test_two_posts_at_once_keep_the_spacing(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=2)
    schedules = [story.post(START + HOUR, photo=number) for number in (1, 2)]
    story.until(START + 2 * HOUR)
    first, second = sorted(shown.live_at for shown in story.shown if shown.live_at)
    assert states(story, schedules) == [S.SUCCESS, S.SUCCESS]
    assert second - first >= MINUTE


@guards("accounts-share-a-lane")
def test_two_personas_on_one_account_keep_its_spacing(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    story.post(START + HOUR)
    story.persona = story.world.stores.personas.create(
        story.persona.model_copy(update={"persona_id": "other-1", "name": "Other"})
    )
    connect(story.world, story.persona, "facebook", 0)
    add_photo(story.world, story.setting, story.persona, 2)
    story.post(START + HOUR, photo=2)
    story.until(START + 2 * HOUR)
    first, second = sorted(shown.live_at for shown in story.shown if shown.live_at)
    assert second - first >= MINUTE


@guards("quota-is-kept")
def test_a_post_waits_while_an_earlier_one_may_use_the_rest_of_the_quota(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=2)
    channel, platform = story.channels["facebook"], story.world.platforms.world.instagram
    setup = AccountSetup(
        token=channel.token, kind="facebook", ig_user_id=channel.account_id, username="nature", quota_total=1
    )
    platform.accounts.configure(setup, START)
    schedules = [story.post(START + HOUR, photo=number) for number in (1, 2)]
    story.until(START + 3 * HOUR)
    assert sorted(states(story, schedules)) == [S.FAILED, S.SUCCESS]
    assert sum(container.publish_calls for container in platform.containers.values()) == 1


@guards("limits-of-the-persona")
def test_a_post_keeps_the_least_gap_of_its_persona(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=2, min_gap_minutes=45)
    story.post(START + HOUR)
    with pytest.raises(TooNear):
        story.post(START + 1.5 * HOUR, photo=2)


@guards("photo-is-claimed", "claims-are-released")
def test_a_photo_has_one_post_until_that_is_cancelled(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    with pytest.raises(Exception, match="already posted or planned"):
        story.post(START + 2 * HOUR)
    story.world.canceller.cancel(schedule.schedule_id)
    assert story.post(START + 2 * HOUR).status is S.QUEUED


@guards("once-anywhere-is-claimed")
def test_a_photo_goes_out_once_anywhere_where_its_persona_wants_that(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", "buffer", once_anywhere=True)
    story.post(START + HOUR, 1, "facebook")
    with pytest.raises(Exception, match="only once"):
        story.post(START + 2 * HOUR, 1, "buffer")


@guards("slot-is-claimed")
def test_a_slot_that_a_person_filled_is_picked_for_no_more(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=2, slots=(Slot.model_validate({"at": "08:00"}),))
    story.post(START + 3 * HOUR)
    story.world.arm()
    story.until(START + 4 * HOUR)
    assert [schedule.run_at for schedule in story.schedules] == [START + 3 * HOUR]


@guards("photo-stays-out-for-its-fault")
def test_a_photo_that_its_platform_refuses_is_not_offered_again(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    photo = add_photo(story.world, story.setting, story.persona, 2, faulty=True)
    schedule = story.post(START + HOUR, photo=int(photo.photo_id, 16))
    story.until(START + 3 * HOUR)
    assert (story.now(schedule).status, story.now(schedule).error_cause) == (S.FAILED, "photo")
    assert not story.photo_is_free(int(photo.photo_id, 16))


@guards("a-write-knows-its-own")
def test_a_write_that_is_executed_twice_does_not_stop_its_chain(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", late_grace_minutes=0)
    schedule = story.post(START + HOUR)
    story.fails("UpdateItem", *[Fault.TWICE] * 30)
    story.until(START + 2 * HOUR)
    assert (story.now(schedule).status, story.now(schedule).revision) == (S.SUCCESS, 1)


@guards("a-transaction-has-a-token")
def test_a_transaction_that_is_executed_twice_has_one_effect(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.world.canceller.skip(schedule.schedule_id)
    story.fails("TransactWriteItems", Fault.TWICE)
    errors = story.by_somebody("person", lambda: story.world.retrier.retry(schedule.schedule_id))
    assert (errors, story.now(schedule).status) == ([], S.QUEUED)


@guards("an-old-revision-is-over")
def test_an_execution_of_an_older_revision_changes_nothing(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    schedule = story.post(START + HOUR)
    story.until(START + HOUR - MINUTE / 6)
    story.world.mover.move(schedule.schedule_id, START + 2 * HOUR)
    story.until(START + 2 * HOUR - MINUTE / 6)
    before = story.now(schedule)
    assert (before.step, before.revision) == (Step.READY, 2)
    answer = story.world.steps["publish"](schedule_id=schedule.schedule_id, revision=1)
    assert (answer.outcome, story.now(schedule)) == ("superseded", before)
