"""Output of the console: tables for people, JSON for programs. Texts are never markup, as they come from files."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_LINE_INTERVAL, _WIDE = 5.0, 1000


@lru_cache
def out() -> "Console":
    from rich.console import Console

    # Only a terminal has a width at which a table must be cut.
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _WIDE)


@lru_cache
def errors() -> "Console":
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def respond(document: Any, show: Callable[[], None], *, as_json: bool | None) -> None:
    """Print `document` as JSON if that is requested or the output is no terminal, else call `show`."""
    if wants_json(as_json=as_json):
        write_json(document)
    else:
        show()


def wants_json(*, as_json: bool | None) -> bool:
    """Whether the output is JSON: as requested, else if it is no terminal."""
    return not sys.stdout.isatty() if as_json is None else as_json


def write_json(document: Any) -> None:
    print(json.dumps(document, ensure_ascii=False, indent=2))


def note(text: str) -> None:
    errors().print(text)


def error(text: str) -> None:
    errors().print(f"error: {text}", style="red")


def line(text: str, style: str = "") -> None:
    out().print(text, style=style, soft_wrap=True)


def marked_line(mark: str, style: str, text: str) -> None:
    """Print a line after a mark in `style`."""
    from rich.text import Text

    out().print(Text.assemble((mark, style), " ", text), soft_wrap=True)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    empty: str = "",
    styles: Mapping[str, str] | None = None,
) -> None:
    """Print a table without its empty columns; on a terminal that is too narrow for it, each row as a list.

    Without rows, print the sentence `empty`. `styles` are the styles of cells, by their text.
    """
    from rich.table import Table
    from rich.text import Text

    from shutterpost.console.output.fitting import SHORTENED, fit

    cells = [[cell_text(cell) for cell in row] for row in rows]
    if not cells and empty:
        line(empty)
        return
    kept = [index for index in range(len(columns)) if not cells or any(row[index] for row in cells)]
    names = [columns[index] for index in kept]
    cells = [
        [" ".join(row[index].split()) if columns[index] in SHORTENED else row[index] for index in kept] for row in cells
    ]
    widths = fit(names, cells, out().width)
    if widths is None:
        for number, row in enumerate(cells):
            details(dict(zip(names, row, strict=True)), title=title if number == 0 else " ")
        return
    grid = Table(title=title or None, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for index, width in widths.items():
        grid.add_column(names[index], width=width, no_wrap=names[index] in SHORTENED, overflow="ellipsis")
    for row in cells:
        grid.add_row(*(Text(row[index], style=(styles or {}).get(row[index], "")) for index in widths))
    out().print(grid)


def details(values: Mapping[str, Any], *, title: str = "") -> None:
    """Print names and values, one per line, without the empty ones."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    for name, value in values.items():
        if value not in (None, "", (), [], {}):
            grid.add_row(name.replace("_", " "), cell_text(value))
    if title:
        line(title, style="bold")
    out().print(grid)


def cell_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(cell_text, value))
    return str(value)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Yields a function of (done, total) that shows a bar on a terminal, else prints a line every few seconds."""
    if not sys.stderr.isatty():
        yield _line_progress(label)
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
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors()) as bar:
        task, began = bar.add_task(label, total=None, rate=""), time.monotonic()

        def update(done: int, total: int) -> None:
            rate = done / max(1e-9, time.monotonic() - began)
            bar.update(task, completed=done, total=total, rate=f"{rate:.1f}/s")

        yield update


def _line_progress(label: str) -> Callable[[int, int], None]:
    began = last = time.monotonic()

    def update(done: int, total: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _LINE_INTERVAL and done < total:
            return
        last, rate = now, done / max(1e-9, now - began)
        left = (total - done) / rate if rate else 0
        print(f"{label}: {done} of {total}, {rate:.1f}/s, {left:.0f} s left", file=sys.stderr)

    return update
