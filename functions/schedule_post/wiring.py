"""What the routes work with, made at the first request."""

from dataclasses import dataclass
from functools import lru_cache

from schedule_post.workers import LambdaWorkers, Workers
from shutterpost.flows.cancel import Canceller
from shutterpost.flows.connect import Connector
from shutterpost.flows.operator import Operator
from shutterpost.flows.review import Reviewer
from shutterpost.flows.schedule import Scheduler
from shutterpost.flows.wiring import canceller_of, connector_of, operator_of, reviewer_of, scheduler_of
from shutterpost.personas import Personas
from shutterpost.photos import Rejections
from shutterpost.runtime.settings import ApiSettings


@dataclass(frozen=True, kw_only=True)
class Services:
    """Flows, stores and other functions behind the routes; `pick_arn` and `sync_arn` name the functions."""

    personas: Personas
    connector: Connector
    scheduler: Scheduler
    canceller: Canceller
    operator: Operator
    reviewer: Reviewer
    rejections: Rejections
    workers: Workers
    pick_arn: str
    sync_arn: str


@lru_cache
def services() -> Services:
    """The services of this deployment."""
    settings = ApiSettings.from_env()
    return Services(
        personas=Personas(settings.personas_table),
        connector=connector_of(settings),
        scheduler=scheduler_of(settings),
        canceller=canceller_of(settings),
        operator=operator_of(settings),
        reviewer=reviewer_of(settings, settings.pick_function_arn),
        rejections=Rejections(settings.library_bucket),
        workers=LambdaWorkers(),
        pick_arn=settings.pick_function_arn,
        sync_arn=settings.sync_function_arn,
    )
