"""A photo's score at a slot. Pure.

The deduction for similarity follows maximal marginal relevance (Carbonell and Goldstein, 1998): the greatest cosine to
the last photos shown, which count less with each later post.
"""

import math
from collections.abc import Sequence
from datetime import date, datetime
from operator import mul

from shutterpost.curation.likeness import Shown
from shutterpost.curation.values import Candidate, Parts, ScoreWeights, Vector, Vectors

# Number of a connection's last photos that are compared, and the factor per later post.
VARIETY_SPAN = 10
FADE = 0.85
FRESH_DAYS = 30.0
YEAR = 365.25
_LEAP_DAY, _LEAP_DAY_KEPT = (2, 29), (2, 28)


def parts_of(
    candidate: Candidate, weights: ScoreWeights, *, slot_at: datetime, wall: datetime, likeness: float
) -> Parts | None:
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
    """The floors that sharpness and exposure miss; unmeasured values pass."""
    missed = []
    if candidate.sharpness is not None and candidate.sharpness < weights.sharpness_floor:
        missed.append(f"its sharpness {candidate.sharpness:g} is below the floor of {weights.sharpness_floor:g}")
    if candidate.exposure is not None:
        exposure = candidate.exposure / 255 if candidate.exposure > 1 else candidate.exposure
        if not weights.exposure_floor <= exposure <= weights.exposure_ceiling:
            allowed = f"{weights.exposure_floor:g} to {weights.exposure_ceiling:g}"
            missed.append(f"its mean brightness {exposure:.3g} is outside {allowed}")
    return tuple(missed)


def resemblance(photo_id: str, shown: Sequence[Shown], vectors: Vectors) -> tuple[float, Shown | None]:
    """The photo's similarity to the last photos shown (0-1), and the most similar of them."""
    own = vectors.get(photo_id)
    greatest, closest = 0.0, None
    for photo in shown:
        other = vectors.get(photo.photo_id)
        if own is None or other is None or photo.ago >= VARIETY_SPAN or own[0] != other[0]:
            continue
        similarity = cosine(own, other) * FADE**photo.ago
        if similarity > greatest:
            greatest, closest = similarity, photo
    return greatest, closest


def unit(model: str, components: Sequence[float]) -> Vector:
    length = math.sqrt(sum(map(mul, components, components)))
    return model, tuple(component / length for component in components) if length else tuple(components)


def cosine(first: Vector, second: Vector) -> float:
    return float(sum(map(mul, first[1], second[1])))


def _freshness(candidate: Candidate, slot_at: datetime) -> float:
    known = candidate.captured_at or candidate.imported_at
    if known is None:
        return 0.0
    days = max(0.0, (slot_at - known).total_seconds() / 86_400)
    return float(0.5 ** (days / FRESH_DAYS))


def _season(captured_at: datetime | None, wall: datetime) -> float:
    if captured_at is None:
        return 0.0
    apart = captured_at.timetuple().tm_yday - wall.timetuple().tm_yday
    return (1 + math.cos(2 * math.pi * apart / YEAR)) / 2


def _on_this_day(captured_at: datetime | None, today: date) -> bool:
    if captured_at is None or captured_at.year >= today.year:
        return False
    day, of_today = (
        _LEAP_DAY_KEPT if (at.month, at.day) == _LEAP_DAY else (at.month, at.day) for at in (captured_at, today)
    )
    return day == of_today
