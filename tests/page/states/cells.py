"""Which state of each view shows what happens to its own data; `Never` says why it cannot happen there.

What happens to all views alike, such as a pause, is tested with all of them at once.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Never:
    reason: str


_NAMED = Never("Its address names the photo or the post.")
_NO_PICTURES = Never("It shows no pictures.")
_NO_CAPTIONS = Never("It shows names and numbers that Shutterpost limits.")
_NO_VERSIONS = Never("Its writes name no version.")

# By view and part: the state without a persona, of a failed read, without a thumbnail, of long captions, of a 412.
KINDS = ("no persona", "failed read", "no thumbnail", "captions", "changed elsewhere")
CELLS: dict[str, tuple[str | Never, ...]] = {
    "today": ("empty", Never("It reads the overview alone: the banner says it."), "missing", "captions", _NO_VERSIONS),
    "calendar": ("no-persona", "error", "no-thumbnail", "captions", "changed-elsewhere"),
    "library": ("no-persona", "unread", "missing-thumbnails", _NO_CAPTIONS, _NO_VERSIONS),
    "grid": ("no-persona", "error", "missing", "captions", "changed-elsewhere"),
    "photo": (_NAMED, "unread", "missing", _NO_CAPTIONS, _NO_VERSIONS),
    "post": (_NAMED, "unknown", "missing", "captions", "changed-elsewhere"),
    "care": ("no-persona", "error", _NO_PICTURES, "captions", _NO_VERSIONS),
    "care/alike": (Never("Care says it for its parts."), "error", "missing", _NO_CAPTIONS, _NO_VERSIONS),
    "care/accounts": (Never("Care says it for its parts."), "error", _NO_PICTURES, _NO_CAPTIONS, _NO_VERSIONS),
    "care/runway": (Never("Care says it for its parts."), "error", _NO_PICTURES, _NO_CAPTIONS, _NO_VERSIONS),
    "start": ("no-persona", "refused", _NO_PICTURES, _NO_CAPTIONS, _NO_VERSIONS),
}
