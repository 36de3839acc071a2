"""The format of a file is read from its content."""

import pytest
from PIL import Image

from shutterpost.photos.formats.foreign import foreign
from shutterpost.photos.formats.signatures import HEAD_BYTES, Format, sniff
from tests.support.pictures import encoded, gif, heic, jpeg, scene


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg(), Format.JPEG),
        (encoded(scene(), "PNG"), Format.PNG),
        (encoded(scene(), "WEBP"), Format.WEBP),
        (encoded(scene(), "TIFF"), Format.TIFF),
        (gif(), Format.GIF),
        (heic(), Format.HEIC),
        (encoded(scene(), "AVIF"), Format.AVIF),
    ],
)
def test_the_format_is_read_from_the_content(data, kind):
    assert sniff(data[:HEAD_BYTES]) is kind
    assert foreign(data[:HEAD_BYTES]) is None


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (encoded(Image.new("RGB", (4, 4)), "BMP"), "a BMP picture"),
        (encoded(Image.new("RGB", (40, 40)), "TGA"), "a Targa picture (TGA)"),
        (encoded(Image.new("L", (40, 40)), "TGA", compression="tga_rle"), "a Targa picture (TGA)"),
        (encoded(scene(), "PCX"), "a PCX picture"),
        (encoded(scene(), "SGI"), "an SGI picture"),
        (encoded(scene(64, 64), "ICNS"), "an ICNS icon of macOS"),
        (b"\x00MRM\x00\x01\x02\x03", "a Minolta raw"),
        (b"II\x1a\x00\x00\x00HEAPCCDR", "a Canon raw"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "a Canon raw"),
        (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "a Canon raw"),
        (b"FOVb\x02\x00", "a Sigma raw"),
        (b"IIU\x00\x18\x00", "a Panasonic raw"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "a film"),
        (b'  <svg xmlns="x">', "an SVG drawing"),
        (b"PK\x03\x04\x14\x00", "a ZIP archive or a document that is packed as one"),
        (b"<!doctype html><title>", "a web page"),
        ("Grüße aus Köln".encode(), "a text"),
    ],
)
def test_foreign_files_are_named_with_what_to_do(head, what):
    other = foreign(head[:HEAD_BYTES])
    assert other is not None
    assert other.what == what
    assert other.advice.startswith("Drop pictures" if not other.is_picture else "Export")
    assert sniff(head[:HEAD_BYTES]) is None


@pytest.mark.parametrize("head", [b"", b"\xff\xd8", b"\x00" * 64, b"\x00\x00\x02" + b"\x01" * 60])
def test_other_bytes_are_nothing_known(head):
    assert sniff(head) is None
    assert foreign(head) is None
