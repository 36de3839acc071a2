"""Plan equals reality: three personas of 2 000 photos each post for a year of simulated time through the real flows.

Where Java is present the tables lie in AWS's DynamoDB Local, whose indexes are indexes: a year takes minutes. Without
it they lie in moto, which sorts the whole table at each query, and a year takes hours; `PLAN_DAYS` and `PLAN_PHOTOS`
(per persona) shorten it.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from unittest.mock import patch

from shutterpost.runtime.tables import connection
from tests.benchmarks.figures import Figure
from tests.support import dynamodb_local
from tests.support.aws import as_nobody
from tests.support.calendar import PERSONAS, broken_rules, live_through, settle_in
from tests.support.libraries import shelve
from tests.support.simulated_channels import fresh, running_bench
from tests.support.system import running_system

NAME = "plan"


def measure() -> list[Figure]:
    """What was planned on day 0 against what went out."""
    days, photos = int(os.environ.get("PLAN_DAYS", "365")), int(os.environ.get("PLAN_PHOTOS", "2000"))
    logging.getLogger("shutterpost").setLevel(logging.WARNING)
    with (
        as_nobody(),
        _tables(),
        running_bench() as bench,
        running_system(fresh(bench), tables=nullcontext) as system,
    ):
        dynamodb_local.take_empty_texts(connection().client.meta.events)
        outcomes = live_through(system, settle_in(system, photos=photos, put=shelve), days, publish=True)
    run = f"{days} days, {len(PERSONAS)} personas, {photos * len(PERSONAS)} photos"
    planned = [{slot.run_at: slot.photo_id for slot in outcome.plan.slots if slot.photo_id} for outcome in outcomes]
    pairs = list(zip(outcomes, planned, strict=True))
    slots = sum(len(outcome.plan.slots) for outcome in outcomes)
    other = sum(item.picked.get(at) != photo for item, plan in pairs for at, photo in plan.items())
    beyond = sum(at not in plan for item, plan in pairs for at in item.picked)
    repeated = sum(len(plan) - len(set(plan.values())) for plan in planned)
    return [
        Figure("slots", slots, "", run),
        Figure("filled as planned on day 0", sum(map(len, planned)) - other, "slots", "the rest is explained"),
        Figure("otherwise than planned", other + beyond, "slots", "reach 0"),
        Figure("published", sum(outcome.published for outcome in outcomes), "posts", "by the simulated platform"),
        Figure("photos twice", repeated, "", "reach 0"),
        Figure(
            "theme rules broken or slots unexplained",
            sum(len(broken_rules(outcome)) for outcome in outcomes),
            "",
            "reach 0",
        ),
    ]


@contextmanager
def _tables() -> Iterator[None]:
    """DynamoDB Local where there is Java, else moto."""
    if dynamodb_local.missing():
        yield
        return
    with (
        dynamodb_local.running_dynamodb_local() as endpoint,
        patch.dict(os.environ, {"AWS_ENDPOINT_URL_DYNAMODB": endpoint}),
    ):
        yield
