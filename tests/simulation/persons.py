"""The people of a history: what they see and own, what they asked for, and their impatience."""

import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.scheduling import PostDetails, Schedule, ScheduleStatus
from tests.simulation.setting import Channel, Setting
from tests.simulation.shown import live_url
from tests.simulation.world import PERSON, SYNC, World

IMPATIENT = 0.3


@dataclass
class PersonAction:
    """What a person did, to what, and the answer: a value, a refusal, or none at all."""

    at: datetime
    name: str
    subject: str
    answer: Any = None
    refusal: str | None = None
    task: str = ""


@dataclass
class People:
    """Everybody who acts in a history, and what came of it."""

    world: World
    setting: Setting
    actions: list[PersonAction] = field(default_factory=list)

    def notice(self, schedule_id: str, revision: str) -> None:
        """Somebody who sees an unclear outcome may ask again and again before the cron does, or say what is there."""
        world, key = self.world, f"impatient {schedule_id} {revision}"
        if not world.calls.weather.breaks_writes or not world.fate.happens(key, IMPATIENT):
            return

        def work() -> None:
            for number in range(3):
                knows = world.fate.draw(f"{key} says {number}") < 0.3
                act = self._say_what_is_there if knows else self._ask_for_sync
                with suppress(Exception):
                    world.kernel.worker(partial(act, schedule_id), PERSON if knows else SYNC)
                world.kernel.sleep(timedelta(seconds=world.fate.between(f"{key} again {number}", 2, 70)))

        begin = timedelta(seconds=world.fate.between(f"{key} when", 5, 90))
        world.kernel.spawn(key, work, at=world.kernel.now() + begin)

    def _ask_for_sync(self, schedule_id: str) -> None:
        self.world.sync(self.world.stores.schedules.get(schedule_id).persona_id)

    def _say_what_is_there(self, schedule_id: str) -> None:
        url = live_url(self.world, self.world.stores.schedules.get(schedule_id))
        self.world.resolver.resolve(schedule_id, live_url=url, not_live=url is None)

    def photos(self, persona: Persona) -> list[Photo]:
        """The persona's library."""
        photos, cursor = list[Photo](), None
        while True:
            page = self.world.stores.photos.of_persona(persona.persona_id, 100, cursor)
            photos += page.photos
            cursor = page.cursor
            if cursor is None:
                return photos

    def posts(self, persona: Persona) -> list[PostDetails]:
        """The persona's posts."""
        listed = self.world.stores.posts.of_persona(persona.persona_id, limit=20).posts
        return [self.world.stores.posts.details(post.post_id) for post in listed]

    def schedule(self, persona: Persona, rng: random.Random, *statuses: ScheduleStatus) -> Schedule | None:
        """One of the persona's schedules, if any is as wanted."""
        schedules = [
            schedule for post in self.posts(persona) for schedule in post.schedules if schedule.status in statuses
        ]
        return rng.choice(schedules) if schedules else None

    def channel(self, persona: Persona, rng: random.Random) -> Channel:
        """One of the persona's connections."""
        return rng.choice(self.setting.of(persona.persona_id))
