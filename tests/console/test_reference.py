"""docs/console.md and docs/runbook.md tell of the commands that there are."""

import re

from tests.console.reference import FILE, written
from tests.support.consoles import commands

REMEDY = "run: python -m tests.console.reference"
ALTERNATIVES = re.compile(r"(?:`|^)shutterpost ((?:[a-z]+ )*)([a-z]+(?:\|[a-z]+)*)", re.MULTILINE)


def test_the_page_is_the_one_the_code_tells() -> None:
    text = FILE.read_text("utf-8")
    assert written(text) == text, REMEDY


def test_every_command_that_a_page_names_is_there() -> None:
    named = set()
    for page in (*FILE.parent.glob("*.md"), FILE.parents[1] / "README.md"):
        for group, last in ALTERNATIVES.findall(page.read_text("utf-8")):
            named |= {f"{group}{one}" for one in last.split("|")}
    known = commands()
    words = {name for name in named if not any(f"{name} ".startswith(f"{one} ") for one in known)}
    assert {"post retry", "post resolve", "pause", "status"} <= named
    assert words == set()
