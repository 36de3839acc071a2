"""What must hold in every history: read from the platforms, the tables and what people were answered."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.flows.syncing.actions import ASK
from shutterpost.runtime.clock import iso
from shutterpost.scheduling import EventOutcome, Origin, Post, Schedule, ScheduleStatus, Step
from tests.simulation.actions import GIVES_BACK
from tests.simulation.causes import Causes
from tests.simulation.extras import comments_and_stories
from tests.simulation.finding import Finding, Wrong
from tests.simulation.kinds import DECLARED
from tests.simulation.persons import People
from tests.simulation.questions import Questions
from tests.simulation.rules import Rules
from tests.simulation.setting import Setting
from tests.simulation.shown import Shown, every_schedule, shown_on_platforms
from tests.simulation.slots_seen import SlotsSeen
from tests.simulation.world import World
from tests.support.failures import RETURNING

Item = dict[str, Any]
# So long after its grace nothing may still be open without a person knowing.
BOUND = timedelta(hours=24)
ENDED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})
GIVEN_UP = frozenset({"rejected-by-person", "preflight"})


@dataclass
class Oracle:
    """Judges a history at its end, with what it noted on the way."""

    world: World
    setting: Setting
    people: People
    left: dict[tuple[str, str], datetime] = field(default_factory=dict)
    ended: set[tuple[str, str]] = field(default_factory=set)
    rules: Rules = field(init=False)
    causes: Causes = field(init=False)
    questions: Questions = field(init=False)
    slots: SlotsSeen = field(init=False)
    calm_since: datetime | None = None

    def watch(self) -> None:
        """Note what is written and called from now on."""
        self.rules, self.causes = Rules(self.world, self.setting), Causes(self.world)
        self.questions = Questions(self.world, self.setting)
        self.slots = SlotsSeen(self.world)
        self.causes.watch()
        self.world.calls.watch = self.rules.call
        self.world.account.tables.written = self._written

    def findings(self) -> list[Finding]:
        """Every broken promise."""
        world = self.world
        self.schedules = every_schedule(world)
        self.by_id = {schedule.schedule_id: schedule for schedule in self.schedules}
        post_ids = {schedule.post_id for schedule in self.schedules}
        self.posts = {post_id: world.stores.posts.details(post_id).post for post_id in post_ids}
        self.shown = shown_on_platforms(world)
        self.holders: dict[tuple[str, str], list[Schedule]] = defaultdict(list)
        for schedule in self.schedules:
            for photo_id in self.posts[schedule.post_id].photo_ids:
                self.holders[schedule.persona_id, photo_id].append(schedule)
        self.of_post: dict[str, list[Schedule]] = defaultdict(list)
        for schedule in self.schedules:
            self.of_post[schedule.post_id].append(schedule)
        self.made: dict[str, list[Shown]] = defaultdict(list)
        for shown in self.shown:
            self.made[shown.schedule_id].append(shown)
        return [Finding(*broken) for judge in JUDGES for broken in judge(self)] + [
            Finding(Wrong.RULE, rule, words) for rule, words in [*self.rules.broken, *self._needless()]
        ]

    def calm_begins(self) -> None:
        """Nothing fails from now on."""
        self.calm_since = self.world.kernel.now()
        self.causes.calm_begins()

    def _needless(self) -> Iterator[tuple[str, str]]:
        if self.calm_since is not None:
            yield from self.causes.findings((self.world.kernel.now() - self.calm_since) / timedelta(hours=1))
        yield from self.causes.untrue(self.people.actions)
        yield from self.questions.findings()
        for action in self.people.actions:
            if action.name == "revoke" and action.answer:
                yield "revoked without posts", f"at Buffer are {sorted(action.answer)}"

    def post_of(self, shown: Shown) -> Post:
        """The post that something shown belongs to."""
        return self.posts[self.by_id[shown.schedule_id].post_id]

    def made_by(self, schedule: Schedule) -> list[Shown]:
        """What the schedule put on its platform."""
        return self.made[schedule.schedule_id]

    def _written(self, before: Item | None, after: Item) -> None:
        self.causes.written(before, after)
        self.slots.written(before, after)
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
        self.questions.written(before, after)
        if before is None:
            return
        for at in _times(before) - _times(after):
            self.left[after["post_id"]["S"], at] = now
        if after["status"]["S"] in ENDED:
            self.ended.add((after["post_id"]["S"], after["run_at"]["S"]))


def _times(item: Item) -> set[str]:
    """The times at which a schedule stands: a withdrawal in order to move stands at both."""
    if item["status"]["S"] in ENDED:
        return set()
    next_run_at = "" if item["status"]["S"] == ScheduleStatus.SUCCESS else item.get("next_run_at", {}).get("S", "")
    return {item["run_at"]["S"], next_run_at} - {""}


def _state(item: Item | None) -> str:
    if item is None:
        return ""
    parts = [item["status"]["S"], item.get("step", {}).get("S", ""), f"r{item['revision']['N']}", item["run_at"]["S"]]
    if item.get("cancel_requested", {}).get("BOOL"):
        parts.append("cancel requested")
    if item.get("told"):
        parts.append(f"told {item['told']['S']}")
    return " ".join(part for part in parts if part)


Broken = Iterator[tuple[Wrong, str, str]]


def _doubles(oracle: Oracle) -> Broken:
    """No photo twice on an account per cycle."""
    groups: dict[tuple[str, str], list[Shown]] = defaultdict(list)
    for shown in oracle.shown:
        for photo_id in shown.photo_ids:
            groups[shown.account, photo_id].append(shown)
    for (account, photo_id), copies in groups.items():
        cycles = {oracle.post_of(copy).cycle for copy in copies if copy.schedule_id in oracle.by_id}
        if len(copies) > max(1, len(cycles)):
            yield Wrong.DOUBLE, "photo twice", f"photo {photo_id[-4:]} on {account}: {', '.join(map(str, copies))}"


def _truth(oracle: Oracle) -> Broken:
    """What is told of a schedule is what its platform shows: all its post's photos, in their order."""
    posts = oracle.world.platforms.world.buffer.posts
    refused = {post.post_id for post in posts.values() if post.status == "error"}
    for schedule in oracle.schedules:
        made = oracle.made_by(schedule)
        meant = oracle.posts[schedule.post_id].photo_ids
        for shown in made:
            if shown.photo_ids != meant:
                yield Wrong.UNTRUE, "photos in order", f"{shown} has {shown.photo_ids}, its post {meant}"
        out = [shown for shown in made if shown.was_live]
        name = f"{schedule.schedule_id} ({schedule.status}, {schedule.error_code})"
        if schedule.status is ScheduleStatus.SUCCESS:
            right = [shown for shown in out if schedule.external_id in {None, shown.ident}]
            if len(out) != 1 or not right:
                yield Wrong.UNTRUE, "success is live", f"{name} has id {schedule.external_id}, live: {[*map(str, out)]}"
        elif schedule.ref in refused and schedule.is_open and schedule.step is Step.HANDED_OVER:
            yield Wrong.UNTRUE, "refused is failed", f"{name} waits, but Buffer's network refused {schedule.ref}"
        elif schedule.status in ENDED and made:
            yield Wrong.UNTRUE, "ended is not live", f"{name}, but on the platform: {[*map(str, made)]}"


