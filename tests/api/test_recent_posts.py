"""What an account shows, through the API."""

import pytest

from tests.api.calling import Caller
from tests.api.world import BY_HAND, SYNC_ARN, World


@pytest.fixture
def path(world: World, me: Caller) -> str:
    """The route of a connection's latest posts."""
    persona_id, connection_id, _ = world.ready(me)
    return f"/personas/{persona_id}/connections/{connection_id}/recent"


def test_the_function_with_the_token_reads_and_pages_follow(world: World, me: Caller, path: str) -> None:
    _, _, persona_id, _, connection_id, _ = path.split("/")
    first = me.get(path)
    assert (first.status, first.body["state"], first.body["posts"]) == (200, "listed", [BY_HAND])
    job = {"job": "recent_posts", "persona_id": persona_id, "connection_id": connection_id}
    assert world.functions.invoked[-1] == (SYNC_ARN, {**job, "limit": 30, "cursor": None})
    me.get(path, limit="5", cursor=first.body["cursor"])
    assert world.functions.invoked[-1][1] == {**job, "limit": 5, "cursor": f"QVFI{BY_HAND['external_id']}"}


def test_what_cannot_be_read_is_an_answer_and_no_error(world: World, me: Caller, path: str) -> None:
    persona_id = path.split("/")[2]
    facts = {"state": "unread", "detail": "The token has ended.", "cause": "token", "retry_after": 120.0}
    world.functions.reports[persona_id] = facts
    answer = me.get(path)
    assert (answer.status, answer.body["posts"], answer.body["cursor"]) == (200, [], None)
    assert facts.items() <= answer.body.items()
    # The platform takes longer than a request may.
    world.functions.reports[persona_id] = None
    answer = me.get(path)
    assert (answer.status, answer.body["state"]) == (200, "unread")
    assert "has not answered" in answer.body["detail"]


def test_a_stranger_and_a_revoked_connection_are_refused(world: World, me: Caller, rival: Caller, path: str) -> None:
    before = list(world.functions.invoked)
    assert rival.get(path).problem() == (404, "persona-not-found")
    assert me.get(path.replace("/connections/c", "/connections/cx")).problem() == (404, "connection-unknown")
    me.delete(path.removesuffix("/recent"))
    assert me.get(path).problem() == (409, "connection-not-connected")
    assert world.functions.invoked == before


@pytest.mark.parametrize(
    ("query", "field"), [({"limit": "0"}, "limit"), ({"limit": "41"}, "limit"), ({"cursor": "%%%"}, "cursor")]
)
def test_bad_pages_are_refused_by_name(world: World, me: Caller, path: str, query: dict[str, str], field: str) -> None:
    answer = me.get(path, **query)
    assert answer.status == 422
    assert [error["field"] for error in answer.body["errors"]] == [field]
    assert world.functions.invoked == []


@pytest.mark.usefixtures("world")
def test_the_channels_say_whether_they_list(me: Caller) -> None:
    reasons = {row["key"]: row["not_listed"] for row in me.get("/channels").body["channels"]}
    assert {key for key, reason in reasons.items() if reason} == {"x", "linkedin"}
