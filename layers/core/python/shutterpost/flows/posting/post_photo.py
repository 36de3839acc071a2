"""Posting one photo, or a text alone, that a person asks for: from names and local times to the post."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from shutterpost.channels import Connection, ConnectionStore
from shutterpost.curation import Caption
from shutterpost.flows.drafting.labels import Metadata, Tags
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.budgets import postable
from shutterpost.flows.planning.scheduled_time import ScheduledTime, parse_scheduled_time
from shutterpost.flows.planning.slots import check_slot_ahead, free_slots
from shutterpost.flows.posting.captions import caption_of, post_hashtags
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.post_request import LostClaims, PostRequest
from shutterpost.flows.refusals import CarouselInvalid, KeyReused, NoFreeSlot, PostEmpty, SlotTaken, TimeInvalid
from shutterpost.personas import Persona
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Extras, Language, Value, WallTime
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    Origin,
    PostDetails,
    PostNotFound,
    Posts,
    Schedules,
    key_claim_key,
    slot_claim_key,
)

_ADDED = frozenset({"extras", "language"})
_SLOTS_AHEAD = timedelta(days=90)


class PhotoRequest(Value):
    """A person's request to post a photo, or without `photo` its caption alone.

    `photo` is an id, the beginning of one, or a file name. `connection_ids` default to all connected ones, in a draft
    without a photo to none. `at` is a local time in `zone` (default: the persona's), an instant with an offset, or
    absent for now. `cycle` above 1 posts a photo again. A `draft` has variants and no schedule, and claims nothing.
    """

    photo: str | None = Field(default=None, min_length=1, max_length=1024)
    with_photos: tuple[Annotated[str, StringConstraints(min_length=1, max_length=250)], ...] = Field(
        default=(), max_length=19, description="Further photos of a carousel after `photo`, in order."
    )
    connection_ids: tuple[str, ...] = Field(default=(), max_length=20)
    at: WallTime | None = None
    zone: str | None = Field(default=None, max_length=64)
    caption: str | None = Field(default=None, max_length=10_000)
    hashtags: tuple[str, ...] = Field(default=(), max_length=60)
    tags: Tags = ()
    metadata: Metadata = Field(default_factory=dict)
    extras: Extras = Field(
        default=Extras(), description="What it has beside text and pictures; default: the persona's `extras`."
    )
    language: Language | None = Field(
        default=None, description="Language of its texts (BCP 47), such as `de`; default: the persona's."
    )
    alt_text: str | None = Field(default=None, max_length=5_000)
    title: str | None = Field(default=None, max_length=200)
    cycle: int = Field(default=1, ge=1, le=1000)
    draft: bool = False


def unnamed_fields(request: PhotoRequest) -> frozenset[str]:
    """The fields of later releases that the request lacks, so that digests of earlier requests stay as they were."""
    return _ADDED - request.model_fields_set


@flow
class PhotoPoster:
    clock: Clock
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    claims: Claims
    creator: PostCreator

    def post(
        self,
        persona: Persona,
        request: PhotoRequest,
        *,
        request_key: str,
        idempotency_key: str | None = None,
        created_by: str | None = None,
        dry_run: bool = False,
        next_slot: bool = False,
        slot: datetime | None = None,
    ) -> PostDetails:
        """Create the post; a repeat with the same `request_key` returns the first one.

        `created_by` is the principal that asks, `idempotency_key` its own: with it, another `request_key` is refused. A
        dry run checks everything and writes nothing. With `next_slot` the post takes the persona's next free slot, else
        the one at `slot`. Raises the named refusals of the photo, the connections, the time and the text,
        `PhotoAlreadyPosted`, `NoFreeSlot`, `SlotUnknown`, `SlotTaken` and `KeyReused`.
        """
        # Read first: a repeat may come after the time has passed or a connection was revoked.
        first = self._first_post(persona, request_key, idempotency_key)
        if first is not None:
            return first
        draft = self._request(persona, request, request_key, idempotency_key)
        draft = draft.model_copy(update={"created_by": created_by})
        with suppress(PostNotFound):
            return self.posts.details(draft.post_id)
        _check_times(request, next_slot=next_slot, slot=slot)
        answer = self._create(draft, as_draft=request.draft, dry_run=dry_run, next_slot=next_slot, slot=slot)
        if isinstance(answer, PostDetails):
            return answer
        if "key" in answer.labels:
            first = self._first_post(persona, request_key, idempotency_key)
            if first is not None:
                return first
        raise self.creator.refusal(draft, answer)

    def _request(
        self, persona: Persona, request: PhotoRequest, request_key: str, idempotency_key: str | None
    ) -> PostRequest:
        if request.draft and request.at is not None:
            raise TimeInvalid("A draft has no time; leave `at` out, and schedule it later.", field="at")
        photo = None if request.photo is None else self.photos.find(persona.persona_id, request.photo)
        caption = _caption(persona, photo, request)
        return PostRequest(
            persona=persona,
            photos=self._photos(persona, photo, request),
            connections=self._connections(persona, request),
            when=parse_scheduled_time(request.at, request.zone or persona.zone, self.clock.now()),
            caption=caption.text,
            caption_source=caption.source,
            hashtags=request.hashtags or post_hashtags(persona, photo),
            tags=request.tags,
            metadata=request.metadata,
            extras=request.extras,
            language=request.language,
            title=request.title,
            alt_text=request.alt_text,
            origin=Origin.MANUAL,
            cycle=request.cycle,
            request_key=request_key,
            idempotency_key=idempotency_key,
        )

    def _photos(self, persona: Persona, first: Photo | None, request: PhotoRequest) -> tuple[Photo, ...]:
        if first is None and request.with_photos:
            raise CarouselInvalid("Name the carousel's first photo as photo.", field="photo")
        photos = [] if first is None else [first]
        for name in request.with_photos:
            photo = self.photos.find(persona.persona_id, name)
            if photo in photos:
                raise CarouselInvalid(f"{name} is in the carousel twice; name each photo once.", field="with_photos")
            photos.append(photo)
        return tuple(photos)

    def _create(
        self, draft: PostRequest, *, as_draft: bool, dry_run: bool, next_slot: bool, slot: datetime | None
    ) -> PostDetails | LostClaims:
        if as_draft:
            return self.creator.draft(draft, dry_run=dry_run)
        create = self.creator.preview if dry_run else self.creator.open
        if not next_slot:
            return create(draft if slot is None else self._at_slot(draft, slot))
        for candidate in self._at_free_slots(draft):
            answer = create(candidate)
            if isinstance(answer, PostDetails) or not any(label.startswith("slot") for label in answer.labels):
                return answer
        raise NoFreeSlot(f"{draft.persona.name} has no free slot ahead; add one, or give a time for the photo.")

    def _first_post(self, persona: Persona, request_key: str, idempotency_key: str | None) -> PostDetails | None:
        """The post of the key's first request, if that was the same request. Raises `KeyReused` if it was another."""
        claim = self.claims.get(key_claim_key(persona.owner, idempotency_key)) if idempotency_key else None
        if claim is None or claim.state is ClaimState.RELEASED:
            return None
        first = self.posts.details(claim.holder)
        if (first.post.request_key, first.post.persona_id) == (request_key, persona.persona_id):
            return first
        raise KeyReused(
            f"This Idempotency-Key was used for another request, which created post {claim.holder}; use a new key.",
            field="Idempotency-Key",
            post_id=claim.holder,
        )

    def _at_slot(self, draft: PostRequest, slot: datetime) -> PostRequest:
        now = self.clock.now()
        when = parse_scheduled_time(slot, draft.persona.zone, now)
        check_slot_ahead(draft.persona, when, now)
        claim = self.claims.get(slot_claim_key(draft.persona.persona_id, when.run_at))
        if claim is not None and claim.state is ClaimState.HELD and claim.holder != draft.post_id:
            raise SlotTaken.by_another_post()
        return draft.model_copy(update={"when": when, "slot_at": when.run_at})

    def _at_free_slots(self, draft: PostRequest) -> Iterator[PostRequest]:
        now = self.clock.now()
        targets = [connection.connection_id for connection in draft.connections]
        window = now, now + _SLOTS_AHEAD
        slots = free_slots(self.claims, self.schedules, draft.persona, targets, window, post_id=draft.post_id)
        for slot in slots:
            when = ScheduledTime(run_at=slot.run_at, wall_time=slot.wall_time.isoformat(), zone=slot.zone)
            yield draft.model_copy(update={"when": when, "slot_at": slot.run_at})

    def _connections(self, persona: Persona, request: PhotoRequest) -> tuple[Connection, ...]:
        if request.connection_ids:
            return tuple(
                self.connections.get(persona.persona_id, item) for item in dict.fromkeys(request.connection_ids)
            )
        undecided = request.draft and request.photo is None
        return () if undecided else postable(self.connections.list(persona.persona_id))


def _check_times(request: PhotoRequest, *, next_slot: bool, slot: datetime | None) -> None:
    if [request.at is not None, slot is not None, next_slot].count(True) > 1:
        raise TimeInvalid("Give a time, a slot, or ask for the next free slot; only one of them.", field="at")
    if request.draft and slot is not None:
        raise TimeInvalid("A draft has no time; leave `slot` out, and schedule it later.", field="slot")


def _caption(persona: Persona, photo: Photo | None, request: PhotoRequest) -> Caption:
    if photo is not None:
        return caption_of(persona, photo, request.caption)
    text = (request.caption or "").strip()
    if not text:
        raise PostEmpty("A post without a photo needs a text; give it a caption, or a photo.", field="caption")
    return Caption(text=text, source="explicit")
