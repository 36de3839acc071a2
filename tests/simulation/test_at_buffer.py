"""Posts that Buffer fails or that somebody deletes there, and the time at which a connection was used."""

from datetime import timedelta

from shutterpost.photos.storage.items import PHOTO, PhotoItem
from shutterpost.scheduling import EventOutcome, ScheduleStatus
from tests.simulation.history import Deploy
from tests.simulation.stories import START, Story, a_story

HOUR = timedelta(hours=1)


def handed_over(deploy: Deploy) -> Story:
    story = a_story(deploy, "buffer")
    story.post(START + 2 * HOUR)
    story.until(START + HOUR)
    return story


def test_an_error_at_buffer_ends_the_schedule_and_keeps_the_photo_out(deploy: Deploy) -> None:
    story = handed_over(deploy)
    [post] = story.world.platforms.world.buffer.posts.values()
    post.status, post.error = "error", "The network refused the picture"
    story.until(START + 4 * HOUR)
    [failed] = story.schedules
    assert (failed.status, failed.error_code, failed.error_cause) == (ScheduleStatus.FAILED, "buffer-error", "unknown")
    assert "The network refused the picture" in (failed.error_message or "")
    event = story.world.stores.posts.details(failed.post_id).events[-1]
    assert (event.outcome, "The network refused the picture" in (event.raw or "")) == (EventOutcome.FAILED, True)
    photo = story.world.stores.photos.get(story.persona.persona_id, f"{1:064x}")
    assert (photo.in_unposted, photo.excluded, photo.taken_by) == (False, failed.error_message, ())


def test_a_post_deleted_at_buffer_ends_the_schedule_and_returns_the_photo(deploy: Deploy) -> None:
    story = handed_over(deploy)
    story.world.platforms.world.buffer.posts.clear()
    story.until(START + 4 * HOUR)
    [failed] = story.schedules
    assert (failed.status, failed.error_code) == (ScheduleStatus.FAILED, "removed-at-platform")
    assert story.photo_is_free()


def test_a_withheld_or_excluded_photo_is_not_returned(deploy: Deploy) -> None:
    for state in (PhotoItem.withheld, PhotoItem.excluded):
        story = handed_over(deploy)
        stored = PhotoItem(story.persona.persona_id, f"{PHOTO}{1:064x}")
        stored.update(actions=[state.set("A person said so.")])
        story.world.platforms.world.buffer.posts.clear()
        story.until(START + 4 * HOUR)
        assert [item.status for item in story.schedules] == [ScheduleStatus.FAILED]
        assert not story.photo_is_free()


def test_a_photo_is_not_returned_while_its_post_waits_for_another_account(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer", "facebook")
    story.post(START + 2 * HOUR)
    story.until(START + HOUR)
    connections, channel = story.world.stores.connections, story.channels["facebook"]
    stored = connections.get(story.persona.persona_id, channel.connection_id)
    connections.mark_error(stored, "Checkpoint.", story.world.kernel.now())
    story.world.platforms.world.buffer.posts.clear()
    story.until(START + 2.5 * HOUR)
    assert {item.channel: item.status for item in story.schedules} == {
        "buffer": ScheduleStatus.FAILED,
        "instagram": ScheduleStatus.QUEUED,
    }
    assert not story.photo_is_free()


def test_a_photo_that_another_post_has_is_not_returned(deploy: Deploy) -> None:
    story = a_story(deploy, "buffer", "facebook")
    story.post(START + 2 * HOUR, 1, "buffer")
    story.post(START + 9 * HOUR, 1, "facebook")
    story.until(START + HOUR)
    story.world.platforms.world.buffer.posts.clear()
    story.until(START + 4 * HOUR)
    assert {item.channel: item.status for item in story.schedules} == {
        "buffer": ScheduleStatus.FAILED,
        "instagram": ScheduleStatus.QUEUED,
    }
    assert not story.photo_is_free()


def test_a_success_is_the_last_use_of_its_connection(deploy: Deploy) -> None:
    story = a_story(deploy, "facebook")
    connections, channel = story.world.stores.connections, story.channels["facebook"]
    assert connections.get(story.persona.persona_id, channel.connection_id).last_used_at is None
    story.post(START + HOUR)
    story.until(START + 2 * HOUR)
    used = connections.get(story.persona.persona_id, channel.connection_id).last_used_at
    assert used is not None
    assert START + HOUR <= used < START + HOUR + timedelta(minutes=5)
