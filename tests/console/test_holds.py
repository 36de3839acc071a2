"""What the console shows of posts that are held, and what ends it."""

from collections.abc import Iterator

import pytest
import time_machine

from tests.api.test_holds import LANE, due_post, open_circuit
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

REASON = "2: Please retry your request later."


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def held(world: Deployed) -> str:
    """A post that an open circuit breaker holds; its id."""
    world.world.connection(world.caller, world.persona_id)
    world.world.photo(world.persona_id)
    open_circuit(world.world, LANE)
    return str(due_post(world.world, world.caller, world.persona_id)["post_id"])


def test_every_screen_shows_that_a_post_is_held(shutterpost: Console, held: str) -> None:
    screens = [
        shutterpost("status", "--no-json").out,
        shutterpost("post", "show", held, "--no-json").out,
        shutterpost("post", "list", "--no-json").out,
        shutterpost("calendar", "--on", "2026-03-01", "--no-json").out,
    ]
    assert [REASON in screen for screen in screens] == [True] * 4
    assert "held until Sun 01 Mar 2026 13:05" in screens[0]
    assert "‖" in screens[3]


def test_status_asks_for_a_reset_which_its_command_does(shutterpost: Console, held: str) -> None:
    [need] = [need for need in shutterpost("status").document["needs_you"] if "reset" in need["do"]]
    until = "Sun 01 Mar 2026 13:05 (Europe/Paris)"
    assert need["why"].startswith(f"its posts are held until {until}, because several failed: ")
    assert REASON in need["why"]
    done = shutterpost(*need["do"].split()[1:4], "--persona", "Nature Explorer")
    assert done.document["circuit"] is None
    assert "its posts were held until Sun 01 Mar 2026 13:05 (Europe/Paris); they are started again." in done.err
    assert f"1 started: {held}." in done.err
    assert not [need for need in shutterpost("status").document["needs_you"] if "reset" in need["do"]]
    assert "was not open" in shutterpost("connections", "reset", "insta").err


def test_connections_list_shows_an_open_circuit_and_check_closes_it(shutterpost: Console, held: str) -> None:
    listed = shutterpost("connections", "list", "--no-json").out
    assert f"Sun 01 Mar 2026 13:05, because several failed: {REASON}" in listed
    assert f"1 started: {held}." in shutterpost("connections", "check").err
    assert "because several failed" not in shutterpost("connections", "list", "--no-json").out


def test_post_now_during_a_pause_says_so_and_resume_names_what_it_starts(shutterpost: Console, world: Deployed) -> None:
    world.world.connection(world.caller, world.persona_id)
    world.world.photo(world.persona_id)
    shutterpost("pause", "Holiday.")
    posted = shutterpost("post", "now", "fog.jpg")
    assert "instagram: held because posting is paused: Holiday." in posted.err
    assert f"1 started: {posted.document['post_id']}." in shutterpost("resume").err
