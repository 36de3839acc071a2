"""What a month of the calendar reads, with 10² and with 10⁵ posts of the persona; on AWS's DynamoDB Local.

The month asked for has a post a day in both; the others lie in other months.
"""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from shutterpost.flows.records.calendar import CalendarFilter, calendar
from shutterpost.flows.wiring import Stores, build_calendar_entries
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime.tables import connection
from shutterpost.scheduling import Schedules, ScheduleStatus
from shutterpost.scheduling.store.items import Item, PostItem, ScheduleItem
from tests.benchmarks.figures import Figure
from tests.support.aws import create_table, forget_clients
from tests.support.builders_of_posts import a_post, a_schedule
from tests.support.dynamodb_local import missing, running_dynamodb_local

NAME = "calendar"
SIZES: Final = (100, 100_000)
DAYS: Final = 30
REPEATS: Final = 20
FROM: Final = datetime(2026, 11, 1, tzinfo=UTC)
TO: Final = FROM + timedelta(days=DAYS)
PERSONA: Final = "nature-1a2b3c"
KEYS: Final = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": "eu-central-1"}


@dataclass
class Read:
    """What was read: requests and DynamoDB's own count of units."""

    requests: int = 0
    units: float = 0


def measure() -> list[Figure]:
    """Items, requests and read units of a month, and its fastest time, at each size."""
    lacking = missing()
    if lacking:
        raise RuntimeError(lacking)
    figures: list[Figure] = []
    with running_dynamodb_local() as endpoint, _environment({**KEYS, "AWS_ENDPOINT_URL": endpoint}):
        for size in SIZES:
            create_table(Item, f"posts-{size}")
            create_table(PhotosTable, f"photos-{size}")
            _fill(size)
            figures += _figures(size)
    return figures


def _figures(size: int) -> list[Figure]:
    def month() -> int:
        zone = ZoneInfo("Europe/Paris")
        page = calendar(
            Schedules(),
            build_calendar_entries(Stores()),
            [PERSONA],
            FROM,
            TO,
            zone=zone,
            only=CalendarFilter(),
            limit=100,
        )
        return len(page.entries)

    with _counted() as read:
        entries = month()
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        month()
        seconds.append(time.perf_counter() - began)
    of = f"of {size:,} posts"
    return [
        Figure(f"entries {of}", entries, "entries", f"{DAYS} asked for"),
        Figure(f"requests {of}", read.requests, "requests", "a query and a batch of posts"),
        Figure(f"read units {of}", read.units, "RCU", "as DynamoDB Local counts them"),
        Figure(f"time {of}", round(min(seconds) * 1000, 1), "ms", f"fastest of {REPEATS}, on DynamoDB Local"),
    ]


def _fill(size: int) -> None:
    items = _items(size)
    with Item.batch_write() as batch:
        for item in items:
            batch.save(item)


def _items(size: int) -> Iterable[Item]:
    """A post a day in the month, the others at other times."""
    for number in range(size):
        post = a_post(number, persona_id=PERSONA)
        day = FROM + timedelta(days=number, hours=9) if number < DAYS else TO + timedelta(minutes=number)
        schedule = a_schedule(post, run_at=day, due_at=None, status=ScheduleStatus.SUCCESS)
        pk = f"POST#{post.post_id}"
        yield PostItem(pk, "POST", timeline=f"{PERSONA}#posts", timeline_at=post.created_at, **post.model_dump())
        yield ScheduleItem(
            pk,
            f"SCHEDULE#{schedule.connection_id}",
            timeline=f"{PERSONA}#schedules",
            timeline_at=day,
            **schedule.model_dump(),
        )


@contextmanager
def _counted() -> Iterator[Read]:
    """Count what the one DynamoDB connection reads meanwhile."""
    read, events = Read(), connection().client.meta.events

    def ask(params: dict[str, Any], **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def count(parsed: dict[str, Any], **_: Any) -> None:
        consumed_capacity = parsed["ConsumedCapacity"]
        read.requests += 1
        read.units += sum(
            item["CapacityUnits"]
            for item in (consumed_capacity if isinstance(consumed_capacity, list) else [consumed_capacity])
        )

    for operation in ("Query", "BatchGetItem"):
        events.register(f"provide-client-params.dynamodb.{operation}", ask, unique_id=f"ask-{operation}")
        events.register(f"after-call.dynamodb.{operation}", count, unique_id=f"count-{operation}")
    try:
        yield read
    finally:
        for operation in ("Query", "BatchGetItem"):
            events.unregister(f"provide-client-params.dynamodb.{operation}", unique_id=f"ask-{operation}")
            events.unregister(f"after-call.dynamodb.{operation}", unique_id=f"count-{operation}")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    forget_clients()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value
        forget_clients()
