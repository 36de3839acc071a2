"""Generates sample photos: reproducible landscapes, with scores computed from contrast, saturation and edges."""

import hashlib
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageStat

COUNT: Final = 24
ANALYSES: Final = "analyses.jsonl"
MODEL: Final = "painted-colours-3x3"

Colour = tuple[int, int, int]
SIZES: Final = ((1080, 720), (960, 960), (800, 1000), (1200, 750), (1280, 560), (900, 600))
FIRST_DAY: Final = datetime(2026, 3, 1, 6, 30)  # noqa: DTZ001 - EXIF times have no zone


@dataclass(frozen=True)
class Hour:
    """The colours of a time of day: sky (top, horizon), nearest ground, sun or moon."""

    words: str
    sky: tuple[Colour, Colour]
    ground: Colour
    disc: Colour
    stars: bool = False


@dataclass(frozen=True)
class Landscape:
    """A landscape: the number and roughness of its ridges, and its features."""

    words: str
    objects: tuple[str, ...]
    ridges: int
    roughness: float
    water: bool = False
    trees: bool = False


HOURS: Final = (
    Hour("at sunrise", ((66, 74, 130), (255, 190, 130)), (52, 40, 58), (255, 236, 190)),
    Hour("at noon", ((70, 140, 220), (205, 230, 246)), (62, 104, 66), (255, 252, 232)),
    Hour("at dusk", ((44, 30, 84), (240, 110, 90)), (30, 22, 44), (255, 170, 110)),
    Hour("under the moon", ((8, 12, 36), (44, 62, 104)), (8, 12, 24), (236, 238, 226), stars=True),
)
PLACES: Final = (
    Landscape("Mountains", ("mountain", "sky"), ridges=5, roughness=0.9),
    Landscape("A lake among hills", ("lake", "hill", "reflection"), ridges=3, roughness=0.5, water=True),
    Landscape("A forest edge", ("forest", "tree"), ridges=2, roughness=0.4, trees=True),
    Landscape("Dunes", ("dune", "sand"), ridges=4, roughness=0.15),
    Landscape("The sea", ("sea", "horizon"), ridges=1, roughness=0.1, water=True),
    Landscape("Wooded mountains", ("mountain", "tree"), ridges=4, roughness=0.8, trees=True),
)


