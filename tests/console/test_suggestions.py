"""Commands about suggestions."""

import pytest

from shutterpost.flows.wiring import Stores, build_suggestion_writer
from tests.api.test_sessions import FACTS, SETTINGS
from tests.api.world import SUGGEST_ARN
from tests.support.consoles import Console
from tests.support.folders import Deployed


@pytest.fixture
def writing(world: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function write suggestions while the API starts it."""
    start = world.world.functions.start

    def run(function_arn: str, event: dict[str, str]) -> bool:
        if function_arn == SUGGEST_ARN:
            build_suggestion_writer(Stores(clock=world.world.clock), SETTINGS).run(**event)
        return start(function_arn, event)

    monkeypatch.setattr(world.world.functions, "start", run)


@pytest.mark.usefixtures("writing")
def test_suggestions_are_made_shown_accepted_and_found_in_a_draft(shutterpost: Console, world: Deployed) -> None:
    world.world.photo(world.persona_id, "moss.jpg", **FACTS)
    words = ("--photo", "moss.jpg", "--channel", "x", "--channel", "bluesky", "--per-channel", "2")
    session = shutterpost("suggest", "new", "Announce the moss.", *words).document
    session_id = session["session_id"]
    assert [(item["channel"], item["number"]) for item in session["suggestions"]] == [
        ("bluesky", 1),
        ("bluesky", 2),
        ("x", 1),
        ("x", 2),
    ]
    shown = shutterpost("suggest", "show", session_id[:12], "--no-json").out
    assert "bluesky-2" in shown
    assert session_id in shutterpost("suggest", "list", "--no-json").out

    accepted = shutterpost("suggest", "accept", session_id, "x-2").document
    assert accepted["variant"]["text"] == session["suggestions"][3]["content"]
    again = shutterpost("suggest", "accept", session_id[:14], f"{session_id}-x-2").document
    assert again["post"]["post_id"] == accepted["post"]["post_id"]
    assert "draft" in shutterpost("post", "show", accepted["post"]["post_id"], "--no-json").out
    refused = shutterpost("suggest", "abort", session_id)
    assert (refused.code, "completed" in refused.err) == (1, True)


def test_a_session_is_aborted_with_a_reason(shutterpost: Console, world: Deployed) -> None:
    session = shutterpost("suggest", "new", "--channel", "x", "--no-wait").document
    assert session["generated_at"] is None
    assert "not finished" in shutterpost("suggest", "show", session["session_id"], "--no-json").out
    assert "Not needed." in shutterpost("suggest", "abort", session["session_id"], "Not needed.", "--no-json").out
    refused = shutterpost("suggest", "accept", session["session_id"], "x-1")
    assert (refused.code, "x-1" in refused.err) == (3, True)
