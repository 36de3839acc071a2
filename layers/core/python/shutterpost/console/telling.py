"""What the console says: tables for people, JSON for machines, progress and errors on standard error."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from shutterpost.console.importing import End

OUT = Console(highlight=False)
ERRORS = Console(stderr=True, highlight=False)
_PLAIN_PAUSE = 5.0


def as_json(told: Any) -> None:
    """Write `told` as JSON to standard output."""
    print(json.dumps(told, ensure_ascii=False, indent=2))


def import_report(told: dict[str, Any]) -> None:
    """Write an import's report as tables; rejected files with their reasons."""
    table = Table("outcome", "files", title=f"{told['files']} files in {told['seconds']:.0f} s, {told['sent']} sent")
    for end in End:
        count = told[end.value.replace(" ", "_")]
        if count or end is End.IMPORTED:
            table.add_row(end.value, str(count))
    for reason, count in told["rejected_by_reason"].items():
        table.add_row(f"  {reason}", str(count))
    OUT.print(table)
    if told["rejected_files"]:
        table = Table("file", "reason", "what to do", title="rejected")
        for one in told["rejected_files"]:
            table.add_row(one["file"], one["reason"], one["what_to_do"])
        OUT.print(table)


def duplicates_report(told: dict[str, Any]) -> None:
    """Write groups of look-alikes as a table."""
    table = Table("group", "photos", "bits apart", "burst", title=f"{told['compared']} photos compared")
    for number, group in enumerate(told["groups"], start=1):
        names = ", ".join(f"{photo['name']} ({photo['photo_id'][:8]})" for photo in group["photos"])
        table.add_row(str(number), names, str(group["bits"]), "yes" if group["burst"] else "")
    OUT.print(table)


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """What to call with how many are done of how many: a bar on a terminal, else a line every few seconds; both with
    the rate and the time that is left."""
    if not ERRORS.is_terminal:
        yield _lines(words)
        return
    columns = (
        TextColumn(words),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=ERRORS) as bar:
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
