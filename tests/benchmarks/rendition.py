"""Renditions of one folder in three formats by our import, npm `sharp`, libvips' thumbnail and Pillow, on one core.

The JPEGs are `SHUTTERPOST_PHOTOS/library`, else painted; the AVIFs and HEICs are made of some of them at a camera's 12
megapixels. Counted is CPU time (neighbours on the machine do not count) and each process's peak memory. sharp renders
twice: everything asked for at once, as its users write it, and one photo after the other on one thread. sharp and
libvips have no HEVC decoder, so HEIC is held against Pillow with the same libheif. All write the same sizes; our time
also holds hash, measures, metadata, sharpening and the choice of quality. Each JPEG's rendition is checked: size, sRGB,
upright, no metadata, and its likeness (SSIM) to a careful reference.
"""

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pi_heif
from PIL import Image, ImageOps

from shutterpost.photos import FEED, FramingPolicy, normalise
from shutterpost.photos.framing import frame
from tests.benchmarks.figures import Figure
from tests.support.likeness import ssim

NAME = "rendition"
ROOT: Final = Path(__file__).parents[2]
RENDERERS: Final = Path(__file__).parent / "renderers"
SHARP: Final = ROOT / ".cache" / "sharp"
SHARP_VERSION: Final = "0.34.5"
HEVC: Final = ROOT / ".cache" / "hevc"
HEVC_ENCODER: Final = "pillow-heif==1.4.0"
ROUNDS: Final = 3
PAINTED: Final = 24
CODED: Final = 10
CAMERA: Final = (4032, 3024)
# How much less alike than sharp's a rendition may be; JPEG itself costs pictures full of detail much more.
SSIM_MARGIN: Final = 0.005
METADATA: Final = {"exif", "xmp", "icc_profile", "photoshop", "comment"}
Sizes = dict[Path, tuple[int, int]]


class Renderer(NamedTuple):
    """How a renderer is started; `{plan}` stands for its plan."""

    name: str
    command: tuple[str, ...]


class Run(NamedTuple):
    """Photos a second on one core, and the process's peak in MB."""

    rate: float
    peak: float


def _python(name: str, script: str) -> Renderer:
    return Renderer(name, (sys.executable, str(RENDERERS / script), "{plan}", str(FEED.quality)))


def _sharp(name: str, manner: str) -> Renderer:
    command = ("node", str(RENDERERS / "sharp.cjs"), "{plan}", manner, str(SHARP), str(FEED.quality))
    return Renderer(name, command)


OURS: Final = _python("shutterpost", "ours.py")
PILLOW: Final = _python("Pillow", "pillow.py")
LIBVIPS: Final = _python("libvips thumbnail", "libvips.py")
SHARP_ALL: Final = _sharp("sharp", "all")
SHARP_ONE: Final = _sharp("sharp, one at a time", "one")
PEERS: Final = {
    "JPEG": (SHARP_ALL, SHARP_ONE, LIBVIPS, PILLOW),
    "AVIF": (SHARP_ALL, SHARP_ONE, LIBVIPS, PILLOW),
    "HEIC": (PILLOW,),
}


def measure() -> list[Figure]:
    """Rates, peaks, and what became of the pictures."""
    _install_sharp()
    figures = []
    with tempfile.TemporaryDirectory(prefix="rendition-") as folder:
        home = Path(folder)
        photos, words = _photos(home)
        for kind, sizes in {"JPEG": photos, "AVIF": _avifs(home, photos), "HEIC": _heics(home, photos)}.items():
            medians = _medians(kind, sizes, home)
            output = words if kind == "JPEG" else f"{len(sizes)} of 12 megapixels"
            figures += _figures(kind, medians, f"{output} to {FEED.max_width} px, median of {ROUNDS} runs")
            if kind == "HEIC":
                figures.append(_share_of_decoder(sizes))
        figures += _checks(photos, home)
    return figures


def _medians(kind: str, sizes: Sizes, home: Path) -> dict[Renderer, Run]:
    runs: dict[Renderer, list[Run]] = {renderer: [] for renderer in (OURS, *PEERS[kind])}
    for _ in range(ROUNDS):
        for renderer, taken in runs.items():
            taken.append(_run(renderer, sizes, home))
    return {
        renderer: Run(statistics.median(run.rate for run in taken), statistics.median(run.peak for run in taken))
        for renderer, taken in runs.items()
    }


