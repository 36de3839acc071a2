"""The daily cron arms the coming slots and resolves plans anew; a slot's timer picks the best photo not yet posted."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, Field, TypeAdapter

from shutterpost.flows.operating.operator import Operator
from shutterpost.flows.operating.timezone_changes import follow_zone_changes
from shutterpost.flows.picking.pick_next import Picker
from shutterpost.flows.wiring import build_operator, build_picker
from shutterpost.runtime.settings import PostNextBestSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value


class ArmEvent(Value):
    """Arm the coming slots, of one persona or of all."""

    job: Literal["arm"]
    persona_id: str | None = None


class PickEvent(Value):
    """Pick for one slot (UTC)."""

    job: Literal["pick"]
    persona_id: str
    slot_at: AwareDatetime


JOBS: TypeAdapter[ArmEvent | PickEvent] = TypeAdapter(Annotated[ArmEvent | PickEvent, Field(discriminator="job")])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the job the event asks for; repeating it changes nothing."""
    job = JOBS.validate_python(event)
    curator = picker(context.invoked_function_arn)
    if isinstance(job, PickEvent):
        return curator.pick(job.persona_id, job.slot_at).model_dump(mode="json")
    personas = [curator.personas.get(job.persona_id)] if job.persona_id else list(curator.personas.active())
    # First, so that a slot's claim is taken before its pick is armed.
    moved = [schedule_id for persona in personas for schedule_id in follow_zone_changes(operator(), persona)]
    return {"moved": moved, "armed": [armed.model_dump(mode="json") for armed in curator.arm(personas)]}


@lru_cache
def picker(function_arn: str) -> Picker:
    """The flow behind the jobs, made at the first event; slot timers call this same function."""
    return build_picker(PostNextBestSettings.from_env(), function_arn)


@lru_cache
def operator() -> Operator:
    """What moves schedules, made at the first arming."""
    return build_operator(PostNextBestSettings.from_env())
