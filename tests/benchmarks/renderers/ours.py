"""Renders a folder as the import does: `python ours.py PLAN`; see `measuring`."""

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

from shutterpost.photos import FEED, FramingPolicy, normalise
from tests.benchmarks.renderers.measuring import run


def render(source: Path, target: Path, _: tuple[int, int]) -> None:
    """One photo's rendition, with all else that its import measures."""
    result = normalise(source, (FEED,), FramingPolicy.PAD, ZoneInfo("UTC"))
    target.write_bytes(result.renditions["feed"].data)


run(render, sys.argv[1])
