"""Instagram's known answers, one row each; codes decide, patterns see the English `message`."""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

HOUR = 3_600.0
DAY = 24 * HOUR

INSTAGRAM_CODES = (
    "https://developers.facebook.com/documentation/instagram-platform/instagram-graph-api/reference/error-codes",
    date(2026, 6, 2),
)
GRAPH_CODES = ("https://developers.facebook.com/docs/graph-api/guides/error-handling", date(2026, 11, 21))
REPORTED = ("reported by users, on no page of Meta", date(2026, 11, 21))


def _github(thread: str, *day: int) -> tuple[str, date]:
    return f"https://github.com/{thread}", date(*day)


_POSTIZ_1681 = _github("gitroomhq/postiz-app/issues/1681", 2026, 11, 21)
_POSTIZ_1900 = _github("gitroomhq/postiz-app/pull/1900", 2026, 8, 17)
_POSTIZ_1992 = _github("gitroomhq/postiz-app/pull/1992", 2026, 8, 30)
_POSTIZ_1914 = _github("gitroomhq/postiz-app/pull/1914", 2026, 8, 18)
_OUTAGE = _github("geoff-maddock/events-tracker/issues/1900", 2026, 5, 26)

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)


_row = partial(retried_answer, platform="instagram")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_RECONNECT = "The token is no longer valid; connect the account again"
_PERMISSION = "The token lacks a permission; connect the account again with all permissions"
_NO_ACCOUNT = "Instagram does not know this account id; connect the account again"
_INTERNAL = "Instagram had an internal error"
_CONTAINER_GONE = "The container is unknown or expired; a new one is made"
_NOT_READY = "The container is not ready yet"
_NOT_FETCHED = "Instagram could not fetch the picture from its address"
_TIMED_OUT = "Instagram's download of the picture timed out"
_QUOTA_USED = "The account's posts of the last 24 hours reach its limit"
_RESTRICTED = "The account is restricted; its owner must act in the app"
_BLOCKED = "Instagram blocks the account's actions for now"
_FORMAT = "Instagram does not take the picture's format"
_TOO_LARGE = "The picture is over 8 MiB"
_RATIO = "The picture's aspect ratio is outside 4:5 to 1.91:1"
_LONG_CAPTION = "The caption is too long"
_NOT_MADE = "Instagram could not make the container; a new one is made"
_HIDDEN = "The object does not exist or is not visible to this token"
_CALLS = "Too many calls"

