"""Arms the coming slots once a day, and picks the best unposted photo when a slot's timer fires."""

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
    """Arm the coming slots of a persona, or of all."""

    job: Literal["arm"]
    persona_id: str | None = None


class PickEvent(Value):
    """Pick for a slot (UTC)."""

    job: Literal["pick"]
    persona_id: str
    slot_at: AwareDatetime


JOBS: TypeAdapter[ArmEvent | PickEvent] = TypeAdapter(Annotated[ArmEvent | PickEvent, Field(discriminator="job")])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the event's job, which is idempotent."""
    job = JOBS.validate_python(event)
    curator = picker(context.invoked_function_arn)
    if isinstance(job, PickEvent):
        return curator.pick(job.persona_id, job.slot_at).model_dump(mode="json")
    personas = [curator.personas.get(job.persona_id)] if job.persona_id else list(curator.personas.active())
    # Before arming, so that a moved schedule claims its slot before a pick does.
    moved = [schedule_id for persona in personas for schedule_id in follow_zone_changes(operator(), persona)]
    return {"moved": moved, "armed": [armed.model_dump(mode="json") for armed in curator.arm(personas)]}


@lru_cache
def picker(function_arn: str) -> Picker:
    return build_picker(PostNextBestSettings.from_env(), function_arn)


@lru_cache
def operator() -> Operator:
    return build_operator(PostNextBestSettings.from_env())