def _figures(kind: str, medians: dict[Renderer, Run], words: str) -> list[Figure]:
    ours = medians[OURS]
    figures = []
    for renderer, run in medians.items():
        figures.append(Figure(f"{kind}, {renderer.name}, rate", round(run.rate, 2), "photos/s per core", words))
        figures.append(Figure(f"{kind}, {renderer.name}, peak", round(run.peak), "MB", "whole process"))
    for other in PEERS[kind]:
        rate, peak = ours.rate / medians[other].rate, ours.peak / medians[other].peak
        verdict = "reached" if rate >= 1 and peak <= 1 / 3 else "MISSED"
        wanted = f"; reach ≥ 1 and ≤ ⅓: {verdict}" if other in {SHARP_ALL, SHARP_ONE} else ""
        figures.append(Figure(f"{kind}, rate, × {other.name}", round(rate, 3), "×", f"peak × {peak:.2f}{wanted}"))
    return figures


def _share_of_decoder(photos: Sizes) -> Figure:
    """How much of a HEIC's import is HEVC decoding, which nothing around it can shorten."""
    began = time.process_time()
    for path in photos:
        assert pi_heif.open_heif(path).data
    decoding = time.process_time() - began
    for path in photos:
        normalise(path, (FEED,), FramingPolicy.PAD, ZoneInfo("UTC"))
    whole = time.process_time() - began - decoding
    words = "libheif's decoder and its conversion to RGB alone, against the whole import"
    return Figure("HEIC, share of HEVC decoding", round(decoding / whole, 3), "of the CPU time", words)


def _checks(photos: Sizes, home: Path) -> list[Figure]:
    """How many of our renditions of JPEGs have a fault, and how like they and sharp's are to the reference."""
    faults = 0
    likeness: dict[str, list[float]] = {"unsharpened": [], "sharpened": [], "sharp": []}
    for source, size in photos.items():
        with Image.open(source) as original:
            reference = ImageOps.exif_transpose(original).convert("RGB").resize(size, Image.Resampling.LANCZOS)
        name = f"{source.name}.jpg"
        with Image.open(home / OURS.name / name) as picture:
            faults += not (picture.size == size and picture.mode == "RGB" and not METADATA & set(picture.info))
            likeness["sharpened"].append(ssim(picture, reference))
        with Image.open(home / SHARP_ALL.name / name) as picture:
            likeness["sharp"].append(ssim(picture, reference))
        unsharpened = FEED.model_copy(update={"sharpen": False})
        rendition = normalise(source, (unsharpened,), FramingPolicy.PAD, ZoneInfo("UTC")).renditions["feed"]
        with Image.open(io.BytesIO(rendition.data)) as picture:
            likeness["unsharpened"].append(ssim(picture, reference))
    checked = f"of {len(photos)}: size, sRGB, upright, no metadata"
    figures = [Figure("renditions with a fault", faults, "pictures", checked)]
    for name, values in likeness.items():
        verdict = "reached" if min(values) >= min(likeness["sharp"]) - SSIM_MARGIN else "MISSED"
        reach = f"; reach ≥ sharp's - {SSIM_MARGIN}: {verdict}" if name == "unsharpened" else ""
        median = f"median {statistics.median(values):.4f}, against Lanczos from the full size"
        figures.append(Figure(f"least SSIM, {name}", round(min(values), 4), "", f"{median}{reach}"))
    return figures


def _run(renderer: Renderer, photos: Sizes, home: Path) -> Run:
    out = home / renderer.name
    out.mkdir(exist_ok=True)
    plan = home / "plan.json"
    plan.write_text(
        json.dumps([(str(source), str(out / f"{source.name}.jpg"), *size) for source, size in photos.items()])
    )
    command = [term.replace("{plan}", str(plan)) for term in renderer.command]
    paths = os.pathsep.join(map(str, (ROOT / "layers/core/python", ROOT)))
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            command,
            stdout=printed,
            env={**os.environ, "PYTHONPATH": paths},
            preexec_fn=_on_one_core,  # noqa: PLW1509 - nothing here has threads
        )
        if process.wait():
            raise RuntimeError(f"{renderer.name} ended with {process.returncode}")
        printed.seek(0)
        spent = json.load(printed)
    return Run(len(photos) / spent["seconds"], spent["peak"] / 1024)


