"""Posts of several photos through the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.calling import Answer, Caller
from tests.api.world import World
from tests.support.builders import sha

NAMES = ("fog.jpg", "rain.jpg", "sun.jpg")


@pytest.fixture
def persona_id(world: World, me: Caller) -> str:
    """A persona with an account and three photos."""
    persona_id = world.persona(me)
    world.connection(me, persona_id)
    for name in NAMES:
        world.photo(persona_id, name, alt_text=f"Of {name}")
    return persona_id


def carousel(me: Caller, persona_id: str, *further: str, query: dict[str, str] | None = None, **fields: Any) -> Answer:
    body = {"photo": "fog.jpg", "with_photos": further, "at": "2026-04-01T09:00:00", **fields}
    return me.post(f"/personas/{persona_id}/posts", body, query)


def test_a_carousel_has_its_photos_in_order(me: Caller, persona_id: str) -> None:
    dry = carousel(me, persona_id, "rain.jpg", "sun.jpg", query={"dry_run": "true"})
    assert (dry.status, dry.body["photo_ids"]) == (200, [sha(name) for name in NAMES])
    made = carousel(me, persona_id, "rain.jpg", "sun.jpg").body
    assert made["photo_names"] == list(NAMES)
    assert [variant["photo_ids"] for variant in made["variants"]] == [[sha(name) for name in NAMES]]
    row = me.get(f"/personas/{persona_id}/planned").body["rows"][0]
    assert (row["photo"], row["with_photos"]) == (sha("fog.jpg"), [sha("rain.jpg"), sha("sun.jpg")])


def test_the_order_can_change_until_the_post_is_on_its_way(me: Caller, persona_id: str) -> None:
    post = carousel(me, persona_id, "rain.jpg", "sun.jpg").body
    order = [sha(name) for name in ("sun.jpg", "fog.jpg", "rain.jpg")]
    changed = me.patch(f"/posts/{post['post_id']}", {"photo_ids": order}).body
    assert changed["photo_names"] == ["sun.jpg", "fog.jpg", "rain.jpg"]
    [variant] = changed["variants"]
    assert (variant["photo_ids"], variant["alt_text"]) == (order, "Of sun.jpg")

    for wrong in (order[:2], [*order[:2], order[0]], [*order, sha("other.jpg")]):
        answer = me.patch(f"/posts/{post['post_id']}", {"photo_ids": wrong})
        assert answer.problem() == (422, "carousel-invalid")
    assert me.get(f"/posts/{post['post_id']}").body["photo_ids"] == order


def test_a_written_alt_text_stays_with_another_order(me: Caller, persona_id: str) -> None:
    post = carousel(me, persona_id, "rain.jpg", alt_text="Two views.").body
    changed = me.patch(f"/posts/{post['post_id']}", {"photo_ids": [sha("rain.jpg"), sha("fog.jpg")]}).body
    assert [variant["alt_text"] for variant in changed["variants"]] == ["Two views."]


def test_photos_that_do_not_fit_are_explained_one_by_one(world: World, me: Caller, persona_id: str) -> None:
    world.photo(persona_id, "wide.jpg", withheld="Its ratio is outside the limits.", renditions={})
    world.photo(persona_id, "bare.jpg", renditions={})
    for query in ({"dry_run": "true"}, {}):
        refused = carousel(me, persona_id, "wide.jpg", "bare.jpg", query=query)
        assert refused.problem() == (409, "photos-unfit")
        assert [(each["name"], each["rule"]) for each in refused.body["photos"]] == [
            ("wide.jpg", "withheld"),
            ("bare.jpg", "no-rendition"),
        ]


def test_a_photo_that_has_a_post_is_named_and_the_others_stay_free(me: Caller, persona_id: str) -> None:
    me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "at": "2026-04-02T09:00:00"})
    refused = carousel(me, persona_id, "rain.jpg", "sun.jpg")
    assert refused.problem() == (409, "photo-already-posted")
    assert refused.body["photos"] == ["rain.jpg"]
    unposted = me.get(f"/personas/{persona_id}/photos", unposted="true").body["photos"]
    assert {photo["names"][0] for photo in unposted} == {"fog.jpg", "sun.jpg"}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"with_photos": ["fog.jpg"]}, "carousel-invalid"),
        ({"with_photos": ["rain.jpg", "rain.jpg"]}, "carousel-invalid"),
        ({"photo": None, "with_photos": ["rain.jpg"], "caption": "Rain."}, "carousel-invalid"),
    ],
)
def test_a_carousel_of_wrong_photos_is_refused(me: Caller, persona_id: str, fields: dict[str, Any], kind: str) -> None:
    assert carousel(me, persona_id, **fields).problem() == (422, kind)


def offering(world: World, me: Caller, persona_id: str) -> str:
    """A pick of the persona that offers two more photos of its burst; its post's id."""
    me.patch(f"/personas/{persona_id}", {"carousels": "offer", "slots": [{"at": "09:00"}]})
    taken = world.clock.now() - timedelta(days=9)
    for number, name in enumerate(("one.jpg", "two.jpg", "three.jpg")):
        facts = {"score": 9.5 - number, "dhash": f"{number:016x}", "captured_at": taken + timedelta(seconds=number)}
        world.photo(persona_id, name, **facts)
    slot = me.get(f"/personas/{persona_id}/slots", limit="1").body["slots"][0]
    post_id = world.services.reviewer.picker.pick(persona_id, datetime.fromisoformat(slot["run_at"])).post_id
    assert post_id
    return post_id


