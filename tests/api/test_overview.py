"""The overview through the API: what was published, what is next, and what needs a person."""

import re
from datetime import timedelta
from typing import Any

import time_machine

from shutterpost.flows.overview.needs import NeedKind
from shutterpost.photos.bucket.keys import REJECTED
from shutterpost.scheduling import Schedule, ScheduleStatus, StaleWrite
from tests.api.calling import Answer, Caller
from tests.api.documented import documented, operations
from tests.api.world import World
from tests.support.aws import BUCKET
from tests.support.builders import NOW

HOUR = timedelta(hours=1)


def planned(world: World, me: Caller, persona_id: str, name: str, at: str) -> str:
    """A photo planned at a time; its post's id."""
    world.photo(persona_id, name)
    return str(me.post(f"/personas/{persona_id}/posts", {"photo": name, "at": at}).body["post_id"])


def settle(world: World, post_id: str, *path: ScheduleStatus, **changes: Any) -> None:
    """Move the post's schedules along `path`."""
    for schedule in world.services.posts.details(post_id).schedules:
        moved: Schedule | StaleWrite = schedule
        for to in path:
            assert not isinstance(moved, StaleWrite)
            moved = world.services.schedules.move(moved, to, now=NOW, **(changes if to is path[-1] else {}))


def kinds(answer: Answer) -> list[str]:
    return [need["kind"] for need in answer.body["needs"]]


def test_overview_has_the_latest_and_the_next_posts_and_counts_the_others(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    posts = [planned(world, me, persona_id, f"{day}.jpg", f"2026-03-{day:02}T09:00:00") for day in range(2, 15)]
    for post_id in posts[:6]:
        settle(world, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.SUCCESS)

    body = me.get("/overview").body

    assert [entry["post_id"] for entry in body["published"]] == posts[5:0:-1]
    assert [entry["post_id"] for entry in body["next"]] == posts[6:11]
    assert body["next_count"] == 7
    assert body["next"][0]["local_time"] == "2026-03-08T09:00:00+01:00"
    assert (body["personas"][0]["persona_id"], body["pause"]) == (persona_id, None)


def test_an_account_is_named_where_its_persona_has_several_of_the_channel(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    world.connection(me, persona_id, "instagram", "second")
    world.connection(me, persona_id, "threads")
    post_id = planned(world, me, persona_id, "a.jpg", "2026-03-02T09:00:00")
    settle(world, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED, error_cause="platform")
    planned(world, me, persona_id, "b.jpg", "2026-03-03T09:00:00")

    body = me.get("/overview").body

    places = {(entry["channel"], entry["account_name"]) for entry in body["next"]}
    assert places == {("instagram", "instagram-1"), ("instagram", "second"), ("threads", None)}
    failures = {need["what"] for need in body["needs"] if need["kind"] == NeedKind.FAILED}
    assert failures == {
        f"a.jpg on {where}, post {post_id}" for where in ("instagram instagram-1", "instagram second", "threads")
    }


def test_each_need_names_operations_of_the_api_with_everything_that_they_require(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    rules = {"slots": [{"at": "18:00"}], "allow_provisional": False}
    me.patch(f"/personas/{persona_id}", rules)
    for name, cause in (("a.jpg", "platform"), ("b.jpg", "photo")):
        post_id = planned(world, me, persona_id, name, "2026-03-02T09:00:00")
        settle(world, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED, error_cause=cause)
    post_id = planned(world, me, persona_id, "c.jpg", "2026-03-02T09:00:00")
    settle(world, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN, error_code="needs-a-person")
    me.put("/pause", {"reason": "Holiday."})
    connections = world.services.connections
    connections.mark_error(connections.get(persona_id, connection_id), "Log in again.", NOW)
    world.s3.put_object(Bucket=BUCKET, Key=f"{REJECTED}{persona_id}/dune.tif.reason.json", Body=b"{}")
    world.persona(me, "Without an account")

    answer = me.get("/overview")

    assert set(kinds(answer)) == {
        NeedKind.PAUSED,
        NeedKind.FAILED,
        NeedKind.UNKNOWN,
        NeedKind.ACCOUNT_ERROR,
        NeedKind.NO_ACCOUNT,
        NeedKind.LIBRARY_LOW,
        NeedKind.FILES_REJECTED,
    }
    by_id = {operation["operationId"]: (path, operation) for _, path, operation in operations()}
    for need in answer.body["needs"]:
        for repair in need["repairs"]:
            path, operation = by_id[repair["operation"]]
            assert set(re.findall(r"{(\w+)}", path)) == set(repair["parameters"]), repair
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            body = documented()["components"]["schemas"].get(
                content.get("schema", {}).get("$ref", "").split("/")[-1], {}
            )
            given = {*repair["body"], *repair["asks"]}
            assert set(body.get("required", [])) <= given <= set(body.get("properties", {})), repair


def test_repair_is_sent_as_it_is_given(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    post_id = planned(world, me, persona_id, "a.jpg", "2026-03-02T09:00:00")
    settle(world, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED, error_cause="platform")
    [need] = [need for need in me.get("/overview").body["needs"] if need["kind"] == "failed"]
    [repair] = need["repairs"]
    paths = {operation["operationId"]: path for _, path, operation in operations()}

    assert (need["post_id"], need["zone"]) == (post_id, "Europe/Paris")
    assert me.post(paths[repair["operation"]].format(**repair["parameters"]), repair["body"]).status == 202
    assert "failed" not in kinds(me.get("/overview"))


def test_overview_that_has_not_changed_is_not_sent_again(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    first = me.get("/overview")
    again = me.send(me.event("GET", "/overview", headers={"If-None-Match": first.headers["ETag"]}))
    weak = me.send(me.event("GET", "/overview", headers={"If-None-Match": f'"x", W/{first.headers["ETag"]}'}))

    assert (again.status, again.body, weak.status) == (304, "", 304)
    assert again.headers["ETag"] == first.headers["ETag"]
    me.put("/pause", {"reason": "Holiday."})
    changed = me.send(me.event("GET", "/overview", headers={"If-None-Match": first.headers["ETag"]}))
    assert changed.status == 200
    assert changed.body["pause"]["reason"] == "Holiday."
    assert persona_id == changed.body["personas"][0]["persona_id"]


def test_overview_of_a_persona_is_of_no_other(world: World, me: Caller, rival: Caller) -> None:
    persona_id, *_ = world.ready(me)
    world.persona(me, "Other")
    body = me.get("/overview", persona=persona_id).body

    assert [persona["persona_id"] for persona in body["personas"]] == [persona_id]
    assert rival.get("/overview", persona=persona_id).problem() == (404, "persona-not-found")
    assert rival.get("/overview").body["personas"] == []


def test_files_rejected_long_ago_need_nobody(world: World, me: Caller) -> None:
    persona_id, *_ = world.ready(me)
    for days in (3, 10):
        with time_machine.travel(NOW - timedelta(days=days), tick=False):
            key = f"{REJECTED}{persona_id}/{days}.tif.reason.json"
            world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")

    [need] = [need for need in me.get("/overview").body["needs"] if need["kind"] == "files_rejected"]
    assert need["why"] == "1 rejected in the last 7 days"
