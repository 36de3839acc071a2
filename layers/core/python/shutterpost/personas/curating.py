"""A persona's settings for picking photos: weights, themes and strategy."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shutterpost.runtime.values import Value

MAX_THEMES = 50
Points = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Brightness = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Strategy(StrEnum):
    """How a photo is picked.

    `curators_choice` picks the highest aesthetic score and ignores the weights' bonuses. `weighted_choice` adds them.
    The others pick a theme first (one a week, in rotation, or by share), then a photo of it by its weighted score.
    """

    CURATORS_CHOICE = "curators_choice"
    WEIGHTED_CHOICE = "weighted_choice"
    THEME_OF_WEEK = "theme_of_week"
    THEMATIC_ROTATION = "thematic_rotation"
    PILLARS = "pillars"


class Carousels(StrEnum):
    """What a pick does with the burst of its photo: nothing, offer it as a carousel, or post it as one."""

    OFF = "off"
    OFFER = "offer"
    AUTO = "auto"


class Weights(Value):
    """Points added to the aesthetic score (1-10), and floors below which a photo is not picked.

    Under the strategy `curators_choice` only the floors count.

    `freshness`: for a photo of today, halved every 30 days; `season`: for the same time of the year; `on_this_day`: for
    the same day in an earlier year; `variety`: subtracted for full similarity to the last posts. `sharpness_floor` is a
    variance of the Laplacian (2 is a blur), the exposure bounds are mean brightness from 0 to 1.
    """

    freshness: Points = 0.5
    season: Points = 0.5
    on_this_day: Points = 1.0
    variety: Points = 3.0
    sharpness_floor: Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)] = 2.0
    exposure_floor: Brightness = 0.02
    exposure_ceiling: Brightness = 0.98


class Theme(Value):
    """How often a theme is posted.

    `weight` is its share relative to the other themes, `priority` (1 first) breaks ties, `starts` and `ends` limit its
    dates (inclusive). A theme below `target_per_week` precedes themes that have reached theirs. It is posted at most
    once within `min_gap_days` and `max_per_week` times in an ISO week.
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
