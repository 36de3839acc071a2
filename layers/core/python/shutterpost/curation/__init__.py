"""The curation pack: which photo goes out, and why. Pure throughout: values and time in, a Decision out."""

from shutterpost.curation.captions import Caption, choose_caption
from shutterpost.curation.choice import choose
from shutterpost.curation.values import CURATORS_CHOICE, Candidate, Considered, Decision

__all__ = ["CURATORS_CHOICE", "Candidate", "Caption", "Considered", "Decision", "choose", "choose_caption"]
