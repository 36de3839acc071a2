"""A small world for a story told by hand: one persona, its connections, a photo, and nothing that fails by chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona, Slot, new_persona
from shutterpost.scheduling import Schedule
from tests.simulation.faults import OPERATIONS, OPERATIONS_OF_ACTIONS, Fault, operations_also, operations_of
from tests.simulation.history import Deploy
from tests.simulation.setting import FOR_UPLOADS, KINDS, OWNER, Channel, Kind, Setting, add_photo, connect
from tests.simulation.shown import Shown, every_schedule, shown_on_platforms
from tests.simulation.world import CALM, World

START = datetime(2026, 11, 21, 5, tzinfo=UTC)
AHEAD = timedelta(days=20)
Test = TypeVar("Test", bound=Callable[..., None])
_GUARDS: dict[str, frozenset[str]] = {}


@dataclass
class Story:
    """A world with crons running, and what a test says to it."""

    world: World
    persona: Persona
    channels: dict[Kind, Channel]
    setting: Setting = field(default_factory=Setting)

    def post(self, at: datetime | None, photo: int = 1, *kinds: Kind) -> Schedule:
        """A person schedules the photo, to the connections of `kinds` or to all; its first schedule."""
        targets = tuple(self.channels[kind].connection_id for kind in kinds)
        request = PhotoRequest(photo=f"{photo:064x}", at=at, connection_ids=targets)
        details = self.world.poster.post(self.persona, request, request_key=f"{photo} {at} {targets}")
        return details.schedules[0]

    def now(self, schedule: Schedule) -> Schedule:
        """The schedule as it is."""
        return self.world.stores.schedules.get(schedule.schedule_id)

    def until(self, instant: datetime) -> None:
        """Let time pass."""
        self.world.kernel.run_until(instant)

    def fails(self, operation: str, *faults: Fault) -> None:
        """Let the next calls of `operation` go wrong."""
        if operation not in {*OPERATIONS, *operations_of(KINDS), *operations_also(OPERATIONS_OF_ACTIONS)}:
            raise ValueError(f"no operation {operation}")
        self.world.calls.forced[operation] = list(faults)

    def by_somebody(self, name: str, act: Callable[[], Any]) -> list[Exception]:
        """Do `act` in a worker of its own, at once; the errors it ended with."""
        before = len(self.world.kernel.failures)
        self.world.kernel.spawn(name, act)
        self.until(self.world.kernel.now() + timedelta(seconds=30))
        return [error for _, error in self.world.kernel.failures[before:]]

    @property
    def shown(self) -> list[Shown]:
        """What the platforms have."""
        return shown_on_platforms(self.world)

    @property
    def schedules(self) -> list[Schedule]:
        """Every schedule there is."""
        return every_schedule(self.world)

    def photo_is_free(self, photo: int = 1) -> bool:
        """Whether a pick may take it."""
        return self.world.stores.photos.get(self.persona.persona_id, f"{photo:064x}").in_unposted


def a_story(deploy: Deploy, *kinds: Kind, photos: int = 1, **rules: Any) -> Story:
    """A persona without slots (unless `rules` say so), with a connection of each kind and photos 1 to `photos`."""
    world = deploy(1, START, CALM, frozenset())
    given = {"slots": (), "preflight_hours": 0, "near_duplicate_bits": 0, **rules}
    persona = world.stores.personas.create(
        new_persona(owner=OWNER, name="Nature", zone="UTC", now=world.kernel.now(), **given)
    )
    story = Story(world, persona, {kind: connect(world, persona, kind, 0) for kind in kinds})
    story.setting.renditions = FOR_UPLOADS
    for number in range(1, photos + 1):
        add_photo(world, story.setting, persona, number)
    world.crons(START + AHEAD)
    return story


def guards(*rules: str) -> Callable[[Test], Test]:
    """Names the rules without which a story fails; `make mutants` breaks each and runs the story."""

    def marked(story: Test) -> Test:
        _GUARDS[story.__name__] = frozenset(rules)
        return story

    return marked


def rules_of(story: Callable[..., Any]) -> frozenset[str]:
    """The rules that the story guards."""
    return _GUARDS.get(story.__name__, frozenset())


def daily(hour: int) -> tuple[Slot, ...]:
    """A slot every day."""
    return (Slot(at=time(hour)),)
