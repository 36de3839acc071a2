"""Channels, coming slots and the calendar through the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schedule_post import wiring
from schedule_post.api import app
from schedule_post.wiring import build_services
from shutterpost.flows.wiring import Stores
from shutterpost.runtime.clock import iso
from tests.api.calling import Caller
from tests.api.world import PICK_ARN, World
from tests.support.builders import sha


def planned(world: World, me: Caller, persona_id: str, name: str, at: str, **more: object) -> str:
    """A photo planned at a time; its post's id."""
    world.photo(persona_id, name)
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": name, "at": at, **more})
    assert answer.status == 202, answer
    return str(answer.body["post_id"])


def test_channels_are_listed_with_their_limits(world: World, me: Caller) -> None:
    channels = {channel["key"]: channel for channel in me.get("/channels").body["channels"]}
    photographers = {"instagram", "threads", "facebook_page", "bluesky", "mastodon", "pixelfed"}
    assert set(channels) == photographers | {"buffer", "x", "linkedin"}
    assert {item["status"] for item in channels.values()} == {"active"}
    assert channels["instagram"]["limits"]["max_text_length"] == 2200
    assert {key for key in channels if channels[key]["extras"]} == {"instagram", "bluesky", "mastodon", "pixelfed"}
    assert "first_comment" in channels["instagram"]["extras"]
    assert {key for key, item in channels.items() if item["prices"]} == {"x"}
    assert (channels["bluesky"]["limits"]["max_text_bytes"], channels["threads"]["limits"]["max_links"]) == (3000, 5)
    limits = channels["x"]["limits"]
    assert (limits["supports_images"], limits["supports_links"]) == (True, True)


