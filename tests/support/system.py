"""The whole system in one process: real flows and stores on moto, adapters on the simulators, the state machine file
interpreted, timers fired from moto's scheduler, all on the simulators' clock."""

import contextlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.scheduler.models import scheduler_backends
from pydantic import SecretStr
from pynamodb.models import Model

from shutterpost.authoring.store.items import AuthoringItem
from shutterpost.channels import Connection, Tokens, adapters, connection_id_of
from shutterpost.channels.store import ConnectionItem
from shutterpost.channels.tables import use_table
from shutterpost.flows.notifying.notifier import Notifier
from shutterpost.flows.notifying.webhooks import Deliverer
from shutterpost.flows.operating.cancel import Canceller
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.operating.moving.swap import PostSwapper
from shutterpost.flows.operating.moving.timezone_changes import TimezoneChanges
from shutterpost.flows.operating.resolve import Resolver
from shutterpost.flows.operating.retry import Retrier
from shutterpost.flows.operating.review import Reviewer
from shutterpost.flows.operating.start_due import DueStarter
from shutterpost.flows.picking.arm_slots import SlotArmer
from shutterpost.flows.picking.explain import Explainer
from shutterpost.flows.picking.forecast import Forecaster
from shutterpost.flows.picking.pick_next import Picker
from shutterpost.flows.planning.circuits import Circuits
from shutterpost.flows.planning.holds import Holds
from shutterpost.flows.planning.start_timers import start_revision
from shutterpost.flows.posting.assign import PostAssigner
from shutterpost.flows.posting.edit_post import PostEditor
from shutterpost.flows.posting.post_photo import PhotoPoster
from shutterpost.flows.syncing.arm_all import ArmAll
from shutterpost.flows.syncing.sync import Syncer
from shutterpost.flows.wiring import (
    Platforms,
    StepFunction,
    Stores,
    build_arm_all,
    build_assigner,
    build_canceller,
    build_deliverer,
    build_due_starter,
    build_editor,
    build_explainer,
    build_forecaster,
    build_holds,
    build_mover,
    build_notifier,
    build_poster,
    build_publish_steps,
    build_resolver,
    build_retrier,
    build_reviewer,
    build_slot_armer,
    build_start_timers,
    build_swapper,
    build_syncer,
    build_timezone_changes,
)
from shutterpost.personas import Persona, Slot, new_persona
from shutterpost.personas.store import PersonaItem
from shutterpost.photos import ImportQueue, Photo, Rejections
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import TimerSettings
from shutterpost.scheduling import Schedule
from shutterpost.scheduling.store.items import Item
from tests.support.asl import StateMachine
from tests.support.aws import create_table, mocked_aws, simulated_tables
from tests.support.channel_kinds import TOKENS, Kind
from tests.support.picture_host import jpeg
from tests.support.platform_tools import tools
from tests.support.simulated_channels import Bench
from tests.support.system_ports import BUCKET, Executions, KnownQueues, Mailbox, ServedCopies, SteadyClock

OWNER = "111122223333/role/Photographer"
ACCOUNT, REGION = "123456789012", "eu-central-1"
# Made by the tests that need it.
IMPORT_QUEUE = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/import"
PICK_ARN = "arn:aws:lambda:us-east-1:111122223333:function:pick"
START_ARN = "arn:aws:lambda:us-east-1:111122223333:function:steps"
TIMERS = TimerSettings(
    stage="test",
    schedule_group="shutterpost-test",
    scheduler_role_arn="arn:aws:iam::111122223333:role/scheduler",
    scheduler_dlq_arn="arn:aws:sqs:us-east-1:111122223333:dlq",
    start_function_arn=START_ARN,
    state_machine_arn="arn:aws:states:us-east-1:111122223333:stateMachine:publish",
)
MODELS: tuple[type[Model], ...] = (PersonaItem, ConnectionItem, PhotosTable, Item, AuthoringItem)


