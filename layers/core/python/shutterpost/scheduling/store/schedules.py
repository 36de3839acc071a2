"""Schedules: each move is one conditional write that holds only if nothing has moved since the schedule was read."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Committed, Write, commit, put, update
from shutterpost.runtime.refusals import NotFound
from shutterpost.runtime.tables import bind
from shutterpost.runtime.values import Value
from shutterpost.scheduling.states import OPEN, ScheduleStatus, Step, check_move
from shutterpost.scheduling.store.items import SHARDS, EventItem, Item, ScheduleItem, post_key, shard_of
from shutterpost.scheduling.values import PublishEvent, Schedule, post_id_in


class ScheduleNotFound(NotFound):
    """There is no such schedule."""

    kind = "schedule-not-found"


class SchedulePage(Value):
    """Schedules, the latest first, and where the next page begins."""

    schedules: tuple[Schedule, ...]
    cursor: str | None = None


@dataclass(frozen=True)
class StaleWrite:
    """The schedule had moved meanwhile: nothing was written; `current` is what stands there now."""

    current: Schedule


def schedule_item(schedule: Schedule) -> ScheduleItem:
    """The item of a new schedule."""
    return ScheduleItem(
        post_key(schedule.post_id),
        f"SCHEDULE#{schedule.connection_id}",
        timeline=f"{schedule.persona_id}#schedules",
        timeline_at=schedule.run_at,
        due_shard=shard_of(schedule.schedule_id) if schedule.due_at else None,
        **schedule.model_dump(),
    )


class Schedules:
    """Schedules and their events in the table `table_name`."""

    def __init__(self, table_name: str) -> None:
        bind(Item, table_name)

    def get(self, schedule_id: str) -> Schedule:
        """The schedule, read consistently. Raises `ScheduleNotFound`."""
        post_id, _, connection_id = schedule_id.partition("-")
        try:
            item = ScheduleItem.get(post_key(post_id), f"SCHEDULE#{connection_id}", consistent_read=True)
        except ScheduleItem.DoesNotExist:
            raise ScheduleNotFound(
                f"There is no schedule {schedule_id}; list the persona's posts for its ids."
            ) from None
        return Schedule.model_validate(item.attribute_values)

    def move(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        *,
        now: datetime,
        event: PublishEvent | None = None,
        unless_cancelled: bool = False,
        **changes: Any,
    ) -> Schedule | StaleWrite:
        """Move `schedule` to `to` with `changes` of its other fields, and append `event` in the same transaction.

        Holds only if status, step, revision, run and a person's word are still those of `schedule` (and, with
        `unless_cancelled`, no cancel was requested). Raises `IllegalMove` where the state table forbids it.
        """
        changes["write_id"] = uuid.uuid4().hex
        writes = self.moving(schedule, to, now=now, event=event, unless_cancelled=unless_cancelled, **changes)
        if event is not None:
            done = isinstance(commit(writes), Committed)
        else:
            done = self._update(schedule, to, now=now, unless_cancelled=unless_cancelled, changes=changes)
        current = self.get(schedule.schedule_id)
        # A refused write that is found written is our own: its answer was lost, and its repeat met itself.
        return current if done or current.write_id == changes["write_id"] else StaleWrite(current)

    def moving(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        *,
        now: datetime,
        event: PublishEvent | None = None,
        unless_cancelled: bool = False,
        **changes: Any,
    ) -> list[Write]:
        """The writes of `move`, for a flow that commits them with other packs'; labels `schedule` and `event`."""
        if event is not None:
            changes = {**changes, "event_count": schedule.event_count + 1}
        item = ScheduleItem(post_key(schedule.post_id), f"SCHEDULE#{schedule.connection_id}")
        actions, condition = _move(schedule, to, now=now, unless_cancelled=unless_cancelled, changes=changes)
        writes = [update("schedule", item, actions, condition)]
        if event is not None:
            writes.append(put("event", _event_item(schedule, event), EventItem.pk.does_not_exist()))
        return writes

    def opening(self, schedule: Schedule, before: Schedule | None = None) -> tuple[Write, Schedule]:
        """The write, labelled `schedule`, of a schedule that its post comes to have, and that schedule.

        It takes the place of `before`, which came to nothing on the same connection, under the next revision, or holds
        where there is none.
        """
        if before is None:
            return put("schedule", schedule_item(schedule), ScheduleItem.pk.does_not_exist()), schedule
        counts = {"attempt_count": before.attempt_count, "event_count": before.event_count}
        schedule = schedule.model_copy(update={**counts, "revision": before.revision + 1})
        unmoved = (ScheduleItem.status == before.status) & (ScheduleItem.revision == before.revision)
        return put("schedule", schedule_item(schedule), unmoved), schedule

    def request_cancel(self, schedule: Schedule, *, now: datetime) -> Schedule | StaleWrite:
        """Mark that a person wants `schedule` stopped; honoured at the chain's next step."""
        return self.move(schedule, schedule.status, now=now, cancel_requested=True)

    def due(self, now: datetime, *, limit: int) -> Iterator[Schedule]:
        """Up to `limit` schedules per shard whose `due_at` has come, earliest first within a shard (read eventually:
        whoever acts on one reads it again)."""
        for shard in SHARDS:
            for item in ScheduleItem.due_index.query(shard, ScheduleItem.due_at <= now, limit=limit):
                yield Schedule.model_validate(item.attribute_values)

    def between(
        self, persona_id: str, start: datetime, end: datetime, *, page_size: int | None = None
    ) -> Iterator[Schedule]:
        """A persona's schedules with `run_at` from `start` to `end`, in order of time, read `page_size` at a time."""
        condition = ScheduleItem.timeline_at.between(start, end)
        for item in ScheduleItem.timeline_index.query(f"{persona_id}#schedules", condition, page_size=page_size):
            yield Schedule.model_validate(item.attribute_values)

    def page(self, persona_id: str, *, limit: int, cursor: str | None = None) -> SchedulePage:
        """A page of a persona's schedules, the latest `run_at` first; `cursor` is that of the page before.

        A cursor stays where it was when a schedule is moved. Raises `ScheduleNotFound` for one that leads nowhere.
        """
        timeline = f"{persona_id}#schedules"
        results = ScheduleItem.timeline_index.query(
            timeline,
            scan_index_forward=False,
            limit=limit,
            last_evaluated_key=_start(timeline, cursor) if cursor else None,
        )
        schedules = tuple(Schedule.model_validate(item.attribute_values) for item in results)
        more = bool(results.last_evaluated_key) and bool(schedules)
        return SchedulePage(schedules=schedules, cursor=_cursor_of(schedules[-1]) if more else None)

    def _update(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        *,
        now: datetime,
        unless_cancelled: bool,
        changes: dict[str, Any],
    ) -> bool:
        item = ScheduleItem(post_key(schedule.post_id), f"SCHEDULE#{schedule.connection_id}")
        actions, condition = _move(schedule, to, now=now, unless_cancelled=unless_cancelled, changes=changes)
        try:
            item.update(actions=actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _move(
    schedule: Schedule, to: ScheduleStatus, *, now: datetime, unless_cancelled: bool, changes: dict[str, Any]
) -> tuple[list[Action], Condition]:
    check_move(schedule.status, to)
    fields = {**changes, "status": to, "updated_at": now}
    if to not in OPEN:
        fields |= {"due_at": None, "lease_until": None}
    if "due_at" in fields:
        fields["due_shard"] = shard_of(schedule.schedule_id) if fields["due_at"] else None
    if "run_at" in fields:
        fields["timeline_at"] = fields["run_at"]
    actions: list[Action] = []
    for name, value in fields.items():
        attribute = getattr(ScheduleItem, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    condition = (ScheduleItem.status == schedule.status) & (ScheduleItem.revision == schedule.revision)
    condition &= _same(ScheduleItem.step, schedule.step) & _same(ScheduleItem.run_id, schedule.run_id)
    condition &= _same(ScheduleItem.told, schedule.told)
    if unless_cancelled:
        condition &= ScheduleItem.cancel_requested != True  # noqa: E712 - builds a DynamoDB condition
    return actions, condition


def _cursor_of(schedule: Schedule) -> str:
    return f"{iso(schedule.run_at)}#{schedule.schedule_id}"


def _start(timeline: str, cursor: str) -> dict[str, dict[str, str]]:
    run_at, _, schedule_id = cursor.partition("#")
    post_id, _, connection_id = schedule_id.partition("-")
    if not (run_at and post_id and connection_id):
        raise ScheduleNotFound("This cursor leads nowhere; take it from the page before.")
    keys = {
        "pk": post_key(post_id),
        "sk": f"SCHEDULE#{connection_id}",
        "timeline": timeline,
        "timeline_at": run_at,
    }
    return {name: {"S": value} for name, value in keys.items()}


def _same(attribute: Any, value: Step | str | None) -> Condition:
    condition: Condition = attribute.does_not_exist() if value is None else attribute == value
    return condition


def _event_item(schedule: Schedule, event: PublishEvent) -> EventItem:
    pk = post_key(post_id_in(schedule.schedule_id))
    return EventItem(pk, f"EVENT#{schedule.connection_id}#{event.index:06d}", **event.model_dump())
