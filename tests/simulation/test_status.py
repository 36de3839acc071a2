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
from shutterpost.flows.overview.needs import Need
from shutterpost.flows.overview.overview import SPAN, published_and_next
from shutterpost.flows.overview.posts import OVERDUE, may_need, post_need
from shutterpost.flows.records.calendar import in_order
from shutterpost.flows.wiring import build_calendar_entries, build_holds
from shutterpost.personas import Persona
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
UTC_ZONE = ZoneInfo("UTC")
DUE = START + timedelta(hours=2)


def schedules_of(world: World, persona_ids: list[str]) -> list[Schedule]:
    """The schedules that the overview covers."""
    now = world.kernel.now()
    return list(in_order(world.stores.schedules, persona_ids, (now - SPAN, now + SPAN)))


def needs_of(world: World, schedules: list[Schedule], personas: list[Persona]) -> dict[str, Need]:
    """What each of the schedules needs of a person now, by its id."""
    now, by_id = world.kernel.now(), {persona.persona_id: persona for persona in personas}
    accounts = {each.connection_id: each for name in by_id for each in world.stores.connections.list(name)}
    read = build_calendar_entries(world.stores).of([item for item in schedules if may_need(item, now)], UTC_ZONE)
    needs = {
        name: post_need(entry, by_id[entry.persona_id], accounts.get(entry.connection_id), now)
        for name, entry in read.items()
    }
    return {name: need for name, need in needs.items() if need is not None}


def untrue(world: World, seen: Counter[str]) -> list[str]:
    """Where the status differs from the platforms and the tables now."""
    now = world.kernel.now()
    personas = list(world.stores.personas.list(OWNER, 100).personas)
    listed = schedules_of(world, [persona.persona_id for persona in personas])
    published, coming = published_and_next(listed)
    needs = needs_of(world, listed, personas)
    held = build_holds(world.stores).of(coming)
    shown = {each.schedule_id: each for each in shown_on_platforms(world)}
    schedules = {schedule.schedule_id: schedule for schedule in every_schedule(world)}
    went_out = {item.schedule_id for item in published}
    waiting = {item.schedule_id for item in coming}
    wrong = []
    for name, schedule in schedules.items():
        seen[schedule.status] += 1
        is_live = name in shown and shown[name].was_live
        if name in went_out and not is_live and schedule.verdict is None:
            wrong.append(f"{name} is listed as published, and no platform shows it")
        if is_due(schedule, now) and name not in waiting:
            wrong.append(f"{name} is due since {schedule.run_at} and not listed")
        if is_due(schedule, now) and name not in held and name not in needs:
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


@pytest.mark.parametrize(("tell", "operation"), [(not_started, "syncPersona"), (not_sent, "getPost")])
def test_status_names_a_post_that_is_overdue(deploy: Deploy, tell: Callable[[Deploy], Story], operation: str) -> None:
    story = tell(deploy)
    story.until(DUE + OVERDUE + timedelta(minutes=5))
    [schedule] = story.schedules
    story.world.calls.forced.clear()
    assert is_due(schedule, story.world.kernel.now())

    [need] = needs_of(story.world, story.schedules, [story.persona]).values()

    assert "overdue" in need.why
    assert need.repairs[0].operation == operation
    assert untrue(story.world, Counter()) == []
    story.until(DUE + timedelta(hours=6))
    assert [item.status for item in story.schedules] == [ScheduleStatus.SUCCESS]
    assert needs_of(story.world, story.schedules, [story.persona]) == {}
