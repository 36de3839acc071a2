"""Tables fit the terminal: times and ids stay whole, and long texts are shortened."""

import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from shutterpost.console.output.fitting import fit
from tests.support.folders import Deployed
from tests.support.local_server import serving
from tests.support.terminals import run_on_terminal

ROOT = Path(__file__).parents[2]
NAME = "a-photo-whose-file-name-is-longer-than-any-column-of-a-table.jpg"
CAPTION = "The whole of the valley lies below the fog,\nand above it the first light of a long day in early spring."
WHEN = "Mon 02 Mar 2026 09:00"


@pytest.fixture
def described(world: Deployed, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of consoles that use a world with one post on two accounts."""
    world.caller.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "09:00"}]})
    for channel in ("instagram", "buffer"):
        world.world.connection(world.caller, world.persona_id, channel)
    world.world.photo(world.persona_id, NAME)
    body = {"photo": NAME, "at": "2026-03-02T09:00:00", "caption": CAPTION}
    assert world.caller.post(f"/personas/{world.persona_id}/posts", body).status == 202
    description = tmp_path / "running.json"
    with serving(world) as deployment:
        description.write_text(json.dumps(asdict(deployment)))
        package = str(ROOT / "layers" / "core" / "python")
        yield {**os.environ, "SHUTTERPOST_DEPLOYMENT": str(description), "PYTHONPATH": package}


@pytest.mark.parametrize("columns", [80, 118])
def test_posts_have_one_line_each_with_the_whole_time(described: dict[str, str], columns: int) -> None:
    words = [sys.executable, "-m", "shutterpost.console", "post", "list"]
    lines = run_on_terminal(words, described, columns).splitlines()

    assert len(lines) == 3, lines
    assert lines[0] == "Times in Europe/Paris"
    assert all(len(line) <= columns for line in lines)
    assert re.match(rf"p[0-9a-f]{{11}}  scheduled  {WHEN}  buffer, instagram  a-photo-\S*…", lines[2])
    assert ("The whole" in lines[2]) is (columns == 118)


def test_a_narrow_terminal_lists_the_values_of_each_post(described: dict[str, str]) -> None:
    words = [sys.executable, "-m", "shutterpost.console", "post", "list"]
    lines = run_on_terminal(words, described, 50).splitlines()

    assert all(len(line) <= 50 for line in lines)
    assert [line.split()[0] for line in lines[:4]] == ["Times", "post", "status", "when"]
    assert lines[3].endswith(WHEN)


def test_long_columns_share_the_space_that_is_left() -> None:
    columns = ("post", "when", "photo", "what", "from")
    row = ("p0123456789a", WHEN, "x" * 60, "y" * 40, "manual")

    assert fit(columns, [row], 300) == {0: 12, 1: 21, 2: 60, 3: 40, 4: 6}
    assert fit(columns, [row], 100) == {0: 12, 1: 21, 2: 27, 3: 26, 4: 6}
    assert fit(columns, [row], 70) == {0: 12, 1: 21, 2: 16, 3: 15}
    assert fit(columns, [row], 50) == {0: 12, 1: 21, 2: 13}
    assert fit(columns, [row], 40) is None
    assert fit(("id", "name"), [("0", "日本")], 80) == {0: 2, 1: 4}


def test_words_of_reasons_are_not_broken() -> None:
    row = (WHEN, "the account asks for its owner's confirmation")
    assert fit(("when", "error"), [row], 40) == {0: 21, 1: 17}
    assert fit(("when", "error"), [row], 30) is None
