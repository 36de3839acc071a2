"""What a person sets of how a persona's photos are picked: weights, themes and strategy."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shutterpost.runtime.values import Value

MAX_THEMES = 50
Points = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Brightness = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Strategy(StrEnum):
    """What gives the picks a shape: score alone, one theme a week, themes in turn, or themes by share."""

    CURATORS_CHOICE = "curators_choice"
    THEME_OF_WEEK = "theme_of_week"
    THEMATIC_ROTATION = "thematic_rotation"
    PILLARS = "pillars"


class Weights(Value):
    """What counts in a pick besides the aesthetic score (1-10), in its points.

    `freshness` for a photo of today (halved every 30 days), `season` for one of this time of the year, `on_this_day`
    for one of this day in an earlier year; `variety` is lost in full likeness to what went out last. Below
    `sharpness_floor` (variance of the Laplacian; 2 is a blur), and outside the two bounds of mean brightness, nothing
    is picked.
    """

    freshness: Points = 0.5
    season: Points = 0.5
    on_this_day: Points = 1.0
    variety: Points = 3.0
    sharpness_floor: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 2.0
    exposure_floor: Brightness = 0.02
    exposure_ceiling: Brightness = 0.98


class Theme(Value):
    """How often photos of a theme go out.

    `weight` is its share against the other themes' weights, `priority` (1 first) decides among equals, `starts` and
    `ends` bound the dates on which it may go out at all. Up to `target_per_week` it comes before themes that have
    theirs. It never returns within `min_gap_days`, nor more often than `max_per_week` in a week from Monday.
    """

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
    weight: float = Field(default=1.0, ge=0, le=1000, allow_inf_nan=False)
    priority: int = Field(default=3, ge=1, le=5)
    starts: date | None = None
    ends: date | None = None
    target_per_week: int | None = Field(default=None, ge=0, le=350)
    min_gap_days: int = Field(default=0, ge=0, le=30)
    max_per_week: int | None = Field(default=None, ge=0, le=350)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError("ends: give a date that is not before 'starts'")
        return self
