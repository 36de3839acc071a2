"""What a pick reads of the library, in which order, and when it ends."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.channels import Connection
from shutterpost.curation import (
    CURATORS_CHOICE,
    PILLARS,
    THEMATIC_ROTATION,
    WEIGHTED_CHOICE,
    Considered,
    Decision,
    Rules,
    ScoreWeights,
    Shown,
    StrategyMemory,
    ThemedPick,
    ThemeRule,
    Vectors,
    unit,
)
from shutterpost.flows.picking.choose_photo import (
    MAX_WINDOWS,
    NO_ANALYSES,
    WINDOW,
    as_shown,
    candidate_of,
    curate,
    needs_memory,
    nothing_left,
    rules_of,
)
from shutterpost.personas import SlotInstant
from shutterpost.photos import UnpostedPhoto, demoted_rank
from shutterpost.photos.ranking import rank
from shutterpost.scheduling import ShownPhoto
from tests.support.builders import a_persona

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SLOT = SlotInstant(run_at=NOW, wall_time=datetime(2026, 11, 22, 9), zone="Europe/Paris")  # noqa: DTZ001 - wall time
VECTORS = {"p01": unit("m", (1, 0)), "p02": unit("m", (0, 1)), "shown": unit("m", (1, 0))}


def photo(number: int, *, provisional: bool = False, aside: bool = False, theme: str = "") -> UnpostedPhoto:
    photo_id, score = f"p{number:02d}", 9.9 - number / 100
    order = rank(score, None, photo_id, provisional=provisional)
    return UnpostedPhoto(
        persona_id="p",
        photo_id=photo_id,
        names=(f"{photo_id}.jpg", f"z-{photo_id}.jpg"),
        score=score,
        provisional=provisional,
        theme=theme,
        rank=demoted_rank(order) if aside else order,
    )


class Shelf:
    """A library in memory that notes what is read of it."""

    def __init__(self, *photos: UnpostedPhoto) -> None:
        self.photos = sorted(photos, key=lambda item: item.rank)
        self.read = list[tuple[str | None, str, bool]]()
        self.limits = list[int]()
        self.compared = list[list[str]]()

    def candidates(
        self, limit: int, *, provisional: bool, after: str | None, aside: bool, theme: str | None
    ) -> Sequence[UnpostedPhoto]:
        """As the store: by rank, the demoted alone if `aside`, else without the provisional unless allowed."""
        self.read.append((theme, after.rpartition("#")[2] if after else "", aside))
        self.limits.append(limit)
        first, last = ("2", "3") if aside else ("0", "~" if provisional else "1")
        photos = [item for item in self.photos if first <= item.rank <= last and theme in {None, item.theme}]
        return [item for item in photos if after is None or item.rank > after][:limit]

    def vectors(self, photo_ids: Iterable[str]) -> Vectors:
        """The vectors of every photo that has one."""
        self.compared.append(list(photo_ids))
        return VECTORS

    def alt_texts(self, photo_ids: Iterable[str]) -> Mapping[str, str]:
        """No photo has one."""
        return dict.fromkeys(photo_ids, "")


def decide(shelf: Shelf, rules: Rules, refused: Iterable[str] = (), **facts) -> Decision:
    history = facts.pop("history", StrategyMemory())
    reasons = dict.fromkeys(refused, "taken")
    return curate(shelf, rules, SLOT, now=NOW, shown=facts.pop("shown", ()), history=history, refused=reasons)


def numbered(*numbers: int) -> list[str]:
    return [f"p{number:02d}" for number in numbers]


ANALYSED = Rules(persona_id="p")
ALL = Rules(persona_id="p", allow_provisional=True)
LAST = WINDOW * MAX_WINDOWS


@pytest.mark.parametrize(
    ("rules", "shelf", "refused", "picked", "read"),
    [
        (ANALYSED, [photo(1), photo(2)], 0, "p01", [("", False)]),
        (ANALYSED, [photo(number) for number in range(1, 40)], 18, "p19", [("", False), ("p18", False)]),
        (ANALYSED, [photo(1), photo(2, aside=True)], 1, "p02", [("", False), ("", True)]),
        (ANALYSED, [photo(2, aside=True)], 0, "p02", [("", False), ("", True)]),
        (ANALYSED, [photo(1), photo(2)], 2, None, [("", False), ("", True)]),
        (ANALYSED, [photo(1, provisional=True)], 0, None, [("", False), ("", True), ("", False)]),
        (ANALYSED, [], 0, None, [("", False), ("", True), ("", False)]),
        (ALL, [photo(1, provisional=True)], 0, "p01", [("", False)]),
        (ALL, [photo(1), photo(2, aside=True)], 1, "p02", [("", False)]),
        (ALL, [photo(1), photo(2)], 2, None, [("", False)]),
        (ALL, [photo(number) for number in range(1, 19)], 18, None, [("", False), ("p18", False)]),
        (
            ALL,
            [photo(number) for number in range(1, LAST + 2)],
            LAST - 1,
            f"p{LAST}",
            [("", False), ("p18", False), ("p36", False), ("p54", False)],
        ),
        (
            ALL,
            [photo(number) for number in range(1, LAST + 2)],
            LAST,
            None,
            [("", False), ("p18", False), ("p36", False), ("p54", False)],
        ),
        (
            ANALYSED,
            [photo(1), *(photo(number, aside=True) for number in range(2, 40))],
            39,
            None,
            [("", False), ("", True)],
        ),
    ],
)
def test_windows_are_read_until_one_has_a_photo(rules, shelf, refused, picked, read) -> None:
    """Behind the analysed photos those that were set aside, unless provisional ones are allowed and hold them."""
    library = Shelf(*shelf)
    decision = decide(library, rules, numbered(*range(1, refused + 1)))
    assert decision.picked == picked
    assert library.read == [(None, *entry) for entry in read]


def test_without_a_photo_the_decision_has_all_that_was_considered() -> None:
    photos = [photo(number) for number in range(1, 30)]
    decision = decide(Shelf(*photos), ALL, numbered(*range(1, 30)))
    assert [(judged.photo_id, judged.rules) for judged in decision.considered] == [
        (photo_id, ("taken",)) for photo_id in numbered(*range(1, 30))
    ]


def test_photos_without_an_analysis_are_named_as_the_cause_if_nothing_else_is_there() -> None:
    assert decide(Shelf(photo(1, provisional=True)), ANALYSED).reason == NO_ANALYSES
    empty = Shelf()
    assert decide(empty, ANALYSED).reason == "No unposted photos available to schedule."
    assert empty.limits == [WINDOW, WINDOW, 1]
    refused = decide(Shelf(photo(1), photo(2, provisional=True)), ANALYSED, ["p01"])
    assert refused.reason.startswith("None of the 1 unposted photos considered")


def test_a_later_window_is_compared_with_the_earlier_ones() -> None:
    decision = decide(Shelf(*(photo(number) for number in range(1, 40))), ALL, numbered(*range(1, 20)))
    assert (decision.picked, len(decision.considered)) == ("p20", 36)
    assert "19 better or equal passed over by rule" in decision.reason


def test_rules_of_themes_and_likeness_hold_in_every_window() -> None:
    sea = ThemeRule(name="sea", min_gap_days=3)
    rules = Rules(persona_id="p", themes=(sea,), near_duplicate_bits=2, allow_provisional=True)
    past = ThemedPick(slot_at=NOW - timedelta(days=1), day=NOW.date() - timedelta(days=1), theme="sea")
    twin = photo(2).model_copy(update={"dhash": "00"})
    shown = seen("old", 3).model_copy(update={"dhash": "01"})
    shelf = [photo(1, theme="sea"), twin]
    decision = decide(Shelf(*shelf, photo(3)), rules, shown=[shown], history=StrategyMemory(outings=(past,)))
    assert decision.picked == "p03"
    nothing = decide(Shelf(*shelf), rules, shown=[shown], history=StrategyMemory(outings=(past,)))
    assert [len(judged.rules) for judged in nothing.considered] == [1, 1]


THEMES = (ThemeRule(name="sea"), ThemeRule(name="fog"))


def test_the_first_wanted_theme_with_a_photo_gets_the_slot() -> None:
    rules = Rules(persona_id="p", strategy=THEMATIC_ROTATION, themes=THEMES, allow_provisional=True)
    library = Shelf(photo(1), photo(2, theme="fog"), photo(3, theme="sea"))
    first = decide(library, rules)
    assert (first.picked, first.theme, library.read) == ("p03", "sea", [("sea", "", False)])
    second = decide(library, rules, ["p03"])
    assert (second.picked, [entry.photo_id for entry in second.considered]) == ("p02", ["p02"])
    past = ThemedPick(slot_at=NOW - timedelta(days=1), day=NOW.date() - timedelta(days=1), theme="sea")
    assert decide(library, rules, history=StrategyMemory(outings=(past,))).picked == "p02"
    any_theme = decide(library, rules, ["p02", "p03"])
    assert any_theme.picked == "p01"
    assert any_theme.reason.startswith("Of any theme (no photo of the wanted themes is left)")


def test_a_persona_without_themes_rotates_those_of_its_best_photos() -> None:
    rules = Rules(persona_id="p", strategy=THEMATIC_ROTATION)
    library = Shelf(photo(1), photo(2, theme="sea"), photo(3, theme="fog"), photo(4, provisional=True, theme="air"))
    assert decide(library, rules).picked == "p03"
    assert library.read == [(None, "", False), ("fog", "", False)]
    assert library.limits == [WINDOW, WINDOW]
    assert decide(library, rules.model_copy(update={"allow_provisional": True})).theme == "air"
    library = Shelf(photo(1, theme="sea"))
    decide(library, ANALYSED)
    assert library.read == [(None, "", False)]


def seen(photo_id: str, ago: int) -> Shown:
    return Shown(photo_id=photo_id, name=photo_id, dhash="", where="w", post_id="1", ago=ago)


def test_vectors_are_read_only_where_photos_are_compared() -> None:
    varied = Rules(persona_id="p", strategy=WEIGHTED_CHOICE, weights=ScoreWeights(variety=2))
    library = Shelf(photo(1), photo(2))
    shown = [seen("old", 10), seen("shown", 9)]
    assert decide(library, varied, shown=shown).picked == "p02"
    assert library.compared == [["p01", "p02", "shown"]]
    for rules, others in ((ANALYSED, shown), (varied, shown[:1]), (varied, [])):
        library = Shelf(photo(1), photo(2))
        assert decide(library, rules, shown=others).picked == "p01"
        assert library.compared == []


def considered(*lasting: bool) -> Decision:
    entries = (
        Considered(photo_id=f"p{number}", name="", score=1, verdict="refused", lasting=value)
        for number, value in enumerate(lasting)
    )
    return decide(Shelf(), ALL).model_copy(update={"considered": tuple(entries)})


@pytest.mark.parametrize(
    ("lasting", "expected"),
    [
        ([], True),
        ([True, True], True),
        ([True, False], False),
        ([True] * (LAST - 1), True),
        ([True] * LAST, False),
    ],
)
def test_nothing_is_left_if_every_photo_is_refused_for_good(lasting: list[bool], expected: bool) -> None:
    """A pick that read all its windows has not seen every photo."""
    assert nothing_left(considered(*lasting)) is expected


def test_the_bonuses_are_those_of_the_strategies_that_have_them() -> None:
    weights = {"freshness": 0.5, "variety": 2, "sharpness_floor": 7}
    plain = rules_of(a_persona(weights=weights))
    weighted = rules_of(a_persona(weights=weights, strategy=WEIGHTED_CHOICE, near_duplicate_bits=5))
    assert (plain.weights.freshness, plain.weights.variety, plain.weights.sharpness_floor) == (0, 0, 7)
    assert (weighted.weights.freshness, weighted.weights.variety, weighted.weights.sharpness_floor) == (0.5, 2, 7)
    assert weighted.near_duplicate_bits == 5
    assert weighted.persona_id == a_persona().persona_id


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"strategy": CURATORS_CHOICE}, False),
        ({"strategy": WEIGHTED_CHOICE}, False),
        ({"strategy": PILLARS}, True),
        ({"strategy": CURATORS_CHOICE, "themes": THEMES}, True),
        ({"strategy": CURATORS_CHOICE, "evergreen": True}, True),
    ],
)
def test_a_strategy_with_themes_or_reposts_needs_a_memory(facts, expected: bool) -> None:
    assert needs_memory(Rules(persona_id="p", **facts)) is expected


def test_a_candidate_has_the_first_of_its_names() -> None:
    assert candidate_of(photo(1)).name == "p01.jpg"


def test_shown_photos_have_their_connection_and_the_number_of_later_posts() -> None:
    connection = Connection(
        connection_id="c1",
        persona_id="p",
        owner="o",
        channel="instagram",
        display_name="@nature",
        account_id="1",
        created_at=NOW,
        updated_at=NOW,
    )
    photos = [ShownPhoto(post_id=f"post-{number}", photo_id=f"p{number}", name="n", dhash="") for number in range(2)]
    shown = as_shown({connection: photos})
    assert [(item.photo_id, item.post_id, item.where, item.ago) for item in shown] == [
        ("p0", "post-0", "@nature", 0),
        ("p1", "post-1", "@nature", 1),
    ]
