"""What people do, at any moment: here, at the platforms, and with the accounts."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from infra.local.simulators.buffer.records import BufferPost
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.flows.posting.assign import PostAssigner
from shutterpost.flows.posting.edit_post import PostChange
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import ApprovalMode, Persona, Slot
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.extras import EXTRA_ACTS
from tests.simulation.fate import Fate
from tests.simulation.kernel import WorkerDied
from tests.simulation.persons import People, PersonAction
from tests.simulation.setting import OWNER, add_photo, reconnect
from tests.simulation.shown import live_url, waiting_at_buffer
from tests.simulation.whole_posts import WHOLE_POSTS
from tests.simulation.world import PERSON, SYNC

S = ScheduleStatus
# How often a person does one of the actions that a history favours.
FAVOURED = 0.4
# How many photos a person puts into a post.
CAROUSEL = (1, 1, 1, 2, 3)
GIVES_BACK = " and gives its photo back"


def _instant(people: People, rng: random.Random) -> datetime | None:
    """When a person wants something to go out: now, soon, tomorrow, or in more days than a public copy lives."""
    now = people.world.kernel.now()
    pick = rng.random()
    if pick < 0.25:
        return None
    reach = timedelta(hours=2) if pick < 0.6 else timedelta(hours=30) if pick < 0.85 else timedelta(days=9)
    return now + timedelta(seconds=30) + reach * rng.random()


def _schedule(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    channels, library = people.setting.of(persona.persona_id), people.photos(persona)
    targets = tuple(channel.connection_id for channel in channels if rng.random() < 0.7)
    in_slot = rng.random() < 0.3
    first, *further = rng.sample(library, min(len(library), rng.choice(CAROUSEL)))
    request = PhotoRequest(
        photo=first.photo_id,
        with_photos=tuple(photo.photo_id for photo in further),
        connection_ids=targets,
        at=None if in_slot else _instant(people, rng),
        cycle=2 if rng.random() < 0.1 else 1,
        draft=rng.random() < 0.1 and in_slot,
    )
    key = f"request {rng.getrandbits(32)}"
    again = rng.random() < 0.15
    details: Any = None
    for _ in range(1 + again):
        details = people.world.poster.post(
            persona,
            request,
            request_key=key,
            idempotency_key=key if again else None,
            next_slot=in_slot and not request.draft,
        )
        action.subject = f"{details.post.post_id} at {request.at or 'now'}"
    return details


def _plan(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    posts = [post for post in people.posts(persona) if not any(schedule.is_open for schedule in post.schedules)]
    if not posts:
        return None
    details = rng.choice(posts)
    action.subject = details.post.post_id
    when = parse_scheduled_time(_instant(people, rng), persona.zone, people.world.kernel.now())
    return _assigner(people).plan(persona, details, when)


def _reroute(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.QUEUED, S.PENDING)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    return _assigner(people).change_connection(persona, schedule, people.channel(persona, rng).connection_id)


def _assigner(people: People) -> PostAssigner:
    return people.world.assigner


def _move(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.PENDING, S.QUEUED, S.PROCESSING, S.UNKNOWN)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    slots = [slot.run_at for slot in _coming(people, persona)]
    at = rng.choice(slots) if slots and rng.random() < 0.4 else _instant(people, rng) or people.world.kernel.now()
    return people.world.mover.move(schedule.schedule_id, at)


def _coming(people: People, persona: Persona) -> Sequence[Any]:
    from shutterpost.personas import coming_slots

    now = people.world.kernel.now()
    return coming_slots(persona, now, now + timedelta(days=2))


def _extend(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """A person takes the burst that a pick offers, or adds any photo to a post that waits."""
    schedule = people.schedule(persona, rng, S.PENDING, S.QUEUED)
    if schedule is None:
        return None
    details = people.world.stores.posts.details(schedule.post_id)
    names = () if details.post.burst and rng.random() < 0.8 else (rng.choice(people.photos(persona)).photo_id,)
    action.subject = f"{schedule.post_id} by {', '.join(names) or 'what it offers'}"
    return people.world.photo_adder.add(persona, details, names)


def _cancel(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.PENDING, S.QUEUED, S.PROCESSING, S.UNKNOWN)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    return people.world.canceller.cancel(schedule.schedule_id)


def _retry(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.FAILED, S.SKIPPED, S.CANCELLED)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    return people.world.retrier.retry(schedule.schedule_id, _instant(people, rng))


def _retry_all(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    answer = people.world.retrier.retry_all(persona.persona_id)
    action.subject = ", ".join(answer.retried)
    return answer


def _resolve(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """A person looks at the account and says what is seen there at this moment."""
    schedule = people.schedule(persona, rng, S.UNKNOWN)
    if schedule is None:
        return None
    url = live_url(people.world, schedule)
    action.subject = f"{schedule.schedule_id} as {url or 'not live'}"
    return people.world.resolver.resolve(schedule.schedule_id, live_url=url, not_live=url is None)


def _skip(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.PENDING, S.QUEUED)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    return people.world.canceller.skip(schedule.schedule_id)


def _archive(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    posts = people.posts(persona)
    if not posts:
        return None
    details = rng.choice(posts)
    action.subject = details.post.post_id
    return people.world.editor.change(details, PostChange(archived=not details.post.archived))


def _approve(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.PENDING)
    if schedule is None:
        return None
    action.subject = schedule.post_id
    return people.world.reviewer.approve(schedule.post_id)


def _reject(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.PENDING)
    if schedule is None:
        return None
    back = rng.random() < 0.5
    action.subject = f"{schedule.post_id}{GIVES_BACK if back else ''}"
    return people.world.reviewer.reject(schedule.post_id, back=back)


def _pause(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    pauses, now = people.world.stores.pauses, people.world.kernel.now()
    if pauses.of(OWNER) is None:
        action.subject = "everything"
        return pauses.pause(OWNER, "a storm", now)
    action.subject = "no longer"
    return pauses.resume(OWNER)


def _sync(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """Some people ask again and again."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        people.world.sync(persona.persona_id)
        people.world.kernel.sleep(timedelta(seconds=rng.uniform(0.5, 5)))