@dataclass
class System:
    """Handles to everything, and the few verbs a story needs."""

    bench: Bench
    clock: SteadyClock
    stores: Stores
    platforms: Platforms
    steps: Mapping[str, StepFunction]
    poster: PhotoPoster
    editor: PostEditor
    forecaster: Forecaster
    explainer: Explainer
    assigner: PostAssigner
    picker: Picker
    armer: SlotArmer
    reviewer: Reviewer
    syncer: Syncer
    notifier: Notifier
    deliverer: Deliverer
    queues: "KnownQueues"
    messages: list[tuple[str, str]]
    canceller: Canceller
    retrier: Retrier
    mover: Mover
    swapper: PostSwapper
    resolver: Resolver
    timezone_changes: TimezoneChanges
    circuits: Circuits
    holds: Holds
    due_starter: DueStarter
    arm_all: ArmAll
    executions: Executions
    trails: list[list[str]] = field(default_factory=list)

    def invoke(self, payload: dict[str, Any]) -> dict[str, Any]:
        """One call of the steps function."""
        request = dict(payload)
        step = self.steps[request.pop("step")]
        return step(**request).model_dump(mode="json")

    def run_executions(self) -> list[list[str]]:
        """Run what was started, to its end; the states each execution went through."""
        trails = []
        while self.executions.waiting:
            trails.append(self.execute(self.executions.waiting.pop(0)))
        return trails

    def execute(self, schedule: Schedule) -> list[str]:
        """Run one execution for the schedule's revision, to its end; the states it went through."""
        given = {"schedule_id": schedule.schedule_id, "revision": schedule.revision}
        self.trails.append(StateMachine(self.invoke, self.clock).run(given))
        return self.trails[-1]

    def advance_to(self, instant: datetime) -> None:
        """Move time on, firing timers in order as they come due, and running what they start."""
        while (timer := self.next_timer(instant)) is not None:
            at, name, payload = timer
            self.clock.sleep(at - self.clock.now())
            self.forget_timer(name)
            self.fire(payload)
            self.run_executions()
        self.clock.sleep(instant - self.clock.now())

    def fire(self, payload: dict[str, Any]) -> None:
        """Deliver a timer's event."""
        if payload.get("job") == "pick":
            self.picker.pick(payload["persona_id"], datetime.fromisoformat(payload["slot_at"]))
        else:
            which = payload["schedule_id"], payload["revision"]
            start_revision(self.stores.schedules, self.executions, *which, now=self.clock.now())

    def timers(self) -> dict[str, dict[str, Any]]:
        """Armed timers by name."""
        scheduler = client("scheduler")
        listed = scheduler.list_schedules(GroupName=TIMERS.schedule_group)["Schedules"]
        return {
            timer["Name"]: scheduler.get_schedule(Name=timer["Name"], GroupName=TIMERS.schedule_group)
            for timer in listed
        }

    def forget_timer(self, name: str) -> None:
        """Remove a timer that fired, as EventBridge does by itself."""
        # At the backend: it is no call of ours, so nobody may count or break it.
        scheduler_backends[ACCOUNT][REGION].delete_schedule(TIMERS.schedule_group, name)

    def next_timer(self, until: datetime) -> tuple[datetime, str, dict[str, Any]] | None:
        """The first timer that is due by `until`: its instant, name and event."""
        due = []
        # At the backend, as in `forget_timer`; asking for each timer would take a good part of a simulated year.
        for timer in scheduler_backends[ACCOUNT][REGION].schedule_groups[TIMERS.schedule_group].schedules.values():
            at = datetime.fromisoformat(timer.schedule_expression[3:-1]).replace(tzinfo=UTC)
            if at <= until:
                due.append((at, timer.name, json.loads(timer.target["Input"])))
        return min(due, key=lambda timer: timer[:2]) if due else None

    def add_persona(self, name: str = "Nature Explorer", **rules: Any) -> Persona:
        """A persona of the test's owner, by default with a daily slot at 09:00 in Berlin."""
        given = {"slots": (Slot.model_validate({"at": "09:00"}),), **rules}
        zone = str(given.pop("zone", "Europe/Berlin"))
        return self.stores.personas.create(
            new_persona(owner=OWNER, name=name, zone=zone, now=self.clock.now(), **given)
        )

    def connect(self, persona: Persona, kind: Kind) -> Connection:
        """Connect the bench's account of that kind to the persona."""
        bench = self.bench.account(kind).connection
        connection_id = connection_id_of(persona.persona_id, bench.channel, bench.account_id)
        self.platforms.tokens.put(persona.persona_id, connection_id, SecretStr(TOKENS[kind]))
        return self.stores.connections.connect(
            persona_id=persona.persona_id,
            owner=persona.owner,
            channel=bench.channel,
            account_id=bench.account_id,
            display_name=f"{bench.channel} of {persona.name}",
            login=bench.login,
            organization_id=bench.organization_id,
            host=bench.host,
            now=self.clock.now(),
        )

    def add_photo(self, persona: Persona, number: int, *, score: float | None, **facts: Any) -> Photo:
        """A photo with its rendition in the library, as import leaves it."""
        return self.stores.photos.record(self.photo(persona, number, score=score, **facts)).photo

    def photo(self, persona: Persona, number: int, *, score: float | None, **facts: Any) -> Photo:
        """A photo that is not yet in the library, but its rendition is."""
        photo_id = f"{number:064x}"
        renditions = {name: f"renditions/{persona.persona_id}/{photo_id}/{name}.jpg" for name in ("feed", "compact")}
        for key in renditions.values():
            client("s3").put_object(Bucket=BUCKET, Key=key, Body=jpeg())
        self.bench.renditions.jpegs[renditions["feed"]] = jpeg()
        self.bench.renditions.jpegs[renditions["compact"]] = jpeg(400, 300) + number.to_bytes(32, "big")
        return Photo(
            persona_id=persona.persona_id,
            owner=persona.owner,
            photo_id=photo_id,
            names=(f"photo-{number}.jpg",),
            keys=(f"photos/{persona.persona_id}/photo-{number}.jpg",),
            format="JPEG",
            width=1200,
            height=900,
            byte_size=1000,
            imported_at=self.clock.now(),
            score=score,
            **{
                "renditions": renditions,
                "caption": f"Photo number {number}.",
                "alt_text": f"Photo {number}",
                **facts,
            },
        )

    def schedules_of(self, post_id: str) -> dict[str, Schedule]:
        """A post's schedules by channel."""
        return {schedule.channel: schedule for schedule in self.stores.posts.details(post_id).schedules}


