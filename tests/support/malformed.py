"""Malformed, exotic or hostile pictures as in the test suites of image libraries, each with its expected result."""

import struct
import zlib
from collections.abc import Iterable

from PIL import Image

from shutterpost.photos import Reason
from tests.support.awkward import Awkward
from tests.support.pictures import encoded, gif, heic, jpeg, png, scene, srgb_profile, swapped_profile

SMALL = (400, 300)
# EXIF with one entry: orientation 6, or a pointer to the directory that holds it.
_TURNED = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
_ENDLESS = (
    b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08"
)


def malformed_files() -> tuple[Awkward, ...]:
    """Every kind, by what is wrong or rare about it."""
    return (*_jpegs(), *_pngs(), *_tiffs(), *_others(), *_foreign())


def _jpegs() -> Iterable[Awkward]:
    plain, cmyk = jpeg(), encoded(scene(mode="CMYK"), "JPEG")
    frame = _frame(plain)
    adobe = cmyk.index(b"\xff\xee")
    progressive = jpeg(progressive=True)
    endless = _patched(progressive, _frame(progressive) + 5, struct.pack(">HH", 12_000, 12_000))
    unread = Reason.UNSUPPORTED_FORMAT
    yield Awkward("zero-width.jpg", _patched(plain, frame + 7, b"\x00\x00"), reason=Reason.CORRUPT)
    yield Awkward("zero-height.jpg", _patched(plain, frame + 5, b"\x00\x00"), reason=Reason.CORRUPT)
    yield Awkward("65500-square.jpg", _patched(plain, frame + 5, b"\xff\xdc" * 2), reason=Reason.TOO_MANY_PIXELS)
    yield Awkward("12000-square-progressive.jpg", endless, reason=Reason.TOO_MANY_PIXELS)
    yield Awkward("twelve-bit.jpg", _patched(plain, frame + 4, b"\x0c"), reason=unread)
    yield Awkward("lossless.jpg", _patched(plain, frame + 1, b"\xc3"), reason=unread)
    yield Awkward("sampling-0.jpg", _patched(plain, frame + 11, b"\x00"), reason=Reason.CORRUPT)
    yield Awkward("start-alone.jpg", b"\xff\xd8\xff", reason=Reason.TRUNCATED)
    yield Awkward("end-at-once.jpg", b"\xff\xd8\xff\xd9", reason=Reason.CORRUPT)
    yield Awkward("two-in-one.jpg", plain + plain)
    yield Awkward("zeros-before-end.jpg", plain[:-2] + bytes(30) + plain[-2:])
    yield Awkward("cmyk-inverted.jpg", cmyk)
    yield Awkward("cmyk-no-adobe.jpg", cmyk[:adobe] + cmyk[adobe + 16 :])
    yield Awkward("cmyk-rgb-profile.jpg", encoded(scene(mode="CMYK"), "JPEG", icc_profile=srgb_profile()))
    yield Awkward("profile-broken.jpg", jpeg(icc_profile=b"no profile" * 40))
    yield Awkward("profile-cut.jpg", jpeg(icc_profile=swapped_profile()[:300]))
    yield Awkward("orientation-0.jpg", _with(plain, _TURNED.replace(b"\x00\x06\x00\x00", b"\x00\x00\x00\x00")))
    yield Awkward("orientation-9.jpg", _with(plain, _TURNED.replace(b"\x00\x06\x00\x00", b"\x00\x09\x00\x00")))
    yield Awkward("exif-endless.jpg", _with(plain, _ENDLESS))
    yield Awkward("exif-huge.jpg", _with(plain, *[b"Exif\x00\x00" + bytes(60_000)] * 100))
    yield Awkward("two-pictures.mpo", encoded(scene(), "MPO", save_all=True, append_images=[scene(hue=9)]))
    # Row by row, a picture may have many more pixels than one that must be held whole.
    yield Awkward("96-megapixels.jpg", encoded(Image.new("L", (12_000, 8_000)), "JPEG"), (12_000, 8_000), (1440, 960))


