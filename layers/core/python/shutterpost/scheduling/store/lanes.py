"""Lanes and the pause switch: each an item of its own, changed by one conditional write."""

import random
import time
from collections.abc import Callable
from datetime import datetime

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from shutterpost.runtime.tables import bind
from shutterpost.runtime.values import Value
from shutterpost.scheduling.lanes import Lane
from shutterpost.scheduling.store.items import Item, LaneItem, PauseItem
from shutterpost.scheduling.values import Schedule

LANE, PAUSE = "LANE", "PAUSE"
# Each round lost means that another writer won one: a burst of as many on one connection is through after as many.
ROUNDS = 60


class LaneBusy(Exception):
    """Too many write to one lane at this moment; whoever runs the chain starts it again."""


class Pause(Value):
    """An owner's word that nothing more is to begin, with a reason, since an instant (UTC)."""

    owner: str
    reason: str
    since: datetime


class Lanes:
    """Lanes in the table `table_name`: one per connection, and one per owner's channel for its circuit alone."""

    def __init__(self, table_name: str) -> None:
        bind(Item, table_name)

    def get(self, key: str) -> Lane:
        """The lane of `key`, read consistently; an empty one where there is none yet."""
        return self._read(key)[0]

    def change(self, key: str, owner: str, how: Callable[[Lane], Lane]) -> Lane:
        """Replace the lane by what `how` makes of it, and return that; nothing is written where it stays the same.

        `how` may run several times. Raises `LaneBusy` where others were always faster.
        """
        for attempt in range(ROUNDS):
            lane, version = self._read(key)
            changed = how(lane)
            if changed == lane:
                return lane
            item = LaneItem(f"LANE#{key}", LANE, owner=owner, version=version + 1)
            item.body = changed.model_dump(mode="json", exclude_defaults=True)
            unchanged: Condition = LaneItem.version == version if version else LaneItem.pk.does_not_exist()
            try:
                item.save(condition=unchanged)
            except PutError as error:
                if error.cause_response_code != "ConditionalCheckFailedException":
                    raise
                time.sleep(random.uniform(0, 0.01 * min(attempt + 1, 10)))
            else:
                return changed
        raise LaneBusy(f"Lane {key} is written to by too many at a time.")

    def give_back(self, schedule: Schedule) -> None:
        """Free the instant that `schedule` was given, where it was given one."""
        if schedule.publish_at is not None:
            self.change(schedule.connection_id, schedule.owner, lambda lane: lane.give_back(schedule.schedule_id))

    def _read(self, key: str) -> tuple[Lane, int]:
        try:
            item = LaneItem.get(f"LANE#{key}", LANE, consistent_read=True)
        except LaneItem.DoesNotExist:
            return Lane(), 0
        return Lane.model_validate(item.body), int(item.version)


class Pauses:
    """The pause switch of each owner, in the table `table_name`."""

    def __init__(self, table_name: str) -> None:
        bind(Item, table_name)

    def of(self, owner: str) -> Pause | None:
        """The owner's pause while there is one, read consistently."""
        try:
            item = PauseItem.get(f"PAUSE#{owner}", PAUSE, consistent_read=True)
        except PauseItem.DoesNotExist:
            return None
        return Pause.model_validate(item.attribute_values) if item.paused else None

    def pause(self, owner: str, reason: str, now: datetime) -> Pause:
        """Let nothing more of the owner's begin; pausing again replaces the reason and keeps the instant."""
        held = self.of(owner)
        pause = Pause(owner=owner, reason=reason, since=held.since if held else now)
        PauseItem(f"PAUSE#{owner}", PAUSE, paused=True, **pause.model_dump()).save()
        return pause

    def resume(self, owner: str) -> None:
        """End the pause; what it held goes on by its late policy. Repeating it is harmless."""
        held = self.of(owner)
        if held is not None:
            PauseItem(f"PAUSE#{owner}", PAUSE, paused=False, **held.model_dump()).save()
