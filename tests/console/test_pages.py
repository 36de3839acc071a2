"""Every command that a page or the README shows is there, with the options that it is shown with."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from shutterpost.console import app
from tests.support.consoles import commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_INLINE = re.compile(r"`(shutterpost [^`]+)`")
_BLOCK = re.compile(r"```(?:sh|console)\n(.*?)```", re.DOTALL)


def lines(page: Path) -> list[str]:
    """What the page shows to be typed: in blocks from where a line calls the console, and in the text."""
    text = page.read_text("utf-8")
    blocks = [line for block in _BLOCK.findall(text) for line in block.splitlines()]
    called = [line[line.index("shutterpost ") :] for line in blocks if re.match(r"\s*(\$ |.*\| )?shutterpost ", line)]
    return called + _INLINE.findall(_BLOCK.sub("", text))


def shown() -> Iterator[Any]:
    """Each line of each page, alternatives one by one."""
    for page in PAGES:
        for line in lines(page):
            for alternative in _alternatives(line.partition(" | ")[0].partition("# ")[0]):
                yield pytest.param(alternative, id=f"{page.name}: {alternative}")


def _alternatives(line: str) -> list[str]:
    match = re.search(r"\b[a-z]+(?:\|[a-z]+)+\b", line)
    return [line.replace(match[0], part) for part in match[0].split("|")] if match else [line]


@pytest.mark.parametrize("line", list(shown()))
def test_documented_commands_and_options_exist(line: str) -> None:
    _, *words = shlex.split(line.replace("…", ""))
    known = commands()
    overall = {name for param in get_command(app.build_app()).params for name in param.opts}
    if words[0] in overall or words[0].startswith("--"):
        assert words[0] in overall
        words = words[2:]
        if not words or words[0] not in {name.partition(" ")[0] for name in known}:
            return
    name = next((name for name in (" ".join(words[:count]) for count in (3, 2, 1)) if name in known), None)
    assert name is not None, f"{line} calls no command"
    options = {option for param in known[name].params for option in (*param.opts, *param.secondary_opts)} | {"--help"}
    assert {term for term in words if re.match(r"--?[a-z]", term)} <= options


def test_the_guides_contain_commands() -> None:
    for name in ("README.md", "first-day.md", "migrating-from-fluffy-train.md", "runbook.md", "console.md"):
        [page] = [page for page in PAGES if page.name == name]
        assert len(lines(page)) >= 5, name
