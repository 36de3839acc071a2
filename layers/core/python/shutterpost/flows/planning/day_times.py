"""When a post that moves to another day is published there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.planning.capacity import find_conflict
from shutterpost.flows.planning.scheduled_time import ScheduledTime, parse_scheduled_time
from shutterpost.flows.planning.slots import free_slots, slot_holders
from shutterpost.flows.refusals import SlotTaken
from shutterpost.personas import Persona, SlotInstant, coming_slots, instant_of
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import Claims, Schedule, Schedules

_DAY, _INSTANT = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True)
class DayTimes:
    claims: Claims
    schedules: Schedules

    def find(self, persona: Persona, moving: Sequence[Schedule], day: date, now: datetime) -> ScheduledTime:
        """The first slot of `day`, in the persona's zone, that the post may use; without a slot ahead, its wall time.

        Raises `SlotTaken`, whose `members["post_id"]` is the post in the day's first slot, and `TooNear` or `WeekFull`
        if a limit forbids each slot.
        """
        zone = ZoneInfo(persona.zone)
        starts, ends = (instant_of(datetime.combine(each, time()), zone) - _INSTANT for each in (day, day + _DAY))
        window = max(starts, now), ends
        slots = coming_slots(persona, *window)
        if not slots:
            own = datetime.fromisoformat(moving[0].wall_time).time()
            return parse_scheduled_time(datetime.combine(day, own), moving[0].zone, now)
        targets, post_id = [schedule.connection_id for schedule in moving], moving[0].post_id
        free = next(free_slots(self.claims, self.schedules, persona, targets, window, post_id=post_id), None)
        if free is None:
            raise self._refusal(persona, slots[0], targets, post_id)
        return parse_scheduled_time(free.run_at, free.zone, now)

    def _refusal(self, persona: Persona, slot: SlotInstant, targets: Sequence[str], post_id: str) -> Refusal:
        holders = sorted(slot_holders(self.claims, persona, slot, targets) - {post_id})
        conflict = None if holders else find_conflict(self.schedules, persona, targets, slot.run_at, besides=post_id)
        if conflict:
            return conflict
        detail = f"The slot at {slot.wall_time:%H:%M on %Y-%m-%d} has a post; swap them, or give another time."
        return SlotTaken(detail, post_id=holders[0] if holders else None)