def test_the_burst_that_a_pick_offers_is_added_before_it_goes_out(world: World, me: Caller, persona_id: str) -> None:
    post_id = offering(world, me, persona_id)
    post = me.get(f"/posts/{post_id}").body
    assert (post["photo_names"], post["burst"]) == (["one.jpg"], [sha("two.jpg"), sha("three.jpg")])
    assert post["decision"]["burst"] == {
        "photo_ids": post["burst"],
        "names": ["two.jpg", "three.jpg"],
        "left_out": [],
        "posted": False,
    }
    now = world.clock.now()
    week = {"from": f"{now:%Y-%m-%d}", "to": f"{now + timedelta(days=7):%Y-%m-%d}", "persona": persona_id}
    assert [item["offered_names"] for item in me.get("/calendar", **week).body["entries"]] == [["two.jpg", "three.jpg"]]

    extended = me.post(f"/posts/{post_id}/carousel", {})

    assert (extended.status, extended.body["photo_names"]) == (200, ["one.jpg", "two.jpg", "three.jpg"])
    assert [variant["photo_ids"] for variant in extended.body["variants"]] == [extended.body["photo_ids"]]
    repeated = me.post(f"/posts/{post_id}/carousel", {})
    assert (repeated.status, repeated.body) == (200, extended.body)
    assert [item["offered_names"] for item in me.get("/calendar", **week).body["entries"]] == [[]]


def test_named_photos_are_added_and_what_cannot_be_is_refused_by_name(
    world: World, me: Caller, persona_id: str
) -> None:
    post_id = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}).body[
        "post_id"
    ]
    path = f"/posts/{post_id}/carousel"
    assert me.post(path, {}).problem() == (422, "carousel-invalid")
    assert me.post(path, {"photos": ["gone.jpg"]}).problem() == (404, "photo-not-found")
    added = me.post(path, {"photos": ["sun.jpg", "fog.jpg", "sun.jpg"]})
    assert (added.status, added.body["photo_names"]) == (200, ["fog.jpg", "sun.jpg"])
    me.patch(f"/personas/{persona_id}", {"status": "paused"})
    me.post(f"/posts/{post_id}/cancel")
    assert me.post(path, {"photos": ["rain.jpg"]}).problem() == (409, "nothing-to-extend")
    draft = me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "draft": True}).body["post_id"]
    assert me.post(f"/posts/{draft}/carousel", {"photos": ["sun.jpg"]}).problem() == (409, "nothing-to-extend")
