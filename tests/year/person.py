"""The person: reads mails in the evening, and does what they ask for some days later. Nothing else is looked at."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from shutterpost.flows.syncing.actions import ASK
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.simulation.shown import live_url
from tests.year.setting import BATCH, Account, Year

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# A token about to end is mailed of so long before; the mail of anything else comes within `PROMPT`.
AHEAD, PROMPT = timedelta(days=15), timedelta(hours=12)
# A person who was not told finds out by chance after this, so that the year goes on.
BY_CHANCE = timedelta(days=21)


@dataclass
class Need:
    """Something that only the person can put right; a mail of it is in time until `latest`, and came at `mailed`."""

    kind: str
    persona_id: str
    subject: str
    since: datetime
    latest: datetime
    mailed: datetime | None = None
    ended: datetime | None = None

    @property
    def in_time(self) -> bool:
        """Whether the mail came in time."""
        return self.mailed is not None and self.mailed <= self.latest


@dataclass
class Person:
    """Notes what needs a person, and acts on mails alone."""

    year: Year
    region_down: tuple[datetime, datetime] | None = None
    needs: list[Need] = field(default_factory=list)
    mails: list[tuple[datetime, str]] = field(default_factory=list)
    doing: set[str] = field(default_factory=set)

    def begin(self, days: int) -> None:
        """Look at the mailbox every hour, and read what came in the evening."""
        kernel = self.year.world.kernel
        for hour in range(1, days * 24 + 1):
            kernel.at(kernel.now() + hour * HOUR, self._hourly)

    def _hourly(self) -> None:
        world, now = self.year.world, self.year.world.kernel.now()
        came = [f"{subject}\n{text}" for subject, text in world.account.mail[len(self.mails) :]]
        self.mails += [(now, text) for text in came]
        for account in self.year.accounts:
            since = self.year.broken_since(account)
            self._note("connection", account.persona.persona_id, account.name, since, known=account.broken_at is None)
        if now.hour % 6 == 0:
            self._note_unknown()
        if now.hour == 20:
            self._evening(now)

    def _open(self, kind: str, subject: str) -> list[Need]:
        return [
            item
            for item in self.needs
            if item.kind == kind and subject in {item.subject, item.persona_id} and not item.ended
        ]

    def _note(self, kind: str, persona_id: str, subject: str, since: datetime | None, *, known: bool) -> None:
        now = self.year.world.kernel.now()
        standing = self._open(kind, subject)
        if since is None:
            for need in standing:
                need.ended = now
            return
        if not standing:
            latest = since if known else since + PROMPT
            if self.region_down and self.region_down[0] - PROMPT <= latest <= self.region_down[1] + PROMPT:
                latest += self.region_down[1] - self.region_down[0] + PROMPT
            ended = [item.ended for item in self.needs if (item.kind, item.subject) == (kind, subject) and item.ended]
            need = Need(kind, persona_id, subject, since, latest)
            self.needs.append(need)
            standing = [need]
            first = max([since - AHEAD, *ended])
            need.mailed = next((at for at, text in self.mails if at > first and names(text, kind, subject)), None)
        for need in standing:
            if need.mailed is None and self.mails and self.mails[-1][0] == now:
                mailed = any(at == now and names(text, kind, subject) for at, text in self.mails)
                need.mailed = now if mailed else None

    def _note_unknown(self) -> None:
        for schedule in self._unknown():
            if not self._open("unknown", schedule.schedule_id):
                self._note("unknown", schedule.persona_id, schedule.schedule_id, schedule.updated_at, known=False)
        for need in self.needs:
            if need.kind == "unknown" and not need.ended:
                schedule = self.year.world.stores.schedules.get(need.subject)
                since = need.since if schedule.status is ScheduleStatus.UNKNOWN else None
                self._note("unknown", need.persona_id, need.subject, since, known=False)

    def _unknown(self) -> list[Schedule]:
        index = self.year.world.account.tables.tables["posts"].indexes["due"]
        waiting = [item for shard in index.items.values() for item in shard.values()]
        asks = [item for item in waiting if item.get("error_code", {}).get("S") == ASK]
        return [self.year.world.stores.schedules.get(item["schedule_id"]["S"]) for item in asks]

    def _evening(self, now: datetime) -> None:
        """Read what is known by mail, and put it right after a while; what nobody mailed of, much later."""
        fate = self.year.world.fate
        for need in self.needs:
            if need.ended:
                continue
            key = f"{need.kind} {need.subject} {need.since:%Y%m%d%H}"
            mailed = need.mailed is not None
            if mailed or now - need.since > BY_CHANCE:
                self._later(key, fate.between(f"person {key}", 0.1, 4) if mailed else 0.1, need)
        self._renew_tokens(now)
        self._refill(now)

    def _renew_tokens(self, now: datetime) -> None:
        """Renew what a mail of the last day says is about to end, now or, too late, some days after its end."""
        for account in self.year.accounts:
            ends = self.year.connection(account).token_expires_at
            mailed = any(now - at < DAY and names(text, "connection", account.name) for at, text in self.mails)
            if mailed and ends is not None and account.channel.kind == "facebook" and ends > now:
                key = f"renew {account.name} {ends:%Y%m%d}"
                late = self.year.world.fate.between(f"person {key}", -6, 5) * DAY
                if key not in self.doing:
                    self.doing.add(key)
                    self.year.world.kernel.at(max(now, ends + late), partial(self._reconnect, account))

    def _refill(self, now: datetime) -> None:
        """Import photos some days after a mail of the last day says that the library runs low."""
        for persona in self.year.setting.personas:
            mailed = any(now - at < DAY and names(text, "library", persona.name) for at, text in self.mails)
            key = f"refill {persona.name} {now:%Y%m%d}"
            if mailed and key not in self.doing:
                self.doing.add(key)
                late = self.year.world.fate.between(f"person {key}", 3, 25) * DAY
                self.year.world.kernel.at(now + late, partial(self.year.stock, persona, BATCH))

    def _later(self, key: str, days: float, need: Need) -> None:
        if key in self.doing:
            return
        self.doing.add(key)
        kernel = self.year.world.kernel
        if need.kind == "connection":
            account = next(item for item in self.year.accounts if item.name == need.subject)
            kernel.at(kernel.now() + days * DAY, lambda: self._reconnect(account))
        elif need.kind == "unknown":
            kernel.spawn(f"person {key}", lambda: self._resolve(need.subject), at=kernel.now() + days * DAY)

    def _reconnect(self, account: Account) -> None:
        self.year.reconnect(account)
        self.year.world.tell(f"person: {account.name} is connected again")

    def _resolve(self, schedule_id: str) -> None:
        schedule = self.year.world.stores.schedules.get(schedule_id)
        if schedule.status is not ScheduleStatus.UNKNOWN:
            return
        url = live_url(self.year.world, schedule)
        try:
            self.year.world.resolver.resolve(schedule_id, live_url=url, not_live=url is None)
        except Refusal as refusal:
            self.year.world.tell(f"person: {schedule_id} is not resolved: {refusal.detail}")


def names(text: str, kind: str, subject: str) -> bool:
    """Whether a mail tells of the subject in this matter."""
    # What works again needs nobody.
    text = text.partition("Works again:")[0]
    return subject in text and (kind != "library" or "library" in text.lower())
