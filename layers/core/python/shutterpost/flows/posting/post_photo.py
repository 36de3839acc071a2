"""A person's wish to post one photo: from names and local times to the creating transaction."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

from pydantic import Field

from shutterpost.channels import Connection
from shutterpost.flows.posting.captions import caption_of, tags_of
from shutterpost.flows.posting.create_post import LostClaims, PostCreator, PostRequest
from shutterpost.flows.posting.scheduled_time import ScheduledTime, parse_scheduled_time
from shutterpost.flows.posting.slots import connected, free_slots
from shutterpost.flows.refusals import KeyReused, NoFreeSlot, TimeInvalid
from shutterpost.personas import Persona
from shutterpost.runtime.values import Value, WallTime
from shutterpost.scheduling import Origin, PostDetails, PostNotFound, key_claim_key

_SLOTS_AHEAD = timedelta(days=90)


class PhotoRequest(Value):
    """What a person asks for.

    `photo` is an id, the beginning of one, or a file name. `connection_ids` default to all connected ones. `at` is a
    local time in `zone` (default: the persona's), an instant with an offset, or absent for now. `cycle` above 1 posts
    a photo again on purpose. A `draft` has variants and no schedule, and claims nothing.
    """

    photo: str = Field(min_length=1, max_length=1024)
    connection_ids: tuple[str, ...] = Field(default=(), max_length=20)
    at: WallTime | None = None
    zone: str | None = Field(default=None, max_length=64)
    caption: str | None = Field(default=None, max_length=10_000)
    tags: tuple[str, ...] = Field(default=(), max_length=60)
    alt_text: str | None = Field(default=None, max_length=5_000)
    title: str | None = Field(default=None, max_length=200)
    cycle: int = Field(default=1, ge=1, le=1000)
    draft: bool = False


def post_photo(
    scheduler: PostCreator,
    persona: Persona,
    request: PhotoRequest,
    *,
    request_key: str,
    idempotency_key: str | None = None,
    dry_run: bool = False,
    next_slot: bool = False,
) -> PostDetails:
    """Open the post `request` asks for; a repeat with the same `request_key` answers with the first run's post.

    `idempotency_key` is the caller's: with it, another `request_key` is refused. A dry run checks everything and writes
    nothing. With `next_slot` the post takes the persona's next free slot for itself. Raises the named refusals of the
    photo, the connections, the time and the text, `PhotoAlreadyPosted`, `NoFreeSlot` and `KeyReused`.
    """
    # Looked for first: a repeat may come when the time has passed or a connection has ended.
    first = _first_under(scheduler, persona, request_key, idempotency_key)
    if first is not None:
        return first
    if request.draft and request.at is not None:
        raise TimeInvalid("A draft has no time; leave `at` out, and schedule it later.", field="at")
    photo = scheduler.photos.find(persona.persona_id, request.photo)
    caption = caption_of(persona, photo, request.caption)
    wish = PostRequest(
        persona=persona,
        photo=photo,
        connections=_connections(scheduler, persona, request.connection_ids),
        when=parse_scheduled_time(request.at, request.zone or persona.zone, scheduler.clock.now()),
        caption=caption.text,
        caption_source=caption.source,
        tags=request.tags or tags_of(persona, photo),
        title=request.title,
        alt_text=request.alt_text,
        origin=Origin.MANUAL,
        cycle=request.cycle,
        request_key=request_key,
        idempotency_key=idempotency_key,
        source="manual" if request.caption is not None else "generated",
    )
    with suppress(PostNotFound):
        return scheduler.posts.details(wish.post_id)
    answer: PostDetails | LostClaims
    if request.draft:
        answer = scheduler.draft(wish, dry_run=dry_run)
        if isinstance(answer, PostDetails):
            return answer
    for wanted in () if request.draft else _at_slots(scheduler, wish, request) if next_slot else (wish,):
        answer = scheduler.preview(wanted) if dry_run else scheduler.open(wanted)
        if isinstance(answer, PostDetails):
            return answer
        if not any(label.startswith("slot") for label in answer.labels):
            break
    else:
        raise NoFreeSlot(f"{persona.name} has no free slot ahead; give it one, or say when to post the photo.")
    if "key" in answer.labels:
        first = _first_under(scheduler, persona, request_key, idempotency_key)
        if first is not None:
            return first
    raise scheduler.refusal(wish, answer)


def _first_under(
    scheduler: PostCreator, persona: Persona, request_key: str, idempotency_key: str | None
) -> PostDetails | None:
    """The post that the key's first request opened, if that was this one. Raises `KeyReused` where it was another."""
    claim = scheduler.claims.get(key_claim_key(persona.owner, idempotency_key)) if idempotency_key else None
    if claim is None:
        return None
    first = scheduler.posts.details(claim.holder)
    if (first.post.request_key, first.post.persona_id) == (request_key, persona.persona_id):
        return first
    raise KeyReused(
        f"This Idempotency-Key was used for another request, which opened post {claim.holder}; use a new key.",
        field="Idempotency-Key",
        post_id=claim.holder,
    )


def _at_slots(scheduler: PostCreator, wish: PostRequest, request: PhotoRequest) -> Iterator[PostRequest]:
    """The wish at each coming slot that was free a moment ago."""
    if request.at is not None:
        raise TimeInvalid("Say when, or ask for the next free slot, not both.", field="at")
    now = scheduler.clock.now()
    targets = [one.connection_id for one in wish.connections]
    ahead = now, now + _SLOTS_AHEAD
    for slot in free_slots(scheduler.claims, scheduler.schedules, wish.persona, targets, ahead, post_id=wish.post_id):
        when = ScheduledTime(run_at=slot.run_at, wall_time=slot.wall_time.isoformat(), zone=slot.zone)
        yield wish.model_copy(update={"when": when, "slot_at": slot.run_at})


def _connections(scheduler: PostCreator, persona: Persona, wanted: tuple[str, ...]) -> tuple[Connection, ...]:
    if not wanted:
        return connected(scheduler.connections.list(persona.persona_id))
    return tuple(scheduler.connections.get(persona.persona_id, one) for one in dict.fromkeys(wanted))
