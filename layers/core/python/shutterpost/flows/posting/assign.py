"""Schedules for existing posts, and other connections for waiting schedules."""

from collections.abc import Sequence

from shutterpost.channels import Connection, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.post_request import LostClaims, PostRequest
from shutterpost.flows.posting.release import Releaser, photo_claims
from shutterpost.flows.posting.variant_rules import (
    check_alt_texts,
    check_extras,
    check_named,
    check_variant,
    chosen_variant,
    is_for,
)
from shutterpost.flows.refusals import (
    ConnectionInUse,
    HandedOver,
    MoveInFlight,
    NothingToMove,
    PostChanged,
    PostHasNoVariants,
    PostIsArchived,
)
from shutterpost.personas import Persona
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import (
    Lanes,
    Post,
    PostDetails,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    ShownPhotos,
    Step,
    Variant,
    Weeks,
    schedule_id_of,
)

_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_UNPUBLISHED = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})

# What another connection of a channel publishes of a variant that was written by itself.
_KEPT = {"text", "language", "alt_text", "photo_ids", "source", "tone", "label", "own_text"}


@flow
class PostAssigner:
    """Schedules existing posts, with their claims in one transaction; never calls a platform."""

    clock: Clock
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    schedules: Schedules
    weeks: Weeks
    shown: ShownPhotos
    lanes: Lanes
    start_timers: StartTimers
    creator: PostCreator
    releaser: Releaser

    def plan(
        self,
        persona: Persona,
        details: PostDetails,
        when: ScheduledTime,
        connection_ids: Sequence[str] = (),
        variant_ids: Sequence[str] = (),
    ) -> PostDetails:
        """Schedule the post that was read as `details` to `connection_ids`, by default to those of its variants.

        `variant_ids` name the variants to publish where a connection has several. A connection without a variant gets
        one with the post's texts. Raises `PostHasNoVariants`, `PostIsArchived`, `ConnectionInUse`, `PostChanged`, and
        the named refusals of the photo, variants, connections, time, limits and text.
        """
        post = details.post
        targets = list(dict.fromkeys(connection_ids)) or _targets(details, variant_ids)
        if not targets:
            detail = f"Post {post.post_id} has no variants of a connection; name the connections to schedule it to."
            raise PostHasNoVariants(detail, field="connection_ids")
        if post.archived:
            raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to schedule it.")
        check_ahead(when, self.clock.now(), self.creator.max_future)
        request = self._request(persona, details, [self._connection(persona, target) for target in targets], when)
        variants, schedules, writes = self._assigned(request, details, named=variant_ids)
        writes.append(self.posts.changing(post))
        # A post that ended is scheduled again by a person, who so forgives its failures, as with a retry.
        forgive = bool(details.schedules)
        for photo_id in request.photo_ids:
            take = self.photos.take(persona.persona_id, photo_id, post.post_id, must_be_unposted=False, forgive=forgive)
            writes.append(take)
        answer = commit_planned(self.weeks, self.schedules, persona, schedules, writes)
        if isinstance(answer, Refused):
            raise self._refusal(request, post, answer)
        logger.info("post scheduled", post_id=post.post_id, variants=len(variants), schedules=len(schedules))
        for schedule in schedules:
            self.start_timers.arm(schedule, requested=True)
        return self.posts.details(post.post_id)

    def change_connection(self, persona: Persona, schedule: Schedule, connection_id: str) -> Schedule:
        """Replace a waiting schedule by one on another connection of its persona at the same time; returns that.

        The old schedule is cancelled and releases its claims in the transaction that takes the new ones. Raises
        `HandedOver`, `MoveInFlight` if it has begun, `NothingToMove` if it has ended, `ConnectionInUse`, `PostChanged`,
        and the named refusals of the connection, limits and text.
        """
        self._check_waits(schedule)
        connection = self._connection(persona, connection_id)
        if schedule.connection_id == connection_id:
            raise _in_use(schedule.post_id, connection)
        details = self.posts.details(schedule.post_id)
        post, now = details.post, self.clock.now()
        when = ScheduledTime(run_at=schedule.run_at, wall_time=schedule.wall_time, zone=schedule.zone)
        request = self._request(persona, details, [connection], when).model_copy(update={"review": schedule.review})
        variant = details.variant(schedule.variant_id)
        named = [variant.variant_id] if is_for(variant, connection) else []
        _, [new], writes = self._assigned(request, details, named=named, instead_of=variant)
        writes += self.schedules.moving(schedule, ScheduleStatus.CANCELLED, now=now, public_keys=[])
        writes += self._releases(details, schedule, f"the post moved to connection {connection_id}")
        answer = commit_planned(self.weeks, self.schedules, persona, [new], writes)
        if isinstance(answer, Refused):
            raise self._refusal(request, post, answer)
        self.lanes.release(schedule)
        self.start_timers.disarm(schedule)
        logger.info("connection changed", schedule_id=schedule.schedule_id, instead=new.schedule_id)
        self.start_timers.arm(new)
        return self.schedules.get(new.schedule_id)

    def _check_waits(self, schedule: Schedule) -> None:
        name = schedule.schedule_id
        if not schedule.is_open:
            raise NothingToMove(f"Schedule {name} has ended: it is {schedule.status}; schedule its post again.")
        if schedule.step is Step.HANDED_OVER:
            detail = f"{schedule.channel} already holds schedule {name}; cancel it, then schedule its post again."
            raise HandedOver(detail)
        if schedule.status not in _WAITING or schedule.step is not None or schedule.cancel_requested:
            raise MoveInFlight(f"Schedule {name} has begun; cancel it, then schedule its post again.")

    def _connection(self, persona: Persona, connection_id: str) -> Connection:
        return self.connections.get(persona.persona_id, connection_id)

    def _request(
        self, persona: Persona, details: PostDetails, connections: Sequence[Connection], when: ScheduledTime
    ) -> PostRequest:
        post = details.post
        photos = tuple(self.photos.get(persona.persona_id, photo_id) for photo_id in post.photo_ids)
        alt_text = next((variant.alt_text for variant in details.variants if variant.alt_text), None)
        return PostRequest(
            persona=persona,
            photos=photos,
            connections=tuple(connections),
            when=when,
            caption=post.base_caption,
            caption_source=post.caption_source,
            hashtags=post.hashtags,
            tags=post.tags,
            metadata=post.metadata,
            extras=post.extras or Extras(),
            language=post.language,
            alt_text=alt_text,
            origin=post.origin,
            cycle=post.cycle,
            request_key=post.request_key,
        )

    def _assigned(
        self,
        request: PostRequest,
        details: PostDetails,
        *,
        named: Sequence[str] = (),
        instead_of: Variant | None = None,
    ) -> tuple[list[Variant], list[Schedule], list[Write]]:
        post, now = details.post, self.clock.now()
        variants, schedules, writes = list[Variant](), list[Schedule](), list[Write]()
        existing = {schedule.connection_id: schedule for schedule in details.schedules}
        check_named(details, request.connections, named)
        extras, rows = request.extras, map(self.creator.check_connection, request.connections)
        targets = list(zip(rows, request.connections, strict=True))
        check_extras(extras, extras.beside(request.persona.extras), targets, pictures=len(request.photos))
        for connection in request.connections:
            row = self.creator.check_connection(connection)
            chosen = chosen_variant(details, connection, named)
            variant = chosen or self._composed(request, post, connection, instead_of)
            check_variant(variant, row)
            photos = [photo for photo in request.photos if photo.photo_id in variant.photo_ids]
            photos.sort(key=lambda photo: variant.photo_ids.index(photo.photo_id))
            check_alt_texts(request.persona, photos, variant.alt_text)
            before = existing.get(connection.connection_id)
            if before is not None and before.status not in _UNPUBLISHED:
                raise _in_use(post.post_id, connection)
            if chosen is None:
                writes.append(self.posts.writing(variant))
            schedule = self.creator.schedule(request, post, connection, now, variant.variant_id)
            write, schedule = self.schedules.opening(schedule, before)
            variants.append(variant)
            schedules.append(schedule)
            writes.append(write)
        writes += self.creator.shown_writes(request, post)
        return variants, schedules, [*writes, *self.creator.claim_writes(request, post, now, again=True)]

    def _composed(
        self, request: PostRequest, post: Post, connection: Connection, instead_of: Variant | None
    ) -> Variant:
        variant = self.creator.variant(request, post, connection)
        if instead_of is None or not instead_of.own_text or instead_of.channel != connection.channel:
            return variant
        return variant.model_copy(update=instead_of.model_dump(include=_KEPT))

    def _releases(self, details: PostDetails, schedule: Schedule, reason: str) -> list[Write]:
        post, now = details.post, self.clock.now()
        keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
        return [
            self.posts.turning(post),
            *self.releaser.released("released", keys, post.post_id, reason, now),
            *self.releaser.part_release(schedule, schedule.run_at, reason, now),
            *self.shown.drop(
                schedule.connection_id, post.post_id, count=len(post.photo_ids), created_at=post.created_at
            ),
        ]

    def _refusal(self, request: PostRequest, post: Post, answer: Refused) -> Exception:
        if any(label.startswith(("claim:", "anywhere", "slot")) for label in answer.labels):
            return self.creator.refusal(request, LostClaims(labels=answer.labels))
        return PostChanged(f"Post {post.post_id} has changed meanwhile; read it again, then try again.")


def _targets(details: PostDetails, variant_ids: Sequence[str]) -> list[str]:
    variants = [item for item in details.variants if not variant_ids or item.variant_id in variant_ids]
    return list(dict.fromkeys(item.connection_id for item in variants if item.connection_id is not None))


def _in_use(post_id: str, connection: Connection) -> ConnectionInUse:
    detail = f"Post {post_id} already has a schedule on connection {connection.connection_id}."
    return ConnectionInUse(detail, schedule_id=schedule_id_of(post_id, connection.connection_id))
