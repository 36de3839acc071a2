"""Near duplicates and bursts, by the bits in which hashes differ."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import Candidate, ComparablePhoto, Rules, Shown, choose, distance, look_alikes

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
