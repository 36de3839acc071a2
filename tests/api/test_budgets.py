"""Monthly budgets through the API: a connection to X posts nothing without one."""

from typing import Any

import pytest

from tests.api.calling import Caller
from tests.api.world import World

LATER = "2026-04-01T09:00:00"


@pytest.fixture
def path(world: World, me: Caller) -> str:
    """A connection to X, without a budget."""
    persona_id = world.persona(me)
    world.photo(persona_id)
    return f"/personas/{persona_id}/connections/{world.connection(me, persona_id, 'x')}"


def post(me: Caller, path: str, **more: Any) -> Any:
    persona, connection_id = path.split("/connections/")
    body = {"photo": "fog.jpg", "at": LATER, "connection_ids": [connection_id], **more}
    return me.post(f"{persona}/posts", body)


def test_a_connection_shows_its_budget_and_what_the_month_has_used(me: Caller, path: str) -> None:
    assert (me.get(path).body["budget"], me.get(path).body["budget_use"]["posts"]) == (None, 0)
    changed = me.put(f"{path}/budget", {"posts": 30, "dollars": 2.5}).body
    assert changed["budget"] == {"posts": 30, "dollars": 2.5}
    assert changed["budget_use"].keys() == {"month", "posts", "dollars"}
    assert me.get(path).body == changed
    for _ in range(2):
        assert me.delete(f"{path}/budget").body["budget"] is None


def test_posts_are_refused_by_name_until_there_is_a_budget(me: Caller, path: str) -> None:
    answer = post(me, path)
    assert answer.problem() == (409, "budget-missing")
    assert f"shutterpost connections budget {path.rpartition('/')[2]}" in answer.body["detail"]
    me.put(f"{path}/budget", {"posts": 1, "dollars": 0.1})
    assert post(me, path, caption="Prints: https://prints.example/fog").problem() == (409, "budget-too-small")
    assert post(me, path).status == 202


def test_a_preview_names_the_missing_budget(me: Caller, path: str) -> None:
    me.put(f"{path}/budget", {"posts": 1, "dollars": 1})
    post_id = post(me, path).body["post_id"]
    me.delete(f"{path}/budget")
    [variant] = me.get(f"/posts/{post_id}/preview").body["variants"]
    assert [each["kind"] for each in variant["impediments"]] == ["budget-missing"]
    [held] = [each["held"] for each in me.get(f"/posts/{post_id}").body["schedules"]]
    assert (held["cause"], held["until"]) == ("budget", None)


def test_the_overview_asks_for_a_missing_budget(me: Caller, path: str) -> None:
    def needs() -> list[Any]:
        return [each for each in me.get("/overview").body["needs"] if each["kind"] == "budget_low"]

    [need] = needs()
    assert need["repairs"][0] == {
        "operation": "setBudget",
        "parameters": {"persona_id": path.split("/")[2], "connection_id": path.rpartition("/")[2]},
        "body": {},
        "asks": ["posts", "dollars"],
    }
    me.put(f"{path}/budget", {"posts": 1, "dollars": 1})
    assert needs() == []


def test_reconnecting_keeps_the_budget(world: World, me: Caller, path: str) -> None:
    me.put(f"{path}/budget", {"posts": 5, "dollars": 1})
    account = {"channel": "x", "account_id": me.get(path).body["account_id"], "token": "another"}
    assert me.post(path.rpartition("/")[0], account).headers["Location"] == path
    assert me.get(path).body["budget"] == {"posts": 5, "dollars": 1.0}


@pytest.mark.parametrize(
    "body",
    [{"posts": 0, "dollars": 1}, {"posts": 1, "dollars": 0}, {"posts": 1}, {"posts": 5_000, "dollars": 1}],
)
def test_a_budget_has_bounds(me: Caller, path: str, body: Any) -> None:
    assert me.put(f"{path}/budget", body).problem() == (422, "invalid")


def test_a_channel_that_charges_nothing_takes_no_budget(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    path = f"/personas/{persona_id}/connections/{connection_id}"
    assert me.put(f"{path}/budget", {"posts": 1, "dollars": 1}).problem() == (409, "budget-unused")
    assert (me.get(path).body["budget"], me.get(path).body["budget_use"]) == (None, None)
