"""Each coming slot is examined a day ahead: unfit photos are left out, dead tokens found, and the decision tells it."""

from datetime import time, timedelta
from typing import Any

import pytest

from shutterpost.channels import ConnectionStatus
from shutterpost.curation import Decision
from shutterpost.personas import Slot
from shutterpost.runtime.clock import iso
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.history import Deploy
from tests.simulation.setting import reconnect
from tests.simulation.stories import START, Story, a_story

HOUR = timedelta(hours=1)
# The slot of the next evening.
SLOT = START.replace(hour=18, minute=30) + timedelta(days=1)


def an_evening_slot(deploy: Deploy, photos: int = 2, **rules: object) -> Story:
    slots = (Slot(at=time(18, 30)),)
    return a_story(deploy, "facebook", photos=photos, slots=slots, **{"preflight_hours": 24, **rules})


def lose_file(story: Story, photo: int) -> str:
    """Lose the rendition of a photo; its id."""
    photo_id = f"{photo:064x}"
    stored = story.world.stores.photos.get(story.persona.persona_id, photo_id)
    del story.world.account.objects.made[stored.renditions["feed"]]
    return photo_id


def decision(story: Story) -> Decision:
    record = story.world.stores.posts.decision(story.persona.persona_id, SLOT)
    assert record is not None
    return Decision.model_validate(record.body)


def test_a_photo_without_its_file_is_left_out_the_evening_before(deploy: Deploy) -> None:
    story = an_evening_slot(deploy)
    story.until(SLOT - 25 * HOUR)
    story.world.look_ahead.run()
    assert set(story.world.stores.posts.look_aheads.get(story.persona.persona_id)) == {iso(SLOT - 24 * HOUR)}
    lost = lose_file(story, 1)
    story.until(SLOT - 23 * HOUR)
    report = story.world.look_ahead.run()
    assert (report.examined, report.withheld, report.at_risk) == (1, ("photo-1.jpg",), ())
    assert story.schedules == []
    assert story.world.look_ahead.run().examined == 0
    withheld = story.world.stores.photos.get(story.persona.persona_id, lost)
    assert (withheld.in_unposted, withheld.withheld) == (False, "The file of its rendition feed is missing.")

    story.until(SLOT - HOUR)
    assert story.schedules == []
    story.until(SLOT + HOUR)
    [posted] = story.schedules
    assert posted.status is ScheduleStatus.SUCCESS
    [note] = decision(story).notes
    assert note.startswith(f"Checked on {SLOT - 23 * HOUR:%Y-%m-%d}T19:30:00")
    assert note.endswith(
        "photo-1.jpg is left out: The file of its rendition feed is missing.; photo-2.jpg was expected and fit to post."
    )
    assert not [key for key in story.world.account.objects.made if key.startswith("public/")]


def test_a_withheld_photo_returns_once_its_rendition_is_made(deploy: Deploy) -> None:
    story = an_evening_slot(deploy)
    lost = lose_file(story, 1)
    story.until(SLOT - 23 * HOUR)
    story.world.look_ahead.run()
    photos = story.world.stores.photos
    photo = photos.get(story.persona.persona_id, lost)
    again = photos.renew(photo, renditions={"feed": "renditions/again.jpg"}, made_for={"feed": "1"}, withheld=None)
    assert (again.in_unposted, again.withheld) == (True, None)


def test_a_dead_token_is_found_before_a_post_fails(deploy: Deploy) -> None:
    story = an_evening_slot(deploy)
    channel = story.channels["facebook"]
    story.world.platforms.refuse_token(channel.kind, channel.token)
    story.until(SLOT - 23 * HOUR)
    [risk] = story.world.look_ahead.run().at_risk
    assert (risk.slot_at, risk.reason) == (SLOT, "No connection accepts a post now.")
    assert story.world.look_ahead.risks(story.persona) == (risk,)
    connection = story.world.stores.connections.get(story.persona.persona_id, channel.connection_id)
    assert connection.status is ConnectionStatus.ERROR

    story.world.platforms.take_token(channel.kind, channel.token)
    reconnect(story.world, channel)
    story.until(SLOT + HOUR)
    assert [schedule.status for schedule in story.schedules] == [ScheduleStatus.SUCCESS]
    assert decision(story).notes[0].endswith("the slot was at risk: No connection accepts a post now.")
    assert story.world.look_ahead.risks(story.persona) == ()


def test_a_connection_that_is_revoked_meanwhile_accepts_nothing(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = an_evening_slot(deploy)
    connections, connection_id = story.world.stores.connections, story.channels["facebook"].connection_id
    listed = connections.list

    def revoked_after(persona_id: str) -> Any:
        answer = listed(persona_id)
        monkeypatch.undo()
        story.world.connector.revoke(story.persona, connection_id)
        return answer

    monkeypatch.setattr(connections, "list", revoked_after)
    story.until(SLOT - 23 * HOUR)
    report = story.world.look_ahead.run()
    assert report.failed == ()
    assert [risk.reason for risk in report.at_risk] == ["No connection accepts a post now."]


def test_an_empty_library_puts_the_slot_at_risk(deploy: Deploy) -> None:
    story = an_evening_slot(deploy, photos=0)
    story.until(SLOT - 23 * HOUR)
    [risk] = story.world.look_ahead.run().at_risk
    assert risk.reason == "No unposted photos available to schedule."


def test_a_broken_bucket_withholds_three_photos_at_most(deploy: Deploy) -> None:
    story = an_evening_slot(deploy, photos=6)
    for number in range(1, 7):
        lose_file(story, number)
    story.until(SLOT - 23 * HOUR)
    report = story.world.look_ahead.run()
    assert (len(report.withheld), len(report.at_risk)) == (3, 1)


def test_without_preflight_hours_nothing_is_looked_at(deploy: Deploy) -> None:
    story = an_evening_slot(deploy, preflight_hours=0)
    story.until(SLOT - HOUR)
    assert story.world.look_ahead.run().examined == 0
