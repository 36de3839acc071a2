"""Near duplicates and bursts, by the bits in which hashes differ."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import Candidate, ComparablePhoto, Rules, Shown, choose, distance, look_alikes
from shutterpost.curation.likeness import HASH_BITS, nearest

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HASHES = st.integers(0, 2**64 - 1)


def hexed(number: int) -> str:
    return f"{number:016x}"


def snapshot(name: str, number: int, seconds: float | None = None) -> ComparablePhoto:
    at = NOW + timedelta(seconds=seconds) if seconds is not None else None
    return ComparablePhoto(photo_id=name, name=f"{name}.jpg", dhash=hexed(number), captured_at=at)


def names(groups) -> list[tuple[str, ...]]:
    return [tuple(photo.photo_id for photo in group.photos) for group in groups]


@given(HASHES, HASHES)
def test_distance_counts_the_bits_that_differ(first, second):
    assert (
        distance(hexed(first), hexed(second)) == (first ^ second).bit_count() == distance(hexed(second), hexed(first))
    )


@given(st.lists(HASHES, max_size=12), st.integers(1, 20))
def test_every_pair_that_is_near_enough_shares_a_group(numbers, bits):
    near = [0b1111 << 4 * shift for shift in range(3)]
    photos = [snapshot(str(index), number) for index, number in enumerate([*numbers, *near])]
    groups = [set(group) for group in names(look_alikes(photos, bits))]
    for item, other in combinations(photos, 2):
        if distance(item.dhash, other.dhash) <= bits:
            assert any({item.photo_id, other.photo_id} <= group for group in groups)
    assert sum(map(len, groups)) == len(set().union(*groups) if groups else ())


def spread(count: int, shift: int) -> int:
    """So many bits of 64, far from each other, turned by `shift`."""
    return sum(1 << ((HASH_BITS * place // count + shift) % HASH_BITS) for place in range(count))


@pytest.mark.parametrize("bits", [1, 2, 3, 8, 13, 20])
def test_no_pair_is_missed_wherever_its_bits_differ(bits):
    most = bits + bits // 2
    for shift in range(HASH_BITS):
        for seconds, count in ((60, bits), (10, most)):
            later = snapshot("b", spread(count, shift), seconds)
            [pair] = look_alikes([snapshot("a", 0, 0), later], bits)
            assert (pair.bits, pair.burst) == (count, seconds == 10)
            assert look_alikes([snapshot("a", 0, 0), snapshot("b", spread(count + 1, shift), seconds)], bits) == ()


def test_a_group_has_its_photos_by_capture_then_name_and_groups_are_by_name():
    later, earlier, undated = snapshot("a", 0, 9), snapshot("z", 1, 2), snapshot("b", 3)
    others = [snapshot("x", 2**64 - 1), snapshot("y", 2**64 - 2)]
    assert names(look_alikes([undated, later, *others, earlier], 2)) == [("x", "y"), ("z", "a", "b")]
    assert [group.burst for group in look_alikes([undated, later, earlier], 2)] == [False]


def test_a_photo_without_a_date_is_no_frame_of_a_burst():
    assert look_alikes([snapshot("a", 0, 0), snapshot("b", 2**10 - 1)], 8) == ()


def test_frames_taken_within_moments_may_differ_more_and_are_a_burst():
    far = 0b1111_1111_11
    assert names(look_alikes([snapshot("a", 0), snapshot("b", far)], 8)) == []
    [burst] = look_alikes([snapshot("b", far, 4), snapshot("a", 0, 0)], 8)
    assert (names([burst]), burst.burst, burst.bits) == ([("a", "b")], True, 10)
    [later] = look_alikes([snapshot("a", 0, 0), snapshot("b", 1, 4000)], 8)
    assert not later.burst


def test_photos_without_a_hash_and_a_limit_of_nothing_group_nothing():
    assert look_alikes([snapshot("a", 7), snapshot("b", 7)], 0) == ()
    blank = ComparablePhoto(photo_id="c", name="c", dhash="")
    assert look_alikes([blank, blank.model_copy(update={"photo_id": "d"})], 8) == ()


def decide(*shown: Shown, bits: int = 8):
    candidates = [
        Candidate(photo_id="a", name="a.jpg", score=9, dhash=hexed(0)),
        Candidate(photo_id="b", name="b.jpg", score=8, dhash=hexed(2**32 - 1)),
    ]
    rules = Rules(persona_id="p", near_duplicate_bits=bits)
    return choose(candidates, rules, slot_at=NOW, wall=NOW, now=NOW, shown=shown)


def test_what_resembles_a_shown_photo_is_passed_over_with_the_reason():
    seen = Shown(photo_id="z", name="z.jpg", dhash=hexed(0b111), where="@nature", post_id="p1")
    decision = decide(seen)
    assert decision.picked == "b"
    [first, _] = decision.considered
    assert first.rules == ("looks like z.jpg of post p1 on @nature: 3 of 64 bits differ",)
    assert first.looks_like == "z"
    assert "1 better or equal passed over by rule" in decision.reason


def test_the_limit_is_the_personas_and_a_photo_never_resembles_itself():
    seen = Shown(photo_id="z", name="z.jpg", dhash=hexed(0b111), where="@nature", post_id="p1")
    assert decide(seen, bits=2).picked == "a"
    assert decide(seen, bits=0).picked == "a"
    assert decide(seen.model_copy(update={"photo_id": "a"})).picked == "a"


def seen(name: str, number: int | None, post_id: str = "p1") -> Shown:
    dhash = "" if number is None else hexed(number)
    return Shown(photo_id=name, name=f"{name}.jpg", dhash=dhash, where="@nature", post_id=post_id)


@pytest.mark.parametrize(
    ("bits", "dhash", "shown", "expected"),
    [
        (8, hexed(0), [seen("x", 0b111), seen("y", 0b1), seen("z", 0b11)], ("y", 1)),
        (8, hexed(0), [seen("x", 0b1), seen("y", 0b10)], ("x", 1)),
        (8, hexed(0), [seen("own", 0, "p2"), seen("x", None), seen("y", 0xFF)], ("y", 8)),
        (8, hexed(0), [seen("own", 0), seen("x", 1), seen("y", 0xFF, "p2")], ("y", 8)),
        (8, hexed(0), [seen("x", 0x1FF)], None),
        (8, hexed(0), [], None),
        (8, "", [seen("x", 0)], None),
        (0, hexed(0), [seen("x", 0)], None),
        (64, hexed(0), [seen("x", 2**64 - 1)], ("x", 64)),
    ],
)
def test_the_nearest_is_the_most_similar_other_photo_within_the_limit(bits, dhash, shown, expected):
    result = nearest("own", dhash, shown, bits)
    assert (result and (result[0].photo_id, result[1])) == expected
