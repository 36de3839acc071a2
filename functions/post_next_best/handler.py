"""Arms the coming slots once a day, and picks the best unposted photo when a slot's timer fires."""

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import AwareDatetime, Field, TypeAdapter

from shutterpost.flows.wiring import (
    Stores,
    build_arm_all,
    build_picker,
    build_slot_armer,
    build_start_timers,
    configure,
)
from shutterpost.runtime.settings import PostNextBestSettings
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

if TYPE_CHECKING:
    from shutterpost.flows.picking.pick_next import Picker
    from shutterpost.flows.syncing.arm_all import ArmAll


class ArmEvent(Value):
    """Arm the coming slots of a persona, or of all with an id above `after`."""

    job: Literal["arm"]
    persona_id: str | None = None
    after: str | None = None


class ArmIncomplete(RuntimeError):
    """Part of a run failed; raised at its end so that Lambda's error metric triggers the alarm."""


class PickEvent(Value):
    """Pick for a slot (UTC)."""

    job: Literal["pick"]
    persona_id: str
    slot_at: AwareDatetime


JOBS: TypeAdapter[ArmEvent | PickEvent] = TypeAdapter(Annotated[ArmEvent | PickEvent, Field(discriminator="job")])


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    job = JOBS.validate_python(event)
    if isinstance(job, PickEvent):
        return picker().pick(job.persona_id, job.slot_at).model_dump(mode="json")
    arming = arm_all(context.invoked_function_arn)
    report = arming.run_one(job.persona_id) if job.persona_id else arming.run(job.after)
    if report.failed:
        raise ArmIncomplete(f"{len(report.failed)} personas could not be armed; the log lists them.")
    return report.model_dump(mode="json", include={"moved", "armed"})


@lru_cache
def picker() -> "Picker":
    stores = _stores()
    return build_picker(stores, build_start_timers(stores, settings()))


@lru_cache
def arm_all(function_arn: str) -> "ArmAll":
    """The arming flow; slot timers invoke this same function."""
    stores = _stores()
    start_timers = build_start_timers(stores, settings())
    return build_arm_all(stores, start_timers, build_slot_armer(stores, start_timers, function_arn))


@lru_cache
def settings() -> PostNextBestSettings:
    """This function's environment, with its tables bound."""
    return configure(PostNextBestSettings)


@lru_cache
def _stores() -> Stores:
    settings()
    return Stores()
