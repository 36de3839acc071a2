"""`shutterpost status` in the midst of seeded histories, against the platforms and the tables."""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.local.simulators.faults import Fault as PlatformFault
from shutterpost.console.checks.post_needs import OVERDUE, post_needs
from shutterpost.console.commands.status import published_and_next
from shutterpost.flows.records.calendar import CalendarFilter, calendar
from shutterpost.flows.wiring import build_holds, build_successors
from shutterpost.scheduling import OPEN, Schedule, ScheduleStatus
from tests.simulation.faults import Fault
from tests.simulation.history import Deploy, live
from tests.simulation.setting import OWNER
from tests.simulation.shown import every_schedule, shown_on_platforms
from tests.simulation.stories import START, Story, a_story
from tests.simulation.world import World

# `make simulate` samples more.
SEEDS = range(int(os.environ.get("STATUS_HISTORIES", "20")))
EVERY, LAST = timedelta(hours=2), timedelta(hours=60)
SPAN = timedelta(days=30)
DUE = START + timedelta(hours=2)


def entries_of(world: World, persona_ids: list[str]) -> list[dict[str, Any]]:
    """What the API's calendar shows."""
    now, entries, cursor = world.kernel.now(), list[dict[str, Any]](), None
    while True:
        page = calendar(
            world.stores.schedules,
            world.stores.posts,
            persona_ids,
            now - SPAN,
            now + SPAN,
            zone=ZoneInfo("UTC"),
            only=CalendarFilter(),
            limit=100,
            connections=world.stores.connections,
            photos=world.stores.photos,
            holds=build_holds(world.stores),
            successors=build_successors(world.stores),
            cursor=cursor,
        )
        entries += page.model_dump(mode="json")["entries"]
        cursor = page.cursor
        if cursor is None:
            return entries


def untrue(world: World, seen: Counter[str]) -> list[str]:
    """Where the status differs from the platforms and the tables now."""
    now = world.kernel.now()
    personas = world.stores.personas.list(OWNER, 100).personas
    entries = entries_of(world, [persona.persona_id for persona in personas])
    published, coming = published_and_next(entries)
    owners = [persona.model_dump(mode="json") for persona in personas]
    connections = [
        connection.model_dump(mode="json")
        for persona in personas
        for connection in world.stores.connections.list(persona.persona_id)
    ]
    needs = {entry["schedule_id"] for entry in entries if any(post_needs([entry], owners, connections, now))}
    shown = {each.schedule_id: each for each in shown_on_platforms(world)}
    schedules = {schedule.schedule_id: schedule for schedule in every_schedule(world)}
    went_out = {entry["schedule_id"] for entry in published}
    waiting = {entry["schedule_id"]: entry for entry in coming}
    wrong = []
    for name, schedule in schedules.items():
        seen[schedule.status] += 1
        is_live = name in shown and shown[name].was_live
        if name in went_out and not is_live and schedule.verdict is None:
            wrong.append(f"{name} is listed as published, and no platform shows it")
        if is_due(schedule, now) and name not in waiting:
            wrong.append(f"{name} is due since {schedule.run_at} and not listed")
        if is_due(schedule, now) and not waiting[name]["held"] and name not in needs:
            wrong.append(f"{name} is due since {schedule.run_at}, not held, and needs nobody")
        if schedule.status is ScheduleStatus.FAILED and (name in needs) is has_successor(world, schedule, schedules):
            wrong.append(f"{name} has failed and needs {'somebody' if name in needs else 'nobody'}")
        if schedule.status is ScheduleStatus.SUCCESS and name not in went_out:
            wrong.append(f"{name} was published and is not listed")
    return wrong


def has_successor(world: World, failed: Schedule, schedules: Mapping[str, Schedule]) -> bool:
    """Whether another post has its photo: on the same account, or of those that post a photo once anywhere."""
    holding = OPEN | {ScheduleStatus.SUCCESS}
    others = [item for item in schedules.values() if item.status in holding and item.post_id != failed.post_id]
    accounts = {failed.connection_id, failed.lane_key}
    once = {persona.persona_id for persona in world.stores.personas.list(OWNER, 100).personas if persona.once_anywhere}
    same = [
        item.post_id
        for item in others
        if accounts & {item.connection_id, item.lane_key} or {item.persona_id, failed.persona_id} <= once
    ]
    posts = world.stores.posts.many([failed.post_id, *same])
    subject = {(photo_id, posts[failed.post_id].cycle) for photo_id in posts[failed.post_id].photo_ids}
    return any(subject & {(photo_id, posts[name].cycle) for photo_id in posts[name].photo_ids} for name in same)


def is_due(schedule: Schedule, now: datetime) -> bool:
    """Whether its time passed and nothing has become of it, which a person must see."""
    return schedule.status in {ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING} and schedule.run_at < now - OVERDUE


@pytest.mark.parametrize("seed", SEEDS)
def test_status_is_true_throughout_a_history(deploy: Deploy, seed: int) -> None:
    findings: list[str] = []
    seen: Counter[str] = Counter()

    def watched(*arguments: Any) -> World:
        world = deploy(*arguments)
        start = world.kernel.now()
        for number in range(1, LAST // EVERY + 1):
            world.kernel.at(start + number * EVERY, partial(look, world))
        return world

    def look(world: World) -> None:
        findings.extend(f"{world.kernel.now().astimezone(UTC)}: {each}" for each in untrue(world, seen))

    live(watched, seed)
    assert findings == []
    assert sum(seen.values()) > 0


def not_started(deploy: Deploy) -> Story:
    """A post without a timer, which sync cannot read for half an hour."""
    story = a_story(deploy, "facebook")
    story.fails("CreateSchedule", *[Fault.REFUSED] * 100)
    story.post(DUE)
    story.fails("Query", *[Fault.REFUSED] * 1000)
    return story


def not_sent(deploy: Deploy) -> Story:
    """A post that Buffer sends three hours late."""
    story = a_story(deploy, "buffer")
    fault = PlatformFault(platform="buffer", operation="send", kind="slow", seconds=3 * 3600)
    story.world.platforms.world.faults.add(fault)
    story.post(DUE)
    return story


@pytest.mark.parametrize(("tell", "command"), [(not_started, "sync"), (not_sent, "post show")])
def test_status_names_a_post_that_is_overdue(deploy: Deploy, tell: Callable[[Deploy], Story], command: str) -> None:
    story = tell(deploy)
    story.until(DUE + OVERDUE + timedelta(minutes=5))
    [schedule] = story.schedules
    story.world.calls.forced.clear()
    now = story.world.kernel.now()
    assert is_due(schedule, now)

    persona = story.persona.model_dump(mode="json")
    [need] = post_needs(entries_of(story.world, [story.persona.persona_id]), [persona], [], now)

    assert "overdue" in need["why"]
    assert need["do"].startswith(f"shutterpost {command}")
    assert untrue(story.world, Counter()) == []
    story.until(DUE + timedelta(hours=6))
    assert [item.status for item in story.schedules] == [ScheduleStatus.SUCCESS]
    assert not list(post_needs(entries_of(story.world, [story.persona.persona_id]), [persona], [], now))
