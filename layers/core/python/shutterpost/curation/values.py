"""What the curator sees and says. Instants are aware, in UTC, but for `wall`, a slot's naive local time; scores are
aesthetic scores from 1 to 10, and weights are in points of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from shutterpost.runtime.values import Value

CURATORS_CHOICE = "curators_choice"
# A photo's vector of length 1 with the model that made it; vectors of different models are not comparable.
Vector = tuple[str, Sequence[float]]
Vectors = Mapping[str, Vector]


class Candidate(Value):
    """A photo not yet posted, as the index *unposted by score* gives it; `score` is `None` without an analysis.

    `sharpness` is the variance of the Laplacian, `exposure` the mean brightness (0-1, or 0-255 above 1).
    """

    photo_id: str
    name: str
    score: float | None
    provisional: bool = False
    captured_at: datetime | None = None
    imported_at: datetime | None = None
    sharpness: float | None = None
    exposure: float | None = None
    theme: str = ""
    dhash: str = ""


class ScoreWeights(Value):
    """What a photo gains and loses: points for being fresh, of the season and taken on this day of an earlier year, and
    points lost in full likeness to what went out lately; and floors below which nothing is picked."""

    freshness: float = 0
    season: float = 0
    on_this_day: float = 0
    variety: float = 0
    sharpness_floor: float = 0
    exposure_floor: float = 0
    exposure_ceiling: float = 1


class ThemeRule(Value):
    """How often a theme is wanted: its share by `weight`, the lower `priority` first among equals, from `starts` to
    `ends` (dates of the persona's zone, inclusive), up to `target_per_week`; never within `min_gap_days` nor above
    `max_per_week` (ISO weeks)."""

    name: str
    weight: float = 1
    priority: int = 3
    starts: date | None = None
    ends: date | None = None
    target_per_week: int | None = None
    min_gap_days: int = 0
    max_per_week: int | None = None


class Rules(Value):
    """By what a persona's photos are picked; with `evergreen` old ones go out again where no other is left."""

    persona_id: str
    strategy: str = CURATORS_CHOICE
    weights: ScoreWeights = ScoreWeights()
    themes: tuple[ThemeRule, ...] = ()
    near_duplicate_bits: int = 0
    allow_provisional: bool = False
    evergreen: bool = False


class Parts(Value):
    """What a score is made of; `variety` is what likeness to earlier photos takes away."""

    aesthetic: float
    freshness: float = 0
    season: float = 0
    on_this_day: float = 0
    variety: float = 0

    @property
    def total(self) -> float:
        """The sum, by which candidates are ordered."""
        return round(self.aesthetic + self.freshness + self.season + self.on_this_day + self.variety, 6)


class Considered(Value):
    """A candidate and what was found of it: `picked`, `next` in line, or refused by the named rules.

    `total` is the sum of `parts`; `resembles` the photo shown lately that took most away; `looks_like` the one that
    it is a near duplicate of. `lasting` rules will not pass by themselves.
    """

    photo_id: str
    name: str
    score: float | None
    theme: str = ""
    total: float | None = None
    parts: Parts | None = None
    verdict: str
    rules: tuple[str, ...] = ()
    lasting: bool = False
    resembles: str | None = None
    looks_like: str | None = None


class Passed(Value):
    """A photo that had the slot before, in post `post_id`, and why it no longer has it."""

    photo_id: str
    name: str
    post_id: str
    reason: str


class Decision(Value):
    """Why a photo was picked for a slot, or why none was; `reason` is a sentence for the owner, `considered` best first
    after what was refused. `instead_of` had the slot before, the earliest first; `cycle` is above 1 for a photo that
    goes out again."""

    persona_id: str
    slot_at: datetime
    decided_at: datetime
    strategy: str
    theme: str = ""
    picked: str | None
    score: float | None = None
    cycle: int = 1
    reason: str
    considered: tuple[Considered, ...] = ()
    instead_of: tuple[Passed, ...] = ()

    def replacing(self, passed: Sequence[Passed]) -> Self:
        """The same decision, that says what it replaces."""
        if not passed:
            return self
        said = "; ".join(f"{one.name} ({one.reason.rstrip('.')})" for one in passed)
        return self.model_copy(update={"instead_of": tuple(passed), "reason": f"Instead of {said}: {self.reason}"})
