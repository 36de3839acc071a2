"""Request bodies about schedules and slots."""

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from schedule_post.http.requests.times import ScheduledTime, ZoneName, check_year, refuse_numbers
from shutterpost.runtime.values import Value


class PickNowRequest(Value):
    """The slot to fill before its pick time."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"slot_at": "2026-11-22T17:30:00Z"}]})

    slot_at: Annotated[AwareDatetime, BeforeValidator(refuse_numbers), AfterValidator(check_year)] | None = Field(
        default=None, description="The slot's instant, with an offset; default: the next free slot."
    )


class RetryScheduleRequest(Value):
    """The time of a retry."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{}, {"at": "2026-11-22T18:30:00"}]})

    at: ScheduledTime | None = Field(
        default=None,
        description="Local time in `zone`, or an instant with an offset; default: the schedule's time, or now if past.",
    )
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class RetrySchedulesRequest(Value):
    """Selects failed and skipped schedules of a persona to retry; all of them without a class and a code."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"error_class": "retryable"}, {"error_code": "190/460"}]}
    )

    error_class: Literal["retryable", "permanent", "ambiguous"] | None = None
    error_code: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    limit: int = Field(default=100, ge=1, le=100, description="Maximum number of schedules to examine.")
    cursor: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        default=None, description="`cursor` of the previous page; omit it for the first page."
    )


class SkipScheduleRequest(Value):
    """The reason to skip a schedule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Not this week."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = None


class ResolveScheduleRequest(Value):
    """The operator's verdict on an unknown outcome: the address of the live post, or that it is not live."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"live_url": "https://www.instagram.com/p/ABC/"}, {"not_live": True}]},
    )

    live_url: Annotated[str, StringConstraints(max_length=500)] | None = None
    not_live: bool = False


class MoveScheduleRequest(Value):
    """The new time of a schedule."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"at": "2026-11-22T18:30:00", "zone": "Europe/Paris"}]}
    )

    at: ScheduledTime = Field(description="Local time in `zone`, or an instant with an offset.")
    zone: ZoneName | None = Field(default=None, description="IANA zone; default: the schedule's.")


class ChangeConnectionRequest(Value):
    """The new connection of a schedule."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"connection_id": "c0123456789ab"}]})

    connection_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Another connection of the same persona."
    )
