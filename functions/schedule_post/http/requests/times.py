"""Instants and zones in request bodies."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    StringConstraints,
)

from shutterpost.runtime.values import WallTime

# Years outside these are mistakes, and some overflow when converted to UTC.
FIRST_YEAR, LAST_YEAR = 2000, 2200
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?=$|[T ])", re.ASCII)


def refuse_numbers(instant: Any) -> Any:
    if isinstance(instant, int | float) or (isinstance(instant, str) and not _DATE.match(instant)):
        raise ValueError("write it as text: 2026-11-21T18:30:00, or with an offset: 2026-11-21T18:30:00+01:00")
    return instant


def check_year(instant: date | None) -> date | None:
    if instant is not None and not FIRST_YEAR <= instant.year < LAST_YEAR:
        raise ValueError(f"give a year from {FIRST_YEAR} to {LAST_YEAR - 1}")
    return instant


ScheduledTime = Annotated[WallTime, BeforeValidator(refuse_numbers), AfterValidator(check_year)]
ZoneName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
