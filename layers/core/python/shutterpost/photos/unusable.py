"""Reasons to reject an uploaded file, with remedies."""

from enum import StrEnum

from shutterpost.runtime.refusals import Invalid


class Reason(StrEnum):
    """The closed set of reasons."""

    UNKNOWN_PERSONA = "unknown-persona"
    EMPTY_FILE = "empty-file"
    TOO_LARGE_FILE = "too-large-file"
    NOT_AN_IMAGE = "not-an-image"
    UNSUPPORTED_FORMAT = "unsupported-format"
    TOO_MANY_PIXELS = "too-many-pixels"
    TOO_SMALL = "too-small"
    TRUNCATED = "truncated"
    CORRUPT = "corrupt"
    BROKEN_ANALYSIS = "broken-analysis"
    BROKEN_SIDECAR = "broken-sidecar"


WHAT_TO_DO = {
    Reason.UNKNOWN_PERSONA: "Create the persona first, or put the file under photos/{persona id}/ of an existing one.",
    Reason.EMPTY_FILE: "The file has no content; copy it again from where it came.",
    Reason.TOO_LARGE_FILE: "Export the file smaller and drop it again.",
    Reason.NOT_AN_IMAGE: "Drop pictures only: JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF.",
    Reason.UNSUPPORTED_FORMAT: "Export it as JPEG, PNG, WebP, HEIC, AVIF, TIFF or GIF and drop it again.",
    Reason.TOO_MANY_PIXELS: "Export it with fewer pixels and drop it again.",
    Reason.TOO_SMALL: "Drop a larger version.",
    Reason.TRUNCATED: "The end of the file is missing; copy it again from where it came.",
    Reason.CORRUPT: "The file is damaged; copy it again from where it came or export it anew.",
    Reason.BROKEN_SIDECAR: "Write NAME.txt as plain text, or export NAME.xmp anew, and drop it again.",
    Reason.BROKEN_ANALYSIS: "Correct the lines that are named and drop the file again.",
}


class Unusable(Invalid):
    """A file that cannot be used; `reason` is the cause, `what_to_do` the remedy, `file_kind` what the file is."""

    kind = "photo-unusable"

    def __init__(self, reason: Reason, detail: str, what_to_do: str = "") -> None:
        super().__init__(detail, reason=reason)
        self.reason = reason
        self.what_to_do = what_to_do or WHAT_TO_DO[reason]
        self.file_kind = ""
