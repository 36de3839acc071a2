"""The known answers of the Pages API, one row each; codes decide, which some clients report as subcodes."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Any

from shutterpost.channels.answers.known import KnownAnswer, Operation, retried_answer
from shutterpost.channels.ports import Cause, FailureClass

GRAPH_CODES = ("https://developers.facebook.com/docs/graph-api/guides/error-handling", date(2026, 11, 21))
CLIENT = ("https://github.com/gitroomhq/postiz-app", date(2026, 11, 21))

ACCOUNT, PHOTO, PLATFORM, QUOTA, TEXT, TOKEN = (
    Cause.ACCOUNT,
    Cause.PHOTO,
    Cause.PLATFORM,
    Cause.QUOTA,
    Cause.TEXT,
    Cause.TOKEN,
)
# Evidence of an earlier post with these photos; see `FacebookPageChannel.publish`.
ALREADY_POSTED = 1366051

_row = partial(retried_answer, platform="facebook_page")
_stop = partial(_row, failure_class=FailureClass.PERMANENT)

_RECONNECT = "The token is no longer valid; connect the Page again"
_PERMISSION = "The token lacks a permission or the role on the Page; connect the Page again with all permissions"
_HIDDEN = "The object does not exist or is not visible to this token"
_CALLS = "Too many calls or posts"
_RESTRICTED = "Facebook restricts the Page or its owner, who must act at facebook.com"
_DOWN = "Facebook is down"


def _either(number: int, cause: Cause, meaning: str, **more: Any) -> Iterator[KnownAnswer]:
    """Rows of a number that is reported without saying whether it is a code or a subcode."""
    yield _row(number, None, cause, meaning, CLIENT, **more)
    yield _row(None, number, cause, meaning, CLIENT, **more)


_PERMANENT = FailureClass.PERMANENT
ROWS: tuple[KnownAnswer, ...] = (
    # Trouble of Facebook itself: a post was seen to be there after an answer with code 2.
    _row(1, None, PLATFORM, "The Graph API had an unknown error", GRAPH_CODES),
    _row(2, None, PLATFORM, _DOWN, GRAPH_CODES),
    *_either(1363047, PLATFORM, _DOWN),
    *_either(1609010, PLATFORM, _DOWN),
    # Photos. A picture that could not be fetched may be there the next time.
    _row(324, None, PHOTO, "Facebook could not fetch the picture from its address", CLIENT),
    _stop(100, 1366046, PHOTO, "Facebook does not take the picture: over 4 MB, or not its format", CLIENT),
    _row(
        100,
        ALREADY_POSTED,
        PLATFORM,
        "Facebook says that these photos were posted already",
        CLIENT,
        failure_class=FailureClass.AMBIGUOUS,
        operation=Operation.PUBLISH,
    ),
    _stop(506, None, TEXT, "The Page posted this text a short time ago", CLIENT),
    # Limits
    *(_row(code, None, QUOTA, _CALLS, GRAPH_CODES, refused=True) for code in (4, 17, 32, 613)),
    _row(range(80_000, 80_100), None, QUOTA, _CALLS, GRAPH_CODES, refused=True),
    *_either(1390008, QUOTA, _CALLS, refused=True),
    # The Page and its owner
    _stop(368, None, ACCOUNT, _RESTRICTED, GRAPH_CODES),
    *(
        row
        for number in (1404102, 1346003, 1404112, 4854002)
        for row in _either(number, ACCOUNT, _RESTRICTED, failure_class=_PERMANENT)
    ),
    _stop(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES),
    _row(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES, operation=Operation.READ),
    _row(100, 33, ACCOUNT, _HIDDEN, GRAPH_CODES, operation=Operation.PUBLISH),
    # The token
    *(_stop(code, None, TOKEN, _RECONNECT, GRAPH_CODES) for code in (102, 190)),
    _stop(190, 463, TOKEN, "The token has expired; connect the Page again", GRAPH_CODES),
    _stop(490, None, TOKEN, _RECONNECT, CLIENT),
    _stop(None, None, TOKEN, _RECONNECT, CLIENT, pattern=r"REVOKED_ACCESS_TOKEN"),
    *_either(1404078, TOKEN, _RECONNECT, failure_class=_PERMANENT),
    *(_stop(code, None, TOKEN, _PERMISSION, GRAPH_CODES) for code in (3, 10)),
    _stop(range(200, 300), None, TOKEN, _PERMISSION, GRAPH_CODES),
)