def create_sample_photos(into: Path, count: int = COUNT) -> Path:
    """Create `count` photos in the folder `into`, and beside it the analysis file, whose path is returned."""
    into.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(count):
        hour, landscape = HOURS[number % len(HOURS)], PLACES[number // len(HOURS) % len(PLACES)]
        words = f"{landscape.words} {hour.words}"
        path = into / f"{number + 1:02d}-{words.lower().replace(' ', '-')}.jpg"
        picture = paint(hour, landscape, SIZES[number % len(SIZES)], seed=number)
        picture.save(path, quality=88, exif=_taken(FIRST_DAY + timedelta(days=7 * number, minutes=37 * number)))
        lines.append(json.dumps(analysis_of(path, picture, f"{words}.", landscape.objects)))
    analyses = into.parent / ANALYSES
    analyses.write_text("\n".join(lines) + "\n")
    return analyses


def paint(hour: Hour, landscape: Landscape, size: tuple[int, int], *, seed: int) -> Image.Image:
    """A landscape of `size` pixels; the same arguments give the same pixels."""
    rng = random.Random(seed)
    width, height = size
    horizon = round(height * rng.uniform(0.5, 0.64))
    picture = _sky(hour, size, horizon)
    draw = ImageDraw.Draw(picture)
    if hour.stars:
        for _ in range(160):
            x, y, light = rng.randrange(width), rng.randrange(horizon), _mixed(hour.disc, hour.sky[0], rng.random())
            draw.ellipse((x, y, x + 2, y + 2), fill=light)
    _disc(picture, hour, (round(width * rng.uniform(0.2, 0.8)), round(horizon * rng.uniform(0.3, 0.8))), height // 18)
    for depth in range(landscape.ridges):
        nearness = (depth + 1) / landscape.ridges
        colour = _mixed(hour.sky[1], hour.ground, nearness * 0.9)
        base = horizon + (height - horizon) * (0.05 + 0.5 * nearness * (not landscape.water))
        skyline = list(_skyline(rng, width, base, height * 0.24 * landscape.roughness * (1.25 - nearness)))
        draw.polygon([(0, height), *skyline, (width, height)], fill=colour)
        if landscape.trees and depth >= landscape.ridges // 2:
            _trees(draw, rng, skyline, _mixed(colour, hour.ground, 0.6), height)
    if landscape.water:
        _mirror(picture, hour, horizon + (height - horizon) // 6)
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def analysis_of(path: Path, picture: Image.Image, caption: str, objects: tuple[str, ...]) -> dict[str, object]:
    """The analysis of the file at `path`: scores in the product's scales, and a vector."""
    grey = picture.convert("L")
    bright = ImageStat.Stat(grey)
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES))
    colours = picture.resize((3, 3), Image.Resampling.BOX)
    numbers = [value / 255 - 0.5 for point in range(9) for value in _pixel(colours, point % 3, point // 3)]
    length = math.sqrt(sum(number * number for number in numbers))
    saturation = ImageStat.Stat(picture.convert("HSV")).mean[1]
    quality = bright.stddev[0] / 80 + saturation / 170 + edges.stddev[0] / 60
    return {
        "photo": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "aesthetic_score": round(1 + 9 * (1 - math.exp(-quality / 1.6)), 3),
        "sharpness_score": round(edges.var[0], 3),
        "exposure_score": round(bright.mean[0], 3),
        "detected_objects": list(objects),
        "caption": caption,
        "embedding": [round(number / length, 5) for number in numbers],
        "embedding_model": MODEL,
    }


def _sky(hour: Hour, size: tuple[int, int], horizon: int) -> Image.Image:
    column = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        column.putpixel((0, y), _mixed(hour.sky[0], hour.sky[1], min(1.0, y / horizon) ** 1.4))
    return column.resize(size)


def _disc(picture: Image.Image, hour: Hour, centre: tuple[int, int], radius: int) -> None:
    x, y = centre
    glow = Image.new("L", picture.size)
    ImageDraw.Draw(glow).ellipse((x - 2 * radius, y - 2 * radius, x + 2 * radius, y + 2 * radius), fill=150)
    picture.paste(hour.disc, mask=glow.filter(ImageFilter.GaussianBlur(radius)))
    ImageDraw.Draw(picture).ellipse((x - radius, y - radius, x + radius, y + radius), fill=hour.disc)


def _skyline(rng: random.Random, width: int, base: float, rise: float) -> Iterator[tuple[int, float]]:
    waves = [(rise / 1.9**octave, 1.7**octave * rng.uniform(1, 2), rng.uniform(0, 7)) for octave in range(7)]
    for x in [*range(0, width, 4), width]:
        yield x, base - sum(high * math.sin(often * x / width * math.pi + shift) for high, often, shift in waves)


def _trees(
    draw: ImageDraw.ImageDraw, rng: random.Random, skyline: list[tuple[int, float]], colour: Colour, height: int
) -> None:
    for x, y in skyline[::3]:
        tall = height * rng.uniform(0.03, 0.09)
        draw.polygon([(x - tall / 4, y + 6), (x, y - tall), (x + tall / 4, y + 6)], fill=colour)


def _mirror(picture: Image.Image, hour: Hour, shore: int) -> None:
    width, height = picture.size
    depth = height - shore
    above = picture.crop((0, max(0, shore - depth), width, shore)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    water = Image.blend(above.resize((width, depth)), Image.new("RGB", (width, depth), hour.ground), 0.35)
    picture.paste(water, (0, shore))
    draw = ImageDraw.Draw(picture)
    for y in range(shore, height, max(3, depth // 24)):
        draw.line((0, y, width, y), fill=_mixed(hour.sky[1], hour.ground, 0.45))


def _mixed(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * min(1.0, share)) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _pixel(picture: Image.Image, x: int, y: int) -> Colour:
    red, green, blue = (picture.getchannel(band).getpixel((x, y)) for band in "RGB")
    return _level(red), _level(green), _level(blue)


def _level(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 - Pillow's type covers the pixels of every mode
    return value


def _taken(at: datetime) -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{at:%Y:%m:%d %H:%M:%S}"
    return exif
