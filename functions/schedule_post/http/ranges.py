"""Times in queries: local ones in the caller's zone, or instants with an offset."""

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, BeforeValidator

from schedule_post.http.requests import as_text, in_this_age
from shutterpost.flows.posting.scheduled_time import parse_scheduled_time
from shutterpost.runtime.refusals import Invalid

_TOLD = "Local time in `zone`, or an instant with an offset"
_RULES = (BeforeValidator(as_text), AfterValidator(in_this_age))
From = Annotated[datetime, *_RULES, Query(alias="from", description=f"{_TOLD}; included.")]
To = Annotated[datetime, *_RULES, Query(alias="to", description=f"{_TOLD}; excluded.")]
MaybeFrom = Annotated[datetime | None, *_RULES, Query(alias="from", description=f"{_TOLD}; default: now.")]
MaybeTo = Annotated[
    datetime | None, *_RULES, Query(alias="to", description=f"{_TOLD}; the default depends on what is asked for.")
]
ZoneName = Annotated[str, Query(max_length=64, description="The caller's IANA zone.")]


class RangeInvalid(Invalid):
    """A range ends before it begins, or is longer than can be answered."""

    kind = "range-invalid"


def span(start: datetime, end: datetime, zone: str) -> tuple[datetime, datetime]:
    """The range as instants (UTC). Raises `TimeInvalid` for an unknown zone, `RangeInvalid` for one without length."""
    first, last = (parse_scheduled_time(at, zone, start).run_at for at in (start, end))
    if first >= last:
        raise RangeInvalid("The range ends before it begins; give a `to` after `from`.", field="to")
    return first, last