def _on_one_core() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _photos(home: Path) -> tuple[Sizes, str]:
    """The photos whose ratio needs no padding, as the others pad nothing, with the sizes of their renditions."""
    given = os.environ.get("SHUTTERPOST_PHOTOS")
    folder = Path(given) / "library" if given else home / "painted"
    if not given:
        _paint(folder)
    sizes = _sizes(sorted(folder.iterdir()))
    return sizes, f"{len(sizes)} {'given' if given else 'painted'} photos"


def _sizes(paths: Iterable[Path]) -> Sizes:
    sizes = {}
    for path in paths:
        with Image.open(path) as picture:
            framing = frame(*ImageOps.exif_transpose(picture).size, FEED, FramingPolicy.PAD)
        if framing is not None and framing.scaled == framing.frame:
            sizes[path] = framing.frame
    return sizes


def _paint(folder: Path) -> None:
    """Pictures of a camera's size and of much detail."""
    folder.mkdir()
    for number in range(PAINTED):
        bands = [Image.effect_mandelbrot((2600, 1950), (-2.2, -1.2 + shift / 40, 0.8, 1.2), 60) for shift in range(3)]
        picture = Image.merge("RGB", bands).rotate(number * 15, Image.Resampling.BICUBIC)
        grain = Image.effect_noise(picture.size, 40).convert("RGB")
        Image.blend(picture, grain, 0.12).save(folder / f"{number:02}.jpg", quality=92)


def _avifs(home: Path, photos: Sizes) -> Sizes:
    """Some of the photos as AVIF."""
    paths = _camera_sized(home, photos)
    for path in paths:
        with Image.open(path) as picture:
            picture.save(path.with_suffix(".avif"), quality=80, speed=9)
    return _sizes(path.with_suffix(".avif") for path in paths)


def _heics(home: Path, photos: Sizes) -> Sizes:
    """The same photos as HEIC, coded by a program of their own, as no library of this project writes HEVC."""
    _install_hevc()
    paths = _camera_sized(home, photos)
    code = "import sys\nfrom PIL import Image\nimport pillow_heif\npillow_heif.register_heif_opener()\n"
    code += "for path in sys.argv[1:]: Image.open(path).save(path.removesuffix('.jpg') + '.heic', quality=80)"
    environment = {**os.environ, "PYTHONPATH": str(HEVC)}
    subprocess.run([sys.executable, "-c", code, *map(str, paths)], check=True, env=environment)
    with Image.open(paths[0]) as picture:
        framing = frame(*picture.size, FEED, FramingPolicy.PAD)
    assert framing is not None
    return {path.with_suffix(".heic"): framing.frame for path in paths}


def _camera_sized(home: Path, photos: Sizes) -> list[Path]:
    folder = home / "camera"
    folder.mkdir(exist_ok=True)
    paths = []
    for source in list(photos)[:: max(1, len(photos) // CODED)][:CODED]:
        path = folder / f"{source.stem}.jpg"
        if not path.exists():
            with Image.open(source) as picture:
                picture.convert("RGB").resize(CAMERA, Image.Resampling.BICUBIC).save(path, quality=95)
        paths.append(path)
    return paths


def _install_sharp() -> None:
    """sharp, once, beside the other things fetched for benchmarks."""
    if (SHARP / "node_modules" / "sharp").is_dir():
        return
    SHARP.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(SHARP)]
    subprocess.run([*command, f"sharp@{SHARP_VERSION}"], check=True)


def _install_hevc() -> None:
    """A HEVC encoder, once."""
    if (HEVC / "pillow_heif").is_dir():
        return
    command = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet", "--no-deps", "--target", str(HEVC)]
    subprocess.run([*command, HEVC_ENCODER], check=True)
