"""Unusual files as in a real photo library, each with its expected result."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from PIL import Image, PngImagePlugin

from shutterpost.photos import Reason
from tests.support.pictures import (
    bomb_png,
    encoded,
    exif_jpeg,
    gif,
    half_transparent_png,
    heic,
    jpeg,
    scene,
    swapped_profile,
    turned,
)

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmp:Rating="{rating}" photoshop:Credit="{credit}">'
    '<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{caption}</rdf:li></rdf:Alt></dc:description>'
    "<dc:subject><rdf:Bag><rdf:li>harbour</rdf:li><rdf:li>evening</rdf:li></rdf:Bag></dc:subject>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def xmp(caption: str = "Evening light.", *, rating: int = 4, credit: str = "A. Painter") -> bytes:
    """An XMP packet as editors write it, with two keywords."""
    return XMP.format(caption=escape(caption), rating=rating, credit=escape(credit)).encode()


@dataclass(frozen=True)
class Awkward:
    """One file and its end: `size` of the upright picture and `feed` of its rendition, or the `reason` against it."""

    name: str
    data: bytes
    size: tuple[int, int] = (640, 480)
    feed: tuple[int, int] = (640, 480)
    reason: Reason | None = None
    notes: tuple[str, ...] = ()


def awkward_files() -> tuple[Awkward, ...]:
    """Every kind, by the names such files bear; two have the same bytes."""
    plain = jpeg(1200, 900)
    large = scene(2000, 1500)
    noise = Image.effect_noise((3000, 2900), 180)
    animated = gif(frames=4)
    return (
        Awkward("adobe-rgb.jpg", jpeg(icc_profile=swapped_profile())),
        Awkward("alpha.png", half_transparent_png()),
        Awkward("animated.gif", animated, (400, 300), (400, 300), notes=("first of 4 pictures in the file",)),
        Awkward("bomb-30000x30000.png", bomb_png(), reason=Reason.TOO_MANY_PIXELS),
        Awkward("cmyk.jpg", jpeg(mode="CMYK")),
        Awkward("corrupt-middle.jpg", _holed(plain), reason=Reason.CORRUPT),
        Awkward("gray.jpg", jpeg(mode="L", hue=3)),
        Awkward("html.jpg", b"<!doctype html><title>Not found</title>", reason=Reason.NOT_AN_IMAGE),
        Awkward("lossy.webp", encoded(large, "WEBP", quality=80), (2000, 1500), (1440, 1080)),
        Awkward("near-duplicate.jpg", encoded(large.resize((1190, 893)), "JPEG", quality=60), (1190, 893), (1190, 893)),
        Awkward("one-pixel.jpg", jpeg(1, 1), reason=Reason.TOO_SMALL),
        *(Awkward(f"orientation-{number}.jpg", turned(number)) for number in range(1, 9)),
        Awkward("over-8mb.jpg", encoded(noise, "JPEG", quality=97), (3000, 2900), (1440, 1392)),
        Awkward("palette.gif", encoded(scene(600, 400).quantize(64), "GIF"), (600, 400), (600, 400)),
        Awkward("panorama-5to1.jpg", jpeg(5000, 1000), (5000, 1000), (1440, 754)),
        Awkward("photo.heic", heic(), (360, 240), (360, 240)),
        Awkward("photo.tiff", encoded(scene(900, 600), "TIFF", compression="tiff_lzw"), (900, 600), (900, 600)),
        Awkward("png-named.jpg", encoded(scene(1200, 800), "PNG"), (1200, 800), (1200, 800)),
        Awkward("progressive.jpg", jpeg(progressive=True)),
        Awkward("same-bytes-a.jpg", plain, (1200, 900), (1200, 900)),
        Awkward("same-bytes-b.jpg", plain, (1200, 900), (1200, 900)),
        Awkward("sixteen-bit.png", _deep_png(), (400, 320), (400, 320)),
        Awkward("tall-1to4.jpg", jpeg(800, 3200), (800, 3200), (1440, 1800)),
        Awkward("text.jpg", b"this is not a picture\n" * 40, reason=Reason.NOT_AN_IMAGE),
        Awkward("tiny-200px.jpg", jpeg(200, 150), reason=Reason.TOO_SMALL),
        Awkward("truncated.jpg", plain[: len(plain) // 2], reason=Reason.TRUNCATED),
        Awkward("where-it-was.jpg", exif_jpeg({0x010F: "Maker"}, {0x9003: "2026:06:01 16:33:00"})),
        Awkward("xmp-rating-4.jpg", jpeg(hue=4, xmp=xmp())),
        Awkward("zero-bytes.jpg", b"", reason=Reason.EMPTY_FILE),
        Awkward("ärger im Café – 東京 (1).jpg", jpeg(hue=5)),
    )


def _holed(data: bytes) -> bytes:
    """`data` with its middle overwritten, as a bad sector leaves it."""
    middle = len(data) // 2
    return data[:middle] + b"\xff\xd9" + bytes(2000) + data[middle + 2002 :]


def _deep_png() -> bytes:
    picture = Image.new("I;16", (400, 320))
    picture.putdata([column * 65535 // 400 for _ in range(320) for column in range(400)])
    return encoded(picture, "PNG", pnginfo=PngImagePlugin.PngInfo())
