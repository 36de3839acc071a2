"""Refusals describe the file and what its owner can do."""

import struct
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from PIL import Image

from shutterpost.photos import Reason, RejectedFile, Unusable
from shutterpost.photos.bucket.rejections import summary_of
from tests.support import tiffs
from tests.support.heif_files import heif
from tests.support.pictures import encoded, exif_of, jpeg, scene
from tests.support.reading import imported
from tests.support.tiffs import tiff


def refusal(folder, data: bytes) -> Unusable:
    with pytest.raises(Unusable) as refused:
        imported(folder, data)
    return refused.value


def with_strays(data: bytes, strays: bytes = b"\x01\x02\x03") -> bytes:
    """A JPEG with bytes that belong to nothing before its tables and its frame header."""
    tables, frame = data.index(b"\xff\xdb"), data.index(b"\xff\xc0")
    return data[:tables] + strays + data[tables:frame] + strays + data[frame:]


def broken_scan() -> bytes:
    data = jpeg(1200, 900)
    middle = len(data) // 2
    return data[:middle] + bytes(index * 37 % 255 for index in range(400)) + data[middle + 400 :]


@pytest.mark.parametrize("strays", [b"\x00", b"\x01\x02\x03", b"\xff\x00", bytes(range(200))])
def test_bytes_between_the_segments_of_a_jpegs_header_are_overlooked(tmp_path, strays):
    assert imported(tmp_path, with_strays(jpeg(), strays)).width == 640


def test_bytes_that_belong_to_nothing_within_the_pixels_are_not_overlooked(tmp_path):
    assert refusal(tmp_path, with_strays(broken_scan())).reason is Reason.CORRUPT


@pytest.mark.parametrize("before", [with_strays(jpeg()), jpeg()[:-2] + b"\x00" * 3 + b"\xff\xd9", broken_scan()])
def test_a_reason_does_not_depend_on_the_file_before(tmp_path, before):
    data = encoded(scene(), "PNG")[:3000]
    alone = refusal(tmp_path, data).detail
    with suppress(Unusable):
        imported(tmp_path, before)
    assert refusal(tmp_path, data).detail == alone
    assert "Jpeg" not in alone


@pytest.mark.parametrize(
    "data",
    [
        encoded(scene(), "PNG")[:60],
        encoded(scene(), "TIFF")[:300],
        encoded(scene(), "WEBP")[:40],
        heif()[:500],
        broken_scan(),
        b"GIF89a" + bytes(40),
        tiff(400, 300, b"x" * 900, compression=tiffs.LZMA),
    ],
)
def test_details_name_no_path_and_no_call(tmp_path, data):
    detail = refusal(tmp_path, data).detail
    assert str(tmp_path) not in detail
    assert "dropped" not in detail
    assert "unable to call" not in detail


def test_a_decoders_message_that_is_no_text_is_a_reason_like_any_other(tmp_path):
    turned = encoded(scene(), "AVIF", exif=exif_of(6))
    assert b"irot" in turned
    detail = refusal(tmp_path, turned.replace(b"irot", b"\xff\xb1\xfe\x01")).detail
    assert detail.isprintable()


def test_a_file_of_much_content_that_decodes_to_one_flat_colour_is_refused(tmp_path):
    noise = Image.effect_noise((600, 600), 120).tobytes()
    hollow = encoded(Image.new("RGB", (400, 300), (90, 140, 200)), "PNG") + noise
    refused = refusal(tmp_path, hollow)
    assert refused.reason is Reason.CORRUPT
    assert "one flat colour" in refused.detail


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_picture_of_one_flat_colour_is_a_picture(tmp_path, kind):
    flat = encoded(Image.new("RGB", (2400, 1800), (90, 140, 200)), kind)
    assert imported(tmp_path, flat).width == 2400


def test_a_large_heic_is_refused_with_what_would_help(tmp_path):
    data = heif()
    at = data.index(b"ispe") + 8
    refused = refusal(tmp_path, data[:at] + struct.pack(">II", 12_240, 16_320) + data[at + 8 :])
    assert refused.reason is Reason.TOO_MANY_PIXELS
    assert "128 megapixels" in refused.detail
    assert "220 megapixels" in refused.what_to_do


NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RAW = RejectedFile(
    key="photos/p/holiday/beach.mrw",
    rejected_key="rejected/p/holiday/beach.mrw",
    reason="unsupported-format",
    kind="Minolta raw",
    byte_size=9_412_000,
    detail="The file is a Minolta raw.",
    what_to_do="Export a JPEG from it and drop that.",
    at=NOON,
)


def test_the_sentence_has_name_kind_size_reason_and_remedy():
    assert summary_of(RAW) == (
        "beach.mrw (Minolta raw, 9.4 MB): the file is a Minolta raw; export a JPEG from it and drop that."
    )


@pytest.mark.parametrize(
    ("byte_size", "kind", "facts"),
    [(0, "", " (0 bytes)"), (None, "", ""), (1_200, "text", " (text, 1.2 kB)"), (2 * 10**9, "film", " (film, 2.0 GB)")],
)
def test_what_is_not_known_is_left_out(byte_size, kind, facts):
    assert summary_of(RAW.model_copy(update={"byte_size": byte_size, "kind": kind})).startswith(
        f"beach.mrw{facts}: the"
    )