def test_the_calendar_has_times_in_the_callers_zone(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    post_id = planned(
        world, me, persona_id, "a.jpg", "2026-04-01T09:00:00", tags=["Sea"], hashtags=["waves"], title="Calm"
    )
    answer = me.get("/calendar", **{"from": "2026-04-01", "to": "2026-04-02", "zone": "Asia/Tokyo"})
    [entry] = answer.body["entries"]
    assert entry["local_time"] == "2026-04-01T16:00:00+09:00"
    assert (entry["run_at"], entry["wall_time"]) == ("2026-04-01T07:00:00Z", "2026-04-01T09:00:00")
    assert (entry["post_id"], entry["connection_id"], entry["status"]) == (post_id, connection_id, "queued")
    assert (entry["title"], entry["tags"], entry["photo_ids"]) == ("Calm", ["Sea"], [sha("a.jpg")])
    assert answer.body["cursor"] is None


def test_the_calendar_takes_in_all_personas_in_pages(world: World, me: Caller, rival: Caller) -> None:
    for number, (caller, name) in enumerate([(me, "Alps"), (me, "Bays"), (rival, "Deserts")]):
        persona_id = world.persona(caller, name)
        world.connection(caller, persona_id, account_id=f"instagram-{number}")
        for hour in (9, 12):
            planned(world, caller, persona_id, f"{hour}.jpg", f"2026-04-01T{hour + number:02}:00:00")
    result, cursor = [], ""
    while True:
        query = {"from": "2026-04-01", "to": "2026-04-02", "limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = me.get("/calendar", **query).body
        result += [entry["wall_time"][11:13] for entry in page["entries"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert result == ["09", "10", "12", "13"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"channel": "buffer"}, ["b"]),
        ({"channel": "x"}, []),
        ({"tag": "SEA"}, ["a"]),
        ({"status": "cancelled"}, ["c"]),
        ({"status": "queued"}, ["a", "b"]),
        ({"post_status": "scheduled"}, ["a", "b"]),
        ({"post_status": "cancelled", "tag": "land"}, ["c"]),
        ({"from": "2026-04-02"}, ["b", "c"]),
        ({"to": "2026-04-02T09:00:00+02:00"}, ["a"]),
    ],
)
def test_the_calendar_is_narrowed(*, world: World, me: Caller, query: dict[str, str], names: list[str]) -> None:
    persona_id = world.persona(me)
    instagram = world.connection(me, persona_id)
    buffer = world.connection(me, persona_id, "buffer")
    for day, (name, connection, tags) in enumerate(
        [("a", instagram, ["sea"]), ("b", buffer, []), ("c", instagram, [])]
    ):
        where = {"connection_ids": [connection], "tags": tags or ["land"]}
        post_id = planned(world, me, persona_id, name, f"2026-04-0{day + 1}T09:00:00", title=name, **where)
        if name == "c":
            me.post(f"/posts/{post_id}/cancel")
    whole = {"from": "2026-04-01", "to": "2026-04-05", "zone": "Europe/Paris", "persona": persona_id}
    assert [entry["title"] for entry in me.get("/calendar", **whole | query).body["entries"]] == names
    by_connection = me.get("/calendar", **whole, connection=instagram).body["entries"]
    assert [entry["title"] for entry in by_connection] == ["a", "c"]


def test_entries_have_the_status_of_the_post_and_the_text_of_the_variant(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    instagram, buffer = world.connection(me, persona_id), world.connection(me, persona_id, "buffer")
    post_id = planned(world, me, persona_id, "a.jpg", "2026-04-01T09:00:00", caption="Calm.", hashtags=["sea"])
    variants = {item["connection_id"]: item["variant_id"] for item in me.get(f"/posts/{post_id}").body["variants"]}
    me.patch(f"/posts/{post_id}/variants/{variants[buffer]}", {"text": "For Buffer."})
    me.post(f"/schedules/{post_id}-{instagram}/cancel")
    entries = me.get("/calendar", **{"from": "2026-04-01", "to": "2026-04-05"}).body["entries"]
    # The post's status is that of all of its schedules, also of those that a filter leaves out.
    assert {(item["channel"], item["text"], item["status"], item["post_status"]) for item in entries} == {
        ("instagram", "Calm.\n\n#sea", "cancelled", "scheduled"),
        ("buffer", "For Buffer.", "queued", "scheduled"),
    }
    only = {"from": "2026-04-01", "to": "2026-04-05", "post_status": "scheduled", "status": "cancelled"}
    assert [item["channel"] for item in me.get("/calendar", **only).body["entries"]] == ["instagram"]


def test_another_owners_persona_has_no_calendar(world: World, me: Caller, rival: Caller) -> None:
    query = {"from": "2026-04-01", "to": "2026-04-05", "persona": world.persona(me)}
    assert rival.get("/calendar", **query).problem() == (404, "persona-not-found")


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"to": "2026-03-31"}, "range-invalid"),
        ({"zone": "Mars/Olympus"}, "time-invalid"),
        ({"cursor": "*"}, "cursor-invalid"),
        ({"cursor": "bm9ib2R5"}, "cursor-invalid"),
        ({"from": "1774000000"}, "invalid"),
        ({"to": "9999-12-31T23:59:59"}, "invalid"),
        ({"status": "done"}, "invalid"),
    ],
)
def test_a_strange_range_is_refused_by_name(world: World, me: Caller, query: dict[str, str], problem: str) -> None:
    answer = me.get("/calendar", **{"from": "2026-04-01", "to": "2026-04-05"} | query)
    assert answer.problem() == (422, problem)
    assert [error["field"] for error in answer.body["errors"]] == [next(iter(query))]


def test_coming_slots_are_listed_and_the_next_free_one_is_used(world: World, me: Caller) -> None:
    persona_id = world.persona(me, slots=[{"at": "18:30"}], blackout_dates=["2026-03-02"], max_per_week=1)
    world.connection(me, persona_id)
    planned(world, me, persona_id, "a.jpg", "2026-03-01T20:00:00")
    path = f"/personas/{persona_id}/slots"
    slots = me.get(path).body["slots"]
    assert [slot["wall_time"][:10] for slot in slots[:2]] == ["2026-03-01", "2026-03-03"]
    assert not slots[0]["free"]
    assert "the persona's maximum is 1" in slots[0]["reason"]
    [free] = me.get(path, free="true", limit="1").body["slots"]
    assert (free["run_at"], free["zone"]) == ("2026-03-03T17:30:00Z", "Europe/Paris")
    assert me.get(path, to="2028-01-01").problem() == (422, "range-invalid")


