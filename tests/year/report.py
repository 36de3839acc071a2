"""What a year came to: each slot posted or explained, the oracle's findings, and whether mails came in time."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shutterpost.curation import Decision
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus, slot_claim_key
from tests.simulation.finding import Finding, Wrong
from tests.simulation.oracle import Oracle
from tests.year.cost import NOT_COUNTED
from tests.year.person import Need, Person, names
from tests.year.setting import Year

DAY = timedelta(days=1)
# A mail about a library that runs low counts for so long.
LOW_AHEAD = timedelta(days=45)
DRY = ("No unposted photo", "may be picked", "no analysis")


@dataclass(frozen=True)
class SlotEnd:
    """A slot and what became of it; without a reason it is unexplained unless it was `posted`."""

    at: datetime
    day: date
    posted: bool
    reason: str


@dataclass
class PersonaYear:
    """One persona's year."""

    persona: Persona
    slots: list[SlotEnd] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    mails: int = 0

    @property
    def posted(self) -> int:
        """Slots with a post."""
        return sum(slot.posted for slot in self.slots)

    @property
    def unexplained(self) -> list[SlotEnd]:
        """Slots without a post and without a reason."""
        return [slot for slot in self.slots if not slot.posted and not slot.reason]

    @property
    def explained(self) -> int:
        """Slots without a post, but with a reason."""
        return len(self.slots) - self.posted - len(self.unexplained)

    @property
    def told_late(self) -> list[Need]:
        """What the person was not told of in time."""
        return [need for need in self.needs if not need.in_time]

    def days_needed(self, until: datetime) -> int:
        """Days on which the person was needed."""
        days = set()
        for need in self.needs:
            at = need.since
            while at <= (need.ended or until):
                days.add(at.date())
                at += DAY
        return len(days)


@dataclass
class YearReport:
    """The report of all personas; `findings` are the oracle's."""

    seed: int
    start: datetime
    end: datetime
    personas: list[PersonaYear]
    findings: list[Finding]
    cost: float
    troubles: Counter[str]
    mails: int

    def count(self, *kinds: Wrong) -> int:
        """Findings of these kinds."""
        return sum(finding.wrong in kinds for finding in self.findings)

    def failed(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.findings) or any(record.unexplained or record.told_late for record in self.personas)

    def lines(self) -> Iterator[str]:
        """For people; the last line sums up. What is stuck counts as unexplained, a broken rule as untrue."""
        yield f"seed {self.seed}: {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"
        yield "troubles: " + ", ".join(f"{name} {number}" for name, number in sorted(self.troubles.items()))
        for record in self.personas:
            yield from self._persona(record)
        yield from (f"{finding.wrong.upper()}: {finding.rule}: {finding.words}" for finding in self.findings)
        yield f"mails={self.mails} cost=${self.cost:.2f} (list price of calls, without {NOT_COUNTED})"
        slots = sum(len(record.slots) for record in self.personas)
        posted = sum(record.posted for record in self.personas)
        explained = sum(record.explained for record in self.personas)
        late = sum(len(record.told_late) for record in self.personas)
        unexplained = sum(len(record.unexplained) for record in self.personas) + self.count(Wrong.STUCK)
        yield (
            f"year: slots={slots} posted={posted} explained={explained} unexplained={unexplained} "
            f"doubles={self.count(Wrong.DOUBLE)} lost={self.count(Wrong.LOST)} "
            f"untrue={self.count(Wrong.UNTRUE, Wrong.RULE)} told_late={late}"
        )

    def _persona(self, record: PersonaYear) -> Iterator[str]:
        yield (
            f"{record.persona.name} ({record.persona.zone}): slots={len(record.slots)} posted={record.posted} "
            f"explained={record.explained} unexplained={len(record.unexplained)} mails={record.mails} "
            f"needed={len(record.needs)} days_needed={record.days_needed(self.end)} told_late={len(record.told_late)}"
        )
        reasons = Counter(_kind_of(slot.reason) for slot in record.slots if not slot.posted and slot.reason)
        yield from (f"  empty {number}: {reason}" for reason, number in reasons.most_common(8))
        yield from (f"  UNEXPLAINED: {slot.at}" for slot in record.unexplained)
        for need in record.told_late:
            yield f"  TOLD LATE: {need.kind} {need.subject} since {need.since}: {need.mailed or 'never'}"


