"""The order of unposted photos in the library's index; pure."""

from datetime import datetime

from shutterpost.runtime.clock import iso

LOWEST_SCORE, HIGHEST_SCORE = 1.0, 10.0
# Where a photo of provisional score begins in the order, where one that was set aside, and where one without any.
PROVISIONAL = "1"
ASIDE, BEYOND_ASIDE = "2", "3"
_UNSCORED = "9"
_UNDATED = "9999-12-31T23:59:59.999Z"


def rank(score: float | None, captured_at: datetime | None, photo_id: str, *, provisional: bool) -> str:
    """Sort key, best first: by precomputed score, then by provisional score; ties by capture time, then id."""
    if score is None:
        standing = _UNSCORED
    else:
        below_best = round((HIGHEST_SCORE - score) * 1_000_000)
        standing = f"{PROVISIONAL if provisional else '0'}{below_best:07d}"
    return f"{standing}#{iso(captured_at) if captured_at else _UNDATED}#{photo_id}"


def demoted_rank(rank_text: str) -> str:
    """The rank behind all photos with a score, in the same order; idempotent."""
    return rank_text if rank_text.startswith(ASIDE) else ASIDE + rank_text


def photo_id_of(rank_text: str) -> str:
    return rank_text.rpartition("#")[2]
