"""The Lambda function that runs the publish steps; the state machine and the start timers invoke it."""

from functools import lru_cache
from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext

from shutterpost.flows.posting.create_post import start_revision
from shutterpost.flows.publishing import publish, settle
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.wiring import build_publish_context
from shutterpost.runtime.settings import StepsSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import ChainStarter

STEPS = {
    "begin": publish.begin,
    "prepare": publish.prepare,
    "submit": publish.submit,
    "poll": publish.poll,
    "publish": publish.publish,
    "confirm": publish.confirm,
    "record": publish.record,
    "withdraw": settle.withdraw,
    "release": settle.release,
}
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
    step = ChainStep.model_validate(event)
    logger.append_keys(schedule_id=step.schedule_id, revision=step.revision, step=step.step)
    if step.step == "start":
        schedules, now = chain().schedules, chain().clock.now()
        return {"started": start_revision(schedules, starter(), step.schedule_id, step.revision, now=now)}
    if step.step == "settle":
        outcome = settle.settle(chain(), step.schedule_id, step.revision, broke_off=step.broke_off)
    else:
        outcome = STEPS[step.step](chain(), step.schedule_id, step.revision)
    logger.info("step finished", outcome=outcome.outcome)
    return outcome.model_dump(mode="json")


@lru_cache
def chain() -> PublishContext:
    return build_publish_context(StepsSettings.from_env())


@lru_cache
def starter() -> ChainStarter:
    return ChainStarter(StepsSettings.from_env().state_machine_arn)
