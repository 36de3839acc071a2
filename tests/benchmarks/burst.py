"""A burst: ten thousand schedules due in one minute on two hundred connections, in simulated time.

Everything is real but the services: flows, stores (on moto), lanes and the state machine file, against a platform that
counts and refuses by itself. The connections belong to forty personas, and each persona's share runs in a process of
its own: what personas have in common is the channel's circuit alone, which no failure opens here.
"""

import dataclasses
import heapq
import itertools
import json
import os
import re
from collections import Counter
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain, pairwise
from typing import Any, NamedTuple
from unittest.mock import patch

from aws_lambda_powertools import Logger
from moto.dynamodb.models.table import Table
from pydantic import SecretStr
from pynamodb.models import Model
from typing_extensions import override

from shutterpost.channels import Catalogue, ChannelRow, Quota, Tokens, catalogue, connection_id_of
from shutterpost.channels.store import ConnectionItem
from shutterpost.flows.planning.start_timers import start_revision
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.publish_times import LATE
from shutterpost.flows.wiring import (
    Platforms,
    StepFunction,
    Stores,
    build_poster,
    build_publish_steps,
    build_start_timers,
)
from shutterpost.personas import Persona, new_persona
from shutterpost.personas.store import PersonaItem
from shutterpost.photos import ImportQueue, Photo, PublicCopies
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Schedule, Schedules, Timers
from shutterpost.scheduling.store.items import Item
from tests.benchmarks.figures import Figure, reached
from tests.support.asl import DEFINITION
from tests.support.aws import create_table, mocked_aws
from tests.support.counting_platform import DAY, Platform, Simulated
from tests.support.picture_host import jpeg
from tests.support.system import OWNER, TIMERS
from tests.support.system_ports import BUCKET, CDN

NAME = "burst"
SCHEDULES, CONNECTIONS, PERSONAS = 10_000, 200, 40
EACH, SHARE = SCHEDULES // CONNECTIONS, CONNECTIONS // PERSONAS
QUOTA = 25
MINUTE = timedelta(minutes=1)
START = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 21, 9, tzinfo=UTC)
AWS = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": "eu-central-1"}
MODELS: tuple[type[Model], ...] = (PersonaItem, ConnectionItem, PhotosTable, Item)


class Share(NamedTuple):
    """What became of one persona's share: instants and texts by account, how schedules ended, and refusals."""

    posts: dict[str, list[tuple[datetime, str]]]
    ended: list[str]
    refusals: int


def measure() -> list[Figure]:
    """Every share, side by side on all cores."""
    row = _row()
    with ProcessPoolExecutor(initializer=_quiet) as pool:
        shares = list(pool.map(_share, [row] * PERSONAS))
    live = Counter(
        (number, text) for number, share in enumerate(shares) for _, text in chain.from_iterable(share.posts.values())
    )
    instants = [sorted(at for at, _ in posts) for share in shares for posts in share.posts.values()]
    ended = Counter(status for share in shares for status in share.ended)
    lost = SCHEDULES - len(live)
    twice = live.total() - len(live)
    not_ended = SCHEDULES - ended["success"]
    quota, near = _over_quota(instants), _too_near(instants, row)
    return [
        Figure("schedules", SCHEDULES, "schedules", f"due in one minute on {len(instants)} connections"),
        Figure("lost", lost, "posts", reached(lost, 0)),
        Figure("twice", twice, "posts", reached(twice, 0)),
        Figure("not ended in success", not_ended, "schedules", reached(not_ended, 0)),
        Figure(
            "refused for quota", sum(share.refusals for share in shares), "calls", "what the platform counts itself"
        ),
        Figure("quota broken", quota, "times", f"{QUOTA} in any 24 h; {reached(quota, 0)}"),
        Figure("nearer than the spacing", near, "times", f"{row.spacing} s less {LATE}; {reached(near, 0)}"),
        Figure("all out after", _hours(max(map(max, instants)) - DUE), "hours", _against(_own_limit(row))),
    ]


def _quiet() -> None:
    os.environ.update(AWS)
    Logger(service="shutterpost").setLevel("ERROR")


def _row() -> ChannelRow:
    return catalogue().row("instagram").model_copy(update={"quota": Quota(posts=QUOTA)})


def _own_limit(row: ChannelRow) -> timedelta:
    """The soonest that the quota and the distance allow the last post of a connection."""
    rounds, rest = divmod(EACH - 1, QUOTA)
    return rounds * DAY + rest * timedelta(seconds=row.spacing)


class Events(Timers):
    """Timers and executions in one line, in order of time."""

    def __init__(self, clock: Simulated) -> None:
        super().__init__(TIMERS)
        self.clock = clock
        self._line: list[tuple[datetime, int, Generator[datetime, None, None] | dict[str, Any]]] = []
        self._numbers = itertools.count()
        self._started: set[str] = set()
        self.schedules: Schedules
        self.steps: Mapping[str, StepFunction]

    def start(self, schedule: Schedule) -> None:
        """Step Functions' part: an execution per name."""
        if schedule.execution_name not in self._started:
            self._started.add(schedule.execution_name)
            self._push(self.clock.now(), _execution(self.steps, schedule))

    def run(self) -> None:
        """Let everything happen."""
        while self._line:
            at, _, what = heapq.heappop(self._line)
            self.clock.sleep(at - self.clock.now())
            if isinstance(what, dict):
                which = what["schedule_id"], what["revision"]
                start_revision(self.schedules, self, *which, now=self.clock.now())
            elif (until := next(what, None)) is not None:
                self._push(until, what)

    @override
    def _put(self, name: str, at: datetime, function_arn: str, payload: dict[str, Any]) -> None:
        self._push(at, payload)

    @override
    def _delete(self, name: str) -> None:
        """A timer that fires for an old revision starts nothing."""

    def _push(self, at: datetime, what: Generator[datetime, None, None] | dict[str, Any]) -> None:
        heapq.heappush(self._line, (at, next(self._numbers), what))