SLOTS = {"slots": [{"at": "18:30"}]}
NEXT_SLOT = "2026-03-01T17:30:00Z"


def test_the_next_free_slot_is_filled_before_its_time(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    me.patch(f"/personas/{persona_id}", SLOTS)
    path = f"/personas/{persona_id}/pick"
    foreseen = me.post(path, {}, {"dry_run": "true"}).body
    assert (foreseen["slot_at"], foreseen["photo_id"], foreseen["post_id"]) == (NEXT_SLOT, photo.photo_id, None)
    world.functions.reports[persona_id] = None
    answer = me.post(path, {})
    assert (answer.status, answer.body["picked"]) == (202, None)
    job = {"job": "pick", "persona_id": persona_id, "slot_at": "2026-03-01T17:30:00.000Z"}
    assert world.functions.invoked == [(PICK_ARN, job)]


def test_a_pick_returns_its_photo_or_the_reason_for_none(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    me.patch(f"/personas/{persona_id}", SLOTS)
    post_id = planned(world, me, persona_id, "a.jpg", "2026-03-01T18:30:00")
    report = {"persona_id": persona_id, "slot_at": NEXT_SLOT, "post_id": post_id, "reason": "The best."}
    world.functions.reports[persona_id] = report
    body = me.post(f"/personas/{persona_id}/pick", {"slot_at": NEXT_SLOT}).body
    assert (body["picked"], body["post_id"], body["name"], body["reason"]) == (True, post_id, "a.jpg", "The best.")
    world.functions.reports[persona_id] = {**report, "post_id": None, "reason": "No photo is left."}
    body = me.post(f"/personas/{persona_id}/pick", {}).body
    assert (body["picked"], body["post_id"], body["reason"]) == (False, None, "No photo is left.")


def test_only_coming_slots_are_picked_for(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path = f"/personas/{persona_id}/pick"
    assert me.post(path, {}).problem() == (409, "no-free-slot")
    me.patch(f"/personas/{persona_id}", SLOTS)
    for other in ("2026-03-01T17:31:00Z", "2026-02-27T17:30:00Z"):
        assert me.post(path, {"slot_at": other}).problem() == (422, "slot-unknown")


def test_a_photo_takes_the_next_free_slot_and_the_one_after(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path = f"/personas/{persona_id}/posts"
    world.photo(persona_id, "rain.jpg")
    assert me.post(path, {"photo": "fog.jpg"}, {"next_slot": "true"}).problem() == (409, "no-free-slot")
    me.patch(f"/personas/{persona_id}", SLOTS)
    first = me.post(path, {"photo": "fog.jpg"}, {"next_slot": "true"}, idempotency_key="a").body
    second = me.post(path, {"photo": "rain.jpg"}, {"next_slot": "true"}).body
    again = me.post(path, {"photo": "fog.jpg"}, {"next_slot": "true"}, idempotency_key="a").body
    assert [item["slot_at"] for item in (first, second)] == [NEXT_SLOT, "2026-03-02T17:30:00Z"]
    assert (again["post_id"], first["origin"]) == (first["post_id"], "manual")
    [taken, *_] = me.get(f"/personas/{persona_id}/slots").body["slots"]
    assert (taken["free"], taken["post_id"]) == (False, first["post_id"])
    both = me.post(path, {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}, {"next_slot": "true"})
    assert both.problem() == (422, "time-invalid")


def test_a_photo_takes_the_slot_that_a_person_names(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path, slot = f"/personas/{persona_id}/posts", {"slot": "2026-03-03T18:30:00"}
    for name in ("rain.jpg", "snow.jpg"):
        world.photo(persona_id, name)
    assert me.post(path, {"photo": "fog.jpg"}, slot).problem() == (422, "slot-unknown")
    me.patch(f"/personas/{persona_id}", SLOTS)
    dry = me.post(path, {"photo": "fog.jpg"}, slot | {"dry_run": "true"})
    first = me.post(path, {"photo": "fog.jpg"}, slot, idempotency_key="a").body
    again = me.post(path, {"photo": "fog.jpg"}, slot, idempotency_key="a").body
    assert (dry.body["slot_at"], first["slot_at"]) == ("2026-03-03T17:30:00Z", "2026-03-03T17:30:00Z")
    assert [item["run_at"] for item in first["schedules"]] == ["2026-03-03T17:30:00Z"]
    assert again["post_id"] == first["post_id"]
    assert me.post(path, {"photo": "rain.jpg"}, {"slot": "2026-03-03T17:30:00Z"}).problem() == (409, "slot-taken")
    elsewhere = me.post(path, {"photo": "fog.jpg"}, {"slot": "2026-03-04T18:30:00"}, idempotency_key="a")
    assert elsewhere.problem() == (422, "idempotency-key-reused")
    following = me.post(path, {"photo": "rain.jpg"}, {"next_slot": "true"}).body
    assert following["slot_at"] == "2026-03-01T17:30:00Z"
    picked = world.services.reviewer.picker.pick(persona_id, datetime(2026, 3, 3, 17, 30, tzinfo=UTC))
    assert (picked.post_id, picked.repeated) == (first["post_id"], True)


def test_a_slot_that_a_pick_fills_is_taken_on_every_connection(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    me.patch(f"/personas/{persona_id}", SLOTS)
    at = datetime(2026, 3, 3, 17, 30, tzinfo=UTC)
    assert world.services.reviewer.picker.pick(persona_id, at).post_id
    later = world.connection(me, persona_id, "buffer")
    world.photo(persona_id, "rain.jpg")
    answer = me.post(
        f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "connection_ids": [later]}, {"slot": iso(at)}
    )
    assert answer.problem() == (409, "slot-taken")


@pytest.mark.parametrize(
    ("more", "query"),
    [
        ({"at": "2026-04-01T09:00:00"}, {}),
        ({}, {"next_slot": "true"}),
        ({"draft": True}, {}),
    ],
)
def test_a_slot_is_the_only_time_of_its_post(world: World, me: Caller, more: Any, query: Any) -> None:
    persona_id, _, _ = world.ready(me)
    me.patch(f"/personas/{persona_id}", SLOTS)
    slot = {"slot": "2026-03-03T18:30:00"}
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", **more}, slot | query)
    assert answer.problem() == (422, "time-invalid")


def test_the_horizon_of_plans_is_a_setting(world: World, me: Caller, monkeypatch) -> None:
    persona_id, _, _ = world.ready(me)
    services = build_services(
        Stores(clock=world.clock, max_future=timedelta(days=30)),
        world.services.poster.creator.start_timers,
        **{
            name: getattr(world.services, name)
            for name in ("rejections", "workers", "pick_arn", "sync_arn", "suggest_arn")
        },
        imports=world.services.rejected_files.imports,
        tokens=world.services.connector.tokens,
        stage="test",
    )
    monkeypatch.setitem(app.dependency_overrides, wiring.services, lambda: services)
    at, too_far = (iso(world.clock.now() + timedelta(days=days)) for days in (29, 31))
    path = f"/personas/{persona_id}/posts"
    refused = me.post(path, {"photo": "fog.jpg", "at": too_far})
    assert refused.problem() == (422, "time-too-far")
    assert "30 days" in refused.body["detail"]
    [schedule] = me.post(path, {"photo": "fog.jpg", "at": at}).body["schedules"]
    name = f"/schedules/{schedule['schedule_id']}"
    assert me.post(f"{name}/move", {"at": too_far}).problem() == (422, "time-too-far")
    me.post(f"{name}/skip", {})
    assert me.post(f"{name}/retry", {"at": too_far}).problem() == (422, "time-too-far")
    draft = me.post(path, {"photo": "fog.jpg", "draft": True}).body["post_id"]
    assert me.post(f"/posts/{draft}/schedule", {"at": too_far}).problem() == (422, "time-too-far")
    planned = me.post(f"/personas/{persona_id}/planned", {"rows": [{"photo": "fog.jpg", "at": too_far}]}).body
    assert [row["kind"] for row in planned["rows"]] == ["time-too-far"]
