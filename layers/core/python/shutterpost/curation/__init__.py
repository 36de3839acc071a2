"""The curation pack: which photo goes out, and why. Pure throughout: values and time in, a Decision out."""

from shutterpost.curation.captions import Caption, choose_caption, hashtags_of
from shutterpost.curation.choice import choose
from shutterpost.curation.likeness import LookAlikes, Shown, Snapshot, distance, look_alikes
from shutterpost.curation.runway import Level, Stock, stock_of
from shutterpost.curation.scoring import VARIETY_SPAN, cosine, unit
from shutterpost.curation.strategies import (
    PILLARS,
    STRATEGIES,
    THEMATIC_ROTATION,
    THEME_OF_WEEK,
    History,
    Outing,
    Preference,
    after,
    preferences,
)
from shutterpost.curation.values import (
    CURATORS_CHOICE,
    Candidate,
    Considered,
    Decision,
    Parts,
    Passed,
    Rules,
    ThemeRule,
    Vector,
    Vectors,
    Weights,
)

__all__ = [
    "CURATORS_CHOICE",
    "PILLARS",
    "STRATEGIES",
    "THEMATIC_ROTATION",
    "THEME_OF_WEEK",
    "VARIETY_SPAN",
    "Candidate",
    "Caption",
    "Considered",
    "Decision",
    "History",
    "Level",
    "LookAlikes",
    "Outing",
    "Parts",
    "Passed",
    "Preference",
    "Rules",
    "Shown",
    "Snapshot",
    "Stock",
    "ThemeRule",
    "Vector",
    "Vectors",
    "Weights",
    "after",
    "choose",
    "choose_caption",
    "cosine",
    "distance",
    "hashtags_of",
    "look_alikes",
    "preferences",
    "stock_of",
    "unit",
]
