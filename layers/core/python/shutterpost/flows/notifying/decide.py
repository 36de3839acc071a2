"""Decides which notices a mail has, from the earlier conditions, the present ones, and the time. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.kinds import RULES, NoticeKind
from shutterpost.runtime.values import Value

# At most one mail of notices is sent to an owner in this time; what comes meanwhile is in the next mail.
MAIL_GAP = timedelta(hours=1)
# The state is one item, which holds at most 400 KB; what exceeds this is found again by a later run.
MAX_STANDING = 300


class StandingNotice(Value):
    """A notice that stands `since` a run saw its condition, or that has `ended_at` and was not mailed as ended yet."""

    kind: NoticeKind
    subject: str
    persona_id: str | None = None
    label: str
    level: str = ""
    since: datetime
    mailed_level: str | None = None
    mailed_at: datetime | None = None
    mails: int = 0
    remind_at: datetime | None = None
    ended_at: datetime | None = None


class Standing(Value):
    """An owner's notices by the key of their condition, and the time of the last mail."""

    notices: dict[str, StandingNotice] = Field(default_factory=dict)
    mailed_at: datetime | None = None


@dataclass(frozen=True)
class Mention:
    """A notice of a mail: its condition, since when it stands, and when it is mailed again if it lasts."""

    condition: Condition
    since: datetime
    remind_at: datetime | None


@dataclass(frozen=True)
class Decided:
    """The notices that stand now, and the content of a mail; nothing is mailed if both sequences are empty."""

    standing: Standing
    mentions: tuple[Mention, ...] = ()
    ended: tuple[StandingNotice, ...] = ()


def decide(before: Standing, conditions: Sequence[Condition], scopes: Iterable[Scope], now: datetime) -> Decided:
    """The notices after a run that saw `conditions` within `scopes`; what no scope covers stays as it was."""
    seen = {condition.key: condition for condition in conditions}
    covered = {(scope.persona_id, kind) for scope in scopes for kind in scope.kinds}
    notices: dict[str, StandingNotice] = {}
    for key, notice in before.notices.items():
        if key in seen:
            notices[key] = _still(notice, seen[key])
        elif (notice.persona_id, notice.kind) not in covered:
            notices[key] = notice
        elif notice.mailed_at is not None and RULES[notice.kind].ended is not None:
            notices[key] = notice.model_copy(update={"ended_at": notice.ended_at or now})
    for key, condition in seen.items():
        if key not in notices and len(notices) < MAX_STANDING:
            notices[key] = _new(condition, now)
    if before.mailed_at is not None and now - before.mailed_at < MAIL_GAP:
        return Decided(Standing(notices=notices, mailed_at=before.mailed_at))
    return _mail(notices, seen, before.mailed_at, now)


def _mail(
    notices: Mapping[str, StandingNotice], seen: Mapping[str, Condition], mailed_at: datetime | None, now: datetime
) -> Decided:
    kept: dict[str, StandingNotice] = {}
    mentions: list[Mention] = []
    ended: list[StandingNotice] = []
    for key, notice in notices.items():
        if notice.ended_at is not None:
            ended.append(notice)
        elif key in seen and _is_due(notice, now):
            kept[key] = _mailed(notice, seen[key], now)
            mentions.append(Mention(seen[key], notice.since, kept[key].remind_at))
        else:
            kept[key] = notice
    if mentions or ended:
        mailed_at = now
    return Decided(Standing(notices=kept, mailed_at=mailed_at), tuple(mentions), tuple(ended))


def _is_due(notice: StandingNotice, now: datetime) -> bool:
    if now - notice.since < RULES[notice.kind].patience:
        return False
    if notice.mailed_at is None or notice.level != notice.mailed_level:
        return True
    return notice.remind_at is not None and now >= notice.remind_at


def _mailed(notice: StandingNotice, condition: Condition, now: datetime) -> StandingNotice:
    pauses = RULES[notice.kind].reminders
    after = now + pauses[min(notice.mails, len(pauses) - 1)] if pauses else None
    return notice.model_copy(
        update={
            "mailed_at": now,
            "mailed_level": notice.level,
            "mails": notice.mails + 1,
            "remind_at": condition.remind_at or after,
        }
    )


def _still(notice: StandingNotice, condition: Condition) -> StandingNotice:
    return notice.model_copy(update={"level": condition.level, "label": condition.label, "ended_at": None})


def _new(condition: Condition, now: datetime) -> StandingNotice:
    return StandingNotice(
        kind=condition.kind,
        subject=condition.subject,
        persona_id=condition.persona_id,
        label=condition.label,
        level=condition.level,
        since=now,
    )
