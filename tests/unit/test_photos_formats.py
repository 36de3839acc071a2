"""Files are told by their content."""

import pytest
from PIL import Image

from shutterpost.photos.formats import HEAD_BYTES, Format, foreign, sniff
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
    ],
)
def test_content_tells_the_format(data, kind):
    assert sniff(data[:HEAD_BYTES]) is kind
    assert foreign(data[:HEAD_BYTES]) is None


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (encoded(Image.new("RGB", (4, 4)), "BMP"), "a BMP picture"),
        (encoded(Image.new("RGB", (4, 4)), "AVIF"), "an AVIF picture"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00", "a film"),
        (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "a camera raw file"),
        (b'  <svg xmlns="x">', "an SVG drawing"),
    ],
)
def test_foreign_files_are_named(head, what):
    assert foreign(head[:HEAD_BYTES]) == what
    assert sniff(head[:HEAD_BYTES]) is None


@pytest.mark.parametrize("head", [b"", b"\xff\xd8", b"this is not a picture", b"<!doctype html>", b"\x00" * 64])
def test_other_bytes_are_nothing_known(head):
    assert sniff(head) is None
    assert foreign(head) is None
