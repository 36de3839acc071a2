"""Bluesky's known answers, one row each, by the name of the error."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

# The reference server 0.4.217, measured; the tests run against it.
MEASURED = ("https://github.com/bluesky-social/atproto/tree/main/packages/pds", date(2026, 11, 21))

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)
HOUR = 3_600.0

_row = partial(retried_answer, platform="bluesky")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_PASSWORD = "Bluesky does not accept the app password; make a new one and connect again"  # noqa: S105 - a sentence
_ENDED = "The session has ended and cannot be renewed; connect the account again"
_DOWN = "Bluesky has taken the account down"
_BUG = "Bluesky does not understand the request"
_PICTURE = "Bluesky does not take the picture"
_WORDS = "Bluesky does not take the text"
_HIDDEN = "The account's posts cannot be read"

ROWS: tuple[KnownAnswer, ...] = (
    # Sessions
    _stop("AuthenticationRequired", None, TOKEN, _PASSWORD, MEASURED),
    _stop("ExpiredToken", None, TOKEN, _ENDED, MEASURED),
    _stop("InvalidToken", None, TOKEN, _ENDED, MEASURED),
    _stop("AuthMissing", None, TOKEN, _ENDED, MEASURED),
    _stop("AccountTakedown", None, TOKEN, _DOWN, MEASURED),
    _stop("AccountDeactivated", None, TOKEN, "The account is deactivated; activate it in the app", MEASURED),
    _stop("AccountNotFound", None, TOKEN, "This server does not have the account; connect it again", MEASURED),
    # So does a session of an account that was taken down read itself.
    _stop("InvalidRequest", None, TOKEN, _DOWN, MEASURED, pattern="could not find user info"),
    # Limits: failed writes cost points too
    _row("RateLimitExceeded", None, QUOTA, "Too many calls or posts", MEASURED, refused=True, retry_after=60),
    _stop("PayloadTooLarge", None, PHOTO, _PICTURE, MEASURED),
    # The record
    _stop("InvalidRequest", None, PLATFORM, _BUG, MEASURED),
    _stop("InvalidRequest", None, TEXT, _WORDS, MEASURED, pattern=r"\$\.record\.(text|facets|langs|tags)"),
    _stop("InvalidRequest", None, PHOTO, _PICTURE, MEASURED, pattern=r"\$\.record\.embed"),
    _stop("InvalidSize", None, PLATFORM, _BUG, MEASURED),
    _stop("InvalidMimeType", None, PLATFORM, _BUG, MEASURED),
    _row("BlobNotFound", None, PLATFORM, "Bluesky has dropped the picture", MEASURED, refused=True, resubmit=True),
    # Reading
    _stop("RecordNotFound", None, ACCOUNT, "The post is not there", MEASURED, operation=Operation.READ),
    _row("InvalidRequest", None, ACCOUNT, _HIDDEN, MEASURED, operation=Operation.READ, pattern="could not locate"),
    # An outage, and a repeat of the one call that this adapter does not make, look the same.
    _row("InternalServerError", None, PLATFORM, "Bluesky failed", MEASURED),
    _row("UpstreamFailure", None, PLATFORM, "Bluesky failed", MEASURED),
)
