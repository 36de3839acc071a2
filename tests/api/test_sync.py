"""Sync through the API."""

from typing import Any

from tests.api.calling import Caller
from tests.api.world import SYNC_ARN, World


def report(post_id: str) -> dict[str, Any]:
    """A run that brought one post home."""
    update = {
        "schedule_id": f"{post_id}-c0123456789ab",
        "post_id": post_id,
        "before": "processing",
        "after": "success",
        "external_id": "1",
        "external_url": "https://instagram.example/p/1",
        "reason": None,
    }
    return {"looked_at": 2, "updated": [update], "overdue_seconds": 4.5}


def test_syncing_a_persona_answers_with_what_was_found(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.functions.reports[persona_id] = report("p1")
    answer = me.post(f"/personas/{persona_id}/sync")
    assert answer.status == 200
    assert answer.body == {**report("p1"), "pending": [], "not_started": []}
    assert world.functions.invoked == [(SYNC_ARN, {"job": "sync", "persona_id": persona_id})]


def test_syncing_all_covers_the_callers_personas_only(world: World, me: Caller, rival: Caller) -> None:
    mine = [world.persona(me, name) for name in ("Alps", "Bays")]
    world.functions.reports = {mine[0]: report("p1"), mine[1]: report("p2"), world.persona(rival): report("p3")}
    answer = me.post("/sync")
    assert (answer.status, answer.body["looked_at"]) == (200, 4)
    assert [update["post_id"] for update in answer.body["updated"]] == ["p1", "p2"]
    assert [event["persona_id"] for _, event in world.functions.invoked] == mine


def test_a_sync_that_takes_longer_is_accepted_and_runs_on(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    world.functions.reports[persona_id] = None
    answer = me.post(f"/personas/{persona_id}/sync")
    assert (answer.status, answer.body["pending"]) == (202, [persona_id])


def test_syncs_beyond_the_time_for_waiting_are_started_without(world: World, me: Caller) -> None:
    slow, late = (world.persona(me, name) for name in ("Alps", "Bays"))
    world.functions.seconds = 12
    answer = me.post("/sync")
    assert (answer.status, answer.body["pending"]) == (202, [late])
    assert [event["persona_id"] for _, event in world.functions.invoked] == [slow]
    assert world.functions.started[-1] == (SYNC_ARN, {"job": "sync", "persona_id": late})
