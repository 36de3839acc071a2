"""Names files in formats that are not supported, with a remedy; pure."""

import re
from collections.abc import Callable
from typing import NamedTuple

from shutterpost.photos.formats.signatures import brands_of, sniff

EXPORT_STILL = "Export a still picture from it as JPEG and drop that."
EXPORT_RAW = "Export a JPEG from it and drop that."
EXPORT_PICTURE = "Export it as JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF and drop it again."
DROP_PICTURES = "Drop pictures only: JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF."

_PICTURES = (
    (b"BM", "a BMP picture"),
    (b"8BPS\x00\x02", "a large Photoshop document"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript drawing"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"#?RGBE", "a Radiance picture"),
    (b"qoif", "a QOI picture"),
    (b"DDS ", "a DDS texture"),
    (b"BLP1", "a BLP texture"),
    (b"BLP2", "a BLP texture"),
    (b"\xabKTX", "a KTX texture"),
    (b"SIMPLE  =", "a FITS picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"II\xbc\x01", "a JPEG XR picture"),
    (b"\xff\xd8\xff\xf7", "a JPEG-LS picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x00\x00\x02\x00\x01", "a mouse pointer"),
    (b"icns", "an ICNS icon of macOS"),
    (b"\x01\xda\x00", "an SGI picture"),
    (b"\x01\xda\x01", "an SGI picture"),
    (b"\x59\xa6\x6a\x95", "a Sun raster picture"),
    (b"gimp xcf", "a GIMP document"),
    (b"BPG\xfb", "a BPG picture"),
    (b"FLIF", "a FLIF picture"),
    (b"\x8bJNG", "a JNG picture"),
    (b"/* XPM */", "an XPM picture"),
    (b"id=ImageMagick", "a MIFF picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
)
# Signatures of raw files that are no TIFF; those that are name their camera in EXIF.
_RAWS = (
    (b"FUJIFILMCCD-RAW", "a Fujifilm raw"),
    (b"IIU\x00", "a Panasonic raw"),
    (b"IIRO", "an Olympus raw"),
    (b"IIRS", "an Olympus raw"),
    (b"MMOR", "an Olympus raw"),
    (b"\x00MRM", "a Minolta raw"),
    (b"FOVb", "a Sigma raw"),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "a Canon raw"),
    (b"qktk", "an Apple QuickTake raw"),
    (b"qktn", "an Apple QuickTake raw"),
    (b"ARRI", "an ARRI raw"),
)
_FILMS = (
    (b"\x1aE\xdf\xa3", "a film"),
    (b"\x00\x00\x01\xba", "a film"),
    (b"\x00\x00\x01\xb3", "a film"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a Windows Media file"),
    (b"FLV\x01", "a film"),
    (b"\x8aMNG", "an MNG animation"),
    (b"OggS", "a film or sound"),
)
_OTHERS = (
    (b"ID3", "a sound"),
    (b"fLaC", "a sound"),
    (b"PK\x03\x04", "a ZIP archive or a document that is packed as one"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"SQLite format 3\x00", "a SQLite database"),
)
_SVG = re.compile(rb"\s*(<\?xml.*)?<(!DOCTYPE )?svg\b", re.DOTALL)
_PNM = re.compile(rb"P[1-7fF]\s")
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.DOTALL | re.IGNORECASE)
_UTF8_MARK = b"\xef\xbb\xbf"
_TIFF = (b"II*\x00", b"MM\x00*")
_FILM_BOXES = {b"moov", b"mdat", b"wide"}
_IFF_PICTURES = {b"ILBM", b"PBM "}
_TGA_HEADER, _TGA_KINDS, _TGA_MAPPED, _TGA_DEPTHS = 18, {1, 2, 3, 9, 10, 11}, {1, 9}, {8, 15, 16, 24, 32}
_PCX_HEADER, _PCX_DEPTHS = 128, {1, 2, 4, 8}
_PCX = re.compile(rb"\n[\x00-\x05][\x00\x01]", re.DOTALL)


class Foreign(NamedTuple):
    """A file in an unsupported format: what it is and the remedy; `is_picture` for pictures and films."""

    what: str
    advice: str
    is_picture: bool = True


def foreign(head: bytes) -> Foreign | None:
    """The unsupported format of a file; `None` if it is supported or unknown."""
    if sniff(head):
        return None
    for names, advice, is_picture in _SIGNATURES:
        what = next((name for signature, name in names if head.startswith(signature)), None)
        if what:
            return Foreign(what, advice, is_picture)
    return next((other for test, other in _STRUCTURES if test(head)), None)


def _is_film(head: bytes) -> bool:
    return bool(brands_of(head)) or head[4:8] in _FILM_BOXES or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")


def _is_pcx(head: bytes) -> bool:
    return len(head) >= _PCX_HEADER and bool(_PCX.match(head)) and head[3] in _PCX_DEPTHS


def _is_tga(head: bytes) -> bool:
    if len(head) < _TGA_HEADER or head[1] > 1 or head[2] not in _TGA_KINDS or head[16] not in _TGA_DEPTHS:
        return False
    sized = any(head[12:14]) and any(head[14:16]) and not head[17] & 0xC0
    return sized and (head[1] == 1 if head[2] in _TGA_MAPPED else head[1] == 1 or not any(head[3:8]))


def _is_text(head: bytes) -> bool:
    text = head.decode("utf-8", "ignore")
    whole = len(text.encode()) >= len(head) - 3
    return bool(text.strip()) and whole and not re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text)


def _matches(pattern: re.Pattern[bytes]) -> Callable[[bytes], bool]:
    return lambda head: bool(pattern.match(head.removeprefix(_UTF8_MARK)))


_SIGNATURES = (
    (_RAWS, EXPORT_RAW, True),
    (_PICTURES, EXPORT_PICTURE, True),
    (_FILMS, EXPORT_STILL, True),
    (_OTHERS, DROP_PICTURES, False),
)
# Formats without a plain signature at their beginning, the surest first.
_STRUCTURES: tuple[tuple[Callable[[bytes], bool], Foreign], ...] = (
    (lambda head: head[:4] in _TIFF or b"crx " in brands_of(head), Foreign("a Canon raw", EXPORT_RAW)),
    (_is_film, Foreign("a film", EXPORT_STILL)),
    (lambda head: head[:4] == b"\x89PNG", Foreign("a PNG that only Apple's programs read", EXPORT_PICTURE)),
    (_matches(_SVG), Foreign("an SVG drawing", EXPORT_PICTURE)),
    (_matches(_PNM), Foreign("a PNM picture", EXPORT_PICTURE)),
    (lambda head: head[:4] == b"FORM" and head[8:12] in _IFF_PICTURES, Foreign("an IFF picture", EXPORT_PICTURE)),
    (lambda head: head[128:132] == b"DICM", Foreign("a DICOM picture", EXPORT_PICTURE)),
    (
        lambda head: head[:4] == b"\x01\x00\x00\x00" and head[40:44] == b" EMF",
        Foreign("a Windows metafile", EXPORT_PICTURE),
    ),
    (_is_pcx, Foreign("a PCX picture", EXPORT_PICTURE)),
    (_is_tga, Foreign("a Targa picture (TGA)", EXPORT_PICTURE)),
    (_matches(_HTML), Foreign("a web page", DROP_PICTURES, is_picture=False)),
    (_is_text, Foreign("a text", DROP_PICTURES, is_picture=False)),
)
