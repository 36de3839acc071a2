"""The public API of the curation pack: pure functions that choose the next photo and give the reason."""

from shutterpost.curation.bursts import burst_of
from shutterpost.curation.captions import Caption, choose_caption, hashtags_of
from shutterpost.curation.choice import choose
from shutterpost.curation.likeness import ComparablePhoto, LookAlikes, Shown, distance, look_alikes
from shutterpost.curation.runway import RunwayLevel, Stock, stock_of
from shutterpost.curation.scoring import VARIETY_SPAN, cosine, unit
from shutterpost.curation.strategies import (
    PILLARS,
    STRATEGIES,
    THEMATIC_ROTATION,
    THEME_OF_WEEK,
    Preference,
    StrategyMemory,
    ThemedPick,
    after,
    preferences,
)
from shutterpost.curation.values import (
    CURATORS_CHOICE,
    THEMELESS,
    WEIGHTED_CHOICE,
    Burst,
    Candidate,
    Considered,
    Decision,
    FrameLeftOut,
    Parts,
    Passed,
    Rules,
    ScoreWeights,
    ThemeRule,
    Vector,
    Vectors,
)

__all__ = [
    "CURATORS_CHOICE",
    "PILLARS",
    "STRATEGIES",
    "THEMATIC_ROTATION",
    "THEMELESS",
    "THEME_OF_WEEK",
    "VARIETY_SPAN",
    "WEIGHTED_CHOICE",
    "Burst",
    "Candidate",
    "Caption",
    "ComparablePhoto",
    "Considered",
    "Decision",
    "FrameLeftOut",
    "LookAlikes",
    "Parts",
    "Passed",
    "Preference",
    "Rules",
    "RunwayLevel",
    "ScoreWeights",
    "Shown",
    "Stock",
    "StrategyMemory",
    "ThemeRule",
    "ThemedPick",
    "Vector",
    "Vectors",
    "after",
    "burst_of",
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
