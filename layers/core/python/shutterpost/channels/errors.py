"""The platforms' error codes as data (platform-apis.md §1.3, §2.3, §3.2).

A rule has one class for calls that may be repeated freely (Instagram's containers, every read, a delete) and one for
the call that makes a post. There an unclear answer is ambiguous: Instagram was seen to answer 4/2207051 with the post
live, so only what is surely refused before it had an effect is anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shutterpost.channels.ports import Cause, FailureClass

_HOUR = 3_600.0
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Rule:
    """How a code is treated: `repeatable` at a free call, `posting` at the one that makes a post.

    `retry_after` (seconds) holds where the platform names no time.
    """

    meaning: str
    cause: Cause
    repeatable: FailureClass
    posting: FailureClass
    retry_after: float | None = None


def _no(meaning: str, cause: Cause) -> Rule:
    """Refused, and refused again if repeated."""
    return Rule(meaning, cause, FailureClass.PERMANENT, FailureClass.PERMANENT)


def _later(meaning: str, cause: Cause = Cause.PLATFORM, retry_after: float | None = None) -> Rule:
    """Refused before any effect, and worth another try."""
    return Rule(meaning, cause, FailureClass.RETRYABLE, FailureClass.RETRYABLE, retry_after)


def _unclear(meaning: str, cause: Cause = Cause.PLATFORM, retry_after: float | None = None) -> Rule:
    """Worth another try where that is harmless; may have had its effect where a post was to be made."""
    return Rule(meaning, cause, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS, retry_after)


def _no_but_look(meaning: str, cause: Cause) -> Rule:
    """Refused; at the call that makes a post possibly because an earlier one landed."""
    return Rule(meaning, cause, FailureClass.PERMANENT, FailureClass.AMBIGUOUS)


UNKNOWN_REFUSAL = _no_but_look("The platform refused with a code that is not known", Cause.PLATFORM)
UNKNOWN_TROUBLE = _unclear("The platform is in trouble")
UNANSWERED = _unclear("The platform did not answer")
CANNOT_REMOVE = _no("This connection cannot take a live post down; do it in the app", Cause.ACCOUNT)
UNREACHED = _later("The platform could not be reached")
UNAUTHORIZED = _no("The token is not accepted; connect the account again", Cause.TOKEN)
THROTTLED = _later("Too many calls", Cause.QUOTA)

_EXPIRED = "The token is no longer valid; connect the account again"
_PERMISSION = _no("The token lacks a permission; connect the account again with all permissions", Cause.TOKEN)
_GRAPH_RATE = _unclear("Too many calls", Cause.QUOTA)
_FAILED_UPLOAD = _unclear("Instagram could not take the media")
_BAD_MEDIA = "Instagram does not take this media"

GraphCode = tuple[int | None, int | None]

# (code, subcode); without a subcode the row holds for all that have no row of their own, without a code for any code.
GRAPH: Mapping[GraphCode, Rule] = {
    (-2, 2207003): _unclear("Instagram's download of the picture timed out"),
    (-2, 2207020): _later("The container expired; a new one is needed"),
    (-1, 2207001): _unclear("Instagram had an internal error"),
    (-1, 2207032): _FAILED_UPLOAD,
    (-1, 2207053): _FAILED_UPLOAD,
    (-1, 2207073): _no("Instagram cannot delete this kind of media", Cause.PLATFORM),
    (-1, 2207085): _unclear("Instagram had an internal error"),
    (-1, None): _unclear("Instagram had an internal error"),
    (1, None): _unclear("The Graph API had an unknown error"),
    (2, None): _unclear("The Graph API is down"),
    (4, 2207051): _unclear("Instagram restricts the account's activity for now", Cause.ACCOUNT, 4 * _HOUR),
    **dict.fromkeys([(code, None) for code in (4, 17, 32, 341, 613, *range(80000, 80100))], _GRAPH_RATE),
    (9, 2207042): _later("The account's posts of the last 24 hours reach its limit", Cause.QUOTA, _DAY),
    **dict.fromkeys([(code, None) for code in (3, 10, *range(200, 300))], _PERMISSION),
    (24, 2207006): _later("The media was not found; a new container is needed"),
    (24, 2207008): _later("The container is unknown or expired; a new one is needed", retry_after=30),
    (25, 2207050): _no("The account is restricted; its owner must act in the app", Cause.ACCOUNT),
    (100, 33): _no_but_look("The object does not exist or is not visible to this token", Cause.ACCOUNT),
    (100, 2207023): _no(_BAD_MEDIA, Cause.PHOTO),
    (100, 2207028): _no("Instagram does not take this number of pictures", Cause.PHOTO),
    **dict.fromkeys([(100, code) for code in range(2207035, 2207038)], _no("A product tag is wrong", Cause.TEXT)),
    (100, 2207040): _no("There are too many tags", Cause.TEXT),
    (102, None): _no(_EXPIRED, Cause.TOKEN),
    (190, None): _no(_EXPIRED, Cause.TOKEN),
    (190, 458): _no("The app was removed from the account; connect it again", Cause.TOKEN),
    (190, 459): _no("Instagram asks the owner to log in and confirm; then connect again", Cause.TOKEN),
    (190, 460): _no("The password was changed; connect the account again", Cause.TOKEN),
    (190, 463): _no("The token has expired; connect the account again", Cause.TOKEN),
    (190, 464): _no("The account is not confirmed; confirm it, then connect again", Cause.TOKEN),
    (190, 467): _no(_EXPIRED, Cause.TOKEN),
    (190, 492): _no("The token's user has no role on the page any more; connect again", Cause.TOKEN),
    (352, 2207026): _no(_BAD_MEDIA, Cause.PHOTO),
    (368, None): _unclear("Instagram blocks the account's actions for now", Cause.ACCOUNT, 4 * _HOUR),
    (506, None): _no_but_look("The same post was made before", Cause.PHOTO),
    (9004, 2207052): _unclear("Instagram could not fetch the picture from its address", Cause.PHOTO),
    (9007, 2207027): _later("The container is not ready yet", retry_after=5),
    (36000, 2207004): _no("The picture is over 8 MiB", Cause.PHOTO),
    (36001, 2207005): _no("Instagram does not take the picture's format", Cause.PHOTO),
    (36003, 2207009): _no("The picture's aspect ratio is outside 4:5 to 1.91:1", Cause.PHOTO),
    (36004, 2207010): _no("The caption is too long", Cause.TEXT),
    (None, 2207077): _no(_BAD_MEDIA, Cause.PHOTO),
    (None, 2207081): _no(_BAD_MEDIA, Cause.PHOTO),
    (None, 2207082): _FAILED_UPLOAD,
}

# Reads of an object that exists were seen to fail with this for a moment.
TRANSIENT_READ: GraphCode = (100, 33)

_BUFFER_TOKEN = _no("Buffer does not accept the key; make a new one and connect again", Cause.TOKEN)
_BUFFER_MISSING = _no("Buffer does not know this channel or post", Cause.ACCOUNT)
_BUFFER_BUG = _no("Buffer does not understand the request", Cause.PLATFORM)
_BUFFER_UNEXPECTED = _unclear("Buffer had an unexpected error")
_BUFFER_PLAN = _later("A limit of the Buffer plan or of the network is reached", Cause.QUOTA, _HOUR)

BUFFER_PAYLOAD: Mapping[str, Rule] = {
    "InvalidInputError": _no("Buffer does not take the post as it is", Cause.PHOTO),
    "LimitReachedError": _BUFFER_PLAN,
    "NotFoundError": _BUFFER_MISSING,
    "UnauthorizedError": _BUFFER_TOKEN,
    "UnexpectedError": _BUFFER_UNEXPECTED,
}

BUFFER_EXTENSION: Mapping[str, Rule] = {
    "GRAPHQL_VALIDATION_FAILED": _BUFFER_BUG,
    "UNAUTHENTICATED": _BUFFER_TOKEN,
    "UNAUTHORIZED": _BUFFER_TOKEN,
    "FORBIDDEN": _BUFFER_TOKEN,
    "NOT_FOUND": _BUFFER_MISSING,
    "UNEXPECTED": _BUFFER_UNEXPECTED,
    "RATE_LIMIT_EXCEEDED": THROTTLED,
}

_PROXY_ACCOUNT = _no("Buffer has no such profile, or it is full", Cause.ACCOUNT)
_PROXY_MEDIA = _no("Buffer does not take the picture", Cause.PHOTO)

# `RestProxyError.code`: Buffer's older codes.
BUFFER_PROXY: Mapping[int, Rule] = {
    **dict.fromkeys((403, 404, 405), _BUFFER_BUG),
    429: _later("Too many calls", Cause.QUOTA, 60),
    1000: _BUFFER_UNEXPECTED,
    **dict.fromkeys((1001, 1002, 1011, 1021, 1050, 1051), _BUFFER_TOKEN),
    **dict.fromkeys((1003, 1004, 1005, 1006, 1026, 1029), _BUFFER_BUG),
    **dict.fromkeys((1010, 1012, 1013, 1014, 1015, 1042), _PROXY_ACCOUNT),
    1020: _BUFFER_MISSING,
    1022: _unclear("Buffer did not save the post"),
    **dict.fromkeys((1023, 1024, 1028), _BUFFER_PLAN),
    # Refused for good, but after a lost answer it is the evidence that the first post landed.
    1025: _no_but_look("Buffer has a post with this content from a moment ago", Cause.PHOTO),
    **dict.fromkeys((1030, 1031, 1032), _PROXY_MEDIA),
}


def graph_rule(code: int, subcode: int | None) -> Rule | None:
    """The row of a Graph error, the most specific first; `None` where the table has none."""
    return GRAPH.get((code, subcode)) or GRAPH.get((None, subcode)) or GRAPH.get((code, None))
