"""Every few minutes, or on request: bring statuses home and mend what did not go by itself."""

from functools import lru_cache
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext

from shutterpost.flows.sync import Syncer
from shutterpost.flows.wiring import syncer_of
from shutterpost.runtime.settings import SyncStatusSettings
from shutterpost.runtime.telemetry import logger, report_overdue
from shutterpost.runtime.values import Value


class Sync(Value):
    """What is due, or all open schedules of one persona."""

    job: Literal["sync"] = "sync"
    persona_id: str | None = None


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sync once and answer with the report."""
    report = syncer().run(Sync.model_validate(event).persona_id)
    if report.overdue_seconds:
        report_overdue(report.overdue_seconds, stage=settings().stage)
    return report.model_dump(mode="json")


@lru_cache
def syncer() -> Syncer:
    """The flow behind the job, made at the first event."""
    return syncer_of(settings())


@lru_cache
def settings() -> SyncStatusSettings:
    """This function's environment."""
    return SyncStatusSettings.from_env()
