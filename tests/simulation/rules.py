"""What must hold at the moment of a remote write: nothing goes out early, late, unapproved, paused or archived."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx

from shutterpost.flows.publishing.publish_times import QUOTA_RETRY
from shutterpost.personas import Persona
from shutterpost.scheduling import Origin, PostDetails, Schedule
from tests.simulation.kinds import DECLARED, KindOfPlatform
from tests.simulation.platforms import key_of
from tests.simulation.setting import OWNER, Setting
from tests.simulation.shown import schedule_behind, schedule_of
from tests.simulation.world import World

Item = dict[str, Any]
# What a chain does within so long after its condition was checked is in time.
SLACK = timedelta(minutes=6)
SPACING = timedelta(seconds=45)
QUOTA_IS_NEW = timedelta(minutes=5)
READS_QUOTA = frozenset({"instagram GET content_publishing_limit"}) | {
    f"{kind.channel} {kind.reads_quota}" for kind in DECLARED.values() if kind.reads_quota
}


@dataclass
class Rules:
    """Looks at each call that publishes or hands over."""

    world: World
    setting: Setting
    broken: list[tuple[str, str]] = field(default_factory=list)
    awaiting: set[str] = field(default_factory=set)
    published: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    quota_read: dict[str, datetime] = field(default_factory=dict)

    def written(self, before: Item | None, after: Item) -> None:
        """Note what has to be approved, and what was."""
        name = after["schedule_id"]["S"]
        needs = after.get("review", {}).get("S") == "approval"
        if needs:
            self.awaiting.add(name)
        elif self._by_person():
            # Approved, moved or retried.
            self.awaiting.discard(name)
        if before is not None and before.get("revision") != after.get("revision"):
            # Its execution is another one than that which read the quota.
            self.quota_read.pop(name, None)
        if before is not None:
            self._judge_move(before, after)

    def _by_person(self) -> bool:
        task = self.world.kernel.task
        return (task.name if task else self.world.calls.late_by).startswith("person ")

    def _judge_move(self, before: Item, after: Item) -> None:
        """A chain goes on only where no cancel was wanted; what is too late is skipped only by policy."""
        name, step = after["schedule_id"]["S"], after.get("step", {}).get("S")
        wanted = before.get("cancel_requested", {}).get("BOOL") and before.get("step", {}).get("S") != step
        if wanted and step == "publishing":
            self.broken.append(("cancel", f"{name} is published although its cancel was accepted"))
        if after["status"]["S"] == "skipped" and after.get("error_code", {}).get("S") == "too-late":
            persona = self._persona(after["persona_id"]["S"])
            ruled = persona.min_gap_minutes or persona.max_per_week is not None or not persona.slots
            if persona.late_then == "next_slot" and not ruled:
                self.broken.append(("next slot", f"{name} is skipped, its persona wants the next slot"))

    def _persona(self, persona_id: str) -> Persona:
        with self.world.kernel.unobserved():
            return self.world.stores.personas.get(persona_id)

    def call(self, operation: str, request: httpx.Request) -> None:
        """Judge a call that is about to be made."""
        task = self.world.kernel.task
        if operation in READS_QUOTA and task is not None:
            self.quota_read[schedule_of(task.name)] = self.world.kernel.now()
        url = self._picture(operation, request)
        kind = next((kind for kind in DECLARED.values() if operation == f"{kind.channel} {kind.publishes}"), None)
        if url is None and kind is None:
            return
        name = schedule_behind(self.world, key_of(url)) if url else schedule_of(task.name if task else "")
        with self.world.kernel.unobserved():
            schedule = self.world.stores.schedules.get(name)
            self._judge(schedule)
            if operation == "instagram POST media_publish" and url is not None:
                self._judge_publish(schedule, SPACING, is_full=self._is_full(url))
            elif kind is not None:
                self._judge_publish(schedule, kind.spacing, is_full=self._is_full_at(kind, schedule))

    def _picture(self, operation: str, request: httpx.Request) -> str | None:
        """The picture that is about to be published or handed over."""
        if operation == "buffer createPost":
            post = json.loads(request.content)["variables"]["input"]
            return str(post["assets"][0]["image"]["url"])
        if operation == "instagram POST media_publish":
            creation_id = parse_qs(request.content.decode())["creation_id"][0]
            return self.world.platforms.world.instagram.containers[creation_id].urls()[0]
        return None

    def _judge_publish(self, schedule: Schedule, spacing: timedelta, *, is_full: bool) -> None:
        """Judge the call that makes the post visible at once."""
        now = self.world.kernel.now()
        if now < schedule.expected_at - timedelta(seconds=1):
            self._break("never early", schedule, f"published at {now}, meant for {schedule.expected_at}")
        account = schedule.account or schedule.connection_id
        before = self.published.get(account)
        if before is not None and before[0] != schedule.schedule_id and now - before[1] < spacing:
            self._break("spacing", schedule, f"{now - before[1]} after {before[0]}")
        self.published[account] = (schedule.schedule_id, now)
        self._judge_quota(schedule, now, is_full=is_full)

    def _judge(self, schedule: Schedule) -> None:
        details = self.world.stores.posts.details(schedule.post_id)
        now = self.world.kernel.now()
        self._judge_time(schedule, details, now)
        pause = self.world.stores.pauses.of(OWNER)
        if pause is not None and now > pause.since + SLACK:
            self._break("pause", schedule, f"goes out at {now}, paused since {pause.since}")
        if details.post.archived:
            self._break("archived", schedule, "its post is archived")
        if schedule.schedule_id in self.awaiting:
            self._break("approval", schedule, "nobody approved it")

    def _is_full(self, url: str) -> bool:
        platform = self.world.platforms.world.instagram
        account = next(container.account for container in platform.containers.values() if url in container.urls())
        return platform.quota_usage(account, self.world.kernel.now()) >= account.quota_total

    def _is_full_at(self, kind: KindOfPlatform, schedule: Schedule) -> bool:
        channels = {channel.connection_id: channel.account_id for channel in self.setting.channels}
        state, now = self.world.platforms.world, self.world.kernel.now()
        return kind.is_full is not None and kind.is_full(state, channels[schedule.connection_id], now)

    def _judge_quota(self, schedule: Schedule, now: datetime, *, is_full: bool) -> None:
        """A post that read the quota just before waits while others may use all that is left, if its grace allows."""
        read_at = self.quota_read.get(schedule.schedule_id)
        had_time = read_at is not None and read_at + QUOTA_RETRY <= self._latest(schedule)
        if is_full and had_time and read_at is not None and now - read_at < QUOTA_IS_NEW:
            self._break("quota", schedule, "is published, and all posts of the day are used")

    def _latest(self, schedule: Schedule) -> datetime:
        return schedule.run_at + self._persona(schedule.persona_id).late_grace

    def _judge_time(self, schedule: Schedule, details: PostDetails, now: datetime) -> None:
        persona = self.world.stores.personas.get(schedule.persona_id)
        latest = schedule.run_at + timedelta(minutes=persona.late_grace_minutes) + SLACK
        # A grace that was shortened just now counts from its change on.
        if now > max(latest, persona.updated_at + SLACK):
            self._break("grace", schedule, f"goes out at {now}, meant for {schedule.run_at}")
        day = schedule.run_at.astimezone(ZoneInfo(persona.zone)).date()
        in_slot = details.post.origin is Origin.SLOT and details.post.slot_at == schedule.run_at
        if in_slot and day in persona.blackout_dates:
            self._break("blackout", schedule, f"goes out on {day}")

    def _break(self, rule: str, schedule: Schedule, words: str) -> None:
        self.broken.append((rule, f"{schedule.schedule_id}: {words}"))
