"""Telling a long run so that it can be followed: chapters, lines, and what is going on right now.

On a terminal the last line moves; piped into a file every line is plain and stays.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

PLAIN_STEPS: Final = 4
"""How often a count is told where no bar can move."""


class Story:
    """Tells to `console`; texts are shown as they are, never read as markup."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._chapters = 0

    def title(self, text: str, *lines: str) -> None:
        """What this run is about."""
        self._print(Text(text, "bold"))
        for line in lines:
            self._print(Text(line))

    def chapter(self, text: str) -> None:
        """A new part, numbered."""
        self._chapters += 1
        self._print(Text.assemble("\n", (f"{self._chapters}  ", "bold cyan"), (text, "bold")))

    def tell(self, text: str) -> None:
        """One fact."""
        self._print(Text(f"   {text.strip()}"))

    def quote(self, text: str) -> None:
        """Words of the product's own."""
        self._print(Text(f"   “{text.strip()}”", "italic green"))

    def verdict(self, text: str, *, good: bool) -> None:
        """One promise, kept or not."""
        mark = ("✓ ", "green") if good else ("✗ ", "bold red")
        self._print(Text.assemble("   ", mark, (text, "" if good else "red")))

    def end(self, text: str, *, good: bool) -> None:
        """The last word."""
        self._print(Text(f"\n{text}", "bold green" if good else "bold red"))

    def plain(self, text: str) -> None:
        """A line to copy, without a margin."""
        self._print(Text(text))

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[Callable[[str], None]]:
        """What is being waited for; the yielded function says how it stands."""
        began = time.monotonic()
        if not self._console.is_terminal:
            self._print(Text(f"   … {text}"))
            yield lambda _: None
            return
        with Live(console=self._console, refresh_per_second=8, transient=True) as live:

            def show(detail: str) -> None:
                seconds = time.monotonic() - began
                live.update(Text(f"   … {text} {detail} ({seconds:.0f} s)", "dim", no_wrap=True, overflow="ellipsis"))

            show("")
            yield show

    @contextlib.contextmanager
    def counting(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """Progress towards `total`; the yielded function takes how many are done."""
        if not self._console.is_terminal:
            yield self._plain_counter(text, total)
            return
        columns = (
            TextColumn("  "),
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task(text, total=total)
            yield lambda done: bar.update(task, completed=done)

    def _plain_counter(self, text: str, total: int) -> Callable[[int], None]:
        told = -1

        def count(done: int) -> None:
            nonlocal told
            reached = PLAIN_STEPS * done // max(1, total)
            if reached > told:
                told = reached
                self._print(Text(f"   … {text}: {done} of {total}"))

        return count

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
