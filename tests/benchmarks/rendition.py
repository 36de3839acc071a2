"""Renditions of one folder by our import, npm `sharp` and Pillow, on one core, in one run.

The folder is `SHUTTERPOST_PHOTOS/library`, else painted. Counted is CPU time (neighbours on the machine do not count)
and each process's peak memory. sharp renders twice: everything asked for at once, as its users write it, and one photo
after the other on one thread. All write the same sizes at one quality; our time also holds hash, measures and metadata.
Each output is checked: size, sRGB, upright, no metadata, and its likeness (SSIM) to a careful reference.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image, ImageOps

from shutterpost.photos import FEED, Policy
from shutterpost.photos.framing import frame
from tests.benchmarks.figures import Figure
from tests.support.likeness import ssim

NAME = "rendition"
ROOT: Final = Path(__file__).parents[2]
RENDERERS: Final = Path(__file__).parent / "renderers"
SHARP: Final = ROOT / ".cache" / "sharp"
SHARP_VERSION: Final = "0.34.5"
ROUNDS: Final = 3
PAINTED: Final = 24
LEAST_SSIM: Final = 0.97
METADATA: Final = {"exif", "xmp", "icc_profile", "photoshop", "comment"}


class Renderer(NamedTuple):
    """How one of them is started; `{plan}` stands for its plan."""

    name: str
    command: tuple[str, ...]


OURS: Final = Renderer("shutterpost", (sys.executable, str(RENDERERS / "ours.py"), "{plan}"))
PILLOW: Final = Renderer("Pillow", (sys.executable, str(RENDERERS / "pillow.py"), "{plan}", str(FEED.quality)))
SHARP_ALL: Final = Renderer(
    "sharp", ("node", str(RENDERERS / "sharp.cjs"), "{plan}", "all", str(SHARP), str(FEED.quality))
)
SHARP_ONE: Final = Renderer(
    "sharp, one at a time", ("node", str(RENDERERS / "sharp.cjs"), "{plan}", "one", str(SHARP), str(FEED.quality))
)


class Run(NamedTuple):
    """Photos a second on one core, and the process's peak in MB."""

    rate: float
    peak: float


def measure() -> list[Figure]:
    """Rates, peaks, and what became of the pictures."""
    _install_sharp()
    with tempfile.TemporaryDirectory(prefix="rendition-") as home:
        photos, words = _photos(Path(home))
        renderers = (OURS, SHARP_ALL, SHARP_ONE, PILLOW)
        runs: dict[Renderer, list[Run]] = {renderer: [] for renderer in renderers}
        for _ in range(ROUNDS):
            for renderer in renderers:
                runs[renderer].append(_run(renderer, photos, Path(home)))
        medians = {
            renderer: Run(statistics.median(one.rate for one in all_), statistics.median(one.peak for one in all_))
            for renderer, all_ in runs.items()
        }
        return [*_figures(medians, words), *_checks(photos, Path(home) / OURS.name)]


def _figures(medians: dict[Renderer, Run], words: str) -> list[Figure]:
    ours = medians[OURS]
    figures = []
    for renderer, run in medians.items():
        figures.append(Figure(f"{renderer.name}, rate", round(run.rate, 2), "photos/s per core", words))
        figures.append(Figure(f"{renderer.name}, peak", round(run.peak), "MB", "whole process"))
    for other in (SHARP_ALL, SHARP_ONE, PILLOW):
        rate, peak = ours.rate / medians[other].rate, ours.peak / medians[other].peak
        verdict = "reached" if rate >= 1 and peak <= 1 / 3 else "MISSED"
        wanted = f"; reach ≥ 1 and ≤ ⅓: {verdict}" if other is SHARP_ALL else ""
        figures.append(Figure(f"rate, × {other.name}", round(rate, 3), "×", f"peak × {peak:.2f}{wanted}"))
    return figures


def _checks(photos: dict[Path, tuple[int, int]], out: Path) -> list[Figure]:
    """How many of our outputs have a fault, and how like they are to the reference."""
    faults, likeness = 0, []
    for source, size in photos.items():
        with Image.open(out / source.name) as picture:
            sound = picture.size == size and picture.mode == "RGB" and not METADATA & set(picture.info)
            faults += not sound
            with Image.open(source) as original:
                reference = ImageOps.exif_transpose(original).convert("RGB").resize(size, Image.Resampling.LANCZOS)
            likeness.append(ssim(picture, reference))
    told = f"of {len(photos)}: size, sRGB, upright, no metadata"
    verdict = "reached" if min(likeness) >= LEAST_SSIM else "MISSED"
    return [
        Figure("renditions with a fault", faults, "pictures", told),
        Figure(
            "least SSIM", round(min(likeness), 4), "", f"against Lanczos from the full size; reach ≥ 0.97: {verdict}"
        ),
        Figure("median SSIM", round(statistics.median(likeness), 4), "", "against Lanczos from the full size"),
    ]


def _run(renderer: Renderer, photos: dict[Path, tuple[int, int]], home: Path) -> Run:
    out = home / renderer.name
    out.mkdir(exist_ok=True)
    plan = home / "plan.json"
    plan.write_text(json.dumps([(str(source), str(out / source.name), *size) for source, size in photos.items()]))
    command = [word.replace("{plan}", str(plan)) for word in renderer.command]
    paths = os.pathsep.join(map(str, (ROOT / "layers/core/python", ROOT)))
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command,
            stdout=told,
            env={**os.environ, "PYTHONPATH": paths},
            preexec_fn=_on_one_core,  # noqa: PLW1509 - nothing here has threads
        )
        if process.wait():
            raise RuntimeError(f"{renderer.name} ended with {process.returncode}")
        told.seek(0)
        said = json.load(told)
    return Run(len(photos) / said["seconds"], said["peak"] / 1024)


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _photos(home: Path) -> tuple[dict[Path, tuple[int, int]], str]:
    """The photos whose ratio needs no padding, as the others pad nothing, with the sizes of their renditions."""
    given = os.environ.get("SHUTTERPOST_PHOTOS")
    folder = Path(given) / "library" if given else home / "painted"
    if not given:
        _paint(folder)
    sizes = {}
    for path in sorted(folder.iterdir()):
        with Image.open(path) as picture:
            framing = frame(*ImageOps.exif_transpose(picture).size, FEED, Policy.PAD)
        if framing is not None and framing.scaled == framing.frame:
            sizes[path] = framing.frame
    return (
        sizes,
        f"{len(sizes)} {'given' if given else 'painted'} photos to {FEED.max_width} px, median of {ROUNDS} runs",
    )


def _paint(folder: Path) -> None:
    """Pictures of a camera's size and of much detail."""
    folder.mkdir()
    for number in range(PAINTED):
        bands = [Image.effect_mandelbrot((2600, 1950), (-2.2, -1.2 + shift / 40, 0.8, 1.2), 60) for shift in range(3)]
        picture = Image.merge("RGB", bands).rotate(number * 15, Image.Resampling.BICUBIC)
        grain = Image.effect_noise(picture.size, 40).convert("RGB")
        Image.blend(picture, grain, 0.12).save(folder / f"{number:02}.jpg", quality=92)


def _install_sharp() -> None:
    """sharp, once, beside the other things fetched for benchmarks."""
    if (SHARP / "node_modules" / "sharp").is_dir():
        return
    SHARP.mkdir(parents=True, exist_ok=True)
    command = [
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(SHARP),
        f"sharp@{SHARP_VERSION}",
    ]
    subprocess.run(command, check=True)