def _pngs() -> Iterable[Awkward]:
    grey, whole = zlib.compress((b"\x00" + b"\x55" * 400) * 300), encoded(scene(*SMALL), "PNG")
    deep = zlib.compress((b"\x00" + struct.pack(">HHH", 9, 30_000, 50_000) * 400) * 300)
    profile = b"icc\x00\x00" + zlib.compress(bytes(50_000_000))
    animated = encoded(scene(*SMALL), "PNG", save_all=True, append_images=[scene(*SMALL, hue=9)])
    yield Awkward("zero-width.png", png(0, 300, pixels=grey), reason=Reason.CORRUPT)
    yield Awkward("endless.png", png(0x7FFFFFFF, 0x7FFFFFFF, pixels=grey), reason=Reason.CORRUPT)
    yield Awkward("palette-missing.png", png(*SMALL, colour=3, pixels=grey), reason=Reason.CORRUPT)
    yield Awkward("depth-7.png", png(*SMALL, depth=7, pixels=grey), reason=Reason.CORRUPT)
    yield Awkward("checksum.png", _patched(whole, 29, bytes([whole[29] ^ 255])), reason=Reason.CORRUPT)
    yield Awkward("cut.png", whole[: len(whole) // 2], reason=Reason.TRUNCATED)
    yield Awkward("end-missing.png", whole[:-12], SMALL, SMALL)
    yield Awkward("more-behind.png", whole + b"more" * 900, SMALL, SMALL)
    yield Awkward("profile-bomb.png", png(*SMALL, pixels=grey, chunks=((b"iCCP", profile),)), SMALL, SMALL)
    deep_clear = ((b"tRNS", struct.pack(">HHH", 9, 30_000, 50_000)),)
    yield Awkward("16-bit-clear.png", png(*SMALL, depth=16, colour=2, pixels=deep, chunks=deep_clear), SMALL, SMALL)
    yield Awkward("animated.png", animated, SMALL, SMALL)
    bomb = png(16_000, 16_000, colour=2, pixels=grey, interlaced=True)
    yield Awkward("interlaced-bomb.png", bomb, reason=Reason.TOO_MANY_PIXELS)
    yield Awkward(
        "apple.png", whole[:8] + b"\x00\x00\x00\x04CgBI" + bytes(8) + whole[8:], reason=Reason.UNSUPPORTED_FORMAT
    )


def _tiffs() -> Iterable[Awkward]:
    pages = [scene(*SMALL, hue=hue) for hue in (5, 6)]
    multi = encoded(scene(*SMALL), "TIFF", save_all=True, append_images=pages)
    lzw = encoded(scene(*SMALL), "TIFF", compression="tiff_lzw")
    yield Awkward("three-pages.tif", multi, SMALL, SMALL, notes=("first of 3 pictures in the file",))
    yield Awkward("big.tif", encoded(scene(*SMALL), "TIFF", big_tiff=True), SMALL, SMALL)
    yield Awkward("fax.tif", encoded(scene(*SMALL).convert("1"), "TIFF", compression="group4"), SMALL, SMALL)
    yield Awkward("cmyk.tif", encoded(scene(*SMALL, "CMYK"), "TIFF"), SMALL, SMALL)
    yield Awkward("16-bit.tif", encoded(Image.new("I;16", SMALL, 30_000), "TIFF"), SMALL, SMALL)
    yield Awkward("float.tif", encoded(scene(*SMALL).convert("F"), "TIFF"), reason=Reason.UNSUPPORTED_FORMAT)
    yield Awkward("cut.tif", encoded(scene(*SMALL), "TIFF")[:200_000], reason=Reason.TRUNCATED)
    yield Awkward("holed.tif", lzw[:2000] + b"\xff" * 500 + lzw[2500:], reason=Reason.CORRUPT)
    yield Awkward("no-directory.tif", b"II*\x00\x00\x00\x00\x00", reason=Reason.CORRUPT)
    yield Awkward("directory-beyond.tif", b"II*\x00" + b"\xff" * 4, reason=Reason.TRUNCATED)


def _others() -> Iterable[Awkward]:
    frames = [scene(*SMALL, hue=40 * number) for number in range(1, 4)]
    animated = encoded(scene(*SMALL), "WEBP", save_all=True, append_images=frames)
    noted = ("first of 4 pictures in the file",)
    whole, apple = encoded(scene(*SMALL), "WEBP"), heic()
    size = apple.index(b"ispe") + 8
    large = b"RIFF" + struct.pack("<I", len(whole) - 8) + whole[8:12] + b"VP8X\x0a" + bytes(7) + b"\xff\x3f\x00" * 2
    yield Awkward("animated.webp", animated, SMALL, SMALL, notes=noted)
    yield Awkward("cut.webp", whole[: len(whole) // 2], reason=Reason.TRUNCATED)
    yield Awkward("canvas-alone.webp", large, reason=Reason.TRUNCATED)
    yield Awkward("lossless.webp", encoded(scene(*SMALL), "WEBP", lossless=True), SMALL, SMALL)
    yield Awkward("frameless.gif", gif()[:13], reason=Reason.CORRUPT)
    yield Awkward("cut.gif", encoded(scene(*SMALL).quantize(64), "GIF")[:900], reason=Reason.TRUNCATED)
    yield Awkward("60000-square.heic", _patched(apple, size, b"\x00\x00\xea\x60" * 2), reason=Reason.TOO_MANY_PIXELS)
    yield Awkward("zero-square.heic", _patched(apple, size, bytes(8)), reason=Reason.CORRUPT)
    yield Awkward("cut.heic", apple[: len(apple) // 2], reason=Reason.TRUNCATED)
    yield Awkward("photo.avif", encoded(scene(*SMALL), "AVIF"), SMALL, SMALL)
    yield Awkward("head-alone.avif", b"\x00\x00\x00\x20ftypavif\x00\x00\x00\x00avifmif1miaf", reason=Reason.TRUNCATED)
    yield Awkward("av1-inside.heic", apple.replace(b"hvcC", b"av1C"), reason=Reason.UNSUPPORTED_FORMAT)


def _foreign() -> Iterable[Awkward]:
    heads = {
        "svg.jpg": b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>",
        "svg-declared.jpg": b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn --><svg/>",
        "pdf.jpg": b"%PDF-1.7\n",
        "eps.jpg": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "jpeg-xl.jpg": b"\xff\x0a\xfa\x7f" + bytes(90),
        "canon.cr2": b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(90),
        "canon.cr3": b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom" + bytes(90),
        "fuji.raf": b"FUJIFILMCCD-RAW 0201" + bytes(90),
        "olympus.orf": b"IIRO\x08\x00\x00\x00" + bytes(90),
        "radiance.hdr": b"#?RADIANCE\n" + bytes(90),
        "film.jpg": b"\x00\x00\x00\x18ftypmp42" + bytes(90),
        "portable.ppm": encoded(scene(*SMALL), "PPM"),
    }
    for name, data in heads.items():
        yield Awkward(name, data, reason=Reason.UNSUPPORTED_FORMAT)
    yield Awkward("negative.dng", _raw(0xC612, 1, b"\x01\x04\x00\x00"), reason=Reason.UNSUPPORTED_FORMAT)
    for name, data in {"zip.jpg": b"PK\x03\x04" + bytes(90), "zeros.jpg": bytes(5000), "one-byte.jpg": b"\xff"}.items():
        yield Awkward(name, data, reason=Reason.NOT_AN_IMAGE)


def _frame(data: bytes) -> int:
    """Where the frame header of a JPEG begins."""
    at = 2
    while data[at + 1] not in {0xC0, 0xC1, 0xC2}:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at


def _patched(data: bytes, at: int, patch: bytes) -> bytes:
    return data[:at] + patch + data[at + len(patch) :]


def _with(data: bytes, *blocks: bytes) -> bytes:
    """A JPEG with further APP1 segments before all others."""
    segments = (b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block for block in blocks)
    return data[:2] + b"".join(segments) + data[2:]


def _raw(tag: int, kind: int, value: bytes) -> bytes:
    """A grey TIFF of 400 x 300 pixels with one more tag, such as a camera's raw file has."""
    fields = {0x100: 400, 0x101: 300, 0x102: 8, 0x103: 1, 0x106: 1, 0x111: 200, 0x115: 1, 0x116: 300, 0x117: 120_000}
    entries = [struct.pack("<HHII", key, 4, 1, number) for key, number in fields.items()]
    entries.append(struct.pack("<HHI", tag, kind, len(value)) + value)
    head = b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return head.ljust(200, b"\x00") + bytes(120_000)
