"""By the clock, or on request: bring statuses home and mend what did not go by itself, look after the connections,
take a live post down, try a token."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, TypeAdapter

from shutterpost.flows.operating.remove import remove_live
from shutterpost.flows.syncing.health import HealthCheck, HealthReport
from shutterpost.flows.syncing.runway import RunwayChange, RunwayWatch
from shutterpost.flows.syncing.sync import Syncer, SyncReport
from shutterpost.flows.wiring import build_runway_watch, build_syncer
from shutterpost.runtime.settings import SyncStatusSettings
from shutterpost.runtime.telemetry import logger, report_overdue
from shutterpost.runtime.values import Value


class SyncIncomplete(RuntimeError):
    """Part of a run failed; raised at its end, for Lambda's error metric and so the alarm."""


class SyncEvent(Value):
    """What is due, or all open schedules of one persona."""

    job: Literal["sync"] = "sync"
    persona_id: str | None = None


class HealthEvent(Value):
    """Once a day: tokens and connections, and how long the libraries last."""

    job: Literal["health"]


class RemoveEvent(Value):
    """A person's demand to take a live post down; the function that asks may not read tokens."""

    job: Literal["remove"]
    schedule_id: str


class CheckConnectionEvent(Value):
    """A person's wish to know whether a connection's token works."""

    job: Literal["try"]
    persona_id: str
    connection_id: str


class DailyReport(HealthReport):
    """What the daily look found; `crossings` are the libraries that came to another level."""

    crossings: tuple[RunwayChange, ...] = ()


Job = Annotated[SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent, Field(discriminator="job")]


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Do one job and answer with its report."""
    job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent = TypeAdapter(Job).validate_python(
        {"job": "sync", **event}
    )
    return _done(job).model_dump(mode="json")


def _done(job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent) -> Value:
    if isinstance(job, HealthEvent):
        return _daily()
    if isinstance(job, CheckConnectionEvent):
        return HealthCheck(chain=syncer().chain).try_now(job.persona_id, job.connection_id)
    if isinstance(job, RemoveEvent):
        return remove_live(syncer().chain, job.schedule_id)
    return _synced(job)


def _daily() -> DailyReport:
    # First, because it is short: looking after connections takes what time is left.
    crossings = runway_watch().run()
    report = HealthCheck(chain=syncer().chain).run()
    return DailyReport(**report.model_dump(), crossings=crossings)


def _synced(job: SyncEvent) -> SyncReport:
    report = syncer().run(job.persona_id)
    if report.overdue_seconds:
        report_overdue(report.overdue_seconds, stage=settings().stage)
    if report.failed and job.persona_id is None:
        raise SyncIncomplete(f"{len(report.failed)} schedules could not be worked on; the log names each.")
    return report


@lru_cache
def syncer() -> Syncer:
    """The flow behind the job, made at the first event."""
    return build_syncer(settings())


@lru_cache
def runway_watch() -> RunwayWatch:
    """What looks at the libraries, made at the first day's event."""
    return build_runway_watch(settings())


@lru_cache
def settings() -> SyncStatusSettings:
    """This function's environment."""
    return SyncStatusSettings.from_env()
