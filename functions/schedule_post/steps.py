"""The publish chain's steps, one Lambda: called by the state machine, and by timers to start a chain."""

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
    """What the state machine or a timer asks for."""

    step: StepName
    schedule_id: str
    revision: int
    broke_off: bool = False


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run one step of one schedule's revision and answer with its outcome."""
    asked = ChainStep.model_validate(event)
    logger.append_keys(schedule_id=asked.schedule_id, revision=asked.revision, step=asked.step)
    if asked.step == "start":
        schedules, now = chain().schedules, chain().clock.now()
        return {"started": start_revision(schedules, starter(), asked.schedule_id, asked.revision, now=now)}
    if asked.step == "settle":
        outcome = settle.settle(chain(), asked.schedule_id, asked.revision, broke_off=asked.broke_off)
    else:
        outcome = STEPS[asked.step](chain(), asked.schedule_id, asked.revision)
    logger.info("step done", outcome=outcome.outcome)
    return outcome.model_dump(mode="json")


@lru_cache
def chain() -> PublishContext:
    """The flow behind the steps, made at the first event."""
    return build_publish_context(StepsSettings.from_env())


@lru_cache
def starter() -> ChainStarter:
    """What starts chains, made at the first event."""
    return ChainStarter(StepsSettings.from_env().state_machine_arn)
