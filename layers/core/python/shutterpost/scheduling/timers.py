"""Timers (one-off EventBridge schedules, in UTC), and the start of executions.

Arming is idempotent by name. A timer may fail to fire: the sync finds the schedule by its `due_at`. EventBridge
Scheduler has a precision of one minute and refuses instants in the past (AWS, "One-time schedules"), so the flows start
directly what is due within `MIN_AHEAD`.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import TimerSettings
from shutterpost.scheduling.values import Schedule

MIN_AHEAD = timedelta(seconds=5)
MAX_NAME = 64


class Starter(Protocol):
    def start(self, schedule: Schedule) -> None: ...


class ChainStarter:
    def __init__(self, state_machine_arn: str) -> None:
        self._machine = state_machine_arn

    def start(self, schedule: Schedule) -> None:
        """Start the execution with the revision's name; `ExecutionAlreadyExists` is a success."""
        steps = client("stepfunctions")
        payload = {"schedule_id": schedule.schedule_id, "revision": schedule.revision}
        try:
            steps.start_execution(
                stateMachineArn=self._machine, name=schedule.execution_name, input=json.dumps(payload)
            )
        except steps.exceptions.ExecutionAlreadyExists:
            return


class Timers:
    """One-off schedules in the stage's group, which EventBridge deletes after they fire."""

    def __init__(self, settings: TimerSettings) -> None:
        self._settings = settings

    def arm_start(self, schedule: Schedule) -> None:
        """Invoke the start function for this revision at `schedule.start_at`."""
        payload = {"step": "start", "schedule_id": schedule.schedule_id, "revision": schedule.revision}
        self._put(schedule.execution_name, schedule.start_at, self._settings.start_function_arn, payload)

    def disarm_start(self, schedule: Schedule) -> None:
        self._delete(schedule.execution_name)

    def arm_slot(self, persona_id: str, slot_at: datetime, *, fire_at: datetime, function_arn: str) -> None:
        """Invoke `function_arn` at `fire_at` to pick for the slot `slot_at` (both UTC)."""
        payload = {"job": "pick", "persona_id": persona_id, "slot_at": slot_at.isoformat()}
        self._put(slot_name(persona_id, slot_at), fire_at, function_arn, payload)

    def arm_rest(self, after: str, *, at: datetime, function_arn: str) -> None:
        """At `at` (UTC), let `function_arn` arm the personas behind `after`."""
        self._put(f"arm-rest-{after}"[:MAX_NAME], at, function_arn, {"job": "arm", "after": after})

    def armed_slots(self, persona_id: str) -> Iterator[str]:
        pages = client("scheduler").get_paginator("list_schedules")
        for page in pages.paginate(GroupName=self._settings.schedule_group, NamePrefix=f"{persona_id}-"):
            names = (schedule["Name"] for schedule in page["Schedules"])
            yield from (name for name in names if _SLOT_NAME.fullmatch(name.removeprefix(persona_id)))

    def disarm_slot(self, name: str) -> None:
        self._delete(name)

    def _put(self, name: str, at: datetime, function_arn: str, payload: dict[str, Any]) -> None:
        scheduler = client("scheduler")
        request = {
            "Name": name,
            "GroupName": self._settings.schedule_group,
            "ScheduleExpression": f"at({at.astimezone(UTC):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": function_arn,
                "RoleArn": self._settings.scheduler_role_arn,
                "Input": json.dumps(payload),
                "DeadLetterConfig": {"Arn": self._settings.scheduler_dlq_arn},
                "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600},
            },
        }
        try:
            scheduler.create_schedule(**request)
        except scheduler.exceptions.ConflictException:
            self._replace(request)

    def _replace(self, request: Mapping[str, Any]) -> None:
        scheduler = client("scheduler")
        try:
            scheduler.update_schedule(**request)
        except scheduler.exceptions.ResourceNotFoundException:
            # It fired, or another worker deleted it, since it was found.
            scheduler.create_schedule(**request)

    def _delete(self, name: str) -> None:
        scheduler = client("scheduler")
        try:
            scheduler.delete_schedule(Name=name, GroupName=self._settings.schedule_group)
        except scheduler.exceptions.ResourceNotFoundException:
            return


def slot_name(persona_id: str, slot_at: datetime) -> str:
    """Name of a slot's timer; at most 64 characters, EventBridge's limit."""
    return f"{persona_id}-{slot_at.astimezone(UTC):%Y%m%dT%H%M%S}"


_SLOT_NAME = re.compile(r"-\d{8}T\d{6}")
