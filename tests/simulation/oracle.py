"""What must hold in every history: read from the platforms, the tables and what people were answered."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.flows.syncing.actions import ASK
from shutterpost.personas import coming_slots
from shutterpost.runtime.clock import iso
from shutterpost.scheduling import EventOutcome, Origin, Post, Schedule, ScheduleStatus, Step
from tests.simulation.persons import GIVES_BACK, People
from tests.simulation.rules import Rules
from tests.simulation.setting import Setting
from tests.simulation.shown import Shown, shown_on_platforms
from tests.simulation.world import World
from tests.support.failures import RETURNING

Item = dict[str, Any]
# So long after its grace nothing may still be open without a person knowing.
BOUND = timedelta(hours=24)
ENDED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})
GIVEN_UP = frozenset({"rejected-by-person", "preflight"})


class Wrong(StrEnum):
    """The ways in which the promise can be broken."""

    DOUBLE = "double"
    LOST = "lost"
    STUCK = "stuck"
    UNTRUE = "untrue"
    RULE = "rule"


@dataclass(frozen=True)
class Finding:
    """One broken promise: the rule by name, and the case in words."""

    wrong: Wrong
    rule: str
    words: str


def every_schedule(world: World) -> list[Schedule]:
    """All schedules, as they are."""
    items = [one for one in world.account.tables.items("posts") if one.get("kind", {}).get("S") == "Schedule"]
    return [world.stores.schedules.get(one["schedule_id"]["S"]) for one in items]


@dataclass
class Oracle:
    """Judges a history at its end, with what it noted on the way."""

    world: World
    setting: Setting
    people: People
    left: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ended: set[tuple[str, str]] = field(default_factory=set)
    rules: Rules = field(init=False)

    def watch(self) -> None:
        """Note what is written and called from now on."""
        self.rules = Rules(self.world, self.setting)
        self.world.calls.watch = self.rules.call
        self.world.account.tables.written = self._written

    def findings(self) -> list[Finding]:
        """Every broken promise."""
        world = self.world
        self.schedules = every_schedule(world)
        self.by_id = {one.schedule_id: one for one in self.schedules}
        self.posts = {
            post_id: world.stores.posts.details(post_id).post for post_id in {one.post_id for one in self.schedules}
        }
        self.shown = shown_on_platforms(world)
        self.holders: dict[tuple[str, str], list[Schedule]] = defaultdict(list)
        for one in self.schedules:
            for photo_id in self.posts[one.post_id].photo_ids:
                self.holders[one.persona_id, photo_id].append(one)
        self.of_post: dict[str, list[Schedule]] = defaultdict(list)
        for one in self.schedules:
            self.of_post[one.post_id].append(one)
        self.made: dict[str, list[Shown]] = defaultdict(list)
        for shown in self.shown:
            self.made[shown.schedule_id].append(shown)
        return [Finding(*found) for judge in JUDGES for found in judge(self)] + [
            Finding(Wrong.RULE, rule, words) for rule, words in self.rules.broken
        ]

    def post_of(self, shown: Shown) -> Post:
        """The post that something shown belongs to."""
        return self.posts[self.by_id[shown.schedule_id].post_id]

    def made_by(self, schedule: Schedule) -> list[Shown]:
        """What the schedule put on its platform."""
        return self.made[schedule.schedule_id]

    def _written(self, before: Item | None, after: Item) -> None:
        if after.get("kind", {}).get("S") != "Schedule":
            return
        now = self.world.kernel.now()
        name = after["schedule_id"]["S"]
        was, is_now = _state(before), _state(after)
        if was != is_now:
            self.world.tell(f"{name} {was or 'new'} → {is_now}")
            if after["status"]["S"] == ScheduleStatus.UNKNOWN:
                self.people.notice(name, after["revision"]["N"])
        self.rules.written(before, after)
        if before is None:
            return
        gone = after["status"]["S"] in ENDED or before["run_at"] != after["run_at"]
        if gone and before["status"]["S"] not in ENDED:
            self.left[after["post_id"]["S"], before["run_at"]["S"]] = now
        if after["status"]["S"] in ENDED:
            self.ended.add((after["post_id"]["S"], after["run_at"]["S"]))


def _state(item: Item | None) -> str:
    if item is None:
        return ""
    parts = [item["status"]["S"], item.get("step", {}).get("S", ""), f"r{item['revision']['N']}", item["run_at"]["S"]]
    if item.get("cancel_requested", {}).get("BOOL"):
        parts.append("cancel requested")
    if item.get("told"):
        parts.append(f"told {item['told']['S']}")
    return " ".join(part for part in parts if part)


Found = Iterator[tuple[Wrong, str, str]]


def _doubles(oracle: Oracle) -> Found:
    """No photo twice on an account per cycle."""
    groups: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for one in oracle.shown:
        groups[one.account, one.photo_id].append(one)
    for (account, photo_id), found in groups.items():
        cycles = {oracle.post_of(one).cycle for one in found if one.schedule_id in oracle.by_id}
        if len(found) > max(1, len(cycles)):
            yield Wrong.DOUBLE, "photo twice", f"photo {photo_id[-4:]} on {account}: {', '.join(map(str, found))}"


def _truth(oracle: Oracle) -> Found:
    """What is told of a schedule is what its platform shows."""
    for schedule in oracle.schedules:
        made = oracle.made_by(schedule)
        out = [one for one in made if one.was_live]
        name = f"{schedule.schedule_id} ({schedule.status}, {schedule.error_code})"
        if schedule.status is ScheduleStatus.SUCCESS:
            right = [one for one in out if schedule.external_id in {None, one.ident}]
            if len(out) != 1 or not right:
                yield Wrong.UNTRUE, "success is live", f"{name} has id {schedule.external_id}, live: {[*map(str, out)]}"
        elif schedule.status in ENDED and made:
            yield Wrong.UNTRUE, "ended is not live", f"{name}, but on the platform: {[*map(str, made)]}"


def _events(oracle: Oracle) -> Found:
    """An end is told with its reason, and by an event where there was an attempt."""
    for schedule in oracle.schedules:
        if schedule.status in {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED} and not schedule.error_message:
            yield Wrong.UNTRUE, "end has a reason", f"{schedule.schedule_id} {schedule.status} without a reason"


def _stuck(oracle: Oracle) -> Found:
    """Nothing is open past its bound without a person having been told."""
    now = oracle.world.kernel.now()
    for schedule in oracle.schedules:
        persona = oracle.world.stores.personas.get(schedule.persona_id)
        bound = schedule.run_at + timedelta(minutes=persona.late_grace_minutes) + BOUND
        waits = schedule.status is ScheduleStatus.PENDING and schedule.due_at is not None and schedule.due_at > now
        if not schedule.is_open or now < bound or waits:
            continue
        told = any(at > now - BOUND for at, _ in oracle.world.overdue) and schedule.error_message
        if not (told and (schedule.error_code == ASK or schedule.step is Step.HANDED_OVER)):
            state = f"{schedule.status} at {schedule.step} since {schedule.updated_at}, due {schedule.due_at}"
            yield Wrong.STUCK, "open and not told", f"{schedule.schedule_id}: {state} ({schedule.error_message})"


def _photos(oracle: Oracle) -> Found:
    """Every photo is posted, or available, or out for a stated reason."""
    given_back = {asked.what.removesuffix(GIVES_BACK) for asked in oracle.people.asked if GIVES_BACK in asked.what}
    for persona in oracle.setting.personas:
        for photo in oracle.people.photos(persona):
            holders = oracle.holders[persona.persona_id, photo.photo_id]
            held = any(one.is_open or one.status is ScheduleStatus.SUCCESS for one in holders)
            reasons = any(_keeps(one) for one in holders) or _failed_twice(oracle, holders)
            if not held and not reasons and not photo.in_unposted:
                told = [f"{one.schedule_id} {one.status} {one.error_code}" for one in holders]
                yield Wrong.LOST, "photo returns", f"photo {photo.photo_id[-4:]} of {persona.name}: {told}"
            if photo.in_unposted and any(_keeps(one) and one.post_id not in given_back for one in holders):
                yield (
                    Wrong.UNTRUE,
                    "faulty photo stays out",
                    f"photo {photo.photo_id[-4:]} of {persona.name} is offered",
                )
            posted = any(one.status is ScheduleStatus.SUCCESS for one in holders)
            if posted and photo.in_unposted:
                yield Wrong.UNTRUE, "posted photo is taken", f"photo {photo.photo_id[-4:]} is offered, but went out"


def _keeps(schedule: Schedule) -> bool:
    """Whether its end is a reason to keep the photo out."""
    if schedule.error_code in GIVEN_UP:
        return True
    failed = schedule.status is ScheduleStatus.FAILED
    return failed and (schedule.error_cause not in RETURNING or schedule.error_class == "ambiguous")


def _failed_twice(oracle: Oracle, holders: list[Schedule]) -> bool:
    """Whether two attempts at the photo failed, of one post that was retried or of two."""
    store = oracle.world.stores.posts
    failures = 0
    for post_id in {one.post_id for one in holders}:
        ends = [event.outcome for event in store.details(post_id).events]
        failed = any(one.status is ScheduleStatus.FAILED for one in holders if one.post_id == post_id)
        failures += max(ends.count(EventOutcome.FAILED), failed)
    return failures > 1


def _claims(oracle: Oracle) -> Found:
    """Claims are released when their post ended without going out, and slots are held by what stands at them."""
    for item in oracle.world.account.tables.items("posts"):
        if item.get("kind", {}).get("S") != "Claim" or item["state"]["S"] != "held":
            continue
        key, holder = item["key"]["S"], item["holder"]["S"]
        own = oracle.of_post[holder]
        _, kind, *rest = key.split("#")
        if kind == "PHOTO":
            own = [one for one in own if rest[1] in {one.connection_id, one.account}]
        if kind in {"PHOTO", "ANYWHERE"} and own and all(one.status in ENDED for one in own):
            ends = [f"{one.status} {one.error_code}" for one in own]
            yield Wrong.LOST, "claim released", f"{key[:40]} is held by {holder}, which ended: {ends}"
        if kind == "SLOT" and len(rest) > 2:
            own = [one for one in own if one.connection_id == rest[2]]
        post = oracle.posts.get(holder)
        emptied = post is not None and post.origin is Origin.SLOT and _maybe(post.slot_at) == rest[1]
        if kind == "SLOT" and len(rest) == 2 and emptied and (holder, rest[1]) in oracle.ended:
            # A pick that ended leaves its own slot empty, wherever a person plans it afterwards.
            continue
        if kind == "SLOT":
            yield from _slot(oracle, rest[1], holder, own)


def _slot(oracle: Oracle, at: str, holder: str, own: list[Schedule]) -> Found:
    there = [one for one in own if one.status not in ENDED and at in {iso(one.run_at), _maybe(one.next_run_at)}]
    left = oracle.left.get((holder, at))
    if not there and left is not None and left < datetime.fromisoformat(at) - timedelta(minutes=2):
        ends = [f"{one.status} at {iso(one.run_at)}" for one in own]
        yield Wrong.LOST, "slot given back", f"slot {at} is held by {holder}, which left it at {iso(left)}: {ends}"


def _maybe(at: datetime | None) -> str | None:
    return iso(at) if at else None


def _slots_filled(oracle: Oracle) -> Found:
    """Every slot has a post or a decision that says why not, and one post at most."""
    changed = {one.act for one in oracle.people.asked if one.act == "change slots"}
    until = oracle.world.kernel.now() - timedelta(hours=30)
    for persona in oracle.setting.personas:
        for slot in coming_slots(persona, persona.created_at + timedelta(hours=1), until):
            store, key = oracle.world.stores, f"CLAIM#SLOT#{persona.persona_id}#{iso(slot.run_at)}"
            decided = store.posts.decision(persona.persona_id, slot.run_at)
            if not changed and store.claims.get(key) is None and decided is None:
                yield Wrong.LOST, "slot explained", f"{persona.name} at {iso(slot.run_at)}: no post and no decision"
            at_it: dict[str, list[str]] = defaultdict(list)
            for one in oracle.schedules:
                if one.persona_id == persona.persona_id and one.run_at == slot.run_at and one.status not in ENDED:
                    at_it[one.connection_id].append(one.post_id)
            for found in at_it.values():
                if len(found) > 1:
                    yield Wrong.RULE, "one post a slot", f"{persona.name} at {iso(slot.run_at)}: {sorted(found)}"


def _limits(oracle: Oracle) -> Found:
    """What stands or went out keeps the persona's least gap, its weekly maximum, and once anywhere."""
    for persona in oracle.setting.personas:
        stands = [one for one in oracle.schedules if one.persona_id == persona.persona_id and one.status not in ENDED]
        for one, other in combinations(stands, 2):
            gap, near = timedelta(minutes=persona.min_gap_minutes), abs(one.run_at - other.run_at)
            if one.connection_id == other.connection_id and near < gap:
                yield Wrong.RULE, "least gap", f"{one.schedule_id} and {other.schedule_id} are {near} apart"
            photos = [(oracle.posts[each.post_id].photo_ids, oracle.posts[each.post_id].cycle) for each in (one, other)]
            if persona.once_anywhere and one.post_id != other.post_id and photos[0] == photos[1]:
                yield Wrong.RULE, "once anywhere", f"{one.schedule_id} and {other.schedule_id} have one photo"
        weeks = defaultdict(set)
        for one in stands:
            day = one.run_at.astimezone(ZoneInfo(persona.zone)).date()
            weeks[day - timedelta(days=day.weekday())].add(one.post_id)
        for week, posts in weeks.items():
            if persona.max_per_week is not None and len(posts) > persona.max_per_week:
                yield Wrong.RULE, "weekly maximum", f"{persona.name} in the week of {week}: {sorted(posts)}"


