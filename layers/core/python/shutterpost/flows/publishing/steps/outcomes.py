"""The outcomes of the workflow's steps; `infra/workflows/publish.asl.json` branches on exactly these."""

from collections.abc import Mapping
from datetime import datetime
from typing import Self

from pydantic import field_serializer, model_validator

from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value

# The state machine waits after these until the outcome's instant.
WAITS = frozenset({"submitted", "ready", "not_ready", "retry_at"})


class StepOutcome(Value):
    """A step's answer; `until` (UTC) is required for the outcomes of `WAITS`."""

    outcome: str
    until: datetime | None = None

    @model_validator(mode="after")
    def _waits_until(self) -> Self:
        if self.outcome in WAITS and self.until is None:
            raise ValueError(f"Outcome {self.outcome} needs `until`: a Wait state without it fails the execution.")
        return self

    @field_serializer("until", when_used="json")
    def _as_timestamp(self, until: datetime | None) -> str | None:
        return iso(until) if until else None


SUPERSEDED = StepOutcome(outcome="superseded")
SETTLE = StepOutcome(outcome="settle")

OUTCOMES: Mapping[str, frozenset[str]] = {
    "begin": frozenset(
        {"begun", "submitted", "published", "handed_over", "withdraw", "unknown", "retry_at", "held", "superseded"}
    ),
    "prepare": frozenset({"prepared", "retry_at", "settle", "superseded"}),
    "submit": frozenset({"submitted", "handed_over", "retry_at", "settle", "superseded"}),
    "poll": frozenset({"ready", "not_ready", "retry_at", "settle", "superseded"}),
    "publish": frozenset({"published", "retry_at", "settle", "superseded"}),
    "confirm": frozenset({"confirmed"}),
    "record": frozenset({"recorded", "superseded"}),
    "settle": frozenset({"withdraw", "published", "handed_over", "unknown", "requeued", "superseded"}),
    "withdraw": frozenset({"withdrawn", "too_late", "retry_at", "unknown", "superseded"}),
    "release": frozenset({"released", "superseded"}),
}
