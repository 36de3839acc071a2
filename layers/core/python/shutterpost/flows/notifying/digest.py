"""The digest of a persona: what went out, what comes, what needs a person, and how long the library lasts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from shutterpost.channels import UnknownAnswers
from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.decide import StandingNotice
from shutterpost.flows.notifying.kinds import RULES
from shutterpost.flows.notifying.mail import Mail, local
from shutterpost.flows.notifying.webhooks import DigestData, event_of
from shutterpost.flows.posting.add_photos import offer_text, offered_photos
from shutterpost.personas import Digest, Persona, coming_slots
from shutterpost.photos import PhotoNotFound, Photos
from shutterpost.scheduling import Posts, Schedule, Schedules, ScheduleStatus

# Each section lists this many entries.
MAX_ENTRIES = 100
_PERIODS = {Digest.DAILY: timedelta(days=1), Digest.WEEKLY: timedelta(days=7)}


def last_due(persona: Persona, now: datetime) -> date | None:
    """The local date of the persona's latest digest that was due by `now`; `None` if it wants none."""
    if persona.digest is Digest.OFF:
        return None
    wall = now.astimezone(ZoneInfo(persona.zone))
    day = wall.date() - timedelta(days=wall.hour < persona.digest_hour)
    return day - timedelta(days=day.weekday()) if persona.digest is Digest.WEEKLY else day


@flow
class DigestWriter:
    """Writes digests; `runway` says how long a persona's library lasts."""

    posts: Posts
    photos: Photos
    schedules: Schedules
    unknown_answers: UnknownAnswers
    runway: Callable[[Persona, datetime], str]

    def due(
        self, personas: Iterable[Persona], sent: Mapping[str, date], notices: Iterable[StandingNotice], now: datetime
    ) -> tuple[tuple[Mail, ...], dict[str, date]]:
        """The digests that are due, and the dates of the last ones; a persona's first is that after it was set."""
        mails: list[Mail] = []
        dates: dict[str, date] = {}
        standing = list(notices)
        for persona in personas:
            day = last_due(persona, now)
            if day is None:
                continue
            dates[persona.persona_id] = day
            if sent.get(persona.persona_id, day) < day:
                mails.append(self.write(persona, standing, now))
        return tuple(mails), dates

    def write(self, persona: Persona, notices: Iterable[StandingNotice], now: datetime) -> Mail:
        """The digest of the persona for the period that ends at `now`."""
        period = _PERIODS.get(persona.digest, timedelta(days=1))
        near = list(self.schedules.between(persona.persona_id, now - period, now + period))
        live = [item for item in near if item.status is ScheduleStatus.SUCCESS]
        ahead = [item for item in near if item.is_open and item.expected_at > now]
        names = self._names(persona, [*live, *ahead])
        planned = {item.run_at for item in ahead}
        free = [slot.run_at for slot in coming_slots(persona, now, now + period) if slot.run_at not in planned]
        mine = [notice for notice in notices if notice.persona_id in {persona.persona_id, None}]
        offers = self._offers(persona, near, {item.post_id for item in ahead})
        coming = [
            (
                item.expected_at,
                ". ".join(filter(None, (f"{item.channel}: {names[item.post_id]}", offers.get(item.post_id)))),
            )
            for item in ahead
        ]
        coming += [(at, "a slot; its photo is picked shortly before") for at in free]
        unknown = self.unknown_answers.since(now - period)
        sections = {
            "What went out": [_went_out(item, names, persona.zone) for item in live],
            "What comes": [f"{local(at, persona.zone)}, {text}" for at, text in sorted(coming)],
            "What needs you": [f"{RULES[notice.kind].title}: {notice.label}" for notice in mine],
            "Library": [self.runway(persona, now)],
            "Answers of platforms that were not understood": [
                f"{item.platform}, {item.operation}: {item.status} {item.code}, {item.seen_count} times in 90 days"
                for item in unknown
            ],
        }
        subject = f"{persona.name}: {len(live)} posted, {len(mine)} need you"
        data = DigestData(subject=subject, text="\n".join(_text(sections)))
        event = event_of(persona.persona_id, "digest", now, data.model_dump())
        return Mail(subject=data.subject, text=data.text, events=(event,))

    def _names(self, persona: Persona, schedules: Sequence[Schedule]) -> dict[str, str]:
        posts = self.posts.many(item.post_id for item in schedules)
        names = {item.post_id: "a photo" for item in schedules}
        for post_id, post in posts.items():
            try:
                photo = self.photos.get(persona.persona_id, *post.photo_ids[:1]) if post.photo_ids else None
            except PhotoNotFound:
                continue
            if photo is None:
                names[post_id] = post.title or "a text"
                continue
            names[post_id] = f"{photo.names[0]} ({photo.keys[0]})"
        return names

    def _offers(self, persona: Persona, schedules: Sequence[Schedule], post_ids: Iterable[str]) -> dict[str, str]:
        posts = self.posts.many(post_ids)
        offers = {
            post_id: offered_photos(post, [item for item in schedules if item.post_id == post_id])
            for post_id, post in posts.items()
        }
        names = self.photos.names(persona.persona_id, chain.from_iterable(offers.values()))
        return {post_id: offer_text(post_id, offered, names) for post_id, offered in offers.items()}


def _went_out(schedule: Schedule, names: Mapping[str, str], zone: str) -> str:
    link = schedule.external_url or "no link"
    at = local(schedule.posted_at or schedule.expected_at, zone)
    return f"{at}, {schedule.channel}: {names[schedule.post_id]}, {link}"


def _text(sections: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for title, entries in sections.items():
        yield f"{title}:"
        yield from (f"- {entry}" for entry in entries[:MAX_ENTRIES] or ("none",))
        if len(entries) > MAX_ENTRIES:
            yield f"- and {len(entries) - MAX_ENTRIES} more"
        yield ""