def _execution(steps: Mapping[str, StepFunction], schedule: Schedule) -> Generator[datetime, None, None]:
    """One execution of the state machine file, handing over where it waits."""
    name, outcome = "Begin", {"outcome": "", "until": None}
    while name not in {"Done", "Unsettled"}:
        state = MACHINE[name]
        if state["Type"] == "Wait":
            yield datetime.fromisoformat(str(outcome["until"]))
        elif state["Type"] == "Task":
            step = steps[state["Arguments"]["Payload"]["step"]]
            outcome = step(schedule.schedule_id, schedule.revision).model_dump(mode="json")
        name = ROUTES[name].get(str(outcome["outcome"]), "Unsettled") if state["Type"] == "Choice" else state["Next"]


def _routes() -> dict[str, dict[str, str]]:
    """Where each word leads, by Choice state: read from the file, because JSONata in Python is too slow for a burst."""
    return {
        name: {
            match: choice["Next"]
            for choice in state["Choices"]
            for match in re.findall(r"\$outcome = '([a-z_]+)'", choice["Condition"])
        }
        for name, state in MACHINE.items()
        if state["Type"] == "Choice"
    }


MACHINE: dict[str, Any] = json.loads(DEFINITION.read_text())["States"]
ROUTES = _routes()


def _share(row: ChannelRow) -> Share:
    """One persona's share of the burst, from its wishes to the last post."""
    clock = Simulated(START)
    platform, events = Platform(clock, QUOTA), Events(clock)
    # moto copies a whole table for each item of a transaction, to take it back. Here none has to be taken back, and one
    # that had would leave no table behind.
    cheap = patch.object(Table, "__deepcopy__", lambda *_: None, create=True)
    with cheap, mocked_aws():
        for model in MODELS:
            create_table(model, f"{model.__name__}-of-burst")
        client("s3").create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": AWS["AWS_DEFAULT_REGION"]}
        )
        stores = Stores(clock=clock, catalogue=Catalogue(version="burst", rows=(row,)))
        platforms = Platforms(
            tokens=Tokens("/shutterpost/burst/tokens"),
            channels=lambda _: platform,
            copies=PublicCopies(BUCKET, CDN),
            renditions=ImportQueue("https://sqs.example.test/import"),
        )
        events.schedules, events.steps = stores.schedules, build_publish_steps(stores, platforms, events)
        start_timers = dataclasses.replace(build_start_timers(stores, TIMERS, events), timers=events)
        poster = build_poster(stores, start_timers)
        persona = _persona(stores, platforms)
        for number in range(EACH):
            photo = _photo(stores, persona, number)
            request = PhotoRequest(
                photo=photo.photo_id, caption=f"Number {number}.", at=DUE + timedelta(seconds=number % 60)
            )
            poster.post(persona, request, request_key=str(number))
        events.run()
        ended = stores.schedules.between(persona.persona_id, START, DUE + 7 * DAY)
        statuses = [str(schedule.status) for schedule in ended]
    return Share(dict(platform.posts), statuses, platform.refusals)


def _persona(stores: Stores, platforms: Platforms) -> Persona:
    """With a grace of two days, so that what the quota holds back still goes out."""
    made = new_persona(owner=OWNER, name="Burst", zone="UTC", now=START, late_grace_minutes=2 * 24 * 60)
    persona = stores.personas.create(made)
    for number in range(SHARE):
        connection_id = connection_id_of(persona.persona_id, "instagram", str(number))
        platforms.tokens.put(persona.persona_id, connection_id, SecretStr("token"))
        stores.connections.connect(
            persona_id=persona.persona_id,
            owner=OWNER,
            channel="instagram",
            account_id=str(number),
            display_name=str(number),
            login="facebook",
            now=START,
        )
    return persona


def _photo(stores: Stores, persona: Persona, number: int) -> Photo:
    photo_id = f"{number:064x}"
    rendition = f"renditions/{persona.persona_id}/{photo_id}/feed.jpg"
    client("s3").put_object(Bucket=BUCKET, Key=rendition, Body=jpeg())
    photo = Photo(
        persona_id=persona.persona_id,
        owner=OWNER,
        photo_id=photo_id,
        names=(f"photo-{number}.jpg",),
        keys=(f"photos/{persona.persona_id}/photo-{number}.jpg",),
        format="JPEG",
        width=1200,
        height=900,
        byte_size=1000,
        imported_at=START,
        score=7.0,
        renditions={"feed": rendition},
    )
    return stores.photos.record(photo).photo


# -- figures ----------------------------------------------------------------------------------------


def _over_quota(instants: Iterable[Sequence[datetime]]) -> int:
    """How often a window of 24 hours held more than the quota."""
    return sum(late - early < DAY for times in instants for early, late in zip(times, times[QUOTA:], strict=False))


def _too_near(instants: Iterable[Sequence[datetime]], row: ChannelRow) -> int:
    """How often two posts of a connection lay nearer to each other than the spacing allows."""
    least = timedelta(seconds=row.spacing) - LATE
    return sum(later - earlier < least for times in instants for earlier, later in pairwise(times))


def _hours(duration: timedelta) -> float:
    return round(duration.total_seconds() / 3600, 3)


def _against(own_limit: timedelta) -> str:
    return f"the quota of {QUOTA} in 24 h itself: {_hours(own_limit)} hours"
