"""Accepting suggestions through the API: once, into one post, whoever comes first; nothing is published."""

from typing import Any

import pytest

from shutterpost.runtime.commit import commit
from tests.api.calling import Answer, Caller
from tests.api.test_sessions import FACTS, Scripted, start, write
from tests.api.world import World


@pytest.fixture
def path(world: World, me: Caller) -> str:
    """The path of a session with three suggestions for each channel."""
    _, path = start(world, me)
    write(world)
    return path


def suggestions(me: Caller, path: str, channel: str | None = None) -> list[dict[str, Any]]:
    return [item for item in me.get(path).body["suggestions"] if channel in {None, item["channel"]}]


def accept(me: Caller, path: str, suggestion: dict[str, Any], **fields: str) -> Answer:
    return me.post(f"{path}/suggestions/{suggestion['suggestion_id']}/accept", fields)


def persona_of(path: str) -> str:
    return path.split("/")[2]


def posts(me: Caller, path: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = me.get(f"/personas/{persona_of(path)}/posts").body["posts"]
    return listed


def test_an_accepted_suggestion_is_a_variant_of_a_new_draft(world: World, me: Caller, path: str) -> None:
    suggestion = suggestions(me, path, "bluesky")[1]
    accepted = accept(me, path, suggestion)
    assert accepted.status == 200
    variant, post = accepted.body["variant"], accepted.body["post"]
    assert (variant["text"], variant["channel"], variant["source"]) == (suggestion["content"], "bluesky", "generated")
    assert (variant["connection_id"], variant["alt_text"]) == (None, "A valley in fog.")
    assert (post["status"], post["schedules"], post["base_caption"]) == ("draft", [], suggestion["content"])
    session = me.get(path).body
    assert (session["status"], session["post_id"]) == ("completed", post["post_id"])
    assert [item["suggestion_id"] for item in session["suggestions"] if item["accepted"]] == [
        suggestion["suggestion_id"]
    ]
    assert world.executions.started == []
    assert world.timers() == []


def test_accepting_twice_finds_the_first_variant(world: World, me: Caller, path: str) -> None:
    suggestion = suggestions(me, path, "x")[0]
    first = accept(me, path, suggestion).body
    other = me.post(f"/personas/{persona_of(path)}/posts", {"photo": "fog.jpg", "draft": True, "caption": "Mine."})
    assert accept(me, path, suggestion).body == first
    assert accept(me, path, suggestion, post_id=other.body["post_id"]).body == first
    assert len(first["post"]["variants"]) == 1


def test_a_second_suggestion_of_a_completed_session_joins_the_same_post(world: World, me: Caller, path: str) -> None:
    first = accept(me, path, suggestions(me, path, "x")[0]).body
    second = accept(me, path, suggestions(me, path, "instagram")[2]).body
    assert second["post"]["post_id"] == first["post"]["post_id"]
    assert {variant["channel"] for variant in second["post"]["variants"]} == {"x", "instagram"}
    assert len(posts(me, path)) == 1


def test_a_suggestion_is_accepted_into_a_post_and_for_a_connection(world: World, me: Caller, path: str) -> None:
    persona_id = persona_of(path)
    connection_id = world.connection(me, persona_id)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "draft": True, "caption": "Mine."}).body
    fields = {"post_id": post["post_id"], "connection_id": connection_id}
    accepted = accept(me, path, suggestions(me, path, "instagram")[0], **fields).body
    assert accepted["post"]["post_id"] == post["post_id"]
    assert accepted["variant"]["connection_id"] == connection_id
    elsewhere = accept(me, path, suggestions(me, path, "x")[0], connection_id=connection_id)
    assert elsewhere.problem() == (422, "variant-target-invalid")
    assert not suggestions(me, path, "x")[0]["accepted"]


def test_nothing_of_an_aborted_foreign_or_unknown_session_is_accepted(
    world: World, me: Caller, rival: Caller, path: str
) -> None:
    suggestion = suggestions(me, path, "x")[0]
    assert accept(rival, path, suggestion).problem() == (404, "persona-not-found")
    own, theirs = persona_of(path), world.persona(rival)
    assert accept(rival, path.replace(own, theirs), suggestion).problem() == (404, "session-not-found")
    assert accept(me, path, {"suggestion_id": "s0-x-1"}).problem() == (404, "suggestion-not-found")
    world.photo(theirs, **FACTS)
    world.connection(rival, theirs)
    foreign = rival.post(f"/personas/{theirs}/posts", {"photo": "fog.jpg", "draft": True, "caption": "Theirs."})
    assert accept(me, path, suggestion, post_id=foreign.body["post_id"]).problem() == (404, "post-not-found")
    other = world.persona(me, "Other")
    world.photo(other, **FACTS)
    world.connection(me, other)
    mine = me.post(f"/personas/{other}/posts", {"photo": "fog.jpg", "draft": True, "caption": "Mine."})
    assert accept(me, path, suggestion, post_id=mine.body["post_id"]).problem() == (404, "post-not-found")
    me.post(f"{path}/abort", {})
    assert accept(me, path, suggestion).problem() == (409, "session-ended")
    assert posts(me, path) == []


def test_an_accepted_suggestion_of_a_session_stays_when_it_ends(world: World, me: Caller, path: str) -> None:
    accept(me, path, suggestions(me, path, "x")[0])
    assert me.post(f"{path}/abort", {}).problem() == (409, "session-ended")


def test_an_acceptance_that_loses_its_answer_is_repeated_without_effect(
    world: World, me: Caller, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggestion = suggestions(me, path, "x")[0]

    def lost(writes: Any) -> Any:
        commit(writes)
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr("shutterpost.flows.authoring.accept.commit", lost)
        assert accept(me, path, suggestion).problem() == (500, "internal-error")
    again = accept(me, path, suggestion).body
    assert len(again["post"]["variants"]) == 1
    assert len(posts(me, path)) == 1


def test_a_text_is_accepted_byte_for_byte(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    path = me.post(f"/personas/{persona_id}/sessions", {"channels": ["bluesky"], "prompt": "x"}).headers["Location"]
    exact = "e\u0301 👩‍👩‍👧‍👦 https://example.org/?a=1&b=2  #fog"
    write(world, Scripted({"bluesky": [exact]}))
    assert accept(me, path, suggestions(me, path)[0]).body["variant"]["text"] == exact
