"""What an account shows, on the command line."""

import pytest

from shutterpost.console.client.exit_codes import ExitCode
from tests.api.world import BY_HAND
from tests.support.consoles import Console
from tests.support.folders import Deployed


@pytest.fixture(autouse=True)
def account(world: Deployed) -> str:
    """A connection of the persona."""
    return world.world.connection(world.caller, world.persona_id)


def test_posts_by_hand_are_marked_and_pages_go_on(shutterpost: Console, world: Deployed) -> None:
    result = shutterpost("connections", "recent", "instagram", "--limit", "5")
    assert (result.code, result.document["posts"]) == (0, [BY_HAND])
    ours = {**BY_HAND, "external_id": "2", "post_id": "p0123456789abcdef", "text": "Fog.\nMore of it."}
    listed = {"state": "listed", "posts": [ours, BY_HAND], "not_shown": ["pfedcba9876543210"], "cursor": None}
    world.world.functions.reports[world.persona_id] = listed
    cursor = result.document["cursor"]
    shown = shutterpost("connections", "recent", "instagram", "--cursor", cursor, "--no-json")
    assert world.world.functions.invoked[-1][1]["cursor"] == f"QVFI{BY_HAND['external_id']}"
    lines = shown.out.splitlines()
    assert ["p0123456" in line for line in lines if "instagram.com" in line] == [True, False]
    assert ["by hand" in line for line in lines if "instagram.com" in line] == [False, True]
    assert "though posted: pfedcba9" in shown.err
    assert "More of it" not in shown.out
    assert "Sat 28 Feb 2026 10:47" in shown.out
    assert f"--cursor {cursor}" in result.err


@pytest.mark.parametrize(("state", "code"), [("not_listed", ExitCode.OK), ("unread", ExitCode.REFUSED)])
def test_what_is_not_listed_is_said_and_only_a_failed_read_is_an_error(
    shutterpost: Console, world: Deployed, state: str, code: ExitCode
) -> None:
    world.world.functions.reports[world.persona_id] = {"state": state, "detail": "It charges for reads."}
    result = shutterpost("connections", "recent", "instagram", "--no-json")
    assert (result.code, result.err) == (code, "It charges for reads.\n")
    assert "No post is listed." in result.out
