"""Moving a whole post and swapping two, through the API."""

from typing import Any

import pytest

from shutterpost.scheduling import ScheduleStatus, Step
from tests.api.calling import Caller
from tests.api.test_operator import moved
from tests.api.world import World

AT, LATER = "2026-04-01T09:00:00", "2026-04-02T09:00:00"
SLOT = "2026-04-03T18:30:00"


def opened(world: World, me: Caller, persona_id: str, name: str, at: str) -> Any:
    """A planned post of a new photo."""
    world.photo(persona_id, name)
    answer = me.post(f"/personas/{persona_id}/posts", {"photo": name, "at": at})
    assert answer.status == 202, answer
    return answer.body


def times(post: Any) -> set[str]:
    """When the post's schedules are published, as the API tells."""
    return {schedule["run_at"] for schedule in post["schedules"]}


@pytest.fixture
def persona_id(world: World, me: Caller) -> str:
    """A persona with a daily slot and two connections."""
    persona_id = world.persona(me, slots=[{"at": "18:30"}])
    world.connection(me, persona_id)
    world.connection(me, persona_id, "buffer")
    return persona_id


def test_a_post_moves_to_a_time_or_a_slot(world: World, me: Caller, persona_id: str) -> None:
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', AT)['post_id']}"
    answer = me.post(f"{path}/move", {"at": LATER, "zone": "UTC"})
    assert (answer.status, times(answer.body)) == (200, {"2026-04-02T09:00:00Z"})
    at_slot = me.post(f"{path}/move", {"slot": SLOT}).body
    assert times(at_slot) == {"2026-04-03T16:30:00Z"}
    [slot] = me.get(f"/personas/{persona_id}/slots", **{"from": "2026-04-03", "to": "2026-04-04"}).body["slots"]
    assert (slot["free"], slot["post_id"]) == (False, at_slot["post_id"])
    other = opened(world, me, persona_id, "rain.jpg", AT)["post_id"]
    assert me.post(f"/posts/{other}/move", {"slot": "2026-04-03T16:30:00Z"}).problem() == (409, "slot-taken")
    assert me.post(f"/posts/{other}/move", {"slot": AT}).problem() == (422, "slot-unknown")
    assert times(me.get(f"/posts/{other}").body) == {"2026-04-01T07:00:00Z"}


def test_a_move_names_one_time(world: World, me: Caller, persona_id: str) -> None:
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', AT)['post_id']}/move"
    for body in (
        {},
        {"at": LATER, "slot": SLOT},
        {"at": LATER, "day": "2026-04-03"},
        {"day": "soon"},
        {"day": "9999-12-31"},
    ):
        assert me.post(path, body).problem() == (422, "invalid")
    assert me.post(path, {"at": "2020-01-01T09:00:00"}).problem() == (422, "time-in-past")


def run_at(answer: Any) -> str:
    """The one instant at which all schedules of the post are published."""
    assert answer.status == 200, answer
    [instant] = times(answer.body)
    return instant


def test_a_post_moves_to_the_first_free_slot_of_a_day(world: World, me: Caller, persona_id: str) -> None:
    first, second, third = (opened(world, me, persona_id, f"{name}.jpg", AT)["post_id"] for name in "abc")
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "18:30"}, {"at": "20:00"}]})
    assert run_at(me.post(f"/posts/{first}/move", {"day": "2026-04-03"})) == "2026-04-03T16:30:00Z"
    assert run_at(me.post(f"/posts/{second}/move", {"day": "2026-04-03"})) == "2026-04-03T18:00:00Z"
    refused = me.post(f"/posts/{third}/move", {"day": "2026-04-03"})
    assert (refused.problem(), refused.body["post_id"]) == ((409, "slot-taken"), first)
    assert run_at(me.post(f"/posts/{first}/move", {"day": "2026-04-03"})) == "2026-04-03T16:30:00Z"


def test_on_a_day_without_slots_a_post_keeps_its_wall_time(world: World, me: Caller, persona_id: str) -> None:
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "18:30", "weekdays": ["mon"]}]})
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', '2026-03-28T09:00:00')['post_id']}/move"
    # The clocks go forward on 29 March.
    assert run_at(me.post(path, {"day": "2026-03-29"})) == "2026-03-29T07:00:00Z"
    assert run_at(me.post(path, {"day": "2026-03-27"})) == "2026-03-27T08:00:00Z"
    assert run_at(me.post(path, {"day": "2026-03-30"})) == "2026-03-30T16:30:00Z"


