"""Schedules. Each transition is one write, on the condition that the schedule has not changed since it was read."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Committed, Write, commit, put, update
from shutterpost.runtime.refusals import NotFound
from shutterpost.runtime.values import Value
from shutterpost.scheduling.ids import post_id_in
from shutterpost.scheduling.states import OPEN, ScheduleStatus, Step, check_move
from shutterpost.scheduling.store.items import SHARDS, EventItem, ScheduleItem, post_key, shard_of
from shutterpost.scheduling.values import PublishEvent, Schedule


class ScheduleNotFound(NotFound):
    kind = "schedule-not-found"

    @classmethod
    def of(cls, schedule_id: str) -> Self:
        return cls(f"Schedule {schedule_id} does not exist. List the persona's posts to find its id.")


class SchedulePage(Value):
    schedules: tuple[Schedule, ...]
    cursor: str | None = None


@dataclass(frozen=True)
class StaleWrite:
    """The schedule has changed since it was read, and nothing was written; `current` is its stored value."""

    current: Schedule


def schedule_item(schedule: Schedule) -> ScheduleItem:
    return ScheduleItem(
        post_key(schedule.post_id),
        f"SCHEDULE#{schedule.connection_id}",
        timeline=f"{schedule.persona_id}#schedules",
        timeline_at=schedule.run_at,
        due_shard=shard_of(schedule.schedule_id) if schedule.due_at else None,
        **schedule.model_dump(),
    )


class Schedules:
    def get(self, schedule_id: str) -> Schedule:
        """The schedule, read consistently. Raises `ScheduleNotFound`."""
        post_id, _, connection_id = schedule_id.partition("-")
        try:
            item = ScheduleItem.get(post_key(post_id), f"SCHEDULE#{connection_id}", consistent_read=True)
        except ScheduleItem.DoesNotExist:
            raise ScheduleNotFound.of(schedule_id) from None
        return Schedule.model_validate(item.attribute_values)

    def move(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        *,
        now: datetime,
        event: PublishEvent | None = None,
        along: Sequence[Write] = (),
        unless_cancelled: bool = False,
        **changes: Any,
    ) -> Schedule | StaleWrite:
        """Change the status to `to` and other fields by `changes`, and append `event`, in one transaction with `along`.

        The condition is that status, step, revision, run, operator verdict and first comment are those of `schedule`
        and, with `unless_cancelled`, that no cancel was requested. Raises `IllegalMove` if the state table forbids it.
        """
        changes["write_id"] = uuid.uuid4().hex
        writes = self.moving(schedule, to, now=now, event=event, unless_cancelled=unless_cancelled, **changes)
        if event is not None or along:
            done = isinstance(commit([*writes, *along]), Committed)
        else:
            done = self._update(schedule, to, now=now, unless_cancelled=unless_cancelled, changes=changes)
        current = self.get(schedule.schedule_id)
        # If a refused write is stored, its first attempt succeeded and the response was lost.
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
        """The writes of `move`, labelled `schedule` and `event`, for a transaction with other writes."""
        if event is not None:
            changes = {**changes, "event_count": schedule.event_count + 1}
        item = ScheduleItem(post_key(schedule.post_id), f"SCHEDULE#{schedule.connection_id}")
        actions, condition = _move(schedule, to, now=now, unless_cancelled=unless_cancelled, changes=changes)
        writes = [update("schedule", item, actions, condition)]
        if event is not None:
            writes.append(put("event", _event_item(schedule, event), EventItem.pk.does_not_exist()))
        return writes

    def opening(self, schedule: Schedule, before: Schedule | None = None) -> tuple[Write, Schedule]:
        """The write, labelled `schedule`, that adds a schedule to a post, and the schedule as it is stored.

        It replaces `before`, a schedule of the same connection that ended without publication, with the next revision;
        without `before`, the condition is that the connection has no schedule.
        """
        if before is None:
            return put("schedule", schedule_item(schedule), ScheduleItem.pk.does_not_exist()), schedule
        counts = {"attempt_count": before.attempt_count, "event_count": before.event_count}
        schedule = schedule.model_copy(update={**counts, "revision": before.revision + 1})
        unmoved = (ScheduleItem.status == before.status) & (ScheduleItem.revision == before.revision)
        return put("schedule", schedule_item(schedule), unmoved), schedule

    def request_cancel(self, schedule: Schedule, *, now: datetime) -> Schedule | StaleWrite:
        """Request a cancel, which takes effect at the next publish step."""
        return self.move(schedule, schedule.status, now=now, cancel_requested=True)

    def due(self, now: datetime, *, limit: int) -> Iterator[Schedule]:
        """Up to `limit` due schedules per shard, earliest first (eventually consistent)."""
        for shard in SHARDS:
            for item in ScheduleItem.due_index.query(shard, ScheduleItem.due_at <= now, limit=limit):
                yield Schedule.model_validate(item.attribute_values)

    def between(
        self, persona_id: str, start: datetime, end: datetime, *, page_size: int | None = None
    ) -> Iterator[Schedule]:
        """A persona's schedules with `run_at` from `start` to `end`, earliest first, read `page_size` at a time."""
        condition = ScheduleItem.timeline_at.between(start, end)
        for item in ScheduleItem.timeline_index.query(f"{persona_id}#schedules", condition, page_size=page_size):
            yield Schedule.model_validate(item.attribute_values)

    def page(self, persona_id: str, *, limit: int, cursor: str | None = None) -> SchedulePage:
        """A page of a persona's schedules, latest `run_at` first; `cursor` is that of the previous page.

        A move does not invalidate a cursor. Raises `ScheduleNotFound` for an invalid cursor.
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
        fields = {"due_at": None, **fields, "lease_until": None}
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
    condition &= _same(ScheduleItem.verdict, schedule.verdict)
    condition &= _same(ScheduleItem.first_comment, schedule.first_comment)
    if unless_cancelled:
        condition &= ScheduleItem.cancel_requested != True  # noqa: E712 - builds a DynamoDB condition
    return actions, condition


def _cursor_of(schedule: Schedule) -> str:
    return f"{iso(schedule.run_at)}#{schedule.schedule_id}"


def _start(timeline: str, cursor: str) -> dict[str, dict[str, str]]:
    run_at, _, schedule_id = cursor.partition("#")
    post_id, _, connection_id = schedule_id.partition("-")
    if not (run_at and post_id and connection_id):
        raise ScheduleNotFound("This cursor is not valid; use the `cursor` of the previous page.")
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
