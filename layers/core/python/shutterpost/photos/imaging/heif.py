"""Decodes HEIC through pi_heif; libvips decodes AVIF."""

from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyvips

from shutterpost.photos.formats.foreign import EXPORT_PICTURE, EXPORT_STILL
from shutterpost.photos.formats.heif_boxes import HeifPicture
from shutterpost.photos.imaging.cicp import HDR_TRANSFERS, profile_of
from shutterpost.photos.imaging.failures import other_decoder
from shutterpost.photos.unusable import Reason, Unusable

AV1 = "av01"
_HEVC = {"hvc1", "hev1"}
_CODECS = {
    "avc1": "AVC (H.264)",
    "vvc1": "VVC (H.266)",
    "evc1": "EVC",
    "jpeg": "JPEG",
    "j2k1": "JPEG 2000",
    "unci": "uncompressed samples",
}
_BANDS = {"L": 1, "I": 1, "LA": 2, "La": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}


class HeicFacts(NamedTuple):
    """Header of a HEIC file's primary picture, and the number of `pictures` in the file."""

    size: tuple[int, int]
    pictures: int
    exif: bytes
    xmp: bytes | None
    profile: bytes | None


def unread(picture: HeifPicture) -> Unusable | None:
    """The refusal of a HEIF file whose codec is not supported."""
    if picture.is_sequence:
        detail = "The file is a HEIF image sequence without a still picture."
        return Unusable(Reason.UNSUPPORTED_FORMAT, detail, EXPORT_STILL)
    if picture.codec in {"", AV1, *_HEVC}:
        return None
    coded = _CODECS.get(picture.codec, repr(picture.codec))
    detail = f"The picture in this HEIF file is coded as {coded}, which is not read; HEVC and AV1 are."
    return Unusable(Reason.UNSUPPORTED_FORMAT, detail, EXPORT_PICTURE)


def coded_profile(picture: HeifPicture) -> bytes | None:
    return profile_of(*picture.cicp[:2]) if picture.cicp else None


def read_heic(path: Path) -> HeicFacts:
    """Read the header. Raises `Unusable` if no picture is coded as HEVC."""
    with path.open("rb") as file, other_decoder():
        heic = _opened(file, convert_hdr_to_8bit=True)
        if len(heic):
            info = heic.info
            profile = info.get("icc_profile") or None
            return HeicFacts(heic.size, len(heic), info.get("exif") or b"", info.get("xmp"), profile)
    raise Unusable(Reason.UNSUPPORTED_FORMAT, "The file holds no picture that is coded as HEVC or AV1.")


class HeicDecoder:
    """Decodes the primary picture, with 16 bits a sample for HDR; keeps libheif's pixel memory alive."""

    def __init__(self, path: Path, picture: HeifPicture) -> None:
        self._path = path
        self._hdr = bool(picture.cicp and picture.cicp[1] in HDR_TRANSFERS)
        self._heic: Any = None

    def __call__(self, *, shrink: int, tolerant: bool) -> Any:
        del shrink, tolerant
        with self._path.open("rb") as file, other_decoder():
            heic = _opened(file, convert_hdr_to_8bit=not self._hdr)
            name, _, deep = heic.mode.partition(";")
            bands, (width, height) = _BANDS[name], heic.size
            sample, kind = (2, "ushort") if deep else (1, "uchar")
            rows = pyvips.Image.new_from_memory(heic.data, heic.stride // sample // bands, height, bands, kind)
        self._heic = heic
        image = rows.crop(0, 0, width, height) if rows.width != width else rows
        image = image.copy(interpretation=_space(bands, deep=bool(deep)))
        return image.unpremultiply().cast(kind) if name.endswith("a") else image


def _space(bands: int, *, deep: bool) -> str:
    if bands >= 3:  # noqa: PLR2004 - red, green, blue
        return "rgb16" if deep else "srgb"
    return "grey16" if deep else "b-w"


def _opened(file: BinaryIO, *, convert_hdr_to_8bit: bool) -> Any:
    # Imported late: with Pillow, which it brings along, it takes 9 MB of a process that mostly meets JPEG.
    import pi_heif

    return pi_heif.open_heif(file, convert_hdr_to_8bit=convert_hdr_to_8bit)
