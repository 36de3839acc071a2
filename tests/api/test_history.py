"""The history of earlier publications: recorded, claimed, and not published again."""

import pytest

from schedule_post.http.principal import owner_of
from shutterpost.scheduling import ClaimState, anywhere_claim_key, photo_claim_key
from tests.api.calling import Caller
from tests.api.world import World

POSTED_AT = "2025-10-03T11:00:00+02:00"


def rows(connection_id: str, *names: str, **more: str) -> dict[str, list[dict[str, object]]]:
    return {"rows": [{"photo": name, "connection_id": connection_id, "posted_at": POSTED_AT, **more} for name in names]}


def test_a_recorded_photo_is_a_post_that_is_out(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    facts = {"caption": "Fog.", "external_id": "179", "external_url": "https://www.instagram.com/p/ABC/"}
    report = me.post(f"/personas/{persona_id}/history", rows(connection_id, "fog.jpg", **facts)).body
    assert (report["recorded"], report["refused"], report["dry_run"]) == (1, 0, False)
    [row] = report["rows"]
    assert (row["photo_id"], row["known"]) == (photo.photo_id, False)
    post = me.get(f"/posts/{row['post_id']}").body
    assert (post["status"], post["origin"], post["base_caption"]) == ("posted", "history", "Fog.")
    [schedule] = post["schedules"]
    assert (schedule["status"], schedule["posted_at"]) == ("success", "2025-10-03T09:00:00Z")
    assert (schedule["external_id"], schedule["external_url"]) == ("179", "https://www.instagram.com/p/ABC/")
    assert (post["variants"][0]["source"], post["variants"][0]["text"]) == ("imported", "Fog.")
    assert world.executions.started == []
    assert world.timers() == []
    [entry] = me.get("/calendar", **{"from": "2025-10-01", "to": "2025-10-04"}).body["entries"]
    assert entry["post_id"] == row["post_id"]


def test_nothing_that_is_recorded_goes_out_again(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    me.post(f"/personas/{persona_id}/history", rows(connection_id, "fog.jpg"))
    assert me.get(f"/personas/{persona_id}/photos", unposted="true").body["photos"] == []
    again = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"})
    assert again.problem() == (409, "photo-already-posted")
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "09:00"}]})
    persona = world.services.personas.get(persona_id, owner_of(me.event("GET", "/")))
    slot = world.services.slot_chooser.slot_to_fill(persona, None)
    assert world.services.slot_chooser.preview(persona, slot).photo_id is None
    [look] = world.services.posts.shown_photos.recent(connection_id, limit=9)
    assert look.photo_id == photo.photo_id


def test_a_repeat_finds_what_was_recorded(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    path = f"/personas/{persona_id}/history"
    [first] = me.post(path, rows(connection_id, "fog.jpg")).body["rows"]
    report = me.post(path, rows(connection_id, "fog.jpg", "fog.jpg", caption="Other words.")).body
    assert [(row["known"], row["post_id"]) for row in report["rows"]] == [(True, first["post_id"])] * 2
    assert report["recorded"] == 2
    assert len(me.get(f"/personas/{persona_id}/posts").body["posts"]) == 1


def test_a_dry_run_checks_and_writes_nothing(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    report = me.post(f"/personas/{persona_id}/history", rows(connection_id, "fog.jpg"), {"dry_run": "true"}).body
    assert (report["dry_run"], report["recorded"]) == (True, 1)
    assert me.get(f"/personas/{persona_id}/posts").body["posts"] == []
    assert world.services.claims.get(photo_claim_key(photo.photo_id, connection_id, 1)) is None


def test_each_row_is_refused_by_name_and_keeps_no_other_back(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    planned = world.photo(persona_id, "rain.jpg")
    body = {"photo": planned.photo_id, "at": "2026-04-01T09:00:00"}
    post_id = me.post(f"/personas/{persona_id}/posts", body).body["post_id"]
    sent = rows(connection_id, "gone.jpg", "rain.jpg", "fog.jpg", "fog.jpg")
    sent["rows"] += [
        {**rows("c0000000000000", "fog.jpg")["rows"][0]},
        {**rows(connection_id, "fog.jpg")["rows"][0], "posted_at": "2099-01-01T00:00:00Z"},
    ]
    report = me.post(f"/personas/{persona_id}/history", sent).body
    assert [row["kind"] for row in report["rows"]] == [
        "photo-not-found",
        "photo-already-posted",
        None,
        None,
        "connection-unknown",
        "not-yet-posted",
    ]
    assert (report["recorded"], report["refused"]) == (2, 4)
    assert post_id in report["rows"][1]["detail"]


def test_a_photo_out_on_two_connections_is_recorded_on_both(world: World, me: Caller) -> None:
    persona_id, instagram, photo = world.ready(me)
    me.patch(f"/personas/{persona_id}", {"once_anywhere": True})
    buffer = world.connection(me, persona_id, "buffer")
    sent = {"rows": [rows(instagram, "fog.jpg")["rows"][0], rows(buffer, "fog.jpg")["rows"][0]]}
    report = me.post(f"/personas/{persona_id}/history", sent).body
    assert [row["kind"] for row in report["rows"]] == [None, None]
    owner = owner_of(me.event("GET", "/"))
    anywhere = world.services.claims.get(anywhere_claim_key(photo.photo_id, owner, 1))
    assert anywhere is not None
    assert (anywhere.state, anywhere.holder) == (ClaimState.HELD, report["rows"][0]["post_id"])


def test_a_photo_that_new_rules_offer_again_stays_taken(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    photos = world.services.photos
    wide = world.photo(persona_id, "wide.jpg", withheld="ratio-skipped")
    report = me.post(f"/personas/{persona_id}/history", rows(connection_id, "wide.jpg")).body
    assert report["refused"] == 0
    photos.renew(photos.get(persona_id, wide.photo_id), renditions={"feed": "r"}, made_for={}, withheld=None)
    assert photos.get(persona_id, wide.photo_id).in_unposted is False


def test_another_owner_has_no_such_persona(world: World, me: Caller, rival: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    answer = rival.post(f"/personas/{persona_id}/history", rows(connection_id, "fog.jpg"))
    assert answer.problem() == (404, "persona-not-found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"posted_at": "2025-10-03T09:00:00"}, "rows.0.posted_at"),
        ({"posted_at": 1759482000}, "rows.0.posted_at"),
        ({"external_url": "javascript:alert(1)"}, "rows.0.external_url"),
        ({"status": "posted"}, "rows.0.status"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(world: World, me: Caller, change: dict[str, object], field: str) -> None:
    persona_id, connection_id, _ = world.ready(me)
    row = {**rows(connection_id, "fog.jpg")["rows"][0], **change}
    assert field in me.post(f"/personas/{persona_id}/history", {"rows": [row]}).broken()
