"""The overview of personas: what was published, what is next, and what needs a person."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.channels import Catalogue, Connection, ConnectionStatus, ConnectionStore
from shutterpost.curation import RunwayLevel, Stock
from shutterpost.flows.flow import flow
from shutterpost.flows.overview.accounts import account_needs, budget_needs, missing_account
from shutterpost.flows.overview.needs import Need, NeedKind, need_of
from shutterpost.flows.overview.posts import UPCOMING, may_need, post_need
from shutterpost.flows.planning.budgets import Budgets
from shutterpost.flows.planning.circuits import Circuits
from shutterpost.flows.records.actions import ApiCall
from shutterpost.flows.records.calendar import CalendarEntries, CalendarEntry, in_order
from shutterpost.flows.syncing.runway import stock_left
from shutterpost.personas import Persona, PersonaStatus
from shutterpost.photos import Photos, Rejections
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Pause, Schedule, Schedules, ScheduleStatus

SPAN = timedelta(days=30)
RECENT = timedelta(days=7)
MAX_SHOWN = 5
# The most coming posts whose offers are read, and the most rejected files that are counted.
MAX_READ = 100


class PersonaOverview(Value):
    """A persona, and how long its library lasts."""

    persona_id: str
    name: str
    zone: str
    status: PersonaStatus
    library: Stock


class Offer(Value):
    """Photos that can be added to a pick before it is published."""

    post_id: str
    persona_id: str
    name: str
    offered_names: tuple[str, ...]


class PauseState(Value):
    """Why posting is paused, and since when."""

    reason: str
    since: datetime


class Overview(Value):
    """The latest publications and the next posts, of 30 days each, and what needs a person.

    `next_count` counts all coming posts. Local times are those of the persona's zone.
    """

    personas: tuple[PersonaOverview, ...]
    pause: PauseState | None
    published: tuple[CalendarEntry, ...]
    next: tuple[CalendarEntry, ...]
    next_count: int
    offers: tuple[Offer, ...]
    needs: tuple[Need, ...]


@flow
class OverviewReader:
    clock: Clock
    catalogue: Catalogue
    schedules: Schedules
    entries: CalendarEntries
    connections: ConnectionStore
    circuits: Circuits
    budgets: Budgets
    photos: Photos
    rejections: Rejections

    def read(self, personas: Sequence[Persona], pause: Pause | None) -> Overview:
        """The overview of `personas`; `pause` is that of the caller."""
        now, by_id = self.clock.now(), {persona.persona_id: persona for persona in personas}
        schedules = list(in_order(self.schedules, by_id, (now - SPAN, now + SPAN)))
        published, coming = published_and_next(schedules)
        latest, needing = published[:MAX_SHOWN], [item for item in schedules if may_need(item, now)]
        wanted = {item.schedule_id: item for item in (*latest, *coming[:MAX_READ], *needing)}
        zones = {name: ZoneInfo(persona.zone) for name, persona in by_id.items()}
        read = self.entries.of(tuple(wanted.values()), zones)

        def shown(items: Iterable[Schedule]) -> tuple[CalendarEntry, ...]:
            return tuple(read[item.schedule_id] for item in items if item.schedule_id in read)

        connections = {name: self.connections.list(name) for name in by_id}
        accounts = {each.connection_id: each for listed in connections.values() for each in listed}
        libraries = {name: stock_left(self.photos, persona, now) for name, persona in by_id.items()}
        post_needs = (
            post_need(entry, by_id[entry.persona_id], accounts.get(entry.connection_id), now)
            for entry in shown(needing)
        )
        state = PauseState(reason=pause.reason, since=pause.since) if pause else None
        return Overview(
            personas=tuple(
                PersonaOverview.model_validate({**persona.model_dump(), "library": libraries[name]})
                for name, persona in by_id.items()
            ),
            pause=state,
            published=shown(latest),
            next=shown(coming[:MAX_SHOWN]),
            next_count=len(coming),
            offers=offers_of(shown(coming[:MAX_READ])),
            needs=(
                *([_paused(state)] if state else []),
                *(need for need in post_needs if need is not None),
                *(
                    need
                    for name, persona in by_id.items()
                    for need in self._of_persona(persona, connections[name], libraries[name], now)
                ),
            ),
        )

    def _of_persona(
        self, persona: Persona, connections: Iterable[Connection], library: Stock, now: datetime
    ) -> Iterator[Need]:
        active = [each for each in connections if each.status is not ConnectionStatus.REVOKED]
        if not active:
            yield missing_account(persona)
        for connection in active:
            circuit = self.circuits.of_connection(connection)
            yield from account_needs(persona, connection, circuit, self.catalogue, now)
            yield from budget_needs(persona, connection, self.budgets.use(connection))
        if persona.slots and library.level is not RunwayLevel.READY:
            yield need_of(persona, NeedKind.LIBRARY_LOW, f"library of {persona.name}", _left(library))
        rejected = self.rejections.count_since(persona.persona_id, now - RECENT, MAX_READ)
        if rejected:
            why = f"{rejected}{' or more' if rejected == MAX_READ else ''} rejected in the last {RECENT.days} days"
            look = ApiCall(operation="listRejected", parameters={"persona_id": persona.persona_id})
            yield need_of(persona, NeedKind.FILES_REJECTED, f"files of {persona.name}", why, look)


def published_and_next(schedules: Iterable[Schedule]) -> tuple[list[Schedule], list[Schedule]]:
    """Of schedules in order of time, those that were published, latest first, and those that are still to be."""
    listed = list(schedules)
    published = [item for item in reversed(listed) if item.status is ScheduleStatus.SUCCESS]
    return published, [item for item in listed if item.status in UPCOMING]


def offers_of(coming: Iterable[CalendarEntry]) -> tuple[Offer, ...]:
    """What the picks among coming posts offer, one for each post."""
    posts = {entry.post_id: entry for entry in coming if entry.offered_names}
    return tuple(
        Offer(
            post_id=post_id,
            persona_id=entry.persona_id,
            name=next(iter(entry.photo_names), post_id),
            offered_names=entry.offered_names,
        )
        for post_id, entry in posts.items()
    )


def _paused(pause: PauseState) -> Need:
    resume = ApiCall(operation="resume")
    return Need(kind=NeedKind.PAUSED, what="everything", why=f"paused: {pause.reason}", repairs=(resume,))


def _left(library: Stock) -> str:
    why = f"{library.photos} photos left, for {library.days or 0} days"
    if library.not_allowed:
        why += f"; {library.not_allowed} more have no analysis, and allow_provisional is false"
    return why
