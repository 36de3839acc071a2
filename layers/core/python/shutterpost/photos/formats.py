"""What a file is, told by its first bytes and never by its name; pure."""

from enum import StrEnum

HEAD_BYTES = 64

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_FOREIGN = (
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"IIU\x00", "a camera raw file"),
    (b"IIRO", "a camera raw file"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"OggS", "a film or sound"),
    (b"ID3", "a sound"),
)


class Format(StrEnum):
    """Formats that become renditions."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    TIFF = "tiff"
    GIF = "gif"


def sniff(head: bytes) -> Format | None:
    """The format whose signature `head` (the first `HEAD_BYTES` bytes) bears, or none that is read here."""
    if foreign(head):
        return None
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return Format.TIFF
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS and b"avif" not in head:
        return Format.HEIC
    return None


def foreign(head: bytes) -> str | None:
    """What a file is that has a picture's or film's signature but is not read here; `None` where nothing is known."""
    if head[:4] in {b"II*\x00", b"MM\x00*"} and head[8:10] == b"CR":
        return "a camera raw file"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand == b"avif" or b"avif" in head[16:]:
            return "an AVIF picture"
        if brand == b"crx ":
            return "a camera raw file"
        return None if brand in _HEIC_BRANDS else "a film"
    if head.lstrip()[:4] == b"<svg":
        return "an SVG drawing"
    return next((name for signature, name in _FOREIGN if head.startswith(signature)), None)
