"""Keys of objects in the bucket."""

import pytest

from shutterpost.photos import place_of, rendition_key
from shutterpost.photos.bucket.keys import REASON_SUFFIX, marked, rejected_key


@pytest.mark.parametrize(
    ("key", "kind", "persona", "path"),
    [
        ("photos/p-1/a.jpg", "photo", "p-1", "a.jpg"),
        ("photos/p-1/2020/été/a.jpg", "photo", "p-1", "2020/été/a.jpg"),
        ("photos/p-1/a.jpg.json", "analyses", "p-1", "a.jpg.json"),
        ("analyses/p-1/all.JSONL", "analyses", "p-1", "all.JSONL"),
        ("photos/a.jpg", "photo", "", "a.jpg"),
    ],
)
def test_a_key_contains_persona_and_path(key, kind, persona, path):
    place = place_of(key)
    assert place is not None
    assert (place.kind, place.persona_id, place.path) == (kind, persona, path)


@pytest.mark.parametrize("key", ["rejected/p-1/a.jpg", "renditions/p-1/x/feed.jpg", "public/x.jpg", "a.jpg", ""])
def test_other_keys_are_no_drops(key):
    assert place_of(key) is None


def moved(key: str) -> str:
    place = place_of(key)
    assert place is not None
    return rejected_key(place)


def test_rejected_objects_keep_persona_and_path():
    assert moved("photos/p-1/2020/a.jpg") == "rejected/p-1/2020/a.jpg"
    assert moved("photos/a.jpg") == "rejected/a.jpg"
    assert rendition_key("p-1", "ab", "feed") == "renditions/p-1/ab/feed.jpg"


def test_the_longest_key_leaves_room_for_its_reason():
    key = "photos/p-1/" + "é" * 500 + ".jpg"
    assert len(key.encode()) <= 1024
    target = marked(moved(key), '"0123456789"') + REASON_SUFFIX
    assert len(target.encode()) <= 1024
    assert target.startswith("rejected/p-1/")
    assert ".jpg" in target
