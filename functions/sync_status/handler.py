"""Syncs schedules with the platforms, checks connections and libraries once a day, removes live posts on request."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, TypeAdapter

from shutterpost.flows.syncing.health import HealthReport
from shutterpost.flows.syncing.notices import Notices
from shutterpost.flows.syncing.runway import RunwayChange
from shutterpost.flows.syncing.sync import Syncer, SyncReport
from shutterpost.flows.wiring import (
    Platforms,
    Stores,
    build_health_check,
    build_notices,
    build_platforms,
    build_remover,
    build_reviewer,
    build_runway_watch,
    build_start_timers,
    build_syncer,
    configure,
)
from shutterpost.runtime.messages import TopicMessenger
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
    """Run a job and return its report."""
    job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent = TypeAdapter(Job).validate_python(
        {"job": "sync", **event}
    )
    return _run(job).model_dump(mode="json")


def _run(job: SyncEvent | HealthEvent | RemoveEvent | CheckConnectionEvent) -> Value:
    if isinstance(job, HealthEvent):
        return _daily()
    if isinstance(job, CheckConnectionEvent):
        return build_health_check(stores(), platforms()).try_now(job.persona_id, job.connection_id)
    if isinstance(job, RemoveEvent):
        return build_remover(stores(), platforms()).remove(job.schedule_id)
    return _sync(job)


def _daily() -> DailyReport:
    # First, because it is short; checking connections may use the remaining time.
    crossings = build_runway_watch(stores(), notices()).run()
    report = build_health_check(stores(), platforms()).run()
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
    """The sync flow, created at the first event."""
    start_timers = build_start_timers(stores(), settings())
    reviewer = build_reviewer(stores(), start_timers)
    return build_syncer(stores(), platforms(), start_timers, notices(), reviewer)


@lru_cache
def stores() -> Stores:
    """The stores, on the tables of the settings."""
    settings()
    return Stores()


@lru_cache
def platforms() -> Platforms:
    """The platforms of the settings."""
    return build_platforms(settings())


def notices() -> Notices:
    """Notifies the owner through the settings' topic."""
    return build_notices(TopicMessenger(settings().notice_topic_arn))


@lru_cache
def settings() -> SyncStatusSettings:
    """This function's environment, with its tables bound."""
    return configure(SyncStatusSettings)
