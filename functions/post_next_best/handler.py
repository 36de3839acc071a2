"""Arms the coming slots once a day, and picks the best unposted photo when a slot's timer fires."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, Field, TypeAdapter

from shutterpost.flows.operating.operator import Operator
from shutterpost.flows.picking.pick_next import Picker
from shutterpost.flows.syncing.arm_all import ArmAll
from shutterpost.flows.wiring import build_operator, build_picker
from shutterpost.runtime.settings import PostNextBestSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value


class ArmEvent(Value):
    """Arm the coming slots of a persona, or of all (behind the id `after`)."""

    job: Literal["arm"]
    persona_id: str | None = None
    after: str | None = None


class ArmIncomplete(RuntimeError):
    """Part of a run failed; raised at its end, for Lambda's error metric and so the alarm."""


class PickEvent(Value):
    """Pick for a slot (UTC)."""

    job: Literal["pick"]
    persona_id: str
    slot_at: AwareDatetime


JOBS: TypeAdapter[ArmEvent | PickEvent] = TypeAdapter(Annotated[ArmEvent | PickEvent, Field(discriminator="job")])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    job = JOBS.validate_python(event)
    curator = picker(context.invoked_function_arn)
    if isinstance(job, PickEvent):
        return curator.pick(job.persona_id, job.slot_at).model_dump(mode="json")
    everyone = ArmAll(picker=curator, operator=operator())
    report = everyone.run_one(job.persona_id) if job.persona_id else everyone.run(job.after)
    if report.failed:
        raise ArmIncomplete(f"{len(report.failed)} personas could not be armed; the log names each.")
    return report.model_dump(mode="json", include={"moved", "armed"})


@lru_cache
def picker(function_arn: str) -> Picker:
    return build_picker(PostNextBestSettings.from_env(), function_arn)


@lru_cache
def operator() -> Operator:
    return build_operator(PostNextBestSettings.from_env())