def test_what_is_left_of_today_counts(world: World, me: Caller, persona_id: str) -> None:
    me.patch(f"/personas/{persona_id}", {"slots": [{"at": "09:00"}, {"at": "18:30"}]})
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', AT)['post_id']}/move"
    assert run_at(me.post(path, {"day": "2026-03-01"})) == "2026-03-01T17:30:00Z"


def test_a_limit_forbids_the_slots_of_a_day(world: World, me: Caller, persona_id: str) -> None:
    opened(world, me, persona_id, "rain.jpg", "2026-04-03T18:00:00")
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', AT)['post_id']}/move"
    me.patch(f"/personas/{persona_id}", {"min_gap_minutes": 60})
    assert me.post(path, {"day": "2026-04-03"}).problem() == (409, "too-near")
    assert me.post(path, {"day": "2020-04-03"}).problem() == (422, "time-in-past")


def test_a_withdrawal_is_accepted(world: World, me: Caller, persona_id: str) -> None:
    post = opened(world, me, persona_id, "fog.jpg", AT)
    held = next(item["schedule_id"] for item in post["schedules"] if item["channel"] == "buffer")
    moved(world, held, ScheduleStatus.PROCESSING, step=Step.HANDED_OVER, ref="held")
    answer = me.post(f"/posts/{post['post_id']}/move", {"at": LATER})
    shown = {item["channel"]: (item["run_at"], item["next_run_at"]) for item in answer.body["schedules"]}
    assert answer.status == 202
    assert shown["buffer"] == ("2026-04-01T07:00:00Z", "2026-04-02T07:00:00Z")
    assert shown["instagram"] == ("2026-04-02T07:00:00Z", None)
    moved(world, held, ScheduleStatus.UNKNOWN)
    assert me.post(f"/posts/{post['post_id']}/move", {"at": AT}).problem() == (409, "move-in-flight")


def test_two_posts_swap(world: World, me: Caller, persona_id: str) -> None:
    first, second = (opened(world, me, persona_id, *which) for which in (("fog.jpg", AT), ("rain.jpg", LATER)))
    version = me.get(f"/posts/{first['post_id']}").headers["ETag"]
    path, other = f"/posts/{first['post_id']}/swap", {"with": second["post_id"]}

    answer = me.post(path, other, if_match=version)

    assert [post["post_id"] for post in answer.body["posts"]] == [first["post_id"], second["post_id"]]
    assert [times(post) for post in answer.body["posts"]] == [{"2026-04-02T07:00:00Z"}, {"2026-04-01T07:00:00Z"}]
    assert me.post(path, other, if_match=version).problem() == (412, "post-changed")
    assert me.post(f"/posts/{first['post_id']}/move", {"at": AT}, if_match=version).problem() == (412, "post-changed")
    assert times(me.get(f"/posts/{first['post_id']}").body) == {"2026-04-02T07:00:00Z"}


def test_a_swap_names_a_post_of_the_same_persona(world: World, me: Caller, rival: Caller, persona_id: str) -> None:
    path = f"/posts/{opened(world, me, persona_id, 'fog.jpg', AT)['post_id']}/swap"
    theirs = world.persona(rival, "Rival")
    world.connection(rival, theirs)
    world.photo(theirs, "theirs.jpg", owner="123456789012/role/Rival")
    hidden = rival.post(f"/personas/{theirs}/posts", {"photo": "theirs.jpg", "at": LATER}).body["post_id"]
    assert me.post(path, {"with": hidden}).problem() == (404, "post-not-found")
    mine = world.persona(me, "Night Walker")
    world.connection(me, mine, account_id="night")
    elsewhere = opened(world, me, mine, "moon.jpg", LATER)["post_id"]
    refused = me.post(path, {"with": elsewhere})
    assert (refused.problem(), refused.body["errors"][0]["field"]) == ((422, "swap-invalid"), "with")
    assert me.post(path, {"other": elsewhere}).problem() == (422, "invalid")