def report(year: Year, person: Person, oracle: Oracle, *, seed: int, until: datetime, cost: float) -> YearReport:
    """Judge the year, whose slots end at `until`."""
    findings = oracle.findings()
    personas = []
    for persona in year.setting.personas:
        record = PersonaYear(persona, list(_slots(year, oracle, persona, until)))
        own = [account.name for account in year.accounts if account.persona.persona_id == persona.persona_id]
        record.mails = sum(
            any(name in text for name in (persona.name, persona.persona_id, *own)) for _, text in person.mails
        )
        record.needs = [need for need in person.needs if need.persona_id == persona.persona_id and need.since < until]
        record.needs += _dry_spells(record, person)
        personas.append(record)
    return YearReport(
        seed=seed,
        start=personas[0].persona.created_at,
        end=until,
        personas=personas,
        findings=findings,
        cost=cost,
        troubles=Counter(),
        mails=len(person.mails),
    )


def _slots(year: Year, oracle: Oracle, persona: Persona, until: datetime) -> Iterator[SlotEnd]:
    posted = {
        record.run_at
        for record in oracle.schedules
        if record.persona_id == persona.persona_id and record.status is ScheduleStatus.SUCCESS
    }
    for day, at in slots_of(persona, until):
        reason = "" if at in posted else _reason(year, oracle, persona, at)
        yield SlotEnd(at, day, at in posted, reason)


def slots_of(persona: Persona, until: datetime) -> Iterator[tuple[date, datetime]]:
    """The persona's slots by local day, computed a second time: after a gap at once, in a fold at the first."""
    zone = ZoneInfo(persona.zone)
    first = persona.created_at.astimezone(zone).date()
    for number in range((until - persona.created_at).days + 2):
        day = first + number * DAY
        for slot in persona.slots:
            at = _instant(day, slot.at, zone)
            if persona.created_at + timedelta(hours=1) < at <= until:
                yield day, at


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(ZoneInfo("UTC"))
    if instant.astimezone(zone).time() == at:
        return instant
    after = instant.astimezone(zone).utcoffset()
    while (instant - timedelta(minutes=1)).astimezone(zone).utcoffset() == after:
        instant -= timedelta(minutes=1)
    return instant


def _reason(year: Year, oracle: Oracle, persona: Persona, at: datetime) -> str:
    stores = year.world.stores
    claim = stores.claims.get(slot_claim_key(persona.persona_id, at))
    record = stores.posts.decision(persona.persona_id, at)
    if record is not None and record.post_id is None:
        return Decision.model_validate(record.body).reason
    own = oracle.of_post.get(claim.holder, []) if claim else []
    return "; ".join(dict.fromkeys(filter(None, (_end_of(record, at) for record in own))))


def _end_of(schedule: Schedule, at: datetime) -> str:
    if schedule.run_at != at:
        return "Its post was too late and moved to a later slot."
    return schedule.error_message or ("" if schedule.is_open else f"It ended as {schedule.status}.")


def _dry_spells(record: PersonaYear, person: Person) -> Iterator[Need]:
    """Runs of slots without a photo: the mail of each is in time before the first of them."""
    spell: list[SlotEnd] = []
    for slot in [*record.slots, None]:
        if slot is not None and not slot.posted and any(words in slot.reason for words in DRY):
            spell.append(slot)
        elif spell and (slot is None or slot.posted):
            since = spell[0].at
            mailed = [
                at
                for at, text in person.mails
                if names(text, "library", record.persona.name) and at > since - LOW_AHEAD
            ]
            ended = slot.at if slot else None
            yield Need(
                "library",
                record.persona.persona_id,
                record.persona.name,
                since,
                since,
                min(mailed, default=None),
                ended,
            )
            spell = []


def _kind_of(reason: str) -> str:
    """A reason without the numbers and names that differ from case to case."""
    words = ["…" if any(letter.isdigit() for letter in part) else part for part in reason.split()]
    short: list[str] = []
    for part in words:
        if part != "…" or short[-1:] != ["…"]:
            short.append(part)
    return " ".join(short)[:110]


def by_day(record: PersonaYear) -> dict[date, list[SlotEnd]]:
    """The slots of each local day."""
    days: dict[date, list[SlotEnd]] = defaultdict(list)
    for slot in record.slots:
        days[slot.day].append(slot)
    return days
