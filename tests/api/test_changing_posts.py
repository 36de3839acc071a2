"""Changes of posts, dry runs, idempotency keys, and the archive."""

from datetime import timedelta
from typing import Any

import pytest

from shutterpost.scheduling import ScheduleStatus, Step
from tests.api.calling import Caller
from tests.api.test_posts import moved
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


def opened(world: World, me: Caller, **more: Any) -> dict[str, Any]:
    """A planned post."""
    persona_id, _, _ = world.ready(me)
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER, **more})
    assert answer.status == 202
    return dict(answer.body)


def test_a_dry_run_returns_the_post_and_writes_nothing(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    path, body = f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER, "hashtags": ["sea"]}
    dry = me.post(path, body, {"dry_run": "true"}, idempotency_key="one")
    assert dry.status == 200
    assert dry.body["variants"][0]["text"] == "Fog over the valley.\n\n#sea"
    assert dry.body["schedules"][0]["run_at"] == "2026-04-01T07:00:00Z"
    assert me.get(f"/posts/{dry.body['post_id']}").problem() == (404, "post-not-found")
    assert world.timers() == []
    wet = me.post(path, body, idempotency_key="one")
    assert (wet.status, wet.body["post_id"]) == (202, dry.body["post_id"])
    again = me.post(path, {**body, "at": "2026-05-01T09:00:00"}, {"dry_run": "true"})
    assert again.problem() == (409, "photo-already-posted")
    assert (again.body["post_id"], again.body["connection_id"]) == (wet.body["post_id"], connection_id)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"at": "2026-01-01T09:00:00"}, "time-in-past"),
        ({"at": "2028-01-01T09:00:00"}, "time-too-far"),
        ({"caption": "x" * 2201}, "caption-too-long"),
        ({"connection_ids": ["cnobody"]}, "connection-unknown"),
        ({"photo": "rain.jpg"}, "photo-not-found"),
    ],
)
def test_a_dry_run_refuses_what_a_real_one_refuses(world: World, me: Caller, more: Any, problem: str) -> None:
    persona_id, _, _ = world.ready(me)
    path, body = f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER, **more}
    assert me.post(path, body, {"dry_run": "true"}).problem() == me.post(path, body).problem()
    assert me.post(path, body).problem()[1] == problem


