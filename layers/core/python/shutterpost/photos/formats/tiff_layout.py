"""Reads how a TIFF stores its samples (TIFF 6.0); pure."""

import struct
from collections.abc import Mapping

from shutterpost.photos.formats.tiff_tags import Bytes, TiffReader, Values
from shutterpost.runtime.values import Value

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC = 256, 257, 258, 259, 262
_SAMPLES, _ROWS_PER_STRIP, _PLANAR, _TILE_WIDTH, _TILE_HEIGHT, _EXTRA = 277, 278, 284, 322, 323, 338
_SAMPLE_FORMAT = 339
_SEPARATE_PLANES = 2
_ASSOCIATED, _UNASSOCIATED = 1, 2
_JPEG = 7
_YCBCR, _CIELAB, _CFA, _LINEAR_RAW = 6, 8, 32803, 34892
# Samples of a colour by photometric interpretation; others have three.
_COLOURS = {0: 1, 1: 1, 3: 3, 4: 1, 5: 4}
# Compressions that a decoder has, and those of them that YCbCr without JPEG compression comes in.
_READ_COMPRESSIONS = {1, 2, 3, 4, 5, 7, 8, 32771, 32773, 32809, 32946, 34925, 50001}
_YCBCR_COMPRESSIONS = {1, 5, 8, 32773, 32946}
# Compressions that libtiff of neither decoder has, by TIFF's and Adobe's registered numbers.
_UNREAD_COMPRESSIONS = {
    6: "old-style JPEG",
    34661: "JBIG",
    34676: "SGI LogLuv",
    34677: "SGI LogLuv",
    34712: "JPEG 2000",
    34713: "Nikon NEF",
    34887: "LERC",
    34892: "lossy DNG JPEG",
    50000: "Zstandard",
    50002: "JPEG XL",
    52546: "JPEG XL",
}


class TiffLayout(Value):
    """Sample layout of the first picture of a TIFF."""

    width: int = 0
    height: int = 0
    bits: int = 1
    samples: int = 1
    compression: int = 1
    photometric: int | None = None
    planar: bool = False
    tile: tuple[int, int] | None = None
    rows_per_strip: int = 0
    extra: tuple[int, ...] = ()
    sample_format: int = 1

    @property
    def colours(self) -> int:
        """Number of colour bands after decoding."""
        return _COLOURS.get(self.photometric if self.photometric is not None else -1, 3)

    @property
    def alpha(self) -> int | None:
        """Index of the alpha channel among the extra bands, if any; an undeclared band counts as alpha."""
        if not self.extra:
            return 0
        return next((at for at, kind in enumerate(self.extra) if kind in {_ASSOCIATED, _UNASSOCIATED}), None)

    @property
    def is_plain_ycbcr(self) -> bool:
        """Whether the samples are YCbCr without JPEG compression."""
        return self.photometric == _YCBCR and self.compression != _JPEG

    @property
    def is_sensor_data(self) -> bool:
        """Whether the samples are a camera's sensor data."""
        return self.photometric in {_CFA, _LINEAR_RAW}

    @property
    def needs_pillow(self) -> bool:
        """Whether Pillow reads this layout and libvips does not."""
        separate_tiles = self.planar and self.tile is not None
        lab_bytes = self.photometric == _CIELAB and self.samples == 3 and self.bits == 8  # noqa: PLR2004 - bytes of three colours
        twelve_bits = self.bits == 12 and self.samples == 1  # noqa: PLR2004 - the one packed depth
        lzma = self.compression == 34925  # noqa: PLR2004 - its number
        return separate_tiles or lab_bytes or twelve_bits or lzma or (self.photometric is None and self.width > 0)

    @property
    def unread(self) -> str:
        """Why no decoder reads this layout, as the end of a sentence; empty if unknown."""
        if self.compression in _UNREAD_COMPRESSIONS:
            return f"with {_UNREAD_COMPRESSIONS[self.compression]} compression"
        if self.compression not in (_YCBCR_COMPRESSIONS if self.is_plain_ycbcr else _READ_COMPRESSIONS):
            return f"with compression number {self.compression}"
        if self.photometric == _CIELAB and self.planar:
            return "with Lab colours in separate planes"
        if self.planar and self.tile and self.bits == 16 and self.compression == 1:  # noqa: PLR2004 - two bytes
            return "with separate planes of 16 bits in tiles without compression"
        if self.bits not in {1, 2, 4, 8, 16, 32, 64} and not self.needs_pillow:
            return f"with {self.samples} samples of {self.bits} bits"
        return ""

    @property
    def held_bytes(self) -> int:
        """Bytes that libvips holds at once, as measured: a strip of each plane, or a row of tiles."""
        row = self.width * self.samples * max(1, self.bits // 8)
        if self.is_plain_ycbcr:
            return self.width * self.height * 4
        if self.tile is not None:
            return row * self.tile[1] * 2
        return row * min(self.rows_per_strip or self.height, self.height) * 4 // 3 if self.planar else 0


def read_layout(data: Bytes) -> TiffLayout:
    """The layout of a file; unreadable facts have their defaults."""
    try:
        reader = TiffReader(data)
        tags = reader.directory(reader.first)
    except (struct.error, ValueError, OverflowError):
        return TiffLayout()
    bits = tags.get(_BITS)
    extra = tags.get(_EXTRA)
    tile_width, tile_height = _number(tags, _TILE_WIDTH, 0), _number(tags, _TILE_HEIGHT, 0)
    return TiffLayout(
        width=_number(tags, _WIDTH, 0),
        height=_number(tags, _HEIGHT, 0),
        bits=max(bits) if isinstance(bits, tuple) and bits else 1,
        samples=_number(tags, _SAMPLES, 1),
        compression=_number(tags, _COMPRESSION, 1),
        photometric=_number(tags, _PHOTOMETRIC, -1) if _PHOTOMETRIC in tags else None,
        planar=_number(tags, _PLANAR, 1) == _SEPARATE_PLANES,
        tile=(tile_width, tile_height) if tile_width and tile_height else None,
        rows_per_strip=_number(tags, _ROWS_PER_STRIP, 0),
        extra=extra if isinstance(extra, tuple) else (),
        sample_format=_number(tags, _SAMPLE_FORMAT, 1),
    )


def _number(tags: Mapping[int, Values], tag: int, default: int) -> int:
    values = tags.get(tag)
    return values[0] if isinstance(values, tuple) and values else default