def _change_slots(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    slots = (
        (*persona.slots[:1], Slot(at=time(rng.randrange(24), rng.choice((0, 15)))))
        if rng.random() < 0.5
        else (Slot(at=time(rng.randrange(24), rng.choice((0, 15)))),)
    )
    action.subject = ", ".join(str(slot.at) for slot in slots)
    changed = people.world.stores.personas.update(
        persona.model_copy(update={"slots": slots}), people.world.kernel.now()
    )
    people.world.arm_persona(changed)
    if rng.random() < 0.3:
        # On second thought.
        people.world.kernel.sleep(timedelta(seconds=rng.uniform(1, 10)))
        _change_slots(people, changed, rng, action)


def _change_policy(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    change: dict[str, Any] = rng.choice(
        [
            {"late_grace_minutes": rng.choice((0, 5, 60))},
            {"approval": rng.choice(list(ApprovalMode))},
            {"late_then": rng.choice(("skip", "next_slot"))},
        ]
    )
    action.subject = str(change)
    changed = Persona.model_validate({**persona.model_dump(), **change})
    people.world.stores.personas.update(changed, people.world.kernel.now())
    return people.world.arm_persona(changed)


def _break_token(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """The platform stops taking a connection's token, for some hours or until somebody connects it anew."""
    channel = people.channel(persona, rng)
    action.subject = channel.kind
    people.world.platforms.refuse_token(channel.kind, channel.token)
    if rng.random() < 0.5:
        hours = timedelta(hours=rng.uniform(0.2, 8))
        again = people.world.kernel.now() + hours
        people.world.kernel.at(again, lambda: people.world.platforms.take_token(channel.kind, channel.token))


def _reconnect(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    channel = people.channel(persona, rng)
    action.subject = channel.kind
    people.world.platforms.take_token(channel.kind, channel.token)
    return reconnect(people.world, channel)


def _revoke(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    channel = people.channel(persona, rng)
    action.subject = channel.kind
    there = waiting_at_buffer(people.world, channel.connection_id)
    people.world.connector.revoke(persona, channel.connection_id)
    return there & waiting_at_buffer(people.world, channel.connection_id)


def _remove(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    schedule = people.schedule(persona, rng, S.SUCCESS)
    if schedule is None:
        return None
    action.subject = schedule.schedule_id
    return people.world.remover.remove(schedule.schedule_id)


def _import(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    number = 1000 + people.setting.photos
    action.subject = f"photo {number}"
    return add_photo(people.world, people.setting, persona, number)


def _at_buffer(people: People, persona: Persona, rng: random.Random, action: PersonAction) -> Any:
    """Somebody works at Buffer itself: takes a post away, or wants to see it first; or its network refuses it."""
    buffer = people.world.platforms.world.buffer
    waiting = [post for post in buffer.posts.values() if post.status == "scheduled"]
    if not waiting:
        return None
    post = rng.choice(waiting)
    chance = rng.random()
    if chance < 0.3:
        action.subject = f"refuses {post.post_id}"
        post.status, post.error = "error", "The network refused this post."
    elif chance < 0.6:
        action.subject = f"deletes {post.post_id}"
        buffer.deleted.append(buffer.posts.pop(post.post_id).post_id)
    else:
        action.subject = f"wants to approve {post.post_id}"
        post.status = "needs_approval"
        approved_at = people.world.kernel.now() + timedelta(days=5) * rng.random()
        people.world.kernel.at(approved_at, lambda: _approve_there(post))


def _approve_there(post: BufferPost) -> None:
    if post.status == "needs_approval":
        post.status = "scheduled"


Act = Callable[[People, Persona, random.Random, PersonAction], Any]
ACTS: dict[str, Act] = {
    "schedule": _schedule,
    "plan": _plan,
    "reroute": _reroute,
    "move": _move,
    "extend": _extend,
    "cancel": _cancel,
    "retry": _retry,
    "retry all": _retry_all,
    "resolve": _resolve,
    "skip": _skip,
    "archive": _archive,
    "approve": _approve,
    "reject": _reject,
    "pause": _pause,
    "sync": _sync,
    "change slots": _change_slots,
    "change policy": _change_policy,
    "break token": _break_token,
    "reconnect": _reconnect,
    "revoke": _revoke,
    "remove": _remove,
    "import": _import,
    "at buffer": _at_buffer,
}
# What people do in histories that are asked for it, so that a seed stays the history that it was.
ON_REQUEST: dict[str, Act] = {**WHOLE_POSTS, **EXTRA_ACTS}
OFTEN = {"schedule": 8, "move": 4, "cancel": 4, "retry": 3, "resolve": 6, "sync": 6, "approve": 3, "pause": 3}
WEIGHTED = [name for name in ACTS for _ in range(OFTEN.get(name, 1))]


def favourites_of(fate: Fate) -> tuple[str, ...]:
    """The action that people favour in this history, if any."""
    return (fate.choice("favourite", tuple(ACTS)),) if fate.draw("has favourite") < 0.4 else ()


def act(people: People, number: int, at: datetime, favourites: tuple[str, ...]) -> None:
    """Let the action `number` happen at `at`."""
    world, key = people.world, f"person {number}"
    rng = world.fate.scatter(key)
    name = rng.choice(WEIGHTED)
    if favourites and world.fate.draw(f"{key} favourite") < FAVOURED:
        name = world.fate.choice(f"{key} which", favourites)
    if not world.fate.happens(f"{key} {name}", 1):
        return

    def work() -> None:
        try:
            world.kernel.worker(lambda: _do(people, name, rng), SYNC if name in {"sync", "remove"} else PERSON)
        except WorkerDied:
            world.tell(f"person: {name} got no answer")

    world.kernel.spawn(key, work, at=at)


def _do(people: People, name: str, rng: random.Random) -> None:
    world = people.world
    persona = world.stores.personas.get(rng.choice(people.setting.personas).persona_id)
    action = PersonAction(world.kernel.now(), name, "", task=world.kernel.task.name if world.kernel.task else "")
    people.actions.append(action)
    try:
        action.answer = (ACTS | ON_REQUEST)[name](people, persona, rng, action)
    except Refusal as refusal:
        action.refusal = refusal.detail
    except Exception as error:  # noqa: BLE001 - a person sees an error, and may ask again
        action.refusal = f"error {error!r:.150}"
        world.failed(error)
    world.tell(f"person: {name} {action.subject} → {action.refusal or 'done'}")
