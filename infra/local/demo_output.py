"""Output of the demo; on a terminal the last line is updated in place, in a pipe every line is plain."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

PLAIN_STEPS: Final = 4
"""How many lines of progress are printed without a terminal."""


class DemoOutput:
    """Prints to `console`; texts are printed literally, never as markup."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._sections = 0

    def title(self, text: str, *lines: str) -> None:
        self._print(Text(text, "bold"))
        for line in lines:
            self._print(Text(line))

    def section(self, text: str) -> None:
        self._sections += 1
        self._print(Text.assemble("\n", (f"{self._sections}  ", "bold cyan"), (text, "bold")))

    def line(self, text: str) -> None:
        self._print(Text(f"   {text.strip()}"))

    def quote(self, text: str) -> None:
        self._print(Text(f"   “{text.strip()}”", "italic green"))

    def check(self, text: str, *, good: bool) -> None:
        mark = ("✓ ", "green") if good else ("✗ ", "bold red")
        self._print(Text.assemble("   ", mark, (text, "" if good else "red")))

    def end(self, text: str, *, good: bool) -> None:
        self._print(Text(f"\n{text}", "bold green" if good else "bold red"))

    def plain(self, text: str) -> None:
        """Print a line to copy, without indentation."""
        self._print(Text(text))

    @contextlib.contextmanager
    def waiting(self, text: str) -> Iterator[Callable[[str], None]]:
        """Show what is being waited for; the yielded function updates the details."""
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
        """Show progress towards `total`; the yielded function takes the number done."""
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
        printed = -1

        def count(done: int) -> None:
            nonlocal printed
            reached = PLAIN_STEPS * done // max(1, total)
            if reached > printed:
                printed = reached
                self._print(Text(f"   … {text}: {done} of {total}"))

        return count

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
