"""What follows a failed pick: its photo returns or stays out, and its slot gets the next best photo."""

from dataclasses import replace
from datetime import time, timedelta
from functools import partial

import pytest

from shutterpost.curation import Decision
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.personas import Slot, new_persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.simulation.history import Deploy
from tests.simulation.setting import OWNER, add_photo, connect, reconnect
from tests.simulation.stories import START, Story, a_story, daily

S = ScheduleStatus
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SLOT = START + 3 * HOUR


def decision(story: Story, day: int = 0) -> Decision:
    record = story.world.stores.posts.decision(story.persona.persona_id, SLOT + day * DAY)
    assert record is not None
    return Decision.model_validate(record.body)


def a_library(deploy: Deploy, *, faulty: int, **rules: object) -> Story:
    """A daily slot at 08:00, with `faulty` photos that are better than the photos 1 and 2."""
    story = a_story(deploy, "facebook", photos=2, slots=daily(8), **rules)
    for number in range(10, 10 + faulty):
        add_photo(story.world, story.setting, story.persona, number, faulty=True, score=9.9)
    return armed(story)


def armed(story: Story) -> Story:
    story.world.event("arm at first", story.world.arm, timedelta(minutes=1))
    return story


def by_status(story: Story, status: ScheduleStatus) -> list[Schedule]:
    return [schedule for schedule in story.schedules if schedule.status is status]


def test_a_refused_photo_stays_out_and_its_slot_gets_the_next_best(deploy: Deploy) -> None:
    story = a_library(deploy, faulty=1)
    story.until(SLOT + HOUR)
    [failed], [posted] = by_status(story, S.FAILED), by_status(story, S.SUCCESS)
    refused = story.world.stores.photos.find(story.persona.persona_id, "photo-10.jpg")
    assert (refused.in_unposted, refused.excluded, refused.failures) == (False, failed.error_message, 1)
    assert (failed.due_at, posted.run_at) == (None, SLOT)
    [passed] = decision(story).instead_of
    assert (passed.name, passed.post_id, passed.reason) == ("photo-10.jpg", failed.post_id, failed.error_message)

    story.until(SLOT + DAY + HOUR)
    assert (len(by_status(story, S.SUCCESS)), len(by_status(story, S.FAILED))) == (2, 1)


def test_a_slot_gets_two_other_photos_at_most(deploy: Deploy) -> None:
    story = a_library(deploy, faulty=4)
    story.until(SLOT + 3 * HOUR)
    assert (len(by_status(story, S.FAILED)), by_status(story, S.SUCCESS)) == (3, [])
    assert not any(schedule.due_at for schedule in story.schedules)


def test_a_slot_stays_empty_where_the_failure_comes_after_the_grace(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", slots=(Slot(at=time(8, 2)),), late_grace_minutes=0)
    add_photo(story.world, story.setting, story.persona, 10, faulty=True, score=9.9)
    armed(story).until(SLOT + 3 * HOUR)
    assert len(story.schedules) == 1
    record = story.world.stores.posts.decision(story.persona.persona_id, story.schedules[0].run_at)
    assert record is not None
    reason = Decision.model_validate(record.body).reason
    assert reason.startswith("Instead of photo-10.jpg")
    assert "after the persona's grace" in reason


def test_a_worker_that_dies_at_the_second_pick_leaves_it_to_the_next_run(deploy: Deploy) -> None:
    story = a_library(deploy, faulty=1)
    story.until(SLOT - HOUR / 3)
    reopen = type(story.world.syncer.actions.releaser).reopen_slot
    died: list[bool] = []

    def dies(releaser: object, schedule: Schedule) -> bool:
        reopened = reopen(releaser, schedule)  # type: ignore[arg-type]  # the releaser itself
        if not died:
            died.append(reopened)
            raise RuntimeError("the worker dies")
        return reopened

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(story.world.syncer.actions.releaser), "reopen_slot", dies)
        story.until(SLOT + HOUR)
    assert died == [True]
    assert len(by_status(story, S.SUCCESS)) == 1


