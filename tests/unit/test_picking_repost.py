"""Which publication is repeated, and how far the history is read for it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.curation import (
    WEIGHTED_CHOICE,
    Candidate,
    Rules,
    ScoreWeights,
    Shown,
    StrategyMemory,
    ThemedPick,
    ThemeRule,
    Vectors,
    unit,
)
from shutterpost.flows.picking.choose_photo import WINDOW
from shutterpost.flows.picking.repost import MAX_EXAMINED, PastPublication, RepostChoice, choose_repost
from shutterpost.personas import SlotInstant
from tests.support.builders import a_persona

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
SLOT = SlotInstant(run_at=NOW, wall_time=datetime(2026, 11, 22, 9), zone="Europe/Paris")  # noqa: DTZ001 - wall time
PERSONA = a_persona(evergreen=True, evergreen_after_days=30)
BEGINNING = NOW - 900 * DAY
VECTORS = {"p1": unit("m", (1, 0)), "p2": unit("m", (0, 1)), "shown": unit("m", (1, 0))}


def past(number: int, *, score: float = 5, may_return: bool = True, **facts: str) -> PastPublication:
    candidate = Candidate(photo_id=f"p{number}", name=f"p{number}.jpg", score=score, **facts)
    return PastPublication(at=BEGINNING + number * DAY, candidate=candidate, cycle=number, may_return=may_return)


class Past:
    """Publications in memory that count what is read of them."""

    def __init__(self, *publications: PastPublication) -> None:
        self.publications_of_all = publications
        self.read = list[int]()
        self.compared = list[list[str]]()

    def publications(self, after: datetime | None, until: datetime) -> Iterable[PastPublication]:
        """Those within the bounds, in order of time."""
        for publication in self.publications_of_all:
            if (after is None or publication.at > after) and publication.at <= until:
                self.read.append(publication.cycle)
                yield publication

    def vectors(self, photo_ids: Iterable[str]) -> Vectors:
        """The vectors of every photo that has one."""
        self.compared.append(list(photo_ids))
        return VECTORS


def repost(
    source: Past,
    *,
    rules: Rules | None = None,
    shown: Sequence[Shown] = (),
    history: StrategyMemory | None = None,
    refused: Iterable[str] = (),
) -> RepostChoice:
    return choose_repost(
        source,
        PERSONA,
        rules or Rules(persona_id="p"),
        SLOT,
        now=NOW,
        shown=shown,
        history=history or StrategyMemory(),
        refused=dict.fromkeys(refused, "taken"),
    )


def test_the_best_publication_that_may_return_is_repeated_in_its_next_cycle() -> None:
    choice = repost(Past(past(1), past(2, score=9, may_return=False), past(3, score=7), past(4, score=6)))
    assert (choice.decision.picked, choice.decision.cycle) == ("p3", 4)
    assert choice.decision.reason == (
        "No unposted photo is left, so p3.jpg goes out again: it did on 2024-06-08, more than 30 days ago, and is the "
        "best of those whose turn it is."
    )
    assert (choice.decision.decided_at, choice.decision.slot_at) == (NOW, NOW)


def test_a_publication_of_the_last_days_is_not_repeated() -> None:
    bound = NOW - 30 * DAY
    at_bound = past(1).model_copy(update={"at": bound})
    assert repost(Past(at_bound)).decision.picked == "p1"
    late = repost(Past(at_bound.model_copy(update={"at": bound + timedelta(seconds=1)})))
    assert late.decision.picked is None
    assert late.decision.reason == (
        "No unposted photo is left, and none that went out more than 30 days ago may come again."
    )


@pytest.mark.parametrize(
    ("returnable", "position", "read"),
    [
        ([], 100, MAX_EXAMINED),
        ([1], None, MAX_EXAMINED),
        ([3], 2, MAX_EXAMINED),
        ([3, 5], 2, MAX_EXAMINED),
        (range(1, 101), None, WINDOW),
        (range(4, 101), 3, WINDOW + 3),
        ([100], 99, MAX_EXAMINED),
        ([101], 100, MAX_EXAMINED),
    ],
)
def test_the_next_pick_reads_on_from_the_first_that_may_return(returnable, position, read) -> None:
    source = Past(*(past(number, may_return=number in returnable) for number in range(1, 121)))
    choice = repost(source)
    # One further is read, to know that all photos of the last post were examined.
    assert len(source.read) == read + 1
    assert choice.history.reused_until == (position and BEGINNING + position * DAY)
    assert (choice.decision.picked is None) is (not returnable or min(returnable) > MAX_EXAMINED)
    later = Past(*source.publications_of_all)
    repost(later, history=choice.history)
    assert later.read[0] == (position or 0) + 1


def test_the_memory_stays_as_it_is_but_for_the_position() -> None:
    memory = StrategyMemory(theme="sea", version=7, reused_until=BEGINNING)
    assert repost(Past(), history=memory).history == memory
    assert repost(Past(past(1)), history=memory).history == memory
    moved = repost(Past(past(1, may_return=False)), history=memory).history
    assert moved == memory.model_copy(update={"reused_until": BEGINNING + DAY})


def test_a_repost_obeys_the_rules_of_a_pick() -> None:
    source = Past(past(1, score=9), past(2, score=8, theme="sea"), past(3, score=7, dhash="00"), past(4, score=6))
    sea = ThemeRule(name="sea", min_gap_days=3)
    rules = Rules(persona_id="p", themes=(sea,), near_duplicate_bits=2)
    memory = StrategyMemory(outings=(ThemedPick(slot_at=NOW - DAY, day=NOW.date() - DAY, theme="sea"),))
    twin = Shown(photo_id="z", name="z", dhash="01", where="w", post_id="1")
    choice = repost(source, rules=rules, shown=[twin], history=memory, refused=["p1"])
    assert choice.decision.picked == "p4"
    assert [len(judged.rules) for judged in choice.decision.considered] == [1, 1, 1, 0]


def test_vectors_are_read_only_where_photos_are_compared() -> None:
    varied = Rules(persona_id="p", strategy=WEIGHTED_CHOICE, weights=ScoreWeights(variety=2))
    shown = [
        Shown(photo_id=name, name=name, dhash="", where="w", post_id="1", ago=ago)
        for name, ago in (("old", 10), ("shown", 9))
    ]
    source = Past(past(1, score=5.1), past(2))
    assert repost(source, rules=varied, shown=shown).decision.picked == "p2"
    assert source.compared == [["p1", "p2", "shown"]]
    for rules, others in ((Rules(persona_id="p"), shown), (varied, shown[:1]), (varied, [])):
        source = Past(past(1, score=5.1), past(2))
        assert repost(source, rules=rules, shown=others).decision.picked == "p1"
        assert source.compared == []
