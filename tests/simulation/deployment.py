"""Simulated deployments: their tables, their account and their flows, wired as the functions wire them."""

import contextlib
import random
import secrets
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import httpx
from pynamodb.models import Model

from shutterpost.channels import AccessSessions, Tokens, Tools, adapters
from shutterpost.channels.answers import unknown
from shutterpost.channels.store import ConnectionItem
from shutterpost.flows import wiring
from shutterpost.flows.notifying.files import ImportQueues
from shutterpost.flows.wiring import Stores
from shutterpost.personas.store import PersonaItem
from shutterpost.photos import KEPT_DAYS, ImportQueue, PublicCopies, Rejections, RenditionReader
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime.messages import TopicMailer
from shutterpost.runtime.settings import PlatformSettings, TimerSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling.store.items import Item
from tests.simulation import aws
from tests.simulation.calls import Calls
from tests.simulation.dynamodb import DynamoDb
from tests.simulation.fate import Fate
from tests.simulation.faults import Weather
from tests.simulation.imports import take_requests
from tests.simulation.kernel import Kernel
from tests.simulation.kinds.facebook_page import FACEBOOK_PAGE
from tests.simulation.kinds.linkedin import LINKEDIN
from tests.simulation.kinds.threads import THREADS
from tests.simulation.kinds.x import X
from tests.simulation.machine import Machine, TaskFailed
from tests.simulation.platforms import CDN, HOSTS, Platforms, remembered_queries
from tests.simulation.seam import calls_to
from tests.simulation.world import World
from tests.support.aws import as_nobody, create_table, forget_clients

Json = dict[str, Any]
BUCKET = "library"
TABLES: dict[type[Model], str] = {
    PersonaItem: "personas",
    ConnectionItem: "channels",
    PhotosTable: "photos",
    Item: "posts",
}
TIMERS = TimerSettings(
    stage="test",
    schedule_group="shutterpost-test",
    scheduler_role_arn="arn:aws:iam::111122223333:role/scheduler",
    scheduler_dlq_arn="arn:aws:sqs:us-east-1:111122223333:dlq",
    start_function_arn="arn:aws:lambda:us-east-1:111122223333:function:steps",
    state_machine_arn="arn:aws:states:us-east-1:111122223333:stateMachine:publish",
)
PICK_ARN = "arn:aws:lambda:us-east-1:111122223333:function:pick"
TOPIC_ARN = "arn:aws:sns:us-east-1:111122223333:owner"
SETTINGS = PlatformSettings(
    stage="test",
    instagram_url=f"https://{HOSTS['instagram']}",
    facebook_url=f"https://{HOSTS['facebook']}",
    buffer_url=f"https://{HOSTS['buffer']}",
    facebook_page_url=f"https://{FACEBOOK_PAGE.host}",
    threads_url=f"https://{THREADS.host}",
    linkedin_url=f"https://{LINKEDIN.host}/linkedin",
    x_url=f"https://{X.host}",
)


@contextlib.contextmanager
def deployment() -> Iterator[Callable[[int, datetime, Weather, frozenset[str]], World]]:
    """Gives worlds one after the other, each as new."""
    forget_clients()
    logger.setLevel("CRITICAL")
    current: list[World] = []
    tables = DynamoDb(lambda: current[0].kernel.now() if current else datetime.now(UTC))

    def answer(service: str, operation: str, parameters: Json) -> Json:
        if not current:
            return tables.call(operation, parameters)
        return current[0].calls.aws(service, operation, parameters)

    def ask(request: httpx.Request) -> httpx.Response:
        return current[0].calls.remote(request)

    with contextlib.ExitStack() as stack:
        stack.enter_context(as_nobody())
        stack.enter_context(remembered_queries())
        stack.enter_context(mock.patch.object(unknown, "report_unknown_answer"))
        stack.enter_context(calls_to(answer, ask))
        stack.enter_context(mock.patch.object(time, "sleep", lambda seconds: _slept(current, seconds)))
        stack.enter_context(mock.patch.object(uuid, "uuid4", _uuid))
        stack.enter_context(mock.patch.object(secrets, "token_hex", _token))
        for model, name in TABLES.items():
            create_table(model, name)

        def begin(seed: int, start: datetime, weather: Weather, muted: frozenset[str] = frozenset()) -> World:
            current.clear()
            tables.clear()
            random.seed(seed)
            world = _world(tables, Fate(seed, muted), start, weather)
            current.append(world)
            return world

        yield begin
    logger.setLevel("INFO")
    forget_clients()


