"""Pictures of every kind, mutated at random with a fixed seed, and what an import makes of them.

They are imported by a process of their own (`python -m tests.support.mutated_pictures SEED FIRST COUNT`), because a
decoder that crashes or hangs takes its process with it.
"""

import json
import os
import random
import select
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from shutterpost.photos import Unusable
from tests.support import tiffs
from tests.support.heif_files import heif
from tests.support.pictures import builtin_profile, encoded, exif_of, gif, jpeg, scene, swapped_profile
from tests.support.process_memory import peak_of
from tests.support.reading import imported

SIZE = (340, 200)
# Longest time of one import; what takes longer is killed and counted as a hang.
SECONDS = 30
_ROOT = Path(__file__).parents[2]
_TELLING = (
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x01",
    b"\xff\xd9",
)


@dataclass
class Tally:
    """How imports ended: by reason or `photo`, and what must not have happened, each with its number."""

    ends: Counter[str] = field(default_factory=Counter)
    exceptions: list[str] = field(default_factory=list)
    hangs: list[int] = field(default_factory=list)
    crashes: list[int] = field(default_factory=list)
    slowest: float = 0.0
    peak: float = 0.0

    @property
    def cases(self) -> int:
        """How many files there were."""
        return self.ends.total() + len(self.exceptions) + len(self.hangs) + len(self.crashes)


def run(count: int, seed: int) -> Tally:
    """Import `count` mutated pictures; the same ones for the same seed. `slowest` is CPU seconds, `peak` MiB."""
    tally, first = Tally(), 0
    while first < count:
        first = _batch(tally, seed, first, count - first)
    return tally


def mutated(seed: int, number: int) -> bytes:
    """The mutated picture of this number."""
    chance = random.Random(f"{seed}/{number}")
    data = bytearray(chance.choice(seeds())[1])
    for _ in range(chance.randint(1, 5)):
        at = int(chance.random() ** 2 * (len(data) - 1))
        patch = chance.choice(_TELLING) if chance.random() < 0.3 else chance.randbytes(chance.randint(1, 6))
        data[at : at + len(patch)] = patch
    if chance.random() < 0.15:
        at, length = chance.randrange(len(data)), chance.randint(1, 64)
        data[at:at] = data[at : at + length]
    if chance.random() < 0.3:
        del data[chance.randint(1, len(data)) :]
    if chance.random() < 0.1:
        data += chance.choice((bytes(50), b"PK\x03\x04", bytes(data)))
    return bytes(data)


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Valid pictures of every kind that is read, by name."""
    return tuple((name, make()) for name, make in _SEEDS.items())


def _tiff(*values: int, planes: bool = False, **options: Any) -> bytes:
    count = options["tile"] ** 2 if options.get("tile") else SIZE[0] * SIZE[1]
    pixels: Any = [bytes([value]) * count for value in values] if planes else bytes(values) * count
    return tiffs.tiff(*SIZE, pixels, bits=(8,) * len(values), compression=tiffs.DEFLATE, **options)


_SEEDS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: jpeg(*SIZE, exif=exif_of(6), icc_profile=swapped_profile()),
    "progressive": lambda: jpeg(*SIZE, progressive=True),
    "cmyk": lambda: jpeg(*SIZE, mode="CMYK", icc_profile=builtin_profile("cmyk")),
    "png": lambda: encoded(scene(*SIZE), "PNG", icc_profile=swapped_profile()),
    "palette": lambda: encoded(scene(*SIZE).quantize(16), "PNG", transparency=0),
    "gif": lambda: gif(2),
    "webp": lambda: encoded(scene(*SIZE), "WEBP"),
    "webp, lossless": lambda: encoded(scene(*SIZE).convert("RGBA"), "WEBP", lossless=True),
    "webp, animated": lambda: encoded(scene(*SIZE), "WEBP", save_all=True, append_images=[scene(*SIZE, hue=9)]),
    "heic": heif,
    "heic, P3 and gain map": lambda: heif(nclx=(12, 13, 1), gain_map="grey10"),
    "heic, grey": lambda: heif("grey12"),
    "heic, HDR": lambda: heif("deep", nclx=(9, 16, 9), turned=1),
    "avif": lambda: encoded(scene(*SIZE), "AVIF", icc_profile=swapped_profile(), exif=exif_of(6)),
    "avif, transparent": lambda: encoded(scene(*SIZE).convert("RGBA"), "AVIF"),
    "tiff": lambda: encoded(scene(*SIZE), "TIFF"),
    "tiff, LZW": lambda: encoded(scene(*SIZE), "TIFF", compression="tiff_lzw"),
    "tiff, JPEG": lambda: encoded(scene(*SIZE), "TIFF", compression="jpeg"),
    "tiff, fax": lambda: encoded(scene(*SIZE).convert("1"), "TIFF", compression="group4"),
    "tiff, planes": lambda: _tiff(9, 8, 7, planes=True),
    "tiff, tiled planes": lambda: _tiff(9, 8, 7, planes=True, tile=512),
    "tiff, YCbCr": lambda: _tiff(120, 90, 200, photometric=tiffs.YCBCR, more={530: (3, [1, 1])}),
    "tiff, Lab": lambda: _tiff(120, 90, 200, photometric=tiffs.CIELAB),
    "tiff, CMYK and alpha": lambda: _tiff(1, 90, 200, 0, 99, photometric=tiffs.SEPARATED, extra=[2]),
}


def _batch(tally: Tally, seed: int, first: int, count: int) -> int:
    """Import from number `first` on in a fresh process; returns the number to go on with."""
    command = [sys.executable, "-m", "tests.support.mutated_pictures", str(seed), str(first), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_ROOT) as process:
        assert process.stdout is not None
        for number in range(first, first + count):
            ready, _, _ = select.select([process.stdout], [], [], SECONDS * 4)
            line = process.stdout.readline() if ready else b""
            if not line:
                process.kill()
                (tally.hangs if not ready else tally.crashes).append(number)
                return number + 1
            _count(tally, number, json.loads(line))
    return first + count


def _count(tally: Tally, number: int, report: dict[str, Any]) -> None:
    tally.slowest, tally.peak = max(tally.slowest, report["seconds"]), max(tally.peak, report["peak"])
    if "exception" in report:
        tally.exceptions.append(f"{number}: {report['exception']}")
    else:
        tally.ends[report["end"]] += 1


def _imports(seed: int, first: int, count: int) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + count):
            data, began = mutated(seed, number), time.process_time()
            try:
                imported(Path(folder), data)
                end = {"end": "photo"}
            except Unusable as refusal:
                end = {"end": str(refusal.reason)}
            except Exception as error:  # noqa: BLE001 - any other is what is looked for
                end = {"exception": repr(error)[:300]}
            yield {**end, "seconds": time.process_time() - began, "peak": peak_of(os.getpid()) / 1024}


if __name__ == "__main__":
    for outcome in _imports(*map(int, sys.argv[1:])):
        sys.stdout.write(json.dumps(outcome) + "\n")
        sys.stdout.flush()
