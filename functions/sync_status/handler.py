"""Syncs schedules with the platforms, checks connections and libraries once a day, removes live posts on request."""

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
    """Part of a run failed; raised at its end so that Lambda's error metric triggers the alarm."""


class SyncEvent(Value):
    job: Literal["sync"] = "sync"
    persona_id: str | None = None


class HealthEvent(Value):
    """Check tokens, connections and the libraries' runways; sent once a day."""

    job: Literal["health"]


class RemoveEvent(Value):
    """Remove a live post on behalf of the API, which may not read tokens."""

    job: Literal["remove"]
    schedule_id: str


class CheckConnectionEvent(Value):
    """Check a connection's token on behalf of the API."""

    job: Literal["try"]
    persona_id: str
    connection_id: str


class DailyReport(HealthReport):
    """The results of the daily checks; `crossings` are the libraries whose runway level changed."""

    crossings: tuple[RunwayChange, ...] = ()


Job = Annotated[SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent, Field(discriminator="job")]


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent = TypeAdapter(Job).validate_python(
        {"job": "sync", **event}
    )
    return _run(job).model_dump(mode="json")


def _run(job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent) -> Value:
    if isinstance(job, HealthEvent):
        return _daily()
    if isinstance(job, CheckConnectionEvent):
        return HealthCheck(chain=syncer().chain).try_now(job.persona_id, job.connection_id)
    if isinstance(job, RemoveEvent):
        return remove_live(syncer().chain, job.schedule_id)
    return _sync(job)


def _daily() -> DailyReport:
    # First, because it is short; checking connections may use the remaining time.
    crossings = runway_watch().run()
    report = HealthCheck(chain=syncer().chain).run()
    return DailyReport(**report.model_dump(), crossings=crossings)


def _sync(job: SyncEvent) -> SyncReport:
    report = syncer().run(job.persona_id)
    if report.overdue_seconds:
        report_overdue(report.overdue_seconds, stage=settings().stage)
    if report.failed and job.persona_id is None:
        raise SyncIncomplete(f"{len(report.failed)} schedules could not be synced; the log lists them.")
    return report


@lru_cache
def syncer() -> Syncer:
    return build_syncer(settings())


@lru_cache
def runway_watch() -> RunwayWatch:
    return build_runway_watch(settings())


@lru_cache
def settings() -> SyncStatusSettings:
    return SyncStatusSettings.from_env()
