"""What a photo is worth at a slot: its aesthetic score, the bonuses, and what likeness to the last posts takes away.

Likeness is maximal marginal relevance (Carbonell and Goldstein, 1998): the greatest cosine between a candidate's vector
and those of the last photos shown, each counted less the longer ago it was. Pure.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from operator import mul

from shutterpost.curation.likeness import Shown
from shutterpost.curation.values import Candidate, Parts, ScoreWeights, Vector, Vectors

# How many photos a connection showed last are compared, and how much each counts less than the one after it.
VARIETY_SPAN = 10
FADE = 0.85
FRESH_DAYS = 30.0
YEAR = 365.25
_LEAP_DAY, _LEAP_DAY_KEPT = (2, 29), (2, 28)


def parts_of(
    candidate: Candidate, weights: ScoreWeights, *, slot_at: datetime, wall: datetime, likeness: float
) -> Parts | None:
    """The parts of a candidate's score at the slot, or `None` where it has no score."""
    if candidate.score is None:
        return None
    return Parts(
        aesthetic=candidate.score,
        freshness=round(weights.freshness * _freshness(candidate, slot_at), 4),
        season=round(weights.season * _season(candidate.captured_at, wall), 4),
        on_this_day=weights.on_this_day if _on_this_day(candidate.captured_at, wall.date()) else 0,
        variety=-round(weights.variety * likeness, 4),
    )


def below_floors(candidate: Candidate, weights: ScoreWeights) -> tuple[str, ...]:
    """The floors that a candidate's sharpness and exposure do not reach; what was not measured is let pass."""
    found = []
    if candidate.sharpness is not None and candidate.sharpness < weights.sharpness_floor:
        found.append(f"its sharpness {candidate.sharpness:g} is below the floor of {weights.sharpness_floor:g}")
    if candidate.exposure is not None:
        exposure = candidate.exposure / 255 if candidate.exposure > 1 else candidate.exposure
        if not weights.exposure_floor <= exposure <= weights.exposure_ceiling:
            reach = f"{weights.exposure_floor:g} to {weights.exposure_ceiling:g}"
            found.append(f"its mean brightness {exposure:.3g} is outside {reach}")
    return tuple(found)


def resemblance(photo_id: str, shown: Sequence[Shown], vectors: Vectors) -> tuple[float, Shown | None]:
    """How much the photo resembles what was shown last, 0-1, and the one that it resembles most."""
    own = vectors.get(photo_id)
    best, found = 0.0, None
    for one in shown:
        other = vectors.get(one.photo_id)
        if own is None or other is None or one.ago >= VARIETY_SPAN or own[0] != other[0]:
            continue
        near = cosine(own, other) * FADE**one.ago
        if near > best:
            best, found = near, one
    return best, found


def unit(model: str, components: Sequence[float]) -> Vector:
    """The vector of length 1 in the direction of `components`, made by `model`."""
    length = math.sqrt(sum(map(mul, components, components)))
    return model, tuple(one / length for one in components) if length else tuple(components)


def cosine(one: Vector, other: Vector) -> float:
    """The cosine of the angle between two vectors of one model."""
    return float(sum(map(mul, one[1], other[1])))


def _freshness(candidate: Candidate, slot_at: datetime) -> float:
    """1 for a photo of today, half of it for one a month old."""
    known = candidate.captured_at or candidate.imported_at
    if known is None:
        return 0.0
    days = max(0.0, (slot_at - known).total_seconds() / 86_400)
    return float(0.5 ** (days / FRESH_DAYS))


def _season(captured_at: datetime | None, wall: datetime) -> float:
    """1 on the same day of the year, 0 half a year away."""
    if captured_at is None:
        return 0.0
    apart = captured_at.timetuple().tm_yday - wall.timetuple().tm_yday
    return (1 + math.cos(2 * math.pi * apart / YEAR)) / 2


def _on_this_day(captured_at: datetime | None, today: date) -> bool:
    """Whether it was taken on this day of an earlier year; the 29th of February counts as the 28th."""
    if captured_at is None or captured_at.year >= today.year:
        return False
    day, of_today = (
        _LEAP_DAY_KEPT if (one.month, one.day) == _LEAP_DAY else (one.month, one.day) for one in (captured_at, today)
    )
    return day == of_today
