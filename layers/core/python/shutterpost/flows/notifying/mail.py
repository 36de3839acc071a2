"""The text of a mail of notices: one paragraph each, in plain text."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shutterpost.flows.notifying.decide import Mention, StandingNotice
from shutterpost.flows.notifying.kinds import RULES
from shutterpost.flows.notifying.webhooks import OutgoingEvent, notices_events
from shutterpost.runtime.values import Value

# A mail lists this many notices in full; SNS takes 256 KB.
MAX_LISTED = 25


class Mail(Value):
    """A mail, and the events of the personas in it for their webhooks."""

    subject: str
    text: str
    events: tuple[OutgoingEvent, ...] = ()


def notice_mail(mentions: Sequence[Mention], ended: Sequence[StandingNotice], at: datetime) -> Mail:
    """The mail of the notices `mentions`, and of those that have `ended`; at least one of both is given."""
    paragraphs = [_paragraph(number, mention) for number, mention in enumerate(mentions[:MAX_LISTED], 1)]
    if len(mentions) > MAX_LISTED:
        paragraphs.append(f"And {len(mentions) - MAX_LISTED} more: shutterpost status")
    if ended:
        paragraphs.append("\n".join(("Works again:", *map(_ending, ended[:MAX_LISTED]))))
    events = notices_events(mentions, ended, at)
    return Mail(subject=_subject(mentions, ended), text="\n\n".join(paragraphs) + "\n", events=events)


def local(instant: datetime, zone: str) -> str:
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def _subject(mentions: Sequence[Mention], ended: Sequence[StandingNotice]) -> str:
    more = len(mentions) + len(ended) - 1
    if mentions:
        first = mentions[0].condition
        text = f"{RULES[first.kind].title}: {first.label}"
    else:
        text = f"Works again: {RULES[ended[0].kind].title}: {ended[0].label}"
    return f"{text} (+{more})" if more else text


def _paragraph(number: int, mention: Mention) -> str:
    rule = RULES[mention.condition.kind]
    return "\n".join((f"{number}. {rule.title}: {mention.condition.label}", *_lines(mention)))


def _lines(mention: Mention) -> Iterator[str]:
    condition = mention.condition
    yield f"   What happened: {condition.what}"
    if condition.picture is not None:
        yield f"   Picture: {condition.picture}"
    yield f"   What it costs: {RULES[condition.kind].cost}"
    if condition.deadline is not None:
        yield f"   Deadline: {local(condition.deadline, condition.zone)}"
    for command in condition.commands:
        yield f"   What to do: {command}"
    if condition.link is not None:
        yield f"   Link: {condition.link}"
    again = local(mention.remind_at, condition.zone) if mention.remind_at else "none, unless it changes"
    yield f"   Since {local(mention.since, condition.zone)}; next reminder: {again}"


def _ending(notice: StandingNotice) -> str:
    rule = RULES[notice.kind]
    return f"- {rule.title}: {notice.label}. {rule.ended}"
