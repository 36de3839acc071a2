"""Changes of photos through the API: one, or many at once."""

from datetime import datetime

import pytest

from tests.api.calling import Caller
from tests.api.world import World, import_requests

SLOTS = {"slots": [{"at": "18:30"}]}


def test_a_person_changes_a_photo(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    path = f"/personas/{persona_id}/photos/fog.jpg"
    fields = {
        "caption": "Evening fog.",
        "alt_text": "Fog.",
        "keywords": ["fog"],
        "rating": 4,
        "theme": "weather",
        "focus": [0.25, 1],
    }
    changed = me.patch(path, fields)
    assert (changed.status, changed.body["photo_id"]) == (200, photo.photo_id)
    assert {name: changed.body[name] for name in fields} == fields
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}).body
    assert (post["base_caption"], post["variants"][0]["alt_text"]) == ("Evening fog.", "Fog.")
    assert import_requests() == [{"persona_id": persona_id, "photo_id": photo.photo_id}]
    assert me.patch(path, {"caption": None}).body["caption"] == "Fog over the valley."
    assert import_requests() == []
    assert me.patch(f"/personas/{persona_id}/photos/rain.jpg", fields).problem() == (404, "photo-not-found")


@pytest.mark.parametrize(
    "body", [{"rating": 6}, {"kept_out": ""}, {"score": 9.0}, {"theme": ""}, {"focus": [0.5, 1.01]}, {"focus": [0.5]}]
)
def test_an_invalid_change_of_a_photo_is_refused(world: World, me: Caller, body: dict[str, object]) -> None:
    persona_id, _, _ = world.ready(me)
    assert me.patch(f"/personas/{persona_id}/photos/fog.jpg", body).problem() == (422, "invalid")


def test_a_photo_that_is_kept_out_is_neither_foreseen_nor_picked(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    me.patch(f"/personas/{persona_id}", SLOTS)
    path = f"/personas/{persona_id}/photos/fog.jpg"
    assert me.get(f"/personas/{persona_id}/plan").body["slots"][0]["photo_id"] == photo.photo_id
    me.patch(path, {"kept_out": "Blurred."})

    explained = me.get(f"{path}/explain").body
    assert (explained["standing"], explained["because"]) == ("withheld", ["A person keeps it out: Blurred."])
    assert me.get(f"/personas/{persona_id}/plan").body["slots"][0]["photo_id"] is None
    assert me.get(f"/personas/{persona_id}").body["runway"]["whole"]["photos"] == 0
    slot = me.get(f"/personas/{persona_id}/slots").body["slots"][0]["run_at"]
    assert world.services.reviewer.picker.pick(persona_id, datetime.fromisoformat(slot)).post_id is None

    by_hand = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"})
    me.post(f"/posts/{by_hand.body['post_id']}/cancel")
    assert not me.get(path).body["in_unposted"]
    assert me.patch(path, {"kept_out": None}).body["in_unposted"]


def test_photos_that_a_person_keeps_beside_each_other_are_no_duplicates(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    path = f"/personas/{persona_id}/photos"
    first, second, third = (world.photo(persona_id, f"{name}.jpg", dhash="0" * 16).photo_id for name in "abc")

    def groups() -> list[list[str]]:
        listed = me.get(f"{path}/duplicates").body["groups"]
        return [[photo["name"] for photo in group["photos"]] for group in listed]

    changed = me.patch(f"{path}/b.jpg", {"kept_with": [third, second]})
    assert changed.body["kept_with"] == sorted([second, third])
    assert groups() == [["a.jpg", "b.jpg", "c.jpg"]]
    me.patch(f"{path}/a.jpg", {"kept_with": [third]})
    assert groups() == [["a.jpg", "b.jpg"]]
    me.patch(path, {"photos": [first, second, third], "change": {"kept_with": [first, second, third]}})
    assert groups() == []
    me.patch(f"{path}/a.jpg", {"caption": "Fog."})
    assert groups() == []
    assert me.patch(path, {"photos": [first, second, third], "change": {"kept_with": None}}).status == 200
    assert me.get(f"{path}/a.jpg").body["kept_with"] == []
    assert groups() == [["a.jpg", "b.jpg", "c.jpg"]]
    assert me.patch(f"{path}/a.jpg", {"kept_with": ["b.jpg"]}).problem() == (422, "invalid")


def test_many_photos_are_changed_with_a_result_for_each(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    other = world.photo(persona_id, "rain.jpg")
    path, change = f"/personas/{persona_id}/photos", {"kept_out": "Looks like another."}
    answer = me.patch(path, {"photos": ["fog.jpg", other.photo_id[:12], "gone.jpg"], "change": change})
    assert [(each["photo_id"], each["kind"]) for each in answer.body["results"]] == [
        (photo.photo_id, None),
        (other.photo_id, None),
        (None, "photo-not-found"),
    ]
    assert me.get(path, unposted="true").body["photos"] == []
    back = me.patch(path, {"photos": ["fog.jpg"], "change": {"kept_out": None}}).body["results"][0]
    assert (answer.body["results"][0]["state"], answer.body["results"][0]["kept_out_before"]) == ("kept_out", None)
    assert (back["state"], back["kept_out_before"]) == ("unposted", "Looks like another.")
    assert me.patch(path, {"photos": ["fog.jpg"] * 101, "change": change}).problem() == (422, "invalid")
