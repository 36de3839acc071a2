"""Why a queued post waits, in every response that shows it, and what ends the wait."""

from datetime import timedelta
from typing import Any

import pytest

from shutterpost.scheduling import Circuit, Lane, ScheduleStatus
from tests.api.calling import Caller
from tests.api.world import World
from tests.support.builders import NOW

# The lane of the account that `World.connection` connects.
LANE = "instagram:instagram-1"
CIRCUIT = Circuit(opened_at=NOW, reason="2: Please retry your request later.")
HELD = {
    "cause": "circuit",
    "because": "instagram refused several posts (2: Please retry your request later.)",
    "until": "2026-03-01T12:05:00Z",
}


def open_circuit(world: World, key: str) -> None:
    """Open the circuit breaker of an account, or of an owner's channel."""
    world.services.circuits.lanes.change(key, "anyone", lambda _: Lane(circuit=CIRCUIT))


def due_post(world: World, me: Caller, persona_id: str, name: str = "fog.jpg") -> dict[str, Any]:
    """A post that is due at once, but was not requested for now."""
    at = (NOW + timedelta(minutes=1)).isoformat()
    body: dict[str, Any] = me.post(f"/personas/{persona_id}/posts", {"photo": name, "at": at}).body
    return body


def test_every_response_gives_the_reason_and_the_end_of_a_hold(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    open_circuit(world, LANE)
    created = due_post(world, me, persona_id)
    post_id, [schedule] = created["post_id"], created["schedules"]
    span = {"from": "2026-03-01", "to": "2026-03-02", "zone": "UTC"}

    shown = [
        schedule["held"],
        me.get(f"/posts/{post_id}").body["schedules"][0]["held"],
        me.get(f"/schedules/{schedule['schedule_id']}").body["held"],
        me.get(f"/personas/{persona_id}/posts").body["posts"][0]["schedules"][0]["held"],
        me.get("/calendar", **span).body["entries"][0]["held"],
    ]

    assert shown == [HELD] * 5


def test_circuit_of_the_channel_holds_every_connection_of_the_owner(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    owner = world.services.connector.connections.get(persona_id, connection_id).owner
    open_circuit(world, f"{owner}#instagram")

    held = due_post(world, me, persona_id)["schedules"][0]["held"]

    assert held == HELD
    connection = me.get(f"/personas/{persona_id}/connections/{connection_id}").body
    assert connection["circuit"] == {"until": HELD["until"], "reason": CIRCUIT.reason}


def test_etag_of_a_post_does_not_depend_on_what_holds_it(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    path = f"/posts/{due_post(world, me, persona_id)['post_id']}"
    before = me.get(path)
    open_circuit(world, LANE)

    after = me.get(path)

    assert (before.body["schedules"][0]["held"], after.body["schedules"][0]["held"]) == (None, HELD)
    assert before.headers["ETag"] == after.headers["ETag"]


def test_reset_closes_the_circuit_and_starts_what_is_due(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    open_circuit(world, LANE)
    schedule_id = due_post(world, me, persona_id)["schedules"][0]["schedule_id"]
    path = f"/personas/{persona_id}/connections/{connection_id}/reset"

    answer, again = me.post(path), me.post(path)

    assert answer.body["circuit"] is None
    assert answer.body["was_open"] == {"until": HELD["until"], "reason": CIRCUIT.reason}
    assert answer.body["posts"] == {"started": [schedule_id], "late": [], "held": []}
    assert f"{schedule_id}-2" in world.executions.started
    assert again.body["was_open"] is None
    unknown = f"/personas/{persona_id}/connections/c0123456789ab/reset"
    assert me.post(unknown).problem() == (404, "connection-unknown")


@pytest.mark.parametrize("works", [True, False])
def test_check_that_succeeds_closes_the_circuit(world: World, me: Caller, works: bool) -> None:
    persona_id, connection_id, _ = world.ready(me)
    open_circuit(world, LANE)
    schedule_id = due_post(world, me, persona_id)["schedules"][0]["schedule_id"]
    report = {"persona_id": persona_id, "connection_id": connection_id, "works": works, "detail": "So it is."}
    world.functions.reports[persona_id] = report

    checked = me.post(f"/personas/{persona_id}/connections/{connection_id}/check").body

    assert (checked["circuit"] is None) is works
    assert checked["posts"]["started"] == ([schedule_id] if works else [])


def test_post_during_a_pause_says_so_and_resume_starts_it(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    me.put("/pause", {"reason": "Holiday."})

    posted = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg"}).body["schedules"][0]
    resumed = me.delete("/pause").body

    assert posted["held"] == {"cause": "pause", "because": "posting is paused: Holiday.", "until": None}
    assert resumed["posts"]["started"] == [posted["schedule_id"]]
    assert f"{posted['schedule_id']}-2" in world.executions.started


def test_post_of_a_connection_in_error_says_so(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    schedule_id = due_post(world, me, persona_id)["schedules"][0]["schedule_id"]
    connections = world.services.connector.connections
    connections.mark_error(connections.get(persona_id, connection_id), "The session has ended.", world.clock.now())

    held = me.get(f"/schedules/{schedule_id}").body["held"]
    connection = me.get(f"/personas/{persona_id}/connections/{connection_id}").body

    because = "instagram-1 is in error: The session has ended."
    assert held == {"cause": "connection", "because": because, "until": None}
    assert connection["token_days_left"] is None


def test_post_ahead_of_the_end_of_a_circuit_is_not_held(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    open_circuit(world, LANE)
    at = (NOW + timedelta(hours=1)).isoformat()

    later = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": at}).body["schedules"][0]

    assert later["held"] is None


def test_every_response_names_the_post_that_has_a_failed_posts_photo(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    post_id = due_post(world, me, persona_id)["post_id"]
    [schedule] = world.services.posts.details(post_id).schedules
    assert world.services.canceller.releaser.end(schedule, ScheduleStatus.SKIPPED)
    before = me.get(f"/posts/{post_id}")
    successor = due_post(world, me, persona_id)["post_id"]
    span = {"from": "2026-03-01", "to": "2026-03-02", "zone": "UTC"}
    listed = me.get(f"/personas/{persona_id}/posts").body["posts"]
    entries = me.get("/calendar", **span).body["entries"]

    after = me.get(f"/posts/{post_id}")

    shown = [
        after.body["schedules"][0],
        me.get(f"/schedules/{schedule.schedule_id}").body,
        *(post["schedules"][0] for post in listed if post["post_id"] == post_id),
        *(entry for entry in entries if entry["post_id"] == post_id),
    ]
    assert [each["superseded_by"] for each in shown] == [{"post_id": successor, "posted": False}] * 4
    assert before.body["schedules"][0]["superseded_by"] is None
    assert before.headers["ETag"] == after.headers["ETag"]