def _uses(oracle: Oracle) -> Found:
    """The platforms are used as they allow."""
    state = oracle.world.platforms.world
    for violation in state.instagram.violations:
        yield Wrong.RULE, "right use", violation.what
    for post in state.buffer.posts.values():
        if "unreachable" in (post.error or ""):
            yield Wrong.RULE, "picture can be fetched", f"{post.post_id}, due {post.due_at}: {post.error}"


def _cancels(oracle: Oracle) -> Found:
    """A cancel that was answered as done is one, unless somebody wanted it after all."""
    for asked in oracle.people.asked:
        if asked.act != "cancel" or not getattr(asked.answer, "done", False):
            continue
        again = any(other.act in {"retry", "plan", "reroute"} and other.at > asked.at for other in oracle.people.asked)
        for one in oracle.shown:
            later = one.live_at is not None and one.live_at > asked.at
            if one.schedule_id == asked.what and later and not again:
                yield Wrong.UNTRUE, "cancelled is not out", f"{one} although the cancel was done at {asked.at}"


Judge = Callable[[Oracle], Found]
JUDGES: tuple[Judge, ...] = (
    _doubles,
    _truth,
    _events,
    _stuck,
    _photos,
    _claims,
    _slots_filled,
    _limits,
    _uses,
    _cancels,
)
