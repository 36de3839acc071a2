"""A rejected file is told in one sentence: name, kind, size, why, what to do."""

from datetime import UTC, datetime

import pytest

from shutterpost.photos import RejectedFile
from shutterpost.photos.rejections import summary_of

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
