"""X's known answers, one row each, by the last part of the problem's type, or by OAuth's name of the error."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

ERRORS = ("https://docs.x.com/x-api/fundamentals/response-codes-and-errors", date(2026, 11, 21))
RATES = ("https://docs.x.com/x-api/fundamentals/rate-limits", date(2026, 11, 21))
POSTS = ("https://docs.x.com/x-api/posts/create-post", date(2026, 11, 21))
MEDIA = ("https://docs.x.com/x-api/media/upload-media", date(2026, 11, 21))
OAUTH = ("https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token", date(2026, 11, 21))

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)
# The code of a rate limit that names no type.
RATE_LIMIT = "88"
# When a cap ends is not part of the answer.
DAY = 86_400.0

_row = partial(retried_answer, platform="x")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_RECONNECT = "X does not accept the token any more; connect the account again"
_FORBIDDEN = "The token or its app may not do this, or X has locked the account"
_CALLS = "Too many calls"
_CAPPED = "The app's usage at X is used up; add credits or raise its limit in X's developer console"
_NOT_TAKEN = "X does not take the request"
_PICTURE = "X does not take the picture or its alt text"
_NO_POST = "X does not take the post as it is"
_FAILED = "X failed"

ROWS: tuple[KnownAnswer, ...] = (
    # Tokens
    _stop(None, None, TOKEN, _RECONNECT, ERRORS, status=401),
    _stop("invalid_request", None, TOKEN, _RECONNECT, OAUTH, operation=Operation.REFRESH),
    _stop("invalid_grant", None, TOKEN, _RECONNECT, OAUTH, operation=Operation.REFRESH),
    _stop("invalid_client", None, TOKEN, _RECONNECT, OAUTH, operation=Operation.REFRESH),
    _stop("unauthorized_client", None, TOKEN, _RECONNECT, OAUTH, operation=Operation.REFRESH),
    _row(None, None, PLATFORM, _FAILED, OAUTH, operation=Operation.REFRESH, status=400),
    # Permissions
    _stop(None, None, ACCOUNT, _FORBIDDEN, ERRORS, status=403),
    _stop("client-forbidden", None, ACCOUNT, _FORBIDDEN, ERRORS),
    _stop("not-authorized-for-resource", None, ACCOUNT, _FORBIDDEN, ERRORS),
    # Evidence of an earlier post, whose pictures decide; see `XChannel.publish`.
    _stop(None, None, TEXT, "X has a post with the same text", POSTS, status=403, pattern="duplicate content"),
    # Limits
    _row(None, None, QUOTA, _CALLS, RATES, status=429, refused=True),
    _row(RATE_LIMIT, None, QUOTA, _CALLS, RATES, refused=True),
    _row("rate-limit-exceeded", None, QUOTA, _CALLS, ERRORS, refused=True),
    _row("usage-capped", None, QUOTA, _CAPPED, ERRORS, refused=True, retry_after=DAY),
    # Requests
    _stop(None, None, PHOTO, _PICTURE, ERRORS, status=400, operation=Operation.SUBMIT),
    _stop(None, None, TEXT, _NO_POST, ERRORS, status=400, operation=Operation.PUBLISH),
    _stop("invalid-request", None, PLATFORM, _NOT_TAKEN, ERRORS),
    _stop("invalid-request", None, PHOTO, _PICTURE, MEDIA, operation=Operation.SUBMIT),
    _stop("invalid-request", None, TEXT, _NO_POST, POSTS, operation=Operation.PUBLISH),
    # An upload is dropped after a day.
    _row(
        "invalid-request",
        None,
        PLATFORM,
        "X has dropped the pictures",
        POSTS,
        operation=Operation.PUBLISH,
        pattern="media ids are invalid",
        refused=True,
        resubmit=True,
    ),
    _stop(None, None, ACCOUNT, "X does not have this post or account", ERRORS, status=404),
    _stop("resource-not-found", None, ACCOUNT, "X does not have this post or account", ERRORS),
    _row("resource-not-found", None, PLATFORM, "X has dropped the picture", MEDIA, operation=Operation.SUBMIT),
    # Failures
    *(_row(None, None, PLATFORM, _FAILED, ERRORS, status=status) for status in (500, 502, 503, 504)),
)