def _events(oracle: Oracle) -> Broken:
    """An end is told with its reason, and by an event where there was an attempt."""
    for schedule in oracle.schedules:
        if schedule.status in {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED} and not schedule.error_message:
            yield Wrong.UNTRUE, "end has a reason", f"{schedule.schedule_id} {schedule.status} without a reason"


def _stuck(oracle: Oracle) -> Broken:
    """Nothing is open past its bound without a person having been told."""
    now = oracle.world.kernel.now()
    for schedule in oracle.schedules:
        persona = oracle.world.stores.personas.get(schedule.persona_id)
        bound = schedule.run_at + timedelta(minutes=persona.late_grace_minutes) + BOUND
        waits = schedule.status is ScheduleStatus.PENDING and schedule.due_at is not None and schedule.due_at > now
        if not schedule.is_open or now < bound or waits:
            continue
        mailed = any(at > now - BOUND for at, _ in oracle.world.overdue) and schedule.error_message
        if not (mailed and (schedule.error_code == ASK or schedule.step is Step.HANDED_OVER)):
            state = f"{schedule.status} at {schedule.step} since {schedule.updated_at}, due {schedule.due_at}"
            yield Wrong.STUCK, "open and not told", f"{schedule.schedule_id}: {state} ({schedule.error_message})"
        elif schedule.error_code == ASK and schedule.verdict is None and _is_plain(oracle, schedule):
            yield Wrong.STUCK, "asked needlessly", f"{schedule.schedule_id}: {schedule.error_message}"


def _is_plain(oracle: Oracle, schedule: Schedule) -> bool:
    """Whether its post is live on a platform that can tell, and every other post there is another schedule's."""
    kind = next(item.kind for item in oracle.setting.channels if item.connection_id == schedule.connection_id)
    if kind in DECLARED and not DECLARED[kind].can_tell:
        return False
    own = [shown for shown in oracle.made_by(schedule) if shown.state == "live"]
    owned = {other.external_id for other in oracle.schedules if other is not schedule}
    others = [shown for shown in oracle.shown if own and shown.account == own[0].account and shown is not own[0]]
    return len(own) == 1 and all(shown.ident in owned for shown in others)


