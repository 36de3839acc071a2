"""Input and output of the curation pack. Instants are UTC; scores range from 1 to 10, weights are in their points."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from shutterpost.runtime.values import Value

CURATORS_CHOICE = "curators_choice"
WEIGHTED_CHOICE = "weighted_choice"
# The strategies that choose among all photos, whatever their theme.
THEMELESS = frozenset({CURATORS_CHOICE, WEIGHTED_CHOICE})
# An embedding's model and its unit vector; vectors of different models are not comparable.
Vector = tuple[str, Sequence[float]]
Vectors = Mapping[str, Vector]


class Candidate(Value):
    """`sharpness` is the variance of the Laplacian, `exposure` the mean brightness (0-1, or 0-255 above 1)."""

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
    # `None` where it was not read.
    alt_text: str | None = None


class ScoreWeights(Value):
    freshness: float = 0
    season: float = 0
    on_this_day: float = 0
    variety: float = 0
    sharpness_floor: float = 0
    exposure_floor: float = 0
    exposure_ceiling: float = 1

    def floors_only(self) -> Self:
        """The weights without bonuses and without the deduction for similarity."""
        return self.model_copy(update=dict.fromkeys(("freshness", "season", "on_this_day", "variety"), 0))


class ThemeRule(Value):
    name: str
    weight: float = 1
    priority: int = 3
    starts: date | None = None
    ends: date | None = None
    target_per_week: int | None = None
    min_gap_days: int = 0
    max_per_week: int | None = None


class Rules(Value):
    """The rules of a persona's picks; `evergreen` allows reposts when no unposted photo is left."""

    persona_id: str
    strategy: str = CURATORS_CHOICE
    weights: ScoreWeights = ScoreWeights()
    themes: tuple[ThemeRule, ...] = ()
    near_duplicate_bits: int = 0
    allow_provisional: bool = False
    require_alt_text: bool = False
    evergreen: bool = False


class Parts(Value):
    aesthetic: float
    freshness: float = 0
    season: float = 0
    on_this_day: float = 0
    variety: float = 0

    @property
    def total(self) -> float:
        return round(self.aesthetic + self.freshness + self.season + self.on_this_day + self.variety, 6)


class Considered(Value):
    """A candidate and its verdict: `picked`, `next`, or `refused` by `rules`.

    `resembles` is the shown photo of the largest deduction, `looks_like` a near duplicate. `lasting`: some of the rules
    do not end by themselves.
    """

    photo_id: str
    name: str
    score: float | None
    provisional: bool = False
    theme: str = ""
    total: float | None = None
    parts: Parts | None = None
    verdict: str
    rules: tuple[str, ...] = ()
    lasting: bool = False
    resembles: str | None = None
    looks_like: str | None = None


class FrameLeftOut(Value):
    """A photo of a burst that a carousel lacks, and the reason."""

    photo_id: str
    name: str
    reason: str


class Burst(Value):
    """The photos of a picked photo's burst that a carousel shows after it, by capture, and those it leaves out.

    `posted` is true if the pick posts the carousel, false if it offers it.
    """

    photo_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    left_out: tuple[FrameLeftOut, ...] = ()
    posted: bool = False


class Passed(Value):
    """A photo that was picked for the slot before, its post, and why it was replaced."""

    photo_id: str
    name: str
    post_id: str
    reason: str


class Decision(Value):
    """Why a photo was picked, or why none was; `considered` is sorted by total.

    `instead_of` lists earlier picks of the slot, earliest first; `cycle` is above 1 for a repost. `notes` say what a
    check ahead of the slot gave, and what was changed for a channel; `burst` has near duplicates taken with the photo.
    """

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
    notes: tuple[str, ...] = ()
    burst: Burst | None = None

    @property
    def posted_ids(self) -> tuple[str, ...]:
        further = self.burst.photo_ids if self.burst is not None and self.burst.posted else ()
        return () if self.picked is None else (self.picked, *further)

    def replacing(self, passed: Sequence[Passed]) -> Self:
        if not passed:
            return self
        earlier = "; ".join(f"{photo.name} ({photo.reason.rstrip('.')})" for photo in passed)
        return self.model_copy(update={"instead_of": tuple(passed), "reason": f"Instead of {earlier}: {self.reason}"})
