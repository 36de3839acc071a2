"""Every unusual file has the expected result, and every malformed file a named reason."""

import hashlib
import os
import resource
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shutterpost.flows.importing.import_photo import Kind
from shutterpost.photos import FEED, WHAT_TO_DO, FramingPolicy, Normalised, Reason, Unusable, normalise
from tests.support.awkward import Awkward, awkward_files
from tests.support.aws import body_of, keys_in, mocked_aws, simulated_tables
from tests.support.import_system import ImportSystem
from tests.support.malformed import malformed_files
from tests.support.pictures import encoded, gif, heic, jpeg, opened, scene

FILES = {awkward_file.name: awkward_file for awkward_file in awkward_files()}
SHARED = os.environ.get("SHUTTERPOST_PHOTOS")
# Above what a decode may take (see imaging.opening), below what a function has.
MEMORY_GROWTH_KIB = 1_150_000


@pytest.fixture
def system():
    with mocked_aws(), simulated_tables():
        yield ImportSystem()


@pytest.mark.parametrize("file", [*FILES.values(), *malformed_files()], ids=lambda file: file.name)
def test_an_awkward_file_has_the_result_of_the_table(system, file: Awkward):
    outcome = system.drop(file.name, file.data)
    if file.reason is not None:
        assert (outcome.kind, outcome.reason) == (Kind.REJECTED, file.reason)
        assert body_of(system.s3, outcome.moved_to) == file.data
        assert system.reason(outcome)["what_to_do"].endswith(".")
        return
    photo = system.photo(outcome)
    assert photo.photo_id == hashlib.sha256(file.data).hexdigest()
    assert (photo.width, photo.height, photo.notes) == (*file.size, file.notes)
    data = system.rendition(photo)
    rendition = opened(data)
    assert (rendition.size, rendition.mode, rendition.format) == (file.feed, "RGB", "JPEG")
    assert not set(rendition.info) & {"exif", "xmp", "icc_profile", "photoshop", "comment"}
    assert len(data) <= FEED.max_bytes


def test_every_file_of_a_folder_is_a_photo_or_has_a_reason_file(system):
    """`SHUTTERPOST_PHOTOS` may name a folder whose `awkward/` has files of these names; else painted ones do."""
    folder = {path.name: path.read_bytes() for path in sorted(Path(SHARED, "awkward").iterdir())} if SHARED else {}
    files = folder or {name: file.data for name, file in FILES.items()}
    reasons = {name: FILES[name].reason if name in FILES else None for name in files}
    ends = {name: system.drop(name, data) for name, data in files.items()}
    assert {name: end.reason for name, end in ends.items()} == reasons
    usable = {hashlib.sha256(files[name]).hexdigest() for name, reason in reasons.items() if reason is None}
    assert {photo.photo_id for photo in system.photos.of_persona(system.persona_id, 100).photos} == usable
    assert len(keys_in(system.s3, "photos/")) == sum(reason is None for reason in reasons.values())
    assert len(keys_in(system.s3, "rejected/")) == 2 * sum(reason is not None for reason in reasons.values())
    assert ends["same-bytes-b.jpg"].kind is Kind.KNOWN
    assert system.photo(ends["same-bytes-b.jpg"]).names == ("same-bytes-a.jpg", "same-bytes-b.jpg")


def test_pictures_turned_by_exif_all_show_the_same_scene(system):
    hashes = [
        int(system.photo(system.drop(f"{number}.jpg", FILES[f"orientation-{number}.jpg"].data)).dhash, 16)
        for number in range(1, 9)
    ]
    assert all((hashes[0] ^ other).bit_count() <= 3 for other in hashes)


SEEDS = {
    "jpeg": jpeg(340, 200),
    "progressive": jpeg(340, 200, progressive=True),
    "png": encoded(scene(340, 200), "PNG"),
    "palette": encoded(scene(340, 200).quantize(16), "PNG", transparency=0),
    "gif": gif(2),
    "tiff": encoded(scene(340, 200), "TIFF"),
    "webp": encoded(scene(340, 200), "WEBP"),
    "heic": heic(),
}


@st.composite
def malformed(draw: st.DrawFn) -> bytes:
    """A picture with a few bytes overwritten, most of them near its head, perhaps cut or with something behind it."""
    data = bytearray(SEEDS[draw(st.sampled_from(sorted(SEEDS)))])
    edits = st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6))
    for where, patch in draw(st.lists(edits, min_size=1, max_size=5)):
        at = int(where**3 * (len(data) - 1))
        data[at : at + len(patch)] = patch
    end = draw(st.one_of(st.none(), st.integers(1, len(data))))
    return bytes(data[:end]) + draw(st.sampled_from([b"", b"\x00" * 50, b"PK\x03\x04"]))


@settings(
    max_examples=250,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=malformed())
def test_a_malformed_picture_is_a_rendition_or_a_named_reason_within_the_memory_bound(tmp_path, data):
    path = tmp_path / "dropped"
    path.write_bytes(data)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    end = _end_of(path)
    if isinstance(end, Reason):
        assert WHAT_TO_DO[end]
    else:
        shown = opened(end.renditions["feed"].data)
        assert shown.mode == "RGB"
        assert FEED.allows(*shown.size)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_GROWTH_KIB


def _end_of(path: Path) -> Normalised | Reason:
    try:
        return normalise(path, (FEED,), FramingPolicy.PAD, ZoneInfo("UTC"))
    except Unusable as refusal:
        return refusal.reason