def _photos(oracle: Oracle) -> Broken:
    """Every photo is posted, or available, or out for a stated reason."""
    subjects = [action.subject for action in oracle.people.actions]
    given_back = {subject.removesuffix(GIVES_BACK) for subject in subjects if GIVES_BACK in subject}
    for persona in oracle.setting.personas:
        for photo in oracle.people.photos(persona):
            holders = oracle.holders[persona.persona_id, photo.photo_id]
            held = any(holder.is_open or holder.status is ScheduleStatus.SUCCESS for holder in holders)
            keeping = [holder for holder in holders if _keeps(holder) and _is_about(oracle, holder, photo.photo_id)]
            reasons = bool(keeping) or _failed_twice(oracle, holders)
            if not held and not reasons and not photo.in_unposted:
                ends = [f"{holder.schedule_id} {holder.status} {holder.error_code}" for holder in holders]
                yield Wrong.LOST, "photo returns", f"photo {photo.photo_id[-4:]} of {persona.name}: {ends}"
            if photo.in_unposted and any(holder.post_id not in given_back for holder in keeping):
                yield (
                    Wrong.UNTRUE,
                    "faulty photo stays out",
                    f"photo {photo.photo_id[-4:]} of {persona.name} is offered",
                )
            posted = any(holder.status is ScheduleStatus.SUCCESS for holder in holders)
            if posted and photo.in_unposted:
                yield Wrong.UNTRUE, "posted photo is taken", f"photo {photo.photo_id[-4:]} is offered, but went out"


def _keeps(schedule: Schedule) -> bool:
    """Whether its end is a reason to keep the photo out."""
    if schedule.error_code in GIVEN_UP:
        return True
    failed = schedule.status is ScheduleStatus.FAILED
    return failed and (schedule.error_cause not in RETURNING or schedule.error_class == "ambiguous")


def _is_about(oracle: Oracle, schedule: Schedule, photo_id: str) -> bool:
    """Whether its failure is about the photo: it names no other of its post."""
    return oracle.world.stores.posts.details(schedule.post_id).refused_photo(schedule) in {None, photo_id}


def _failed_twice(oracle: Oracle, holders: list[Schedule]) -> bool:
    """Whether two attempts at the photo failed, of one post that was retried or of two."""
    store = oracle.world.stores.posts
    failures = 0
    for post_id in {holder.post_id for holder in holders}:
        ends = [event.outcome for event in store.details(post_id).events]
        failed = any(holder.status is ScheduleStatus.FAILED for holder in holders if holder.post_id == post_id)
        failures += max(ends.count(EventOutcome.FAILED), failed)
    return failures > 1


def _claims(oracle: Oracle) -> Broken:
    """Claims are released when their post ended without going out, and slots are held by what stands at them."""
    for item in oracle.world.account.tables.items("posts"):
        if item.get("kind", {}).get("S") != "Claim" or item["state"]["S"] != "held":
            continue
        key, holder = item["key"]["S"], item["holder"]["S"]
        own = oracle.of_post[holder]
        _, kind, *rest = key.split("#")
        if kind == "PHOTO":
            own = [schedule for schedule in own if rest[1] in {schedule.connection_id, schedule.account}]
        if kind in {"PHOTO", "ANYWHERE"} and own and all(schedule.status in ENDED for schedule in own):
            ends = [f"{schedule.status} {schedule.error_code}" for schedule in own]
            yield Wrong.LOST, "claim released", f"{key[:40]} is held by {holder}, which ended: {ends}"
        if kind == "SLOT" and len(rest) > 2:
            own = [schedule for schedule in own if schedule.connection_id == rest[2]]
        post = oracle.posts.get(holder)
        emptied = post is not None and post.origin is Origin.SLOT and _maybe(post.slot_at) == rest[1]
        if kind == "SLOT" and len(rest) == 2 and emptied and (holder, rest[1]) in oracle.ended:
            # A pick that ended leaves its own slot empty, wherever a person plans it afterwards.
            continue
        if kind == "SLOT":
            yield from _slot(oracle, rest[1], holder, own)


def _slot(oracle: Oracle, at: str, holder: str, own: list[Schedule]) -> Broken:
    there = [schedule for schedule in own if _stands_at(schedule, at)]
    left = oracle.left.get((holder, at))
    if not there and left is not None and left < datetime.fromisoformat(at) - timedelta(minutes=2):
        ends = [f"{schedule.status} at {iso(schedule.run_at)}" for schedule in own]
        yield Wrong.LOST, "slot given back", f"slot {at} is held by {holder}, which left it at {iso(left)}: {ends}"