def _uuid() -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _token(size: int) -> str:
    return f"{random.getrandbits(size * 8):0{size * 2}x}"


def _slept(current: list[World], seconds: float) -> None:
    if current:
        current[0].kernel.sleep(timedelta(seconds=seconds))


def _world(tables: DynamoDb, fate: Fate, start: datetime, weather: Weather) -> World:
    kernel = Kernel(start)
    world: World

    def begins(name: str, given: Json) -> None:
        def run() -> None:
            machine = Machine(kernel, world.step, lambda: fate.draw(f"{name} jitter"))
            try:
                ended = machine.run(given)
            except TaskFailed as failed:
                world.failed(failed)
                raise
            if ended != "Done":
                world.tell(f"execution {name} ended in {ended}")
                world.failed(TaskFailed(ended))
            else:
                world.execution_ended(given["schedule_id"], given["revision"])

        kernel.spawn(f"chain {name}", run)

    def fires(*given: Any) -> None:
        world.fire(*given)

    objects = aws.Objects(KEPT_DAYS)
    account = aws.Account(
        tables=tables,
        objects=objects,
        parameters=aws.Parameters(),
        timers=aws.Timers(fires),
        executions=aws.Executions(begins),
        now=kernel.now,
    )
    platforms = Platforms(kernel.now, lambda key: objects.source(key, kernel.now()), kernel.at)
    calls = Calls(kernel, fate, weather, account, platforms)
    tables._lag = lambda: _lag(kernel, fate, calls)
    world = _wired(kernel, fate, account, platforms, calls)
    take_requests(world)
    return world


def _lag(kernel: Kernel, fate: Fate, calls: Calls) -> timedelta:
    if not calls.weather.lag or kernel.task is None:
        return timedelta(0)
    key = kernel.task.numbered("index")
    lags = fate.happens(f"{key} lags", calls.weather.lag)
    return timedelta(seconds=fate.between(key, 0.1, 20)) if lags else timedelta(0)


def _wired(kernel: Kernel, fate: Fate, account: aws.Account, platforms: Platforms, calls: Calls) -> World:
    stores = Stores(clock=kernel)
    tools = Tools(
        settings=SETTINGS,
        report=lambda *_: None,
        pictures=RenditionReader(BUCKET),
        sessions=AccessSessions("/shutterpost/test/tokens"),
        clock=kernel,
    )
    real = wiring.Platforms(
        tokens=Tokens("/shutterpost/test/tokens"),
        channels=adapters(tools),
        copies=PublicCopies(BUCKET, CDN),
        renditions=ImportQueue("https://sqs.example.test/import"),
    )
    start_timers = wiring.build_start_timers(stores, TIMERS)
    reviewer = wiring.build_reviewer(stores, start_timers)
    armer = wiring.build_slot_armer(stores, start_timers, PICK_ARN)
    return World(
        kernel=kernel,
        fate=fate,
        account=account,
        platforms=platforms,
        calls=calls,
        stores=stores,
        tokens=real.tokens,
        steps=wiring.build_publish_steps(stores, real, start_timers.starter),
        start_timers=start_timers,
        poster=wiring.build_poster(stores, start_timers),
        editor=wiring.build_editor(stores),
        assigner=wiring.build_assigner(stores, start_timers),
        photo_adder=wiring.build_photo_adder(stores, start_timers),
        picker=reviewer.picker,
        reviewer=reviewer,
        syncer=wiring.build_syncer(stores, real, start_timers),
        health_check=wiring.build_health_check(stores, real),
        remover=wiring.build_remover(stores, real),
        canceller=wiring.build_canceller(stores, start_timers),
        retrier=wiring.build_retrier(stores, start_timers),
        connector=wiring.build_connector(stores, real.tokens, stage="local"),
        mover=wiring.build_mover(stores, start_timers),
        swapper=wiring.build_swapper(stores, start_timers),
        resolver=wiring.build_resolver(stores),
        arm_all=wiring.build_arm_all(stores, start_timers, armer),
        explainer=wiring.build_explainer(stores),
        look_ahead=wiring.build_look_ahead(stores, real),
        notifier=wiring.build_notifier(
            stores,
            mailer=TopicMailer(TOPIC_ARN),
            queues=ImportQueues(import_url="import", dead_letters_url="dead-letters"),
            rejections=Rejections(BUCKET),
            deliverer=wiring.build_deliverer(stores, real.tokens, stage="test"),
        ),
    )
