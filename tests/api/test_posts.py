"""Posts, schedules and decisions through the API."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shutterpost.curation import Decision
from shutterpost.scheduling import DecisionRecord, Intent, Schedule, ScheduleStatus, StaleWrite, Step
from tests.api.calling import Caller
from tests.api.world import World
from tests.support.builders import NOW, sha


def moved(world: World, schedule_id: str, to: ScheduleStatus, **changes: Any) -> Schedule:
    """The schedule after a chain has moved it."""
    schedules = world.services.schedules
    schedule = schedules.move(schedules.get(schedule_id), to, now=world.clock.now(), **changes)
    assert not isinstance(schedule, StaleWrite)
    return schedule


def test_a_photo_is_posted_at_once_to_every_connection(world: World, me: Caller) -> None:
    persona_id = world.persona(me, hashtags=["fog"])
    connections = {world.connection(me, persona_id, channel) for channel in ("instagram", "buffer")}
    photo = world.photo(persona_id)
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"})
    post = answer.body
    assert answer.status == 202
    assert answer.headers["Location"] == f"/posts/{post['post_id']}"
    assert (post["status"], post["origin"], post["photo_ids"]) == ("scheduled", "manual", [photo.photo_id])
    assert {schedule["connection_id"] for schedule in post["schedules"]} == connections
    assert {variant["text"] for variant in post["variants"]} == {"Fog over the valley.\n\n#fog"}
    assert {variant["status"] for variant in post["variants"]} == {"ready"}
    assert len(world.executions.started) == 2
    assert me.get(f"/posts/{post['post_id']}").body | {"texts": {}} == post


def test_a_photo_is_planned_at_a_wall_time_of_a_zone(world: World, me: Caller) -> None:
    persona_id, connection_id, photo = world.ready(me)
    body = {"photo": photo.photo_id[:8], "connection_ids": [connection_id], "at": "2026-03-29T02:30:00"}
    schedule = me.post(f"/personas/{persona_id}/posts", body).body["schedules"][0]
    assert (schedule["run_at"], schedule["zone"]) == ("2026-03-29T01:00:00Z", "Europe/Paris")
    assert schedule["wall_time"] == "2026-03-29T02:30:00"
    assert world.timers() == [f"{schedule['schedule_id']}-1"]
    assert world.executions.started == []
    assert me.get(f"/schedules/{schedule['schedule_id']}").body == schedule


def test_a_repeat_under_the_same_key_answers_with_the_first_post(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    body = {"photo": "fog.jpg", "at": "2026-03-01T13:00:05+01:00"}
    first = me.post(f"/personas/{persona_id}/posts", body, idempotency_key="monday")
    world.clock.sleep(timedelta(minutes=1))
    again = me.post(f"/personas/{persona_id}/posts", body, idempotency_key="monday")
    assert (first.status, again.status) == (202, 202)
    assert again.body["post_id"] == first.body["post_id"]
    assert len(world.executions.started) == 1


@pytest.mark.parametrize("key", [None, "tuesday"])
def test_a_photo_that_is_posted_is_refused_the_second_time(world: World, me: Caller, key: str | None) -> None:
    persona_id, connection_id, _ = world.ready(me)
    first = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}, idempotency_key="monday")
    headers = {"idempotency_key": key} if key else {}
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}, **headers)
    assert answer.problem() == (409, "photo-already-posted")
    assert (answer.body["post_id"], answer.body["connection_id"]) == (first.body["post_id"], connection_id)
    assert me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "cycle": 2}).status == 202


@pytest.mark.parametrize(
    ("body", "refused_as", "field"),
    [
        ({"photo": "rain.jpg"}, (404, "photo-not-found"), None),
        ({"photo": "0" * 64}, (404, "photo-not-found"), None),
        ({"photo": "fog.jpg", "connection_ids": ["c0123456789ab"]}, (404, "connection-unknown"), None),
        ({"photo": "fog.jpg", "at": "2026-03-01T12:59:00"}, (422, "time-in-past"), "at"),
        ({"photo": "fog.jpg", "at": "2026-03-01T11:59:00Z"}, (422, "time-in-past"), "at"),
        ({"photo": "fog.jpg", "at": "2027-03-02T12:00:00Z"}, (422, "time-too-far"), "at"),
        ({"photo": "fog.jpg", "zone": "Mars/Olympus"}, (422, "time-invalid"), "zone"),
        ({"photo": "fog.jpg", "caption": "x" * 2201}, (422, "caption-too-long"), "caption"),
        ({"photo": "fog.jpg", "caption": " ".join(f"#t{n}" for n in range(31))}, (422, "too-many-hashtags"), "caption"),
        ({"photo": "fog.jpg", "at": "tomorrow"}, (422, "invalid"), "at"),
        ({"photo": "fog.jpg", "at": 1772366400}, (422, "invalid"), "at"),
        ({"photo": "fog.jpg", "at": "0001-01-01T00:00:00+14:00"}, (422, "invalid"), "at"),
        ({"photo": "fog.jpg", "at": "9999-12-31T23:59:59-12:00"}, (422, "invalid"), "at"),
        ({"photo": ""}, (422, "invalid"), "photo"),
        ({"photo": "x" * 251}, (422, "invalid"), "photo"),
        ({}, (422, "post-empty"), "caption"),
        ({"photo": "fog.jpg", "cycle": 0}, (422, "invalid"), "cycle"),
        ({"photo": "fog.jpg", "hashtags": [""]}, (422, "invalid"), "hashtags.0"),
        ({"photo": "fog.jpg", "connection_ids": "all"}, (422, "invalid"), "connection_ids"),
        ({"photo": "fog.jpg", "conection_ids": []}, (422, "invalid"), "conection_ids"),
    ],
)
def test_bad_wishes_are_refused_by_name_and_leave_the_photo_unposted(
    world: World, me: Caller, body: dict[str, Any], refused_as: tuple[int, str], field: str | None
) -> None:
    persona_id, _, photo = world.ready(me)
    answer = me.post(f"/personas/{persona_id}/posts", body)
    assert answer.problem() == refused_as
    assert [error["field"] for error in answer.body.get("errors", [])] == ([field] if field else [])
    assert world.services.photos.get(persona_id, photo.photo_id).in_unposted
    assert me.get(f"/personas/{persona_id}/posts").body == {"posts": [], "cursor": None}


def test_a_persona_without_a_connected_account_cannot_post(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    me.delete(f"/personas/{persona_id}/connections/{connection_id}")
    assert me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).problem() == (409, "no-connection")
    named = {"photo": "fog.jpg", "connection_ids": [connection_id]}
    answer = me.post(f"/personas/{persona_id}/posts", named)
    assert answer.problem() == (409, "connection-not-connected")
    assert answer.body["connection_id"] == connection_id


def test_posts_are_listed_newest_first_in_pages(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    made = []
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        world.photo(persona_id, name)
        made.append(me.post(f"/personas/{persona_id}/posts", {"photo": name}).body["post_id"])
        world.clock.sleep(timedelta(seconds=1))
    path = f"/personas/{persona_id}/posts"
    first = me.get(path, limit="2")
    second = me.get(path, limit="2", cursor=first.body["cursor"])
    assert [post["post_id"] for page in (first, second) for post in page.body["posts"]] == made[::-1]
    assert {post["status"] for post in first.body["posts"]} == {"scheduled"}
    assert second.body["cursor"] is None
    assert me.get(path, cursor="bm9ib2R5").problem() == (422, "cursor-invalid")


def test_a_live_post_has_its_address(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body
    schedule_id = post["schedules"][0]["schedule_id"]
    assert post["schedules"][0]["last_attempt_at"] is None
    moved(world, schedule_id, ScheduleStatus.PROCESSING, step=Step.PUBLISHED, last_attempt_at=NOW)
    moved(world, schedule_id, ScheduleStatus.SUCCESS, external_url="https://instagram.example/p/1", posted_at=NOW)
    after = me.get(f"/posts/{post['post_id']}").body
    assert (after["status"], after["variants"][0]["status"]) == ("posted", "published")
    assert after["schedules"][0]["external_url"] == "https://instagram.example/p/1"
    assert datetime.fromisoformat(after["schedules"][0]["last_attempt_at"]) == NOW


def test_cancelling_what_waits_is_done_at_once_and_frees_the_photo(world: World, me: Caller) -> None:
    persona_id, _, photo = world.ready(me)
    body = {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}
    post = me.post(f"/personas/{persona_id}/posts", body).body
    for _ in range(2):
        answer = me.post(f"/posts/{post['post_id']}/cancel")
        assert (answer.status, answer.body["status"]) == (200, "cancelled")
    assert world.timers() == []
    assert world.services.photos.get(persona_id, photo.photo_id).in_unposted


def test_cancelling_a_schedule_that_a_chain_holds_is_accepted(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    schedule = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body["schedules"][0]
    moved(world, schedule["schedule_id"], ScheduleStatus.PROCESSING, step=Step.BEGUN)
    answer = me.post(f"/schedules/{schedule['schedule_id']}/cancel")
    assert (answer.status, answer.body["status"], answer.body["cancel_requested"]) == (202, "processing", True)
    assert me.post(f"/posts/{schedule['post_id']}/cancel").status == 202


def test_cancelling_what_was_handed_over_starts_its_withdrawal(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    schedule = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body["schedules"][0]
    moved(world, schedule["schedule_id"], ScheduleStatus.PROCESSING, step=Step.HANDED_OVER, ref="remote-1")
    answer = me.post(f"/schedules/{schedule['schedule_id']}/cancel")
    assert (answer.status, answer.body["revision"]) == (202, 2)
    assert world.executions.started[-1] == f"{schedule['schedule_id']}-2"
    assert world.services.schedules.get(schedule["schedule_id"]).intent is Intent.WITHDRAW


def test_what_is_live_cannot_be_cancelled(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    schedule = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body["schedules"][0]
    moved(world, schedule["schedule_id"], ScheduleStatus.PROCESSING, step=Step.PUBLISHED)
    moved(world, schedule["schedule_id"], ScheduleStatus.SUCCESS)
    assert me.post(f"/schedules/{schedule['schedule_id']}/cancel").problem() == (409, "nothing-to-cancel")
    assert me.post(f"/posts/{schedule['post_id']}/cancel").problem() == (409, "nothing-to-cancel")


def test_cancelling_a_post_leaves_what_is_live(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    world.connection(me, persona_id, "buffer")
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body
    live, waiting = (schedule["schedule_id"] for schedule in post["schedules"])
    moved(world, live, ScheduleStatus.PROCESSING, step=Step.PUBLISHED)
    moved(world, live, ScheduleStatus.SUCCESS)
    answer = me.post(f"/posts/{post['post_id']}/cancel")
    assert (answer.status, answer.body["status"]) == (200, "posted")
    assert {schedule["schedule_id"]: schedule["status"] for schedule in answer.body["schedules"]} == {
        live: "success",
        waiting: "cancelled",
    }


@pytest.mark.parametrize("path", ["/posts/p0123456789abcdef", "/posts/x"])
def test_an_unknown_post_is_not_found(world: World, me: Caller, path: str) -> None:
    assert me.get(path).problem() == (404, "post-not-found")
    assert me.post(f"{path}/cancel").problem() == (404, "post-not-found")


@pytest.mark.parametrize("path", ["/schedules/p0123456789abcdef-c0123456789ab", "/schedules/x"])
def test_an_unknown_schedule_is_not_found(world: World, me: Caller, path: str) -> None:
    assert me.get(path).problem() == (404, "schedule-not-found")
    assert me.post(f"{path}/cancel").problem() == (404, "schedule-not-found")


def test_decisions_are_listed_newest_slot_first_in_pages(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for day in range(3):
        slot_at = NOW + timedelta(days=day)
        decision = Decision(
            persona_id=persona_id,
            slot_at=slot_at,
            decided_at=NOW,
            strategy="curators_choice",
            picked=sha("fog.jpg"),
            score=8.5,
            reason=f"Day {day}.",
        )
        world.services.posts.keep(
            DecisionRecord(
                persona_id=persona_id,
                owner="123456789012/role/Photographer",
                slot_at=slot_at,
                decided_at=NOW,
                post_id="p0123456789abcdef",
                body=decision.model_dump(mode="json"),
            )
        )
    path = f"/personas/{persona_id}/decisions"
    first = me.get(path, limit="2")
    second = me.get(path, limit="2", cursor=first.body["cursor"])
    decisions = [item for page in (first, second) for item in page.body["decisions"]]
    assert [item["reason"] for item in decisions] == ["Day 2.", "Day 1.", "Day 0."]
    assert {item["post_id"] for item in decisions} == {"p0123456789abcdef"}
    assert second.body["cursor"] is None
    assert me.get(path, cursor="bm9ib2R5").problem() == (422, "cursor-invalid")
