"""Photos: a persona's library, its analyses and renditions. This module is the pack's public API."""

from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from shutterpost.photos.analyses.analysis import (
    Analysis,
    BrokenAnalysis,
    ModelName,
    Vector,
    analysis_of,
    decode_json,
    file_name,
    parse_analysis,
)
from shutterpost.photos.analyses.labels import Label, is_label, label_of
from shutterpost.photos.bucket.import_queue import ImportQueue
from shutterpost.photos.bucket.keys import REASON_SUFFIX, Place, place_of, rendition_key, thumb_key
from shutterpost.photos.bucket.library import (
    BucketObject,
    FetchedFile,
    Library,
    ObjectGone,
)
from shutterpost.photos.bucket.public_copies import (
    KEPT_DAYS,
    NOT_THERE,
    PublicCopies,
    RenditionReader,
    new_public_key,
)
from shutterpost.photos.bucket.rejections import (
    MAX_REPORTED_LINES,
    LineError,
    RejectedFile,
    RejectedLine,
    RejectedPage,
    Rejection,
    Rejections,
)
from shutterpost.photos.framing import FEED, THUMB, THUMB_MARK, Focus, FramingPolicy, RenditionProfile
from shutterpost.photos.metadata.statements import (
    MAX_XMP_BYTES,
    Annotation,
    Statement,
    StatementSource,
    annotation_of,
    is_annotation,
    read_sidecar,
    sidecar_source,
)
from shutterpost.photos.photo import (
    Embedding,
    Measured,
    Normalised,
    Photo,
    PhotoFingerprint,
    PhotoPage,
    PhotoState,
    Recorded,
    Rendered,
    SimilarPhoto,
    SimilarPhotos,
    UnpostedPhoto,
)
from shutterpost.photos.ranking import demoted_rank
from shutterpost.photos.storage.indexing import PhotoIndexPage, photo_index
from shutterpost.photos.storage.items import use_table
from shutterpost.photos.storage.person_changes import PhotoBusy, PhotoChange, change_photo
from shutterpost.photos.storage.searching import (
    MAX_ANALYSES,
    PhotoWithoutVector,
    VectorUnfit,
    find_like_photo,
    find_like_vector,
)
from shutterpost.photos.storage.store import TAKE_LABEL, CursorInvalid, PhotoAmbiguous, PhotoNotFound, Photos
from shutterpost.photos.unusable import WHAT_TO_DO, Reason, Unusable


def normalise(
    path: Path,
    profiles: Sequence[RenditionProfile],
    policy: FramingPolicy,
    zone: ZoneInfo,
    *,
    keep_credit: bool = False,
    credit: str = "",
    focus: Focus | None = None,
) -> Normalised:
    """Decode the picture at `path` and render it (see `imaging`). Raises `Unusable`. Needs the imaging layer."""
    from shutterpost.photos.imaging import normalise as decode

    return decode(path, profiles, policy, zone, keep_credit=keep_credit, credit=credit, focus=focus)


__all__ = [
    "FEED",
    "KEPT_DAYS",
    "MAX_ANALYSES",
    "MAX_REPORTED_LINES",
    "MAX_XMP_BYTES",
    "NOT_THERE",
    "REASON_SUFFIX",
    "TAKE_LABEL",
    "THUMB",
    "THUMB_MARK",
    "WHAT_TO_DO",
    "Analysis",
    "Annotation",
    "BrokenAnalysis",
    "BucketObject",
    "CursorInvalid",
    "Embedding",
    "FetchedFile",
    "Focus",
    "FramingPolicy",
    "ImportQueue",
    "Label",
    "Library",
    "LineError",
    "Measured",
    "ModelName",
    "Normalised",
    "ObjectGone",
    "Photo",
    "PhotoAmbiguous",
    "PhotoBusy",
    "PhotoChange",
    "PhotoFingerprint",
    "PhotoIndexPage",
    "PhotoNotFound",
    "PhotoPage",
    "PhotoState",
    "PhotoWithoutVector",
    "Photos",
    "Place",
    "PublicCopies",
    "Reason",
    "Recorded",
    "RejectedFile",
    "RejectedLine",
    "RejectedPage",
    "Rejection",
    "Rejections",
    "Rendered",
    "RenditionProfile",
    "RenditionReader",
    "SimilarPhoto",
    "SimilarPhotos",
    "Statement",
    "StatementSource",
    "UnpostedPhoto",
    "Unusable",
    "Vector",
    "VectorUnfit",
    "analysis_of",
    "annotation_of",
    "change_photo",
    "decode_json",
    "demoted_rank",
    "file_name",
    "find_like_photo",
    "find_like_vector",
    "is_annotation",
    "is_label",
    "label_of",
    "new_public_key",
    "normalise",
    "parse_analysis",
    "photo_index",
    "place_of",
    "read_sidecar",
    "rendition_key",
    "sidecar_source",
    "thumb_key",
    "use_table",
]
