"""Approving and rejecting picks through the API."""

from datetime import datetime, timedelta

import pytest

from tests.api.calling import Caller
from tests.api.world import World


def waiting(world: World, me: Caller, mode: str, *photos: str) -> tuple[str, str]:
    """A persona whose next slot has a pick that waits; its id and the post's."""
    persona_id = world.persona(me, approval=mode, slots=[{"at": "09:00"}])
    world.connection(me, persona_id)
    for number, name in enumerate(photos or ("fog.jpg",)):
        world.photo(persona_id, name, score=9.0 - number, renditions={"feed": "renditions/feed.jpg"})
    slot = me.get(f"/personas/{persona_id}/slots", limit="1").body["slots"][0]
    picked = world.services.reviewer.picker.pick(persona_id, datetime.fromisoformat(slot["run_at"]))
    assert picked.post_id
    return persona_id, picked.post_id


@pytest.mark.parametrize("mode", ["veto", "approval"])
def test_a_waiting_pick_shows_in_post_and_calendar(world: World, me: Caller, mode: str) -> None:
    persona_id, post_id = waiting(world, me, mode)
    [schedule] = me.get(f"/posts/{post_id}").body["schedules"]
    assert (schedule["status"], schedule["review"]) == ("pending", mode)
    now = world.clock.now()
    week = {"from": f"{now:%Y-%m-%d}", "to": f"{now + timedelta(days=7):%Y-%m-%d}"}
    [entry] = me.get("/calendar", persona=persona_id, status="pending", **week).body["entries"]
    assert (entry["review"], entry["start_at"]) == (mode, schedule["start_at"])


def test_an_approved_pick_is_queued(world: World, me: Caller) -> None:
    _, post_id = waiting(world, me, "approval")
    answer = me.post(f"/posts/{post_id}/approve")
    assert answer.status == 200
    [schedule] = answer.body["schedules"]
    assert (schedule["status"], schedule["review"]) == ("queued", None)
    assert [event["outcome"] for event in answer.body["events"]] == ["approved"]
    again = me.post(f"/posts/{post_id}/approve")
    assert (again.status, again.body["type"]) == (409, "urn:shutterpost:problem:nothing-to-approve")
    rejected = me.post(f"/posts/{post_id}/reject", {})
    assert (rejected.status, rejected.body["type"]) == (409, "urn:shutterpost:problem:nothing-to-reject")


def test_a_rejected_pick_names_its_replacement(world: World, me: Caller) -> None:
    _, post_id = waiting(world, me, "veto", "fog.jpg", "sun.jpg")
    answer = me.post(f"/posts/{post_id}/reject", {"reason": "Too dark."})
    assert answer.status == 200
    replacement = me.get(f"/posts/{answer.body['replacement_id']}").body
    assert replacement["decision"]["instead_of"][0]["reason"] == "Too dark."
    assert answer.body["rejected"]["schedules"][0]["error_message"] == "Too dark."
    assert answer.body["rejected"]["decision"] is None
    again = me.post(f"/posts/{post_id}/reject", {})
    assert again.body["replacement_id"] == answer.body["replacement_id"]


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_another_owners_pick_is_not_there(world: World, me: Caller, rival: Caller, verb: str) -> None:
    _, post_id = waiting(world, me, "veto")
    assert rival.post(f"/posts/{post_id}/{verb}", {}).status == 404
