"""A POST that is repeated with its Idempotency-Key has one effect and one response."""

from datetime import timedelta
from typing import Any

import pytest

from schedule_post.http.idempotency import HEADER
from tests.api.calling import Caller
from tests.api.documented import operations
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


def planned(world: World, me: Caller) -> tuple[str, dict[str, Any]]:
    persona_id, _, _ = world.ready(me)
    return persona_id, me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": LATER}).body


def test_every_post_documents_the_key() -> None:
    posts = [operation for method, _, operation in operations() if method == "POST"]
    assert all(HEADER in {parameter["name"] for parameter in operation["parameters"]} for operation in posts)


def test_a_persona_is_created_once_under_a_key(world: World, me: Caller) -> None:
    body = {"name": "Nature Explorer", "zone": "Europe/Paris"}
    first = me.post("/personas", body, idempotency_key="one")
    again = me.post("/personas", body, idempotency_key="one")
    assert (again.status, again.body, again.headers) == (first.status, first.body, first.headers)
    assert me.post("/personas", body, idempotency_key="two").problem() == (409, "persona-exists")


def test_a_retry_a_move_and_a_skip_are_answered_alike(world: World, me: Caller) -> None:
    _, post = planned(world, me)
    path = f"/schedules/{post['schedules'][0]['schedule_id']}"
    for verb, body in (("move", {"at": "2026-04-02T09:00:00"}), ("skip", {}), ("retry", {})):
        first = me.post(f"{path}/{verb}", body, idempotency_key=verb)
        assert first.status < 300
        again = me.post(f"{path}/{verb}", body, idempotency_key=verb)
        assert (again.status, again.body) == (first.status, first.body)
    assert me.get(path).body["revision"] == 3
    assert me.post(f"{path}/retry", {}, idempotency_key="other").problem() == (409, "nothing-to-retry")


def test_work_is_started_once_under_a_key(world: World, me: Caller) -> None:
    persona_id, _ = planned(world, me)
    for _ in range(2):
        assert me.post(f"/personas/{persona_id}/sync", idempotency_key="one").status == 200
    assert len(world.functions.invoked) == 1


def test_a_key_belongs_to_one_request_of_one_owner(world: World, me: Caller, rival: Caller) -> None:
    body = {"name": "Nature Explorer", "zone": "Europe/Paris"}
    mine = me.post("/personas", body, idempotency_key="one")
    refused = me.post("/personas", {**body, "zone": "UTC"}, idempotency_key="one")
    assert refused.problem() == (422, "idempotency-key-reused")
    theirs = rival.post("/personas", body, idempotency_key="one")
    assert (theirs.status, theirs.body["persona_id"] == mine.body["persona_id"]) == (201, False)


def test_a_refusal_frees_the_key(world: World, me: Caller) -> None:
    bad = me.post("/personas", {"name": "Nature Explorer", "zone": "Mars/Olympus"}, idempotency_key="one")
    assert bad.status == 422
    good = me.post("/personas", {"name": "Nature Explorer", "zone": "UTC"}, idempotency_key="one")
    assert good.status == 201


def test_a_key_is_free_again_after_a_day(world: World, me: Caller) -> None:
    persona_id, _ = planned(world, me)
    for hours in (0, 23, 2):
        world.clock.sleep(timedelta(hours=hours))
        me.post(f"/personas/{persona_id}/sync", idempotency_key="one")
    assert len(world.functions.invoked) == 2


def test_a_request_that_broke_off_is_taken_up_by_a_later_repeat(world: World, me: Caller) -> None:
    persona_id, _ = planned(world, me)
    path, answers = f"/personas/{persona_id}/sync", world.services.posts.responses
    complete = answers.complete
    answers.complete = lambda *_: None  # type: ignore[method-assign]  # as a function that is stopped before it could
    me.post(path, idempotency_key="one")
    answers.complete = complete  # type: ignore[method-assign]
    assert me.post(path, idempotency_key="one").problem() == (409, "request-in-progress")
    world.clock.sleep(timedelta(seconds=61))
    assert me.post(path, idempotency_key="one").status == 200


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_key_has_a_sensible_length(world: World, me: Caller, key: str) -> None:
    refused = me.post("/sync", idempotency_key=key)
    assert refused.problem() == (422, "idempotency-key-invalid")
    assert refused.body["errors"][0]["field"] == HEADER
