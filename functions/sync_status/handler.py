"""By the clock, or on request: bring statuses home and mend what did not go by itself, look after the connections,
take a live post down, try a token."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, TypeAdapter

from shutterpost.flows.health import HealthCheck, HealthReport
from shutterpost.flows.remove import remove_live
from shutterpost.flows.runway import Crossing, RunwayWatch
from shutterpost.flows.sync import Syncer, SyncReport
from shutterpost.flows.wiring import runway_watch_of, syncer_of
from shutterpost.runtime.settings import SyncStatusSettings
from shutterpost.runtime.telemetry import logger, report_overdue
from shutterpost.runtime.values import Value


class SyncIncomplete(RuntimeError):
    """Part of a run failed; raised at its end, for Lambda's error metric and so the alarm."""


class Sync(Value):
    """What is due, or all open schedules of one persona."""

    job: Literal["sync"] = "sync"
    persona_id: str | None = None


class Health(Value):
    """Once a day: tokens and connections, and how long the libraries last."""

    job: Literal["health"]


class Remove(Value):
    """A person's demand to take a live post down; the function that asks may not read tokens."""

    job: Literal["remove"]
    schedule_id: str


class Try(Value):
    """A person's wish to know whether a connection's token works."""

    job: Literal["try"]
    persona_id: str
    connection_id: str


class DailyReport(HealthReport):
    """What the daily look found; `crossings` are the libraries that came to another level."""

    crossings: tuple[Crossing, ...] = ()


Job = Annotated[Sync | Health | Remove | Try, Field(discriminator="job")]


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do one job and answer with its report."""
    job: Sync | Health | Remove | Try = TypeAdapter(Job).validate_python({"job": "sync", **event})
    return _done(job).model_dump(mode="json")


def _done(job: Sync | Health | Remove | Try) -> Value:
    if isinstance(job, Health):
        return _daily()
    if isinstance(job, Try):
        return HealthCheck(chain=syncer().chain).try_now(job.persona_id, job.connection_id)
    if isinstance(job, Remove):
        return remove_live(syncer().chain, job.schedule_id)
    return _synced(job)


def _daily() -> DailyReport:
    # First, because it is short: looking after connections takes what time is left.
    crossings = runway_watch().run()
    report = HealthCheck(chain=syncer().chain).run()
    return DailyReport(**report.model_dump(), crossings=crossings)


def _synced(job: Sync) -> SyncReport:
    report = syncer().run(job.persona_id)
    if report.overdue_seconds:
        report_overdue(report.overdue_seconds, stage=settings().stage)
    if report.failed and job.persona_id is None:
        raise SyncIncomplete(f"{len(report.failed)} schedules could not be worked on; the log names each.")
    return report


@lru_cache
def syncer() -> Syncer:
    """The flow behind the job, made at the first event."""
    return syncer_of(settings())


@lru_cache
def runway_watch() -> RunwayWatch:
    """What looks at the libraries, made at the first day's event."""
    return runway_watch_of(settings())


@lru_cache
def settings() -> SyncStatusSettings:
    """This function's environment."""
    return SyncStatusSettings.from_env()
