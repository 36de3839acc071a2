"""docs/console.md is up to date, and the guides name existing commands."""

import re
from pathlib import Path

import pytest

from tests.console.reference import FILE, RULES, regenerate
from tests.support.consoles import commands

REMEDY = "run: python -m tests.console.reference"
ALTERNATIVES = re.compile(r"(?:`|^)shutterpost ((?:[a-z-]+ )*)([a-z]+(?:-[a-z]+)*(?:\|[a-z]+)*)", re.MULTILINE)


@pytest.mark.parametrize("page", [FILE, RULES])
def test_the_reference_pages_are_up_to_date(page: Path) -> None:
    text = page.read_text("utf-8")
    assert regenerate(text) == text, REMEDY


def test_every_documented_command_exists() -> None:
    named = set()
    for page in (*FILE.parent.glob("*.md"), FILE.parents[1] / "README.md"):
        for group, last in ALTERNATIVES.findall(page.read_text("utf-8")):
            named |= {f"{group}{part}" for part in last.split("|")}
    known = commands()
    words = {name for name in named if not any(f"{name} ".startswith(f"{item} ") for item in known)}
    assert {"post retry", "post resolve", "pause", "status"} <= named
    assert words == set()
