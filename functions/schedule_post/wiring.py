"""The flows, stores and clients of the routes, created at the first request."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from schedule_post.http.lambda_calls import LambdaWorkers, Workers
from shutterpost.flows.operating.cancel import Canceller
from shutterpost.flows.operating.connect import Connector
from shutterpost.flows.operating.operator import Operator
from shutterpost.flows.operating.review import Reviewer
from shutterpost.flows.posting.assign import PostAssigner
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.wiring import (
    build_canceller,
    build_connector,
    build_operator,
    build_post_creator,
    build_reviewer,
)
from shutterpost.personas import Personas
from shutterpost.photos import Rejections
from shutterpost.runtime.settings import ApiSettings


@dataclass(frozen=True, kw_only=True)
class Services:
    """Flows, stores and clients; `pick_arn` and `sync_arn` are the functions that `workers` invokes."""

    personas: Personas
    connector: Connector
    scheduler: PostCreator
    canceller: Canceller
    operator: Operator
    reviewer: Reviewer
    rejections: Rejections
    workers: Workers
    pick_arn: str
    sync_arn: str

    @property
    def assigner(self) -> PostAssigner:
        return PostAssigner(scheduler=self.scheduler, releaser=self.operator.releaser)


@lru_cache
def services() -> Services:
    settings = ApiSettings.from_env()
    return Services(
        personas=Personas(),
        connector=build_connector(settings),
        scheduler=build_post_creator(settings),
        canceller=build_canceller(settings),
        operator=build_operator(settings),
        reviewer=build_reviewer(settings, settings.pick_function_arn),
        rejections=Rejections(settings.library_bucket),
        workers=LambdaWorkers(),
        pick_arn=settings.pick_function_arn,
        sync_arn=settings.sync_function_arn,
    )


Wired = Annotated[Services, Depends(services)]
