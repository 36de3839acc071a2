"""Known answers of LinkedIn, by status, because its codes are not listed."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

ERRORS = ("https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling", date(2026, 11, 22))
LIMITS = ("https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/rate-limits", date(2026, 11, 22))
VERSIONS = ("https://learn.microsoft.com/en-us/linkedin/marketing/versioning", date(2026, 11, 22))
DUPLICATES = ("https://github.com/ComposioHQ/composio/issues/2710", date(2026, 11, 21))

PLATFORM, QUOTA, TEXT, TOKEN = Cause.PLATFORM, Cause.QUOTA, Cause.TEXT, Cause.TOKEN
DUPLICATE = "DUPLICATE_POST"

_row = partial(retried_answer, platform="linkedin")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_RECONNECT = "LinkedIn does not accept the token; connect the account again"
_FORBIDDEN = "The token may not do this, or the member has no role at the organization that posts"
_VERSION = "LinkedIn no longer answers this version of its API; update Shutterpost"

ROWS: tuple[KnownAnswer, ...] = (
    _stop(None, None, PLATFORM, "LinkedIn does not take the request", ERRORS, status=400),
    _stop(None, None, TOKEN, _RECONNECT, ERRORS, status=401),
    _stop(None, None, TOKEN, _FORBIDDEN, ERRORS, status=403),
    _row(None, None, PLATFORM, "LinkedIn does not show this post or image", ERRORS, status=404),
    # Another 422 has no row: it may be about the text, an image, or a state that passes.
    _stop(DUPLICATE, None, TEXT, "LinkedIn takes the text for that of another post", DUPLICATES),
    _stop(None, None, PLATFORM, _VERSION, VERSIONS, status=426),
    _row(None, None, QUOTA, "The day's calls or posts are used up", LIMITS, status=429, refused=True),
    _row(None, None, PLATFORM, "LinkedIn had an internal error", ERRORS, status=500),
    _row(None, None, PLATFORM, "LinkedIn did not answer in time", ERRORS, status=504),
)
