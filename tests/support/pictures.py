"""Small pictures painted in memory."""

import base64
import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import pyvips
from PIL import Image, ImageCms, ImageDraw

# 360 x 240 pixels, left half a colour ramp, right half red: no library at hand writes HEVC.
_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAVZtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9j"
    "AAAAAERAAAEAAQAAAAABegABAAAAAAAAAVYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA1mlw"
    "cnAAAAC3aXBjbwAAAHhodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAPLoCQGEAAQArQgEBA3AA"
    "AAMAkAAAAwAAAwA8oAtIDxZbqSSmubgIaDAgAAADAyAAAAMAIWIAAQAHRAHBcrBiQAAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAA"
    "AAFoAAAA8AAAABBwaXhpAAAAAAMICAgAAAAXaXBtYQAAAAAAAAABAAEEgQIDBAAAAV5tZGF0AAABUigBrwQSHv0KsPx5dLI2z9ZfvE0nEuXH"
    "jRGfimI1WREBVeTenPiOUgJE+PW6pw2fDjv8AYMv+fqIwei2njlv4xgm+kkCJGGa5S0F1MwVXSXeAz8BiSYxM2KrM1uX7Pq+/9AzdirgAAAk"
    "oNLf3RLsJ/D3elFt/U6CR0b4D+eZqDP7qt3TdkPxOXxvpwvtelyX9Ev+F5F88ert+l/dbALakeaJpptT1WoB/M/u6ljqi2fZ9CWbDEWMgAAS"
    "ELLZs9TPpsUFlRxpeqe0Qwa0ZQi35YGeWyVAX1jVKfGf9ETPgwZ7L55jlrIMy43cAbXM0aDqG6XhQCkHxf//FVkAgTb2IWv9KrZymYTr2iY0"
    "uXKQAAV88BhOSrCXPGxPGG67UXROCxE2V2zN8b/un1Qg10SDLAGVuRlyH2kP45SO5N5LdTAWJGzXmm3FgqTgAAADAAADAAro"
)


def scene(width: int = 640, height: int = 480, mode: str = "RGB", *, hue: int = 0) -> Image.Image:
    """A slope of brightness with a red disc in its upper left quarter; `hue` makes scenes of different bytes."""
    picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(picture)
    size = min(width, height) // 4
    draw.ellipse((size // 2, size // 2, size * 3 // 2, size * 3 // 2), fill=(220, 30, 30))
    draw.rectangle((0, 0, 7, 7), fill=(hue % 256, 255 - hue % 256, 128))
    return picture.convert(mode)


def jpeg(width: int = 640, height: int = 480, *, mode: str = "RGB", hue: int = 0, **options: Any) -> bytes:
    """A JPEG of the scene; `options` go to Pillow's writer."""
    return encoded(scene(width, height, mode, hue=hue), "JPEG", quality=90, **options)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """`picture` as a file of `kind`."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def exif_jpeg(tags: Mapping[int, int | str], inner: Mapping[int, str] | None = None) -> bytes:
    """A JPEG with EXIF `tags`, and `inner` ones in its Exif directory."""
    exif = Image.Exif()
    exif.update(tags)
    if inner:
        exif.get_ifd(0x8769).update(inner)
    return jpeg(exif=exif.tobytes())


def turned(orientation: int) -> bytes:
    """A JPEG that shows the 640 x 480 scene once its EXIF orientation is followed, and whose pixels lie otherwise."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = scene() if orientation == 1 else scene().transpose(undo[orientation])
    return encoded(picture, "JPEG", quality=92, exif=exif_of(orientation))


def gif(frames: int = 3) -> bytes:
    """A GIF of several frames; every other one stands on its head."""
    upright = scene(400, 300)
    turned = upright.transpose(Image.Transpose.ROTATE_180)
    first, *others = [(turned if index % 2 else upright).convert("P") for index in range(frames)]
    return encoded(first, "GIF", save_all=True, append_images=others)


def heic() -> bytes:
    """A HEIC file of 360 x 240 pixels."""
    return base64.b64decode("".join(_HEIC))


def half_transparent_png() -> bytes:
    """A black PNG whose right half is transparent."""
    picture = Image.new("RGBA", (640, 480), (0, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (320, 0, 640, 480))
    return encoded(picture, "PNG")


def deep_png(width: int = 400, height: int = 300) -> bytes:
    """A grey PNG of 16 bits a pixel, from black at its top to white."""
    rows = b"".join(b"\x00" + struct.pack(">H", row * 65535 // (height - 1)) * width for row in range(height))
    return png(width, height, depth=16, pixels=zlib.compress(rows))


def bomb_png(side: int = 30_000) -> bytes:
    """A tiny PNG that claims `side` x `side` pixels."""
    return png(side, side, pixels=zlib.compress(b"\x00" * 100))


def srgb_profile() -> bytes:
    """An sRGB ICC profile."""
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def swapped_profile() -> bytes:
    """An ICC profile that is not sRGB: its red and green primaries have changed places, and so has its name."""
    profile = bytearray(srgb_profile())
    count = struct.unpack(">I", profile[128:132])[0]
    places = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    start, size = struct.unpack(">II", profile[places[b"desc"] + 4 : places[b"desc"] + 12])
    profile[start + 12 : start + size] = b"\x00" * (size - 12)
    return bytes(profile)


def builtin_profile(name: str) -> bytes:
    """One of the ICC profiles that libvips brings: `srgb`, `p3` or `cmyk`."""
    return bytes(pyvips.Image.profile_load(name))


def exif_of(orientation: int) -> bytes:
    """An EXIF block with an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def opened(data: bytes) -> Image.Image:
    """The picture in `data`, decoded."""
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def png(
    width: int,
    height: int,
    *,
    pixels: bytes,
    depth: int = 8,
    colour: int = 0,
    interlaced: bool = False,
    chunks: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    """A PNG of these facts, true or not, whose compressed `pixels` come behind `chunks`."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    all_ = (b"IHDR", header), *chunks, (b"IDAT", pixels), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in all_)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
