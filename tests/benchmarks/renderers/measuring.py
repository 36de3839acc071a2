"""The loop all Python renderers share: renders what a plan names, and prints CPU seconds and peak memory (KiB) as JSON.

A plan is a JSON list of `[source, target, width, height]`. The first is done once more beforehand, so that what is
loaded at first use is not counted.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path


def run(render: Callable[[Path, Path, tuple[int, int]], None], plan: str) -> None:
    """Render everything in the plan at `plan`, one after the other."""
    todo = [(Path(source), Path(target), (width, height)) for source, target, width, height in _read(plan)]
    render(*todo[0])
    began = time.process_time()
    for item in todo:
        render(*item)
    json.dump({"seconds": time.process_time() - began, "peak": _peak()}, sys.stdout)


def _peak() -> int:
    """This program's own, in KiB; `getrusage` includes that of the process it was forked from, so it comes second."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))


def _read(plan: str) -> list[tuple[str, str, int, int]]:
    report: list[tuple[str, str, int, int]] = json.loads(Path(plan).read_text())
    return report