def _stands_at(schedule: Schedule, at: str) -> bool:
    next_run_at = None if schedule.status is ScheduleStatus.SUCCESS else _maybe(schedule.next_run_at)
    return schedule.status not in ENDED and at in {iso(schedule.run_at), next_run_at}


def _maybe(at: datetime | None) -> str | None:
    return iso(at) if at else None


def _slots_filled(oracle: Oracle) -> Broken:
    """Every slot has a post or a decision that says why not, and one post at most."""
    until = oracle.world.kernel.now() - timedelta(hours=30)
    for persona in oracle.setting.personas:
        for slot_at in oracle.slots.announced(persona, until):
            store, key = oracle.world.stores, f"CLAIM#SLOT#{persona.persona_id}#{iso(slot_at)}"
            if store.claims.get(key) is None and store.posts.decision(persona.persona_id, slot_at) is None:
                yield Wrong.LOST, "slot explained", f"{persona.name} at {iso(slot_at)}: no post and no decision"
            at_it: dict[str, list[str]] = defaultdict(list)
            for schedule in oracle.schedules:
                if (
                    schedule.persona_id == persona.persona_id
                    and schedule.run_at == slot_at
                    and schedule.status not in ENDED
                ):
                    at_it[schedule.connection_id].append(schedule.post_id)
            for posts in at_it.values():
                if len(posts) > 1:
                    yield Wrong.RULE, "one post a slot", f"{persona.name} at {iso(slot_at)}: {sorted(posts)}"


def _parts(oracle: Oracle) -> Broken:
    """A slot is held as a whole only where each connection's part of it was claimed."""
    for persona_id, at, missing in oracle.slots.without_part():
        yield Wrong.RULE, "whole slot", f"{persona_id} at {at}: nothing for {missing}"


def _limits(oracle: Oracle) -> Broken:
    """What stands or went out keeps the persona's least gap, its weekly maximum, and once anywhere."""
    for persona in oracle.setting.personas:
        stands = [
            schedule
            for schedule in oracle.schedules
            if schedule.persona_id == persona.persona_id and schedule.status not in ENDED
        ]
        for stand, other in combinations(stands, 2):
            gap, near = timedelta(minutes=persona.min_gap_minutes), abs(stand.run_at - other.run_at)
            if stand.connection_id == other.connection_id and near < gap:
                yield Wrong.RULE, "least gap", f"{stand.schedule_id} and {other.schedule_id} are {near} apart"
            first, second = oracle.posts[stand.post_id], oracle.posts[other.post_id]
            shared = set(first.photo_ids) & set(second.photo_ids) if first.cycle == second.cycle else set()
            if persona.once_anywhere and stand.post_id != other.post_id and shared:
                yield Wrong.RULE, "once anywhere", f"{stand.schedule_id} and {other.schedule_id} have one photo"
        weeks = defaultdict(set)
        for stand in stands:
            day = stand.run_at.astimezone(ZoneInfo(persona.zone)).date()
            weeks[day - timedelta(days=day.weekday())].add(stand.post_id)
        for week, posts in weeks.items():
            if persona.max_per_week is not None and len(posts) > persona.max_per_week:
                yield Wrong.RULE, "weekly maximum", f"{persona.name} in the week of {week}: {sorted(posts)}"


def _uses(oracle: Oracle) -> Broken:
    """The platforms are used as they allow."""
    state = oracle.world.platforms.world
    for violation in state.instagram.violations:
        yield Wrong.RULE, "right use", violation.what
    for kind in DECLARED.values():
        for violated in kind.violations(state):
            yield Wrong.RULE, "right use", f"{kind.channel}: {violated}"
    for post in state.buffer.posts.values():
        if "unreachable" in (post.error or ""):
            yield Wrong.RULE, "picture can be fetched", f"{post.post_id}, due {post.due_at}: {post.error}"


def _cancels(oracle: Oracle) -> Broken:
    """A cancel that was answered as done is one, unless somebody wanted it after all."""
    for cancel in oracle.people.actions:
        if cancel.name != "cancel" or not getattr(cancel.answer, "done", False):
            continue
        again = any(
            other.name in {"retry", "plan", "reroute"} and other.at > cancel.at for other in oracle.people.actions
        )
        for shown in oracle.shown:
            later = shown.live_at is not None and shown.live_at > cancel.at
            if shown.schedule_id == cancel.subject and later and not again:
                yield Wrong.UNTRUE, "cancelled is not out", f"{shown} although the cancel was done at {cancel.at}"


Judge = Callable[[Oracle], Broken]
JUDGES: tuple[Judge, ...] = (
    _doubles,
    _truth,
    _events,
    _stuck,
    _photos,
    _claims,
    _slots_filled,
    _parts,
    _limits,
    _uses,
    _cancels,
    comments_and_stories,
)