@contextlib.contextmanager
def running_system(
    bench: Bench, *, tables: Callable[[], contextlib.AbstractContextManager[Any]] = simulated_tables
) -> Iterator[System]:
    """A fresh deployment around `bench`; with `contextlib.nullcontext` for `tables` they are moto's, or wherever
    `AWS_ENDPOINT_URL_DYNAMODB` says."""
    with mocked_aws(), tables():
        _create()
        yield _system(bench)


@contextlib.contextmanager
def running_deployment(bench: Bench) -> Iterator[Callable[[], System]]:
    """Gives systems one after the other, each as new; making AWS anew for each would take most of the time."""
    with mocked_aws(), simulated_tables() as tables:
        _create()

        def deploy() -> System:
            tables.clear()
            scheduler_backends[ACCOUNT][REGION].schedule_groups[TIMERS.schedule_group].schedules.clear()
            return _system(bench)

        yield deploy


def _create() -> None:
    """Tables, bucket and the group of the timers."""
    names = [f"{model.Meta.table_name.split('.')[0]}.{uuid.uuid4().hex[:8]}" for model in MODELS]
    for model, name in zip(MODELS, names, strict=True):
        create_table(model, name)
    use_table(names[MODELS.index(ConnectionItem)])
    region = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=region)
    client("scheduler").create_schedule_group(Name=TIMERS.schedule_group)


def _system(bench: Bench) -> System:
    clock, executions, mailbox = SteadyClock(bench.sim), Executions(), Mailbox()
    stores = Stores(clock=clock)
    platforms = Platforms(
        tokens=Tokens("/shutterpost/test/tokens"),
        channels=adapters(tools(bench.settings, clock, pictures=bench.renditions, sessions=bench.sessions)),
        copies=ServedCopies(bench),
        renditions=ImportQueue(IMPORT_QUEUE),
    )
    start_timers = build_start_timers(stores, TIMERS, executions)
    queues = KnownQueues()
    deliverer = build_deliverer(stores, platforms.tokens, stage="local")
    notifier = build_notifier(stores, mailer=mailbox, queues=queues, rejections=Rejections(BUCKET), deliverer=deliverer)
    reviewer = build_reviewer(stores, start_timers)
    armer = build_slot_armer(stores, start_timers, PICK_ARN)
    return System(
        bench=bench,
        clock=clock,
        stores=stores,
        platforms=platforms,
        steps=build_publish_steps(stores, platforms, executions),
        poster=build_poster(stores, start_timers),
        editor=build_editor(stores),
        forecaster=build_forecaster(stores),
        explainer=build_explainer(stores),
        assigner=build_assigner(stores, start_timers),
        picker=reviewer.picker,
        armer=armer,
        reviewer=reviewer,
        syncer=build_syncer(stores, platforms, start_timers),
        notifier=notifier,
        deliverer=deliverer,
        queues=queues,
        messages=mailbox.messages,
        canceller=build_canceller(stores, start_timers),
        retrier=build_retrier(stores, start_timers),
        mover=build_mover(stores, start_timers),
        swapper=build_swapper(stores, start_timers),
        resolver=build_resolver(stores),
        timezone_changes=build_timezone_changes(stores, start_timers),
        circuits=start_timers.circuits,
        holds=build_holds(stores),
        due_starter=build_due_starter(stores, start_timers),
        arm_all=build_arm_all(stores, start_timers, armer),
        executions=executions,
    )


def soon(system: System, minutes: float = 10) -> datetime:
    """An instant ahead on the system's clock."""
    return system.clock.now() + timedelta(minutes=minutes)
