"""Time ranges in query parameters: local times in the caller's zone, or instants with an offset."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, BeforeValidator

from schedule_post.http.requests.times import check_year, refuse_numbers
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.runtime.refusals import Invalid

_FORMAT = "Local time in `zone`, or an instant with an offset"
_RULES = (BeforeValidator(refuse_numbers), AfterValidator(check_year))
From = Annotated[datetime, *_RULES, Query(alias="from", description=f"{_FORMAT}; inclusive.")]
To = Annotated[datetime, *_RULES, Query(alias="to", description=f"{_FORMAT}; exclusive.")]
MaybeFrom = Annotated[datetime | None, *_RULES, Query(alias="from", description=f"{_FORMAT}; default: now.")]
MaybeTo = Annotated[
    datetime | None, *_RULES, Query(alias="to", description=f"{_FORMAT}; the default depends on the route.")
]
ZoneName = Annotated[str, Query(max_length=64, description="The caller's IANA zone.")]


class RangeInvalid(Invalid):
    kind = "range-invalid"


def span(start: datetime, end: datetime, zone: str) -> tuple[datetime, datetime]:
    """The range as instants (UTC). Raises `TimeInvalid` for an unknown zone, `RangeInvalid` for an empty range."""
    first, last = (parse_scheduled_time(at, zone, start).run_at for at in (start, end))
    if first >= last:
        raise RangeInvalid("The range ends before it begins; give a `to` after `from`.", field="to")
    return first, last


CreatedFrom = Annotated[
    datetime | None, *_RULES, Query(alias="from", description="Created from then on; local time of the persona's zone.")
]
CreatedTo = Annotated[
    datetime | None, *_RULES, Query(alias="to", description="Created before; local time of the persona's zone.")
]


def created_between(start: datetime | None, end: datetime | None, zone: str) -> dict[str, datetime | None]:
    """The ends of a range that may be open. Raises `RangeInvalid` for an empty range."""
    first, last = (at if at is None else parse_scheduled_time(at, zone, at).run_at for at in (start, end))
    if first is not None and last is not None and first >= last:
        raise RangeInvalid("The range ends before it begins; give a `to` after `from`.", field="to")
    return {"start": first, "end": last}
