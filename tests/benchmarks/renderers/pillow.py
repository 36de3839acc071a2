"""Renders a folder with Pillow, as its documentation advises for thumbnails: `python pillow.py PLAN QUALITY`."""

import io
import sys
from pathlib import Path

import pi_heif
from PIL import Image, ImageCms, ImageOps

from tests.benchmarks.renderers.measuring import run


def render(source: Path, target: Path, size: tuple[int, int]) -> None:
    """Drafted while decoding, upright, sRGB, bicubic, without metadata."""
    with Image.open(source) as picture:
        picture.draft("RGB", size)
        profile = picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        if profile and b"sRGB" not in profile:
            srgb = ImageCms.createProfile("sRGB")
            upright = ImageCms.profileToProfile(upright, io.BytesIO(profile), srgb, outputMode="RGB") or upright
        small = upright.convert("RGB").resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    small.info.clear()
    small.save(target, "JPEG", quality=QUALITY)


QUALITY = int(sys.argv[2])
pi_heif.register_heif_opener()
run(render, sys.argv[1])