def test_a_photo_that_failed_twice_stays_out_until_a_person_retries(deploy: Deploy) -> None:
    story = armed(a_story(deploy, "facebook", slots=daily(8), late_grace_minutes=0))
    world, channel = story.world, story.channels["facebook"]
    story.until(SLOT - HOUR / 6)
    world.platforms.refuse_token(channel.kind, channel.token)
    story.until(SLOT + HOUR)
    photo = story.world.stores.photos.get(story.persona.persona_id, f"{1:064x}")
    assert (photo.failures, photo.excluded, photo.in_unposted) == (1, None, True)
    world.platforms.take_token(channel.kind, channel.token)
    reconnect(world, channel)
    story.until(SLOT + DAY - HOUR / 6)
    world.platforms.refuse_token(channel.kind, channel.token)
    story.until(SLOT + DAY + HOUR)
    photo = story.world.stores.photos.get(story.persona.persona_id, f"{1:064x}")
    assert photo.failures == 2
    assert photo.excluded
    assert not photo.in_unposted
    assert photo.excluded in story.world.explainer.explain(story.persona, photo.photo_id).because[0]

    world.platforms.take_token(channel.kind, channel.token)
    reconnect(world, channel)
    again = story.world.retrier.retry(story.schedules[-1].schedule_id)
    photo = story.world.stores.photos.get(story.persona.persona_id, f"{1:064x}")
    assert (photo.failures, photo.excluded) == (0, None)
    story.until(story.world.kernel.now() + HOUR)
    assert story.now(again).status is S.SUCCESS


def test_a_failed_post_that_is_planned_again_has_its_failure_forgiven(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=0)
    photo_id = add_photo(story.world, story.setting, story.persona, 1, faulty=True).photo_id
    failed = story.post(None, int(photo_id, 16), "facebook")
    story.until(START + HOUR)
    stores = story.world.stores
    assert stores.photos.get(story.persona.persona_id, photo_id).excluded
    now = story.world.kernel.now()
    when = parse_scheduled_time(now + DAY, story.persona.zone, now)

    story.world.assigner.plan(story.persona, stores.posts.details(failed.post_id), when)

    photo = stores.photos.get(story.persona.persona_id, photo_id)
    assert (photo.failures, photo.excluded) == (0, None)
    story.world.canceller.cancel(failed.schedule_id)
    assert stores.photos.get(story.persona.persona_id, photo_id).in_unposted


def test_a_caption_longer_than_the_channel_takes_is_cut_at_a_word(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", photos=0, slots=daily(8))
    add_photo(story.world, story.setting, story.persona, 1, caption="word " * 1_000)
    armed(story)
    story.until(SLOT + HOUR)
    [posted] = story.schedules
    text = story.world.stores.posts.details(posted.post_id).variants[0].text
    assert (posted.status, text[-5:], len(text) <= 2_200) == (S.SUCCESS, "word…", True)
    assert decision(story).notes == (
        "The caption has 4999 characters; Instagram takes 2200 characters, so it was cut at the end of a word.",
    )


@pytest.mark.parametrize("approval", ["auto", "approval"])
def test_a_caption_that_no_cut_mends_leaves_its_photo_out_and_stops_nobody(deploy: Deploy, approval: str) -> None:
    story = a_story(deploy, "facebook", photos=1, slots=daily(8), approval=approval)
    tags = " ".join(f"#tag{number}" for number in range(40))
    add_photo(story.world, story.setting, story.persona, 2, caption=tags, score=9.9)
    other = story.world.stores.personas.create(
        new_persona(owner=OWNER, name="Zoo", zone="UTC", now=START, slots=(Slot(at=daily(8)[0].at),))
    )
    connect(story.world, other, "facebook", 1)
    add_photo(story.world, story.setting, other, 3)
    armed(story)
    story.until(START + DAY)
    picked = decision(story)
    [out] = [photo for photo in picked.considered if photo.name == "photo-2.jpg"]
    assert (picked.picked, out.verdict) == (f"{1:064x}", "refused")
    assert "40 hashtags; Instagram takes 30" in out.rules[0]
    assert [schedule.status for schedule in story.schedules if schedule.persona_id == other.persona_id] == [S.SUCCESS]


def test_a_photo_is_not_freed_by_an_end_while_a_sibling_is_retried(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook", "buffer")
    story.world.calls.weather = replace(story.world.calls.weather, preempts=1)
    story.post(START + 15 * DAY)
    first, second = story.schedules
    canceller, retrier = story.world.canceller, story.world.retrier
    canceller.skip(first.schedule_id)
    for turn in range(20):
        story.world.kernel.spawn(f"end {turn}", partial(canceller.skip, second.schedule_id))
        story.world.kernel.spawn(f"retry {turn}", partial(retrier.retry, first.schedule_id))
        story.until(story.world.kernel.now() + HOUR)
        assert (story.now(first).status, story.now(second).status) == (S.QUEUED, S.SKIPPED)
        assert not story.photo_is_free()
        first, second = second, first
