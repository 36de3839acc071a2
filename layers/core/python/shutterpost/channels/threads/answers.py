"""The known answers of Threads, one row each; codes decide, patterns see `message` or a container's `error_message`.

`refused` holds where the container's status confirms it: a publish call that went through was seen to be refused.
"""

from datetime import date
from functools import partial

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

HOUR = 3_600.0

GRAPH_CODES = ("https://developers.facebook.com/docs/graph-api/guides/error-handling", date(2026, 11, 21))
LIMITS = ("https://developers.facebook.com/documentation/threads/overview", date(2026, 11, 21))
POSTS = ("https://developers.facebook.com/documentation/threads/posts", date(2026, 11, 21))
TROUBLE = ("https://developers.facebook.com/documentation/threads/troubleshooting", date(2026, 11, 21))
REPORTED = ("reported by users, on no page of Meta", date(2026, 11, 21))


def _github(thread: str, *day: int) -> tuple[str, date]:
    return f"https://github.com/{thread}", date(*day)


_POSTIZ_2047 = _github("gitroomhq/postiz-app/pull/2047", 2026, 9, 9)
_POSTIZ_1991 = _github("gitroomhq/postiz-app/pull/1991", 2026, 8, 30)
_FIA_52 = _github("tirthpatell/fia-f1-docs-bot/pull/52", 2026, 5, 20)
_META_MCP_4 = _github("exileum/meta-mcp/pull/4", 2026, 4, 3)

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)

_row = partial(retried_answer, platform="threads")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_RECONNECT = "The token is no longer valid; connect the account again"
_PERMISSION = "The token lacks a permission; connect the account again with all permissions"
_UNSEEN = "Threads does not know the container yet"
_CHILDREN = "A picture's container is not ready or has expired; new ones are made"
_NOT_FETCHED = "Threads could not fetch the picture from its address"
_NOT_MADE = "Threads could not process the picture; a new container is made"
_UNKNOWN = "The Graph API had an unknown error"
_HIDDEN = "The object does not exist or is not visible to this token"
_CALLS = "Too many calls or posts"

ROWS: tuple[KnownAnswer, ...] = (
    # Containers
    _row(24, 4279009, PLATFORM, _UNSEEN, _POSTIZ_2047, refused=True, retry_after=5),
    _row(24, 4279009, PLATFORM, _CHILDREN, _POSTIZ_2047, operation=Operation.SUBMIT, resubmit=True),
    _row(24, 4279004, PLATFORM, _CHILDREN, _META_MCP_4, resubmit=True),
    _row(9004, 2207052, PHOTO, _NOT_FETCHED, REPORTED),
    _row(
        None,
        None,
        PHOTO,
        _NOT_FETCHED,
        REPORTED,
        pattern=r"could not be fetched from this uri",
        operation=Operation.SUBMIT,
    ),
    _row(
        None, None, PLATFORM, _NOT_MADE, _POSTIZ_1991, pattern=r"^unknown$", operation=Operation.SUBMIT, resubmit=True
    ),
    _stop(
        None,
        None,
        PHOTO,
        "The picture's sides differ too much for Threads",
        TROUBLE,
        pattern=r"^invalid_aspec",
        operation=Operation.SUBMIT,
    ),
    # Trouble of Threads itself
    _row(1, None, PLATFORM, _UNKNOWN, GRAPH_CODES),
    _row(2, None, PLATFORM, "The Graph API is down", GRAPH_CODES),
    # Limits
    *(_row(code, None, QUOTA, _CALLS, GRAPH_CODES, refused=True) for code in (4, 17, 32, 613)),
    _row(None, None, QUOTA, _CALLS, LIMITS, status=429, refused=True),
    _row(4, 2207051, ACCOUNT, "Threads restricts the account's activity for now", REPORTED, retry_after=4 * HOUR),
    # The account
    _stop(24, 4279013, ACCOUNT, "The account is restricted; its owner must act in the app", TROUBLE),
    _row(368, None, ACCOUNT, "Threads blocks the account's actions for now", GRAPH_CODES, retry_after=4 * HOUR),
    _stop(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES),
    _row(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES, operation=Operation.READ),
    _row(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES, operation=Operation.PUBLISH),
    # The token
    _stop(190, None, TOKEN, _RECONNECT, GRAPH_CODES, refused=True),
    _stop(190, 463, TOKEN, "The token has expired; connect the account again", GRAPH_CODES, refused=True),
    _stop(102, None, TOKEN, _RECONNECT, GRAPH_CODES, refused=True),
    *(_stop(code, None, TOKEN, _PERMISSION, GRAPH_CODES) for code in (3, 10)),
    _stop(range(200, 300), None, TOKEN, _PERMISSION, GRAPH_CODES),
    # Seen with a status of 5xx although the container was published.
    _row(10, None, PLATFORM, "Threads refused to publish without a reason", _FIA_52, operation=Operation.PUBLISH),
    # The text
    _stop(100, None, TEXT, "The text is too long for Threads", POSTS, pattern=r"at most 500 characters"),
    _stop(None, None, TEXT, "The text has too many links for Threads", POSTS, pattern=r"link_limit_exceeded"),
)