def test_a_key_that_comes_back_with_another_body_is_refused(world: World, me: Caller, rival: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    world.photo(persona_id, "rain.jpg")
    path = f"/personas/{persona_id}/posts"
    first = me.post(path, {"photo": "fog.jpg", "at": LATER}, idempotency_key="one")
    assert me.post(path, {"photo": "fog.jpg", "at": LATER}, idempotency_key="one").body == first.body
    other = me.post(path, {"photo": "rain.jpg", "at": LATER}, idempotency_key="one")
    assert other.problem() == (422, "idempotency-key-reused")
    assert (other.body["post_id"], other.body["errors"][0]["field"]) == (first.body["post_id"], "Idempotency-Key")
    theirs, _, _ = world.ready(rival)
    assert rival.post(f"/personas/{theirs}/posts", {"photo": "fog.jpg"}, idempotency_key="one").status == 202


def test_new_words_rewrite_what_is_not_out(world: World, me: Caller) -> None:
    post = opened(world, me)
    path = f"/posts/{post['post_id']}"
    tag = me.get(path).headers["ETag"]
    change = {"caption": "Evening.", "hashtags": ["dusk"], "alt_text": "Dusk", "title": "One"}
    answer = me.patch(path, change, if_match=tag)
    assert answer.status == 200
    assert (answer.body["variants"][0]["text"], answer.body["variants"][0]["alt_text"]) == ("Evening.\n\n#dusk", "Dusk")
    assert (answer.body["base_caption"], answer.body["hashtags"], answer.body["title"]) == ("Evening.", ["dusk"], "One")
    assert me.get(path).headers["ETag"] == answer.headers["ETag"] != tag
    assert me.patch(path, {"title": "Two"}, if_match=tag).problem() == (412, "post-changed")
    assert me.patch(path, {"title": None}).body["title"] is None
    assert me.patch(path, {"caption": "x" * 2201}).problem() == (422, "caption-too-long")


@pytest.mark.parametrize("step", [Step.BEGUN, Step.PUBLISHING])
def test_what_is_out_is_not_edited(world: World, me: Caller, step: Step) -> None:
    post = opened(world, me)
    [schedule] = post["schedules"]
    moved(world, schedule["schedule_id"], ScheduleStatus.PROCESSING, step=step)
    path = f"/posts/{post['post_id']}"
    assert me.patch(path, {"caption": "Evening."}).problem() == (409, "post-is-out")
    assert me.patch(path, {"archived": True}).problem() == (409, "post-is-open")
    moved(world, schedule["schedule_id"], ScheduleStatus.SUCCESS, step=Step.PUBLISHED)
    assert me.patch(path, {"hashtags": ["sea"]}).problem() == (409, "post-is-out")
    assert me.patch(path, {"title": "Live"}).body["title"] == "Live"


def test_a_post_that_ended_is_archived_and_taken_out_again(world: World, me: Caller) -> None:
    post = opened(world, me)
    path = f"/posts/{post['post_id']}"
    me.post(f"{path}/cancel")
    assert me.patch(path, {"archived": True}).body["status"] == "archived"
    assert me.patch(path, {"title": "Old"}).problem() == (409, "post-is-archived")
    assert me.patch(path, {"archived": False, "title": "Old"}).body["status"] == "cancelled"


def test_two_changes_of_one_version_keep_the_first(world: World, me: Caller) -> None:
    post = opened(world, me)
    details = world.services.posts.details(post["post_id"])
    me.patch(f"/posts/{post['post_id']}", {"title": "First"})
    stale = world.services.posts
    original, stale_details = stale.details, details
    world.services.posts.details = lambda *_, **__: stale_details  # type: ignore[method-assign]
    try:
        assert me.patch(f"/posts/{post['post_id']}", {"title": "Second"}).problem() == (412, "post-changed")
    finally:
        world.services.posts.details = original  # type: ignore[method-assign]
    assert me.get(f"/posts/{post['post_id']}").body["title"] == "First"


@pytest.mark.parametrize(
    ("field", "value", "at"),
    [
        ("title", "x" * 201, "title"),
        ("hashtags", [""], "hashtags.0"),
        ("caption", None, "caption"),
        ("archived", "maybe", "archived"),
        ("status", "archived", "status"),
    ],
)
def test_bad_changes_are_refused_by_field(world: World, me: Caller, field: str, value: Any, at: str) -> None:
    assert list(me.patch(f"/posts/{opened(world, me)['post_id']}", {field: value}).broken()) == [at]


def test_tags_and_metadata_are_private_and_change_after_publication(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    private = {"tags": ["spring", "spring", "set-2"], "metadata": {"campaign_id": "spring-1"}, "hashtags": ["sea"]}
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", **private}).body
    assert (post["tags"], post["hashtags"]) == (["spring", "set-2"], ["sea"])
    assert post["metadata"] == {"campaign_id": "spring-1"}
    assert post["variants"][0]["text"] == "Fog over the valley.\n\n#sea"
    assert (post["updated_at"], post["published_at"]) == (post["created_at"], None)
    schedule_id = post["schedules"][0]["schedule_id"]
    moved(world, schedule_id, ScheduleStatus.PROCESSING)
    moved(world, schedule_id, ScheduleStatus.SUCCESS, posted_at=world.clock.now())
    world.clock.sleep(timedelta(hours=1))
    changed = me.patch(f"/posts/{post['post_id']}", {"tags": [], "metadata": {}}).body
    assert (changed["tags"], changed["metadata"], changed["hashtags"]) == ([], {}, ["sea"])
    assert changed["updated_at"] > changed["published_at"]
    assert changed["published_at"] >= post["created_at"]


@pytest.mark.parametrize(("tags", "field"), [(["two words"], "tags.0"), (["x" * 101], "tags.0"), (["a"] * 51, "tags")])
def test_tags_are_bounded(world: World, me: Caller, tags: list[str], field: str) -> None:
    persona_id, _, _ = world.ready(me)
    body = {"photo": "fog.jpg", "tags": tags}
    assert set(me.post(f"/personas/{persona_id}/posts", body).broken()) == {field}
