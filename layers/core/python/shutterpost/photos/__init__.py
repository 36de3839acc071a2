"""Photos: a persona's library, its analyses and renditions. This module is the pack's whole public API."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from shutterpost.photos.analysis import Analysis, BrokenAnalysis, analysis_of, file_name, parse_analysis
from shutterpost.photos.framing import FEED, Policy, RenditionProfile
from shutterpost.photos.keys import Place, place_of, rendition_key
from shutterpost.photos.library import MAX_TOLD_LINES, Dropped, Library, LineError, Rejection, Source, SourceGone
from shutterpost.photos.photo import Candidate, Embedding, Measured, Normalised, Photo, PhotoPage, Recorded, Rendered
from shutterpost.photos.public_copies import PublicCopies, new_public_key
from shutterpost.photos.rejections import Rejected, RejectedLine, RejectedPage, Rejections
from shutterpost.photos.store import TAKE_LABEL, CursorInvalid, PhotoAmbiguous, PhotoNotFound, Photos
from shutterpost.photos.unusable import WHAT_TO_DO, Reason, Unusable


def normalise(path: Path, profiles: Sequence[RenditionProfile], policy: Policy, zone: ZoneInfo) -> Normalised:
    """What the picture at `path` shows and its renditions (see `imaging`); only where the imaging layer is present.

    Raises `Unusable` with a named reason.
    """
    from shutterpost.photos.imaging import normalise as decode

    return decode(path, profiles, policy, zone)


__all__ = [
    "FEED",
    "MAX_TOLD_LINES",
    "TAKE_LABEL",
    "WHAT_TO_DO",
    "Analysis",
    "BrokenAnalysis",
    "Candidate",
    "CursorInvalid",
    "Dropped",
    "Embedding",
    "Library",
    "LineError",
    "Measured",
    "Normalised",
    "Photo",
    "PhotoAmbiguous",
    "PhotoNotFound",
    "PhotoPage",
    "Photos",
    "Place",
    "Policy",
    "PublicCopies",
    "Reason",
    "Recorded",
    "Rejected",
    "RejectedLine",
    "RejectedPage",
    "Rejection",
    "Rejections",
    "Rendered",
    "RenditionProfile",
    "Source",
    "SourceGone",
    "Unusable",
    "analysis_of",
    "file_name",
    "new_public_key",
    "normalise",
    "parse_analysis",
    "place_of",
    "rendition_key",
]
