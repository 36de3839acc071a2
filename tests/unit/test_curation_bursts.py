"""The burst of a picked photo: which photos its carousel shows, in which order, and which it leaves out."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shutterpost.curation import Burst, Candidate, Decision, Rules, ScoreWeights, Shown, burst_of
from shutterpost.curation.likeness import BURST

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RULES = Rules(persona_id="p", near_duplicate_bits=8, allow_provisional=False)


def frame(name: str, number: int = 0, seconds: float | None = 0, **facts: Any) -> Candidate:
    """A photo whose hash is `number`, taken so many seconds after the picked one."""
    at = None if seconds is None else NOW + timedelta(seconds=seconds)
    given = {"score": 5.0, "dhash": f"{number:016x}", "captured_at": at, **facts}
    return Candidate(photo_id=name, name=f"{name}.jpg", **given)


def burst(*others: Candidate, picked: Candidate | None = None, most: int = 10, **given: Any) -> Burst | None:
    own = picked or frame("picked")
    return burst_of(own, [own, *others], given.pop("rules", RULES), bits=8, most=most, **given)


def test_the_frames_follow_by_capture_whatever_their_order_and_score() -> None:
    frames = burst(frame("c", 3, 4, score=9), frame("b", 1, -2), frame("e", 2, 4), frame("d", 7, 0.5))
    assert frames is not None
    assert frames.photo_ids == ("b", "d", "c", "e")
    assert frames.names == ("b.jpg", "d.jpg", "c.jpg", "e.jpg")
    assert frames.left_out == ()


def test_a_frame_is_near_in_time_and_in_looks() -> None:
    seconds = BURST.total_seconds()
    assert burst(frame("at the bound", 0xFFF, seconds), frame("before", 1, -seconds)) is not None
    others = (
        frame("too late", 0, seconds + 0.001),
        frame("too early", 0, -seconds - 0.001),
        frame("of other looks", 0x1FFF),
        frame("undated", 0, None),
        frame("without a hash", dhash=""),
    )
    for other in others:
        assert burst(other) is None, other.name
    assert burst(frame("b"), picked=frame("picked", dhash="")) is None
    assert burst(frame("b"), picked=frame("picked", 0, None)) is None
    assert burst() is None


def test_a_photo_that_a_rule_refuses_is_left_out_with_the_rule() -> None:
    shown = [Shown(photo_id="s", name="s.jpg", dhash=f"{0xF00:016x}", where="@nature", post_id="p1")]
    rules = RULES.model_copy(update={"near_duplicate_bits": 2, "weights": ScoreWeights(sharpness_floor=2)})
    frames = burst(
        frame("a", 0xF0, sharpness=1.0),
        frame("b", 0xF0, 1, score=None),
        frame("c", 0xF0, 2, provisional=True),
        frame("d", 0x700, 3),
        frame("e", 0xF0, 4),
        frame("f", 0xF0, 5),
        rules=rules,
        shown=shown,
        refused={"e": "it has no rendition feed"},
    )
    assert frames is not None
    assert frames.photo_ids == ("f",)
    reasons = {item.name: item.reason for item in frames.left_out}
    assert reasons == {
        "a.jpg": "its sharpness 1 is below the floor of 2",
        "b.jpg": "no analysis yet, so no score",
        "c.jpg": "its score is provisional and the persona wants precomputed ones",
        "d.jpg": "looks like s.jpg of post p1 on @nature: 1 of 64 bits differ",
        "e.jpg": "it has no rendition feed",
    }


def test_a_carousel_has_at_most_so_many_photos_with_the_picked_one() -> None:
    frames = burst(*(frame(str(number), 0, number / 10) for number in range(5)), most=3)
    assert frames is not None
    assert frames.photo_ids == ("0", "1")
    assert [item.reason for item in frames.left_out] == ["a post to these connections has at most 3 photos"] * 3
    alone = burst(frame("b"), most=1)
    assert alone is not None
    assert (alone.photo_ids, alone.left_out[0].reason) == ((), "a post to these connections has at most 1 photo")


def test_only_a_burst_that_is_posted_goes_out_with_its_photo() -> None:
    base = {"persona_id": "p", "slot_at": NOW, "decided_at": NOW, "strategy": "s", "reason": "r"}
    frames = Burst(photo_ids=("b", "c"), names=("b.jpg", "c.jpg"))
    assert Decision(**base, picked="a", burst=frames).posted_ids == ("a",)
    assert Decision(**base, picked="a", burst=frames.model_copy(update={"posted": True})).posted_ids == ("a", "b", "c")
    assert Decision(**base, picked="a").posted_ids == ("a",)
    assert Decision(**base, picked=None).posted_ids == ()
