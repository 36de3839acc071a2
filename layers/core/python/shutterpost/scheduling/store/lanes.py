"""Lanes and the pause switch; each is one item."""

import random
import time
from collections.abc import Callable
from datetime import datetime

from pynamodb.exceptions import PutError
from pynamodb.expressions.condition import Condition

from shutterpost.runtime.values import Value
from shutterpost.scheduling.lanes import Lane
from shutterpost.scheduling.store.items import LaneItem, PauseItem
from shutterpost.scheduling.values import Schedule

LANE, PAUSE = "LANE", "PAUSE"
# Each lost attempt means that another writer succeeded, so a burst of this many writers on a connection completes.
MAX_ATTEMPTS = 60


class LaneBusy(Exception):
    """Concurrent writes prevented the change; Step Functions retries the step."""


class Pause(Value):
    owner: str
    reason: str
    since: datetime


class Lanes:
    """Lanes: one per connection, and one per owner and channel for the circuit only."""

    def get(self, key: str) -> Lane:
        return self._read(key)[0]

    def change(self, key: str, owner: str, how: Callable[[Lane], Lane]) -> Lane:
        """Apply `how` to the lane, store the result if it differs, and return it.

        `how` can run several times. Raises `LaneBusy` after `MAX_ATTEMPTS` lost writes.
        """
        for attempt in range(MAX_ATTEMPTS):
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
        raise LaneBusy(f"Lane {key} has too many concurrent writers.")

    def release(self, schedule: Schedule) -> None:
        if schedule.publish_at is not None:
            self.change(schedule.lane_key, schedule.owner, lambda lane: lane.release(schedule.schedule_id))

    def _read(self, key: str) -> tuple[Lane, int]:
        try:
            item = LaneItem.get(f"LANE#{key}", LANE, consistent_read=True)
        except LaneItem.DoesNotExist:
            return Lane(), 0
        return Lane.model_validate(item.body), int(item.version)


class Pauses:
    def of(self, owner: str) -> Pause | None:
        try:
            item = PauseItem.get(f"PAUSE#{owner}", PAUSE, consistent_read=True)
        except PauseItem.DoesNotExist:
            return None
        return Pause.model_validate(item.attribute_values) if item.paused else None

    def pause(self, owner: str, reason: str, now: datetime) -> Pause:
        """Pause the owner's posting; a repeat replaces the reason and keeps the start."""
        current = self.of(owner)
        pause = Pause(owner=owner, reason=reason, since=current.since if current else now)
        PauseItem(f"PAUSE#{owner}", PAUSE, paused=True, **pause.model_dump()).save()
        return pause

    def resume(self, owner: str) -> None:
        current = self.of(owner)
        if current is not None:
            PauseItem(f"PAUSE#{owner}", PAUSE, paused=False, **current.model_dump()).save()
