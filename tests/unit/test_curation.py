"""Curator's Choice: the best photo not yet posted, and a reason for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import Candidate, Caption, Decision, Rules, choose, choose_caption, hashtags_of

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
WALL = datetime(2026, 11, 22, 9)  # noqa: DTZ001 - the wall time of a slot is naive
NOW = SLOT - timedelta(minutes=15)


def candidate(photo_id: str, score: float | None, *, day: int | None = None, provisional: bool = False) -> Candidate:
    captured_at = datetime(2026, 1, day, tzinfo=UTC) if day else None
    return Candidate(
        photo_id=photo_id, name=f"{photo_id}.jpg", score=score, provisional=provisional, captured_at=captured_at
    )


def decide(*candidates: Candidate, refused: dict[str, str] | None = None, allow_provisional: bool = False) -> Decision:
    rules = Rules(persona_id="nature-1a2b3c", allow_provisional=allow_provisional)
    return choose(candidates, rules, slot_at=SLOT, wall=WALL, now=NOW, refused=refused)


def test_highest_score_is_picked_and_the_runner_up_named() -> None:
    decision = decide(candidate("a", 6.1), candidate("b", 9.4), candidate("c", 8.8))
    assert (decision.picked, decision.score) == ("b", 9.4)
    assert "next would be c.jpg (8.8)" in decision.reason


def test_equal_scores_go_to_the_earlier_capture_then_to_the_id() -> None:
    assert decide(candidate("a", 7, day=9), candidate("b", 7, day=3)).picked == "b"
    assert decide(candidate("b", 7), candidate("a", 7)).picked == "a"
    assert decide(candidate("a", 7), candidate("b", 7, day=3)).picked == "b"


def test_photo_refused_before_gives_way_to_the_next_best_with_its_reason() -> None:
    decision = decide(candidate("a", 9), candidate("b", 8), refused={"a": "already claimed by another post"})
    assert decision.picked == "b"
    assert decision.considered[0].rules == ("already claimed by another post",)
    assert "1 better or equal passed over" in decision.reason


def test_a_photo_without_a_score_is_refused_with_the_reason() -> None:
    decision = decide(candidate("a", None))
    assert decision.picked is None
    assert decision.considered[0].rules == ("no analysis yet, so no score",)


def test_provisional_score_counts_only_where_the_persona_allows_it() -> None:
    photos = (candidate("a", 9, provisional=True), candidate("b", 5))
    assert decide(*photos).picked == "b"
    alone = decide(photos[0], allow_provisional=True)
    assert alone.picked == "a"
    assert alone.reason.startswith("a.jpg has the highest provisional score")


def test_provisional_scores_come_after_all_others() -> None:
    photos = (candidate("a", 9, provisional=True), candidate("b", 5), candidate("c", 9.5, provisional=True))
    decision = decide(*photos, allow_provisional=True)
    assert [entry.photo_id for entry in decision.considered] == ["b", "c", "a"]
    assert decision.picked == "b"
    assert "passed over" not in decision.reason


def test_empty_library_decides_for_nothing_in_plain_words() -> None:
    decision = decide()
    assert decision.picked is None
    assert decision.reason == "No unposted photos available to schedule."


libraries = st.lists(
    st.builds(
        candidate,
        st.uuids().map(lambda item: item.hex),
        st.one_of(st.none(), st.floats(1, 10)),
        day=st.one_of(st.none(), st.integers(1, 28)),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda item: item.photo_id,
)


@given(libraries, st.randoms())
def test_pick_does_not_depend_on_the_order_of_the_candidates(library: list[Candidate], chance: object) -> None:
    shuffled = list(library)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert decide(*shuffled).picked == decide(*library).picked


@given(libraries, st.floats(0.1, 5))
def test_raising_the_pick_keeps_it_picked(library: list[Candidate], more: float) -> None:
    picked = decide(*library).picked
    raised = [
        item.model_copy(update={"score": (item.score or 0) + more}) if item.photo_id == picked else item
        for item in library
    ]
    assert decide(*raised).picked == picked


@given(libraries)
def test_every_scored_photo_is_picked_in_the_end(library: list[Candidate]) -> None:
    refused: dict[str, str] = {}
    while (picked := decide(*library, refused=refused).picked) is not None:
        assert picked not in refused
        refused[picked] = "posted"
    assert set(refused) == {item.photo_id for item in library if item.score is not None}


def test_caption_is_explicit_else_the_analysis_else_the_default() -> None:
    assert choose_caption(explicit="Mine", analysis="A lake.", default="d").source == "explicit"
    assert choose_caption(explicit="", analysis="A lake.", default="d").text == ""
    assert choose_caption(explicit=None, analysis=" A lake. ", default="d").text == "A lake."
    assert choose_caption(explicit=None, analysis="  ", default="d").source == "default"


def test_the_caption_is_the_persons_then_the_templates_then_the_analysis_one() -> None:
    facts = {"year": "2021", "theme": ""}
    chain: dict[str, Any] = {"explicit": None, "analysis": "A lake.", "default": "d", "facts": facts}
    stated = Caption(text="Mine.", source="iptc")
    assert choose_caption(**chain, stated=stated, template="From {{year}}").source == "iptc"
    assert choose_caption(**chain, template="From {{ year }}") == Caption(text="From 2021", source="template")
    assert choose_caption(**chain, template="Of {{theme}}").source == "analysis"


def test_a_recently_used_caption_is_replaced_by_the_next_source() -> None:
    chain: dict[str, Any] = {
        "explicit": None,
        "default": "Out there.",
        "template": "One more from {{year}} by me",
        "facts": {"year": "2021"},
    }
    lately = ["One more from 2021 by me!", "Something else entirely"]
    assert choose_caption(**chain, analysis="A quiet lake.", lately=lately).source == "analysis"
    assert choose_caption(**chain, analysis="", lately=lately).source == "default"
    assert choose_caption(**chain, analysis="", lately=[*lately, "Out there."]).source == "template"


def test_hashtags_are_the_personas_then_the_photos_up_to_a_number() -> None:
    result = ("sailing boat", "Lake", "lake", "person", "sky")
    tags = hashtags_of(("Nature", "lake"), result, max_labels=2, never=("person",))
    assert tags == ("Nature", "lake", "sailingboat", "sky")
