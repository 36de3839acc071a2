"""The loop all Python renderers share: renders what a plan names, and prints CPU seconds as JSON.

A plan is a JSON list of `[source, target, width, height]`. The first is done once more beforehand, so that what is
loaded at first use is not counted.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def run(render: Callable[[Path, Path, tuple[int, int]], None], plan: str) -> None:
    """Render everything in the plan at `plan`, one after the other."""
    todo = [(Path(source), Path(target), (width, height)) for source, target, width, height in _read(plan)]
    render(*todo[0])
    began = time.process_time()
    for one in todo:
        render(*one)
    json.dump({"seconds": time.process_time() - began}, sys.stdout)


def _read(plan: str) -> list[tuple[str, str, int, int]]:
    told: list[tuple[str, str, int, int]] = json.loads(Path(plan).read_text())
    return told
