"""The kinds of notices, as data: what each costs, how often it is repeated, and how it ends."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from shutterpost.runtime.values import Value

_DAY = timedelta(days=1)
_OFTEN = (_DAY, 3 * _DAY, 7 * _DAY)
_WEEKLY = (7 * _DAY,)


class NoticeKind(StrEnum):
    CONNECTION_ENDS = "connection_ends"
    CONNECTION_ERROR = "connection_error"
    BUDGET_LOW = "budget_low"
    POST_FAILED = "post_failed"
    POST_MAY_FAIL = "post_may_fail"
    OUTCOME_UNKNOWN = "outcome_unknown"
    APPROVAL_NEEDED = "approval_needed"
    VETO_OPEN = "veto_open"
    SLOT_EMPTY = "slot_empty"
    LIBRARY_LOW = "library_low"
    FILES_REJECTED = "files_rejected"
    NOT_SENT = "not_sent"
    IMPORTS_STUCK = "imports_stuck"


class NoticeRule(Value):
    """A kind's texts and times.

    `reminders` are the pauses between its mails, of which the last is repeated; without them it is mailed once per
    level. It is mailed after it has lasted for `patience`. `ended` is mailed when it ends; without it, nothing is.
    """

    title: str
    cost: str
    reminders: tuple[timedelta, ...] = ()
    patience: timedelta = timedelta(0)
    ended: str | None = None


RULES: Final[Mapping[NoticeKind, NoticeRule]] = {
    NoticeKind.CONNECTION_ENDS: NoticeRule(
        title="Token about to end",
        cost="After its end nothing is posted to this account until you connect it again.",
        ended="The connection has a new token.",
    ),
    NoticeKind.CONNECTION_ERROR: NoticeRule(
        title="Connection in error",
        cost="Nothing is posted to this account. Its posts wait; those that become too late follow the late policy.",
        reminders=_OFTEN,
        ended="The connection works again.",
    ),
    NoticeKind.BUDGET_LOW: NoticeRule(
        title="Monthly budget",
        cost="Posts beyond the budget wait for the next month; those that become too late follow the late policy.",
        ended="The budget allows posts again.",
    ),
    NoticeKind.POST_FAILED: NoticeRule(
        title="Post failed",
        cost="This post is not out, and nothing retries it by itself.",
        reminders=(3 * _DAY,),
        ended="The post no longer needs you.",
    ),
    NoticeKind.POST_MAY_FAIL: NoticeRule(
        title="Planned post would fail",
        cost="Unless this is mended, the post fails or waits at its time.",
        reminders=(_DAY,),
        ended="The post is fit again, or no longer planned.",
    ),
    NoticeKind.OUTCOME_UNKNOWN: NoticeRule(
        title="Outcome unknown",
        cost="It is not known whether this post is live. It is not posted again until you resolve it.",
        reminders=_OFTEN,
        ended="The outcome is known.",
    ),
    NoticeKind.APPROVAL_NEEDED: NoticeRule(
        title="Waiting for your approval",
        cost="Without your approval the slot stays empty.",
        ended="The review has ended.",
    ),
    NoticeKind.VETO_OPEN: NoticeRule(
        title="Planned, unless you reject it", cost="If you do nothing, it is published at its time."
    ),
    NoticeKind.SLOT_EMPTY: NoticeRule(
        title="Slot left empty",
        cost="Nothing went out at this time.",
        reminders=_OFTEN,
        ended="The slots are filled again.",
    ),
    NoticeKind.LIBRARY_LOW: NoticeRule(
        title="Library running low",
        cost="When no photo is left, slots stay empty until photos are added or returned.",
        reminders=_WEEKLY,
        ended="The library lasts long enough again.",
    ),
    NoticeKind.FILES_REJECTED: NoticeRule(
        title="Files rejected", cost="These files are not in the library and are never posted."
    ),
    NoticeKind.NOT_SENT: NoticeRule(
        title="Handed over and not sent",
        cost="The post is not out, although its time has passed. The channel holds it.",
        reminders=_OFTEN,
        ended="The channel has sent the post, or it is ended.",
    ),
    NoticeKind.IMPORTS_STUCK: NoticeRule(
        title="Imports stuck",
        cost="Photos that you uploaded may not be in the library, or events of timers were not delivered.",
        reminders=_OFTEN,
        patience=timedelta(hours=2),
        ended="The queues are empty again.",
    ),
}
"""Every kind has a rule."""
