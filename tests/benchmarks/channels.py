"""What the number of channels costs a cold start of the steps function, in processor time as `coldstart` measures it.

These take turns: the function before it has a schedule, with a schedule of each channel, with a catalogue that is cut
to its first channels, and with every adapter imported, as a registry that is not lazy would do.
"""

import ast
import os
import py_compile
import shutil
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from infra.layers import Target, build_layers
from shutterpost.channels import ChannelStatus, catalogue
from tests.benchmarks.coldstart import FIRST_CLIENT, STARTS, BareInterpreters, as_ms
from tests.benchmarks.figures import Figure

NAME = "channels"
RUNS: Final = 7
[STEPS] = (start for start in STARTS if start.handler == "schedule_post.steps")
READY: Final = f"from schedule_post import steps; steps.publish_steps(); {FIRST_CLIENT}"
ADAPTERS: Final = f"""{READY}
from shutterpost.flows.wiring import build_platforms
platforms = build_platforms(steps.settings())"""
ACTIVE: Final = tuple(row.key for row in catalogue().rows if row.status is ChannelStatus.ACTIVE)
COUNTS: Final = (2, 4, len(catalogue().rows))
ALONE: Final = "no schedule"
EVERY: Final = "every adapter imported"
ROWS: Final = Path("python/shutterpost/channels/catalogue/rows.py")


def measure() -> list[Figure]:
    """A figure per channel and per length of the catalogue."""
    layers = build_layers(Target.LOCAL)
    taken: dict[str, list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="channels-") as home:
        bench = BareInterpreters(Path(home), layers)
        cut = {count: {"core": cut_catalogue(layers["core"], Path(home) / f"core-{count}", count)} for count in COUNTS}
        for _ in range(RUNS):
            taken[ALONE].append(bench.run(STEPS, READY))
            for channel in ACTIVE:
                taken[channel].append(bench.run(STEPS, f"{ADAPTERS}\nplatforms.channels({channel!r})"))
            for count in COUNTS:
                taken[_of(count)].append(bench.run(STEPS, READY, cut[count]))
            taken[EVERY].append(bench.run(STEPS, f"{ADAPTERS}\nfor name in {ACTIVE!r}: platforms.channels(name)"))
    return figures(taken)


def figures(taken: Mapping[str, list[float]]) -> list[Figure]:
    """The medians of what was `taken` (CPU seconds), each with its difference from the start without a schedule."""
    alone = statistics.median(taken[ALONE])
    collected = []
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        spread = f"{as_ms(min(seconds))} to {as_ms(max(seconds))} ms in {len(seconds)} runs"
        more = f"{as_ms(median - alone):+} ms against {ALONE}; {spread}"
        collected.append(Figure(f"steps, {name}", as_ms(median), "ms CPU", more))
    return collected


def cut_catalogue(core: Path, copy: Path, count: int) -> Path:
    """A copy of the core layer whose catalogue has its first `count` rows, with byte code like the layer's."""
    shutil.copytree(core, copy, copy_function=os.link)
    file = copy / ROWS
    tree = ast.parse(file.read_text("utf-8"))
    [rows] = (
        node.value for node in tree.body if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "ROWS"
    )
    assert isinstance(rows, ast.Tuple)
    assert len(rows.elts) >= count
    del rows.elts[count:]
    # Hard links: the layer's own files stay as they are.
    file.unlink()
    file.write_text(ast.unparse(tree), "utf-8")
    py_compile.compile(str(file), doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    return copy


def _of(count: int) -> str:
    return f"catalogue of {count} channels"
