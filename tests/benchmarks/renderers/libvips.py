"""Renders a folder with libvips' own thumbnail operation: `python libvips.py PLAN QUALITY`; see `measuring`."""

import os
import sys
from pathlib import Path

os.environ.setdefault("VIPS_CONCURRENCY", "1")

import pyvips

from tests.benchmarks.renderers.measuring import run

pyvips.cache_set_max(0)


def render(source: Path, target: Path, size: tuple[int, int]) -> None:
    """Upright, without metadata, as `vipsthumbnail` does it."""
    picture = pyvips.Image.thumbnail(str(source), size[0], height=size[1], size="force")
    picture.jpegsave(str(target), Q=QUALITY, keep="none")


QUALITY = int(sys.argv[2])
run(render, sys.argv[1])
