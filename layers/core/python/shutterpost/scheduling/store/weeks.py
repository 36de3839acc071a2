"""Optimistic lock per persona and week for the weekly maximum, with the planned instants by schedule id."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from pydantic import Field
from pynamodb.expressions.condition import Condition

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Write, put
from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import WeekItem

# Nothing is planned in a week that is over; the rest is a margin for time zones and corrections.
RETENTION = timedelta(days=60)


class Week(Value):
    """A persona's ISO week from `monday`: planned instants by schedule id. `version` is 0 before the first plan."""

    persona_id: str
    monday: date
    version: int = 0
    planned: dict[str, datetime] = Field(default_factory=dict)


class Weeks:
    def get(self, persona_id: str, monday: date) -> Week:
        try:
            item = WeekItem.get(_pk(persona_id), _sk(monday), consistent_read=True)
        except WeekItem.DoesNotExist:
            return Week(persona_id=persona_id, monday=monday)
        return Week(persona_id=persona_id, monday=monday, version=int(item.version), planned=item.body)

    def plan(self, week: Week, owner: str, planned: Mapping[str, datetime]) -> Write:
        """The write, labelled `week`, that adds `planned`, on the condition of the stored version."""
        item = WeekItem(_pk(week.persona_id), _sk(week.monday), owner=owner, version=week.version + 1)
        item.expires_at = datetime.combine(week.monday, time(), UTC) + RETENTION
        item.body = {name: iso(at) for name, at in {**week.planned, **planned}.items()}
        unchanged: Condition = WeekItem.version == week.version if week.version else WeekItem.pk.does_not_exist()
        return put("week", item, unchanged)


def _pk(persona_id: str) -> str:
    return f"WEEKS#{persona_id}"


def _sk(monday: date) -> str:
    return f"WEEK#{monday}"
