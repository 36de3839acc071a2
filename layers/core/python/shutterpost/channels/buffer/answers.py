"""Buffer's known answers, one row each: payload types, codes of GraphQL errors, and the older codes of its REST API."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

HOUR = 3_600.0

ERRORS = ("https://developers.buffer.com/guides/error-handling.html", date(2026, 8, 13))
LIMITS = ("https://developers.buffer.com/guides/api-limits.html", date(2026, 8, 13))
REFERENCE = ("https://developers.buffer.com/reference.md", date(2026, 8, 13))
RECORDED = ("https://github.com/damusix/buffer-mcp/tree/main/docs/evidence", date(2026, 4, 6))
OLDER_CODES = ("https://github.com/bufferapp/buffer-ruby/commit/ee27258", date(2013, 8, 1))
REPORTED = ("reported by users, on no page of Buffer", date(2026, 11, 21))

ACCOUNT, PHOTO, PLATFORM, QUOTA, TOKEN = Cause.ACCOUNT, Cause.PHOTO, Cause.PLATFORM, Cause.QUOTA, Cause.TOKEN
PROXY = "RestProxyError"


_row = partial(retried_answer, platform="buffer")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_KEY = "Buffer does not accept the key; make a new one and connect again"
_MISSING = "Buffer does not know this channel or post"
_BUG = "Buffer does not understand the request"
_UNEXPECTED = "Buffer had an unexpected error"
_PLAN = "A limit of the Buffer plan or of the network is reached"
_PROFILE = "Buffer has no such profile, or it is full"
_PICTURE = "Buffer does not take the picture"
_CALLS = "Too many calls"

ROWS: tuple[KnownAnswer, ...] = (
    # The typed payload of a mutation
    _stop("InvalidInputError", None, PHOTO, "Buffer does not take the post as it is", REFERENCE),
    _row("LimitReachedError", None, QUOTA, _PLAN, REFERENCE, refused=True, retry_after=HOUR),
    _stop("NotFoundError", None, ACCOUNT, _MISSING, REFERENCE),
    _stop("UnauthorizedError", None, TOKEN, _KEY, REFERENCE),
    _row("UnexpectedError", None, PLATFORM, _UNEXPECTED, REFERENCE),
    _row("VoidMutationError", None, PLATFORM, "Buffer did not delete the post", REFERENCE, operation=Operation.DELETE),
    # The `errors` of an answer, by `extensions.code`
    _stop("GRAPHQL_VALIDATION_FAILED", None, PLATFORM, _BUG, RECORDED),
    _stop("UNAUTHENTICATED", None, TOKEN, _KEY, RECORDED),
    _stop("UNAUTHORIZED", None, TOKEN, _KEY, ERRORS),
    _stop("FORBIDDEN", None, TOKEN, _KEY, ERRORS),
    _stop("NOT_FOUND", None, ACCOUNT, _MISSING, ERRORS),
    _row("UNEXPECTED", None, PLATFORM, _UNEXPECTED, ERRORS),
    _row("RATE_LIMIT_EXCEEDED", None, QUOTA, _CALLS, LIMITS, refused=True),
    # ... and where it is missing, by their message
    _stop(None, None, TOKEN, _KEY, REPORTED, pattern=r"not authorized|unauthorized|access token is required"),
    _row(None, None, QUOTA, _CALLS, LIMITS, refused=True, retry_after=900, pattern=r"too many requests"),
    _stop(None, None, TOKEN, _KEY, RECORDED, status=401),
    _row(None, None, QUOTA, _CALLS, RECORDED, status=429, refused=True),
    _stop(None, None, PLATFORM, "The request to Buffer is too large", LIMITS, pattern=r"maximum allowed complexity"),
    # The older codes, in a RestProxyError
    *(_stop(PROXY, code, PLATFORM, _BUG, OLDER_CODES) for code in (403, 404, 405)),
    _row(PROXY, 429, QUOTA, _CALLS, OLDER_CODES, refused=True, retry_after=60),
    _row(PROXY, 1000, PLATFORM, _UNEXPECTED, OLDER_CODES),
    *(_stop(PROXY, code, TOKEN, _KEY, OLDER_CODES) for code in (1001, 1002, 1011, 1021, 1050, 1051)),
    *(_stop(PROXY, code, PLATFORM, _BUG, OLDER_CODES) for code in (1003, 1004, 1005, 1006, 1026, 1029)),
    *(_stop(PROXY, code, ACCOUNT, _PROFILE, OLDER_CODES) for code in (1010, 1012, 1013, 1014, 1015, 1042)),
    _stop(PROXY, 1020, ACCOUNT, _MISSING, OLDER_CODES),
    _row(PROXY, 1022, PLATFORM, "Buffer did not save the post", OLDER_CODES),
    *(_row(PROXY, code, QUOTA, _PLAN, OLDER_CODES, refused=True, retry_after=HOUR) for code in (1023, 1024, 1028)),
    _stop(PROXY, 1025, PHOTO, "Buffer has a post with this content from a moment ago", OLDER_CODES),
    # After a lost answer it is the evidence that the first post landed.
    _row(
        PROXY,
        1025,
        PHOTO,
        "Buffer has a post with this content from a moment ago",
        OLDER_CODES,
        operation=Operation.SUBMIT,
    ),
    *(_stop(PROXY, code, PHOTO, _PICTURE, OLDER_CODES) for code in (1030, 1031, 1032)),
)
