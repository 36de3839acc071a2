"""Known answers of Mastodon and Pixelfed. Mastodon's texts are in the account's language, so its rows have a status."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

STATUSES = ("https://docs.joinmastodon.org/methods/statuses/", date(2026, 11, 21))
MEDIA = ("https://docs.joinmastodon.org/methods/media/", date(2026, 11, 21))
LIMITS = ("https://docs.joinmastodon.org/api/rate-limits/", date(2026, 11, 21))
SOURCE = ("https://github.com/mastodon/mastodon/tree/main/app/services", date(2026, 11, 21))
REPEATS = ("https://github.com/mastodon/mastodon/issues/40399", date(2026, 9, 9))
PIXELFED = ("https://github.com/pixelfed/pixelfed/tree/dev/app/Http/Controllers/Api", date(2026, 11, 22))
PIXELFED_ERRORS = ("https://github.com/pixelfed/pixelfed/blob/dev/app/Exceptions/Handler.php", date(2026, 11, 22))

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)
# What Pixelfed's failed checks get as a code: their answer has `errors`.
VALIDATION = "validation"

_row = partial(retried_answer, platform="mastodon")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)
_pixelfed = partial(retried_answer, platform="pixelfed")
_pixelfed_stop = partial(_pixelfed, failure_class=FailureClass.PERMANENT)

_RECONNECT = "The server does not accept the token; connect the account again"
_FORBIDDEN = "The token may not do this, or the account is disabled or not confirmed"
_CALLS = "Too many calls"
_INTERNAL = "The server had an internal error"
_PICTURE = "The server does not take the picture or its description"
_NO_POST = "The server does not take the post as it is"
_BUSY = "The server could not finish the request"
_MISSING = "The server does not know the post or picture"

MASTODON_ROWS: tuple[KnownAnswer, ...] = (
    _stop(None, None, TOKEN, _RECONNECT, STATUSES, status=401),
    _stop(None, None, TOKEN, _FORBIDDEN, STATUSES, status=403),
    _row(None, None, PLATFORM, _MISSING, STATUSES, status=404),
    # A key whose status was deleted answers so too.
    _row(None, None, PLATFORM, _MISSING, SOURCE, status=404, operation=Operation.PUBLISH),
    _stop(None, None, PHOTO, _PICTURE, MEDIA, status=422, operation=Operation.SUBMIT),
    # Whether the pictures are free decides, not the text; see `MastodonChannel.publish`.
    _stop(None, None, TEXT, _NO_POST, SOURCE, status=422, operation=Operation.PUBLISH),
    _row(None, None, PLATFORM, "The server could not process the picture", MEDIA, status=422, resubmit=True),
    _row(None, None, QUOTA, _CALLS, LIMITS, status=429, refused=True),
    _row(None, None, PLATFORM, _INTERNAL, REPEATS, status=500),
    _row(None, None, PLATFORM, _BUSY, SOURCE, status=503),
)
PIXELFED_ROWS: tuple[KnownAnswer, ...] = (
    # Its own refusals of a repeat: the listing decides.
    _pixelfed(None, None, PLATFORM, "The server has seen this post or its pictures", PIXELFED, status=400),
    _pixelfed_stop(None, None, TOKEN, _RECONNECT, PIXELFED, status=401),
    _pixelfed_stop(None, None, TOKEN, _FORBIDDEN, PIXELFED, status=403),
    _pixelfed_stop(
        None, None, ACCOUNT, "The account has no room left", PIXELFED, status=403, pattern=r"account size limit"
    ),
    _pixelfed(None, None, PLATFORM, _MISSING, PIXELFED, status=404),
    _pixelfed(None, None, QUOTA, _CALLS, PIXELFED, status=429, refused=True),
    _pixelfed_stop(None, None, PHOTO, "The server blocks this picture", PIXELFED, status=451),
    _pixelfed(None, None, PLATFORM, _INTERNAL, PIXELFED_ERRORS, status=500),
    _pixelfed_stop(VALIDATION, None, PHOTO, _PICTURE, PIXELFED_ERRORS, operation=Operation.SUBMIT),
    _pixelfed_stop(VALIDATION, None, TEXT, _NO_POST, PIXELFED_ERRORS, operation=Operation.PUBLISH),
)
