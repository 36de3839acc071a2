"""What the console says: tables for people, JSON for machines, progress and errors on standard error.

Texts are shown as they are and never read as markup, for they come from file names and captions.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN_PAUSE, _WIDE = 5.0, 1000
# Columns that are copied from the screen into the next command.
_TO_COPY = frozenset({"post", "photo", "id", "schedule"})


@lru_cache
def out() -> "Console":
    """Standard output, for people."""
    from rich.console import Console

    # A table that goes elsewhere than to a terminal has no edge to be cut at.
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE)


@lru_cache
def errors() -> "Console":
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def answer(told: Any, people: Callable[[], None], *, as_json: bool | None) -> None:
    """Say `told` as JSON where that is asked for or the output is no terminal, else in the words of `people`."""
    if for_machines(as_json=as_json):
        write_json(told)
    else:
        people()


def for_machines(*, as_json: bool | None) -> bool:
    """Whether the output is read by a machine: as it was asked for, else where it is no terminal."""
    return not sys.stdout.isatty() if as_json is None else as_json


def write_json(told: Any) -> None:
    """Write `told` as JSON to standard output."""
    print(json.dumps(told, ensure_ascii=False, indent=2))


def note(text: str) -> None:
    """Say something beside the answer, on standard error."""
    errors().print(text)


def wrong(text: str) -> None:
    """Say on standard error what went wrong."""
    errors().print(f"error: {text}", style="red")


def say(text: str, style: str = "") -> None:
    """A line for people."""
    out().print(text, style=style, soft_wrap=True)


def marked(mark: str, style: str, text: str) -> None:
    """A line for people behind a mark in `style`."""
    from rich.text import Text

    out().print(Text.assemble((mark, style), " ", text), soft_wrap=True)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "", empty: str = "") -> None:
    """A table for people, without the columns that hold nothing; where it has no rows, the sentence `empty`."""
    from rich.table import Table

    cells = [[text_of(cell) for cell in row] for row in rows]
    if not cells and empty:
        say(empty)
        return
    kept = [place for place in range(len(columns)) if not cells or any(row[place] for row in cells)]
    found = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for place in kept:
        found.add_column(columns[place], no_wrap=columns[place] in _TO_COPY)
    for row in cells:
        found.add_row(*(row[place] for place in kept))
    out().print(found)


def facts(told: Mapping[str, Any], *, title: str = "") -> None:
    """Names and values, one to a line; what is empty is left out."""
    from rich.table import Table

    found = Table.grid(padding=(0, 2))
    for name, value in told.items():
        if value not in (None, "", (), [], {}):
            found.add_row(name.replace("_", " "), text_of(value))
    if title:
        say(title, style="bold")
    out().print(found)


def text_of(value: Any) -> str:
    """A value as a cell shows it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(text_of, value))
    return str(value)


def shortened(text: str, length: int = 40) -> str:
    """The first line of `text`, cut to `length`."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """What to call with how many are done of how many: a bar on a terminal, else a line every few seconds; both with
    the rate and the time that is left."""
    if not sys.stderr.isatty():
        yield _lines(words)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn(words),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors()) as bar:
        task, began = bar.add_task(words, total=None, rate=""), time.monotonic()

        def tell(done: int, total: int) -> None:
            rate = done / max(1e-9, time.monotonic() - began)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")

        yield tell


def _lines(words: str) -> Callable[[int, int], None]:
    began = last = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _PLAIN_PAUSE and done < total:
            return
        last, rate = now, done / max(1e-9, now - began)
        left = (total - done) / rate if rate else 0
        print(f"{words}: {done} of {total}, {rate:.1f}/s, {left:.0f} s left", file=sys.stderr)

    return tell
