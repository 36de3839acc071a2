"""Adding photos to a post that waits, so that it goes out as a carousel; by default the burst that its pick offers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from shutterpost.channels import Catalogue, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.capacity import check_size
from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.post_request import LostClaims, PostRequest
from shutterpost.flows.posting.variant_rules import check_alt_texts, check_extras, check_photos, check_pictures
from shutterpost.flows.refusals import (
    CarouselInvalid,
    NothingToExtend,
    PhotoUnavailable,
    PostChanged,
    PostIsArchived,
)
from shutterpost.personas import Persona
from shutterpost.photos import TAKE_LABEL, Photo, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import Post, PostDetails, Posts, Schedule, Schedules, ScheduleStatus, Variant

_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_UNPUBLISHED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})


class PhotosToAdd(Value):
    """Photos to add to a post, by id, the beginning of one, or file name."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"photos": ["DSC_0042.jpg"]}, {}]})

    photos: tuple[Annotated[str, StringConstraints(min_length=1, max_length=250)], ...] = Field(
        default=(), max_length=19, description="Default: those that the post's pick offers."
    )


@flow
class PhotoAdder:
    """Adds photos to waiting posts, with their claims in one transaction; never calls a platform."""

    clock: Clock
    catalogue: Catalogue
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    creator: PostCreator

    def add(self, persona: Persona, details: PostDetails, names: Sequence[str] = ()) -> PostDetails:
        """Add the photos `names` (ids, beginnings of ids, or file names), by default those that the pick offers.

        Raises `NothingToExtend` unless the post waits, `CarouselInvalid`, `PostIsArchived`, `PhotoAlreadyPosted`,
        `PhotoUnavailable`, `PostChanged`, and the named refusals of the photos and of the transaction.
        """
        post, now = details.post, self.clock.now()
        added = self._added(persona, post, names)
        if not added:
            return details
        if post.archived:
            raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to change it.")
        waiting = _waiting(details)
        own = [self.photos.get(persona.persona_id, photo_id) for photo_id in post.photo_ids]
        whole = self._request(persona, post, waiting, (*own, *added))
        self._check(whole)
        check_alt_texts(persona, added, added[0].alt_text)
        new = whole.model_copy(update={"photos": added})
        writes = [
            self.posts.changing(post, photo_ids=list(whole.photo_ids), updated_at=now),
            *map(self.posts.writing, self._variants(details, whole, now)),
            *self.creator.photo_claim_writes(new, post, now),
            *self.creator.shown_writes(whole, post),
            *(self.photos.take(post.persona_id, item, post.post_id, must_be_unposted=False) for item in new.photo_ids),
            # A publication that began meanwhile has changed its schedule.
            *(write for item in waiting for write in self.schedules.moving(item, item.status, now=now)),
        ]
        check_size(writes)
        answer = commit(writes)
        if isinstance(answer, Refused):
            raise self._refusal(new, post, answer)
        logger.info("photos added", post_id=post.post_id, photos=len(whole.photos))
        return self.posts.details(post.post_id)

    def _added(self, persona: Persona, post: Post, names: Sequence[str]) -> tuple[Photo, ...]:
        if not names and not post.burst:
            detail = f"The pick of post {post.post_id} offers no photos; name those to add."
            raise CarouselInvalid(detail, field="photos")
        named = [self.photos.find(persona.persona_id, name) for name in names or post.burst]
        photos = [photo for photo in named if names or photo.kept_out is None]
        return tuple({photo.photo_id: photo for photo in photos if photo.photo_id not in post.photo_ids}.values())

    def _request(
        self, persona: Persona, post: Post, waiting: Sequence[Schedule], photos: tuple[Photo, ...]
    ) -> PostRequest:
        first = waiting[0]
        return PostRequest(
            persona=persona,
            photos=photos,
            connections=tuple(self.connections.get(persona.persona_id, item.connection_id) for item in waiting),
            when=ScheduledTime(run_at=first.run_at, wall_time=first.wall_time, zone=first.zone),
            caption=post.base_caption,
            caption_source=post.caption_source,
            extras=post.extras or Extras(),
            origin=post.origin,
            cycle=post.cycle,
            request_key=post.request_key,
        )

    def _check(self, whole: PostRequest) -> None:
        rows = [self.catalogue.row(connection.channel) for connection in whole.connections]
        check_extras(whole.extras, (), (), pictures=len(whole.photos))
        check_pictures(len(whole.photos), max(rows, key=lambda row: row.limits.max_pictures))
        for row in rows:
            check_pictures(len(whole.photos_for(row)), row)
            check_photos(whole.photos_for(row), row)

    def _variants(self, details: PostDetails, whole: PostRequest, now: datetime) -> list[Variant]:
        changed = []
        for variant in details.variants:
            if variant.photo_ids == details.post.photo_ids:
                photos = whole.photos_for(self.catalogue.row(variant.channel))
                changes = {"photo_ids": tuple(photo.photo_id for photo in photos), "updated_at": now}
                changed.append(variant.model_copy(update=changes))
        return changed

    def _refusal(self, new: PostRequest, post: Post, answer: Refused) -> Exception:
        if any(label.startswith(("claim:", "anywhere")) for label in answer.labels):
            return self.creator.refusal(new, LostClaims(labels=answer.labels))
        if TAKE_LABEL in answer.labels:
            return PhotoUnavailable("One of these photos is no longer in the library, or is withheld; leave it out.")
        return PostChanged(f"Post {post.post_id} has changed meanwhile; read it again, then try again.")


def carousel_command(post_id: str) -> str:
    return f"shutterpost post carousel {post_id}"


def offered_photos(post: Post, schedules: Sequence[Schedule]) -> tuple[str, ...]:
    """The photos that the post's pick offers and that can be added now."""
    waits = bool(schedules) and all(map(_is_unbegun, schedules))
    return tuple(item for item in post.burst if item not in post.photo_ids) if waits and not post.archived else ()


def offer_text(post_id: str, offered: Sequence[str], names: Mapping[str, str]) -> str:
    named = ", ".join(names.get(photo_id, photo_id[:12]) for photo_id in offered)
    return f"Can be a carousel with {named}: {carousel_command(post_id)}" if offered else ""


def _waiting(details: PostDetails) -> list[Schedule]:
    waiting = [item for item in details.schedules if item.status in _WAITING]
    if not waiting or not all(item.status in _UNPUBLISHED or _is_unbegun(item) for item in details.schedules):
        detail = f"Post {details.post.post_id} does not wait for its publication, so no photo can be added to it."
        raise NothingToExtend(detail)
    return waiting


def _is_unbegun(schedule: Schedule) -> bool:
    return schedule.status in _WAITING and schedule.step is None and not schedule.cancel_requested
