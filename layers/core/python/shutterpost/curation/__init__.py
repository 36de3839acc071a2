"""The curation pack: which photo goes out, and why. Pure throughout: values and time in, a Decision out."""

from shutterpost.curation.captions import Caption, choose_caption
from shutterpost.curation.choice import choose
from shutterpost.curation.likeness import LookAlikes, Shown, Snapshot, distance, look_alikes
from shutterpost.curation.values import CURATORS_CHOICE, Candidate, Considered, Decision

__all__ = [
    "CURATORS_CHOICE",
    "Candidate",
    "Caption",
    "Considered",
    "Decision",
    "LookAlikes",
    "Shown",
    "Snapshot",
    "choose",
    "choose_caption",
    "distance",
    "look_alikes",
]
