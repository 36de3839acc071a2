"""The page stays small."""

import gzip

from shutterpost.console.commands.watching.web import PAGE

# What a first view may load, compressed.
MOST_SCRIPT, MOST_STYLE = 60_000, 12_000


def _compressed(ending: str) -> int:
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in (PAGE / "assets").glob(f"*{ending}"))


def test_scripts_and_styles_are_within_their_budgets() -> None:
    assert 0 < _compressed(".js") <= MOST_SCRIPT
    assert 0 < _compressed(".css") <= MOST_STYLE
