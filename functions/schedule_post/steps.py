"""The Lambda function that runs the publish steps; the state machine and the start timers invoke it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext

from shutterpost.flows.planning.start_timers import start_revision
from shutterpost.flows.wiring import StepFunction, Stores, build_platforms, build_publish_steps, configure
from shutterpost.runtime.settings import StepsSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import ChainStarter

StepName = Literal[
    "start", "begin", "prepare", "submit", "poll", "publish", "confirm", "record", "settle", "withdraw", "release"
]


class ChainStep(Value):
    """The event of the state machine or a timer."""

    step: StepName
    schedule_id: str
    revision: int
    broke_off: bool = False


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run one step of a schedule's revision and return its outcome."""
    request = ChainStep.model_validate(event)
    which = request.schedule_id, request.revision
    logger.append_keys(schedule_id=request.schedule_id, revision=request.revision, step=request.step)
    if request.step == "start":
        started = start_revision(stores().schedules, starter(), *which, now=stores().clock.now())
        return {"started": started}
    step = publish_steps()[request.step]
    outcome = step(*which, broke_off=request.broke_off) if request.step == "settle" else step(*which)
    logger.info("step finished", outcome=outcome.outcome)
    return outcome.model_dump(mode="json")


@lru_cache
def publish_steps() -> Mapping[str, StepFunction]:
    """The steps, created at the first event."""
    return build_publish_steps(stores(), build_platforms(settings()), starter())


@lru_cache
def stores() -> Stores:
    """The stores, on the tables of the settings."""
    settings()
    return Stores()


@lru_cache
def starter() -> ChainStarter:
    """Starts executions of the publish workflow."""
    return ChainStarter(settings().state_machine_arn)


@lru_cache
def settings() -> StepsSettings:
    """This function's environment, with its tables bound."""
    return configure(StepsSettings)
