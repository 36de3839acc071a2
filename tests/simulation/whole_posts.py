"""What people do to whole posts; in histories that are asked for it, so that a seed stays the history that it was."""

import random
from datetime import timedelta
from typing import Any

from shutterpost.personas import Persona, coming_slots
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.persons import People, PersonAction

S = ScheduleStatus
OPEN = (S.PENDING, S.QUEUED, S.PROCESSING, S.UNKNOWN)


def _move_post(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, *OPEN)
    if schedule is None:
        return None
    now = people.world.kernel.now()
    slots = [slot.run_at for slot in coming_slots(persona, now, now + timedelta(days=3))]
    to_slot = bool(slots) and rng.random() < 0.7
    at = rng.choice(slots) if to_slot else now + timedelta(hours=30) * rng.random()
    action.subject = f"{schedule.post_id} to {at}"
    return people.world.mover.move_post(schedule.post_id, at, to_slot=to_slot)


def _swap(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    posts = [post for post in people.posts(persona) if any(schedule.is_open for schedule in post.schedules)]
    if len(posts) < 2:
        return None
    first, second = (details.post.post_id for details in rng.sample(posts, 2))
    action.subject = f"{first} with {second}"
    return people.world.swapper.swap(first, second)


WHOLE_POSTS = {"move post": _move_post, "swap": _swap}