ROWS: tuple[KnownAnswer, ...] = (
    # Fetching and containers
    _row(-2, 2207003, PLATFORM, _TIMED_OUT, INSTAGRAM_CODES),
    _row(
        -2, 2207020, PLATFORM, "The container expired; a new one is made", INSTAGRAM_CODES, refused=True, resubmit=True
    ),
    _row(-2, None, PLATFORM, _TIMED_OUT, REPORTED),
    _row(9004, 2207052, PHOTO, _NOT_FETCHED, _POSTIZ_1900),
    _row(9004, None, PHOTO, _NOT_FETCHED, REPORTED),
    _row(24, 2207006, PLATFORM, _CONTAINER_GONE, INSTAGRAM_CODES, refused=True, resubmit=True),
    _row(24, 2207008, PLATFORM, _CONTAINER_GONE, INSTAGRAM_CODES, refused=True, resubmit=True, retry_after=30),
    _row(9007, 2207027, PLATFORM, _NOT_READY, INSTAGRAM_CODES, refused=True, retry_after=5),
    _row(9007, None, PLATFORM, _NOT_READY, REPORTED, refused=True, retry_after=5),
    _row(-1, 2207032, PLATFORM, _NOT_MADE, INSTAGRAM_CODES, resubmit=True),
    _row(-1, 2207053, PLATFORM, _NOT_MADE, INSTAGRAM_CODES, resubmit=True),
    _row(None, 2207082, PLATFORM, _NOT_MADE, _POSTIZ_1992, resubmit=True),
    # Instagram's own trouble
    _row(-1, 2207001, PLATFORM, _INTERNAL, INSTAGRAM_CODES),
    _row(-1, 2207085, PLATFORM, _INTERNAL, _POSTIZ_1992),
    _row(-1, None, PLATFORM, _INTERNAL, REPORTED),
    _row(1, None, PLATFORM, "The Graph API had an unknown error", GRAPH_CODES),
    _row(2, None, PLATFORM, "The Graph API is down", GRAPH_CODES),
    # Limits
    _row(4, 2207051, ACCOUNT, "Instagram restricts the account's activity for now", _POSTIZ_1681, retry_after=4 * HOUR),
    *(_row(code, None, QUOTA, _CALLS, GRAPH_CODES) for code in (4, 17, 32, 341, 613)),
    _row(range(80_000, 80_100), None, QUOTA, _CALLS, GRAPH_CODES),
    _row(None, None, QUOTA, _CALLS, REPORTED, status=429),
    _row(9, 2207042, QUOTA, _QUOTA_USED, INSTAGRAM_CODES, refused=True, retry_after=DAY),
    _row(9, None, QUOTA, _QUOTA_USED, REPORTED, refused=True, retry_after=DAY),
    # The account
    _stop(25, 2207050, ACCOUNT, _RESTRICTED, INSTAGRAM_CODES),
    _stop(25, None, ACCOUNT, _RESTRICTED, REPORTED),
    _row(368, None, ACCOUNT, _BLOCKED, GRAPH_CODES, retry_after=4 * HOUR),
    _stop(12, None, ACCOUNT, _NO_ACCOUNT, _github("jstolpe/instagram-graph-api-php-sdk/issues/22", 2024, 12, 29)),
    *(_stop(code, None, ACCOUNT, _NO_ACCOUNT, REPORTED) for code in (33, 110, 803)),
    _stop(100, 33, ACCOUNT, _HIDDEN, _OUTAGE),
    # Reads of an object that exists failed with this for hours.
    _row(100, 33, ACCOUNT, _HIDDEN, _OUTAGE, operation=Operation.READ),
    _row(100, 33, ACCOUNT, _HIDDEN, _OUTAGE, operation=Operation.PUBLISH),
    # The token
    _stop(102, None, TOKEN, _RECONNECT, GRAPH_CODES, refused=True),
    _stop(190, None, TOKEN, _RECONNECT, GRAPH_CODES, refused=True),
    _stop(190, 458, TOKEN, "The app was removed from the account; connect it again", GRAPH_CODES, refused=True),
    _stop(
        190,
        459,
        TOKEN,
        "Instagram asks the owner to log in and confirm; then connect again",
        GRAPH_CODES,
        refused=True,
    ),
    _stop(190, 460, TOKEN, "The password was changed; connect the account again", GRAPH_CODES, refused=True),
    _stop(190, 463, TOKEN, "The token has expired; connect the account again", GRAPH_CODES, refused=True),
    _stop(190, 464, TOKEN, "The account is not confirmed; confirm it, then connect again", GRAPH_CODES, refused=True),
    _stop(190, 467, TOKEN, _RECONNECT, GRAPH_CODES, refused=True),
    _stop(
        190, 492, TOKEN, "The token's user has no role on the page any more; connect again", GRAPH_CODES, refused=True
    ),
    _stop(101, None, TOKEN, _RECONNECT, _github("sns-sdks/python-facebook/issues/271", 2024, 10, 20), refused=True),
    _stop(
        104, None, TOKEN, _RECONNECT, _github("node-facebook/facebook-node-sdk/issues/105", 2017, 6, 27), refused=True
    ),
    _stop(
        2500,
        None,
        TOKEN,
        _RECONNECT,
        _github("fbsamples/messenger-platform-samples/issues/125", 2018, 11, 28),
        refused=True,
    ),
    _stop(
        2500,
        None,
        PLATFORM,
        "The Graph API does not know this address; its version may have ended",
        REPORTED,
        pattern=r"unknown path components",
        refused=True,
    ),
    _stop(
        100,
        None,
        TOKEN,
        "The token is of another kind or has ended; connect the account again",
        _github("in2code-de/instagram/issues/41", 2024, 12, 5),
        pattern=r"unsupported request - method type",
        refused=True,
    ),
    *(_stop(code, None, TOKEN, _PERMISSION, GRAPH_CODES) for code in (3, 10)),
    _stop(range(200, 300), None, TOKEN, _PERMISSION, GRAPH_CODES),
    # The photo
    _stop(36000, 2207004, PHOTO, _TOO_LARGE, INSTAGRAM_CODES),
    _stop(36000, None, PHOTO, _TOO_LARGE, REPORTED),
    _stop(36001, 2207005, PHOTO, _FORMAT, INSTAGRAM_CODES),
    _stop(36001, 2207083, PHOTO, _FORMAT, REPORTED),
    _stop(36001, None, PHOTO, _FORMAT, REPORTED),
    _stop(36003, 2207009, PHOTO, _RATIO, INSTAGRAM_CODES),
    _stop(36003, None, PHOTO, _RATIO, REPORTED),
    _stop(352, 2207026, PHOTO, _FORMAT, INSTAGRAM_CODES),
    _stop(352, None, PHOTO, _FORMAT, REPORTED),
    _stop(100, 2207023, PHOTO, "Instagram does not take this kind of media", INSTAGRAM_CODES),
    _stop(100, 2207028, PHOTO, "Instagram does not take this number of pictures", INSTAGRAM_CODES),
    _stop(None, 2207077, PHOTO, _FORMAT, REPORTED),
    _stop(None, 2207081, PHOTO, "Instagram does not take this kind of media from the account", _POSTIZ_1914),
    _stop(506, None, PHOTO, "The same post was made before", GRAPH_CODES),
    # Its answer to a repetition whose first attempt may be live.
    _row(506, None, PHOTO, "The same post was made before", GRAPH_CODES, operation=Operation.PUBLISH),
    # The text
    _stop(36004, 2207010, TEXT, _LONG_CAPTION, INSTAGRAM_CODES),
    _stop(36004, None, TEXT, _LONG_CAPTION, REPORTED),
    *(_stop(100, subcode, TEXT, "A product tag is wrong", INSTAGRAM_CODES) for subcode in (2207035, 2207036, 2207037)),
    _stop(100, 2207040, TEXT, "There are too many tags", INSTAGRAM_CODES),
    # Deleting
    _stop(-1, 2207073, PLATFORM, "Instagram cannot delete this kind of media", INSTAGRAM_CODES),
)
