"""Syncs schedules with the platforms, checks connections once a day, mails notices, removes live posts on request."""

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, StringConstraints, TypeAdapter

from shutterpost.channels import Connection
from shutterpost.flows.notifying.ports import NoticesReport
from shutterpost.flows.records.sync_reports import SyncReport
from shutterpost.flows.syncing.health import HealthReport
from shutterpost.flows.wiring import (
    Platforms,
    Stores,
    build_account_reader,
    build_address_check,
    build_deliverer,
    build_fetch_trial,
    build_health_check,
    build_import_queues,
    build_look_ahead,
    build_notifier,
    build_platforms,
    build_remover,
    build_session_ender,
    build_silence_check,
    build_start_timers,
    build_syncer,
    configure,
)
from shutterpost.photos import Rejections
from shutterpost.runtime.messages import TopicMailer
from shutterpost.runtime.settings import SyncStatusSettings
from shutterpost.runtime.telemetry import logger, report_overdue, report_silent
from shutterpost.runtime.values import Value

if TYPE_CHECKING:
    from shutterpost.flows.notifying.notifier import Notifier
    from shutterpost.flows.notifying.webhooks import Deliverer
    from shutterpost.flows.syncing.sync import Syncer


class SyncIncomplete(RuntimeError):
    """Part of a run failed; raised at its end so that Lambda's error metric triggers the alarm."""


class NoticesIncomplete(RuntimeError):
    """Some personas were not examined; raised at the end of a run, for the same reason."""


class SyncEvent(Value):
    job: Literal["sync"] = "sync"
    persona_id: str | None = None


class HealthEvent(Value):
    """Check tokens, connections and the libraries' runways; sent once a day."""

    job: Literal["health"]


class NotifyEvent(Value):
    """Mail the notices that are due; sent every quarter of an hour."""

    job: Literal["notify"]


class RemoveEvent(Value):
    """Remove a live post on behalf of the API, which may not read tokens."""

    job: Literal["remove"]
    schedule_id: str


class CheckConnectionEvent(Value):
    """Check a connection's token on behalf of the API."""

    job: Literal["try"]
    persona_id: str
    connection_id: str


class TryCandidateEvent(Value):
    """Try the token of an account that is being connected, on behalf of the API; the event has no secret."""

    job: Literal["try_candidate"]
    connection: Connection


class CheckAddressEvent(Value):
    """Look for the address of a live post on its account, on behalf of the API."""

    job: Literal["check_address"]
    schedule_id: str
    url: str


class RecentPostsEvent(Value):
    """Read what an account shows, on behalf of the API."""

    job: Literal["recent_posts"]
    persona_id: str
    connection_id: str
    limit: int
    cursor: str | None = None


class TryFetchEvent(Value):
    """Have a platform fetch a public copy on behalf of `shutterpost doctor --try`, which made the copy."""

    job: Literal["try_fetch"]
    persona_id: str
    connection_id: str
    public_key: Annotated[str, StringConstraints(pattern=r"^public/doctor-[0-9a-f]{16}\.jpg$")]


class NotifyReport(NoticesReport):
    """The notices of a run, and the number of events delivered to webhooks."""

    delivered: int


class DailyReport(HealthReport):
    """The results of the daily checks; `silent` personas published nothing although they should have."""

    silent: int
    notices: NoticesReport


ApiEvent = RemoveEvent | CheckConnectionEvent | TryCandidateEvent | CheckAddressEvent | RecentPostsEvent
Event = SyncEvent | HealthEvent | NotifyEvent | TryFetchEvent | ApiEvent
Job = Annotated[Event, Field(discriminator="job")]


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run a job and return its report."""
    job: Event = TypeAdapter(Job).validate_python({"job": "sync", **event})
    return _run(job).model_dump(mode="json")


def _run(job: Event) -> Value:
    if isinstance(job, HealthEvent):
        return _daily()
    if isinstance(job, NotifyEvent):
        return _notify()
    if isinstance(job, CheckConnectionEvent):
        return build_health_check(stores(), platforms()).try_now(job.persona_id, job.connection_id)
    if isinstance(job, TryCandidateEvent):
        return build_health_check(stores(), platforms()).try_candidate(job.connection)
    if isinstance(job, CheckAddressEvent):
        return build_address_check(stores(), platforms()).check(job.schedule_id, job.url)
    if isinstance(job, RecentPostsEvent):
        reader = build_account_reader(stores(), platforms())
        return reader.read(job.persona_id, job.connection_id, job.limit, job.cursor)
    if isinstance(job, TryFetchEvent):
        return build_fetch_trial(stores(), platforms()).run(job.persona_id, job.connection_id, job.public_key)
    if isinstance(job, RemoveEvent):
        return build_remover(stores(), platforms()).remove(job.schedule_id)
    return _sync(job)


def _daily() -> DailyReport:
    report = build_health_check(stores(), platforms()).run()
    silent = build_silence_check(stores()).run()
    report_silent(silent, stage=settings().stage)
    notices = _examined(notifier().run(daily=True))
    return DailyReport(**report.model_dump(), silent=silent, notices=notices)


def _notify() -> NotifyReport:
    # Before, so that what they find is mailed in the same run.
    unchecked = build_health_check(stores(), platforms()).recheck()
    ahead = build_look_ahead(stores(), platforms()).run()
    report = notifier().run()
    delivered = deliverer().run()
    failed = tuple(dict.fromkeys((*report.failed, *unchecked, *ahead.failed)))
    examined = _examined(report.model_copy(update={"failed": failed}))
    return NotifyReport(**examined.model_dump(), delivered=delivered)


def _examined(report: NoticesReport) -> NoticesReport:
    if report.failed:
        raise NoticesIncomplete(f"{len(report.failed)} groups could not be examined; the log lists them.")
    return report


def _sync(job: SyncEvent) -> SyncReport:
    report = syncer().run(job.persona_id)
    if job.persona_id is None:
        build_session_ender(stores()).run()
    if report.overdue_seconds:
        report_overdue(report.overdue_seconds, stage=settings().stage)
    if report.failed and job.persona_id is None:
        raise SyncIncomplete(f"{len(report.failed)} schedules could not be synced; the log lists them.")
    return report


@lru_cache
def syncer() -> "Syncer":
    """The sync flow, created at the first event."""
    return build_syncer(stores(), platforms(), build_start_timers(stores(), settings()))


@lru_cache
def stores() -> Stores:
    """The stores, on the tables of the settings."""
    settings()
    return Stores()


@lru_cache
def platforms() -> Platforms:
    """The platforms of the settings."""
    return build_platforms(settings())


@lru_cache
def notifier() -> "Notifier":
    """The notifier, which mails through the settings' topic."""
    return build_notifier(
        stores(),
        mailer=TopicMailer(settings().notice_topic_arn),
        queues=build_import_queues(settings()),
        rejections=Rejections(settings().library_bucket),
        deliverer=deliverer(),
    )


@lru_cache
def deliverer() -> "Deliverer":
    """Sends to webhooks, after the mails."""
    return build_deliverer(stores(), platforms().tokens, stage=settings().stage)


@lru_cache
def settings() -> SyncStatusSettings:
    """This function's environment, with its tables bound."""
    return configure(SyncStatusSettings)
