"""Where a post that exists goes: the schedules of a draft, and another connection for one that waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from shutterpost.channels import Connection
from shutterpost.flows.posting.capacity import commit_planned
from shutterpost.flows.posting.create_post import LostClaims, PostCreator, PostRequest
from shutterpost.flows.posting.release import Releaser, photo_claims
from shutterpost.flows.posting.scheduled_time import ScheduledTime, check_ahead
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
from shutterpost.photos import Photo
from shutterpost.runtime.commit import Refused, Write
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    Post,
    PostDetails,
    Schedule,
    ScheduleStatus,
    Step,
    Variant,
    schedule_id_of,
)

_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_CAME_TO_NOTHING = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class PostAssigner:
    """Gives posts their schedules, each with its claims in one transaction; never calls a platform."""

    scheduler: PostCreator
    releaser: Releaser

    def plan(
        self, persona: Persona, details: PostDetails, when: ScheduledTime, connection_ids: Sequence[str] = ()
    ) -> PostDetails:
        """Schedule the post that was read as `details`: to `connection_ids`, by default to those it has variants for.

        A connection without a variant gets one of the post's own words. Raises `PostHasNoVariants`, `PostIsArchived`,
        `ConnectionInUse` where it goes or went there already, `PostChanged` where somebody was faster, and the named
        refusals of the photo, connections, time, room and text.
        """
        post = details.post
        targets = list(dict.fromkeys(connection_ids)) or [one.connection_id for one in details.variants]
        if not targets:
            detail = f"Post {post.post_id} has no variants; name the connections it is to go to."
            raise PostHasNoVariants(detail, field="connection_ids")
        if post.archived:
            raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to schedule it.")
        check_ahead(when, self.scheduler.clock.now())
        wish = self._wish(persona, details, [self._connection(persona, one) for one in targets], when)
        variants, schedules, writes = self._assigned(wish, details)
        writes.append(self.scheduler.posts.changing(post))
        take = self.scheduler.photos.take
        writes.append(take(persona.persona_id, wish.photo.photo_id, post.post_id, must_be_unposted=False))
        answer = commit_planned(self.scheduler.posts.weeks, self.scheduler.schedules, persona, schedules, writes)
        if isinstance(answer, Refused):
            raise self._refusal(wish, post, answer)
        logger.info("post scheduled", post_id=post.post_id, variants=len(variants), schedules=len(schedules))
        for schedule in schedules:
            self.scheduler.start_timers.arm(schedule)
        return self.scheduler.posts.details(post.post_id)

    def change_connection(self, persona: Persona, schedule: Schedule, connection_id: str) -> Schedule:
        """Let a schedule that waits go to another connection of its persona at the same instant; returns the new one.

        The old one ends as cancelled and gives its claim back in the transaction that takes the new one's. Raises
        `HandedOver`, `MoveInFlight` for what has begun, `NothingToMove` for what has ended, `ConnectionInUse`,
        `PostChanged`, and the named refusals of the connection, room and text.
        """
        self._check_waits(schedule)
        connection = self._connection(persona, connection_id)
        details = self.scheduler.posts.details(schedule.post_id)
        post, now = details.post, self.scheduler.clock.now()
        when = ScheduledTime(run_at=schedule.run_at, wall_time=schedule.wall_time, zone=schedule.zone)
        wish = self._wish(persona, details, [connection], when).model_copy(update={"review": schedule.review})
        _, [new], writes = self._assigned(wish, details)
        writes += self.scheduler.schedules.moving(schedule, ScheduleStatus.CANCELLED, now=now, public_keys=[])
        writes += self._given_back(details, schedule, f"the post goes to connection {connection_id} instead")
        answer = commit_planned(self.scheduler.posts.weeks, self.scheduler.schedules, persona, [new], writes)
        if isinstance(answer, Refused):
            raise self._refusal(wish, post, answer)
        self.releaser.lanes.give_back(schedule)
        self.scheduler.start_timers.disarm(schedule)
        logger.info("connection changed", schedule_id=schedule.schedule_id, instead=new.schedule_id)
        self.scheduler.start_timers.arm(new)
        return self.scheduler.schedules.get(new.schedule_id)

    def _check_waits(self, schedule: Schedule) -> None:
        name = schedule.schedule_id
        if not schedule.is_open:
            raise NothingToMove(f"Schedule {name} has ended: it is {schedule.status}; schedule its post anew.")
        if schedule.step is Step.HANDED_OVER:
            detail = f"Schedule {name} lies at {schedule.channel} already; cancel it, then schedule its post anew."
            raise HandedOver(detail)
        if schedule.status not in _WAITING or schedule.step is not None or schedule.cancel_requested:
            raise MoveInFlight(f"Schedule {name} has begun; cancel it, then schedule its post anew.")

    def _connection(self, persona: Persona, connection_id: str) -> Connection:
        return self.scheduler.connections.get(persona.persona_id, connection_id)

    def _wish(
        self, persona: Persona, details: PostDetails, connections: Sequence[Connection], when: ScheduledTime
    ) -> PostRequest:
        post = details.post
        photo: Photo = self.scheduler.photos.get(persona.persona_id, post.photo_ids[0])
        told = next((one.alt_text for one in details.variants if one.alt_text), None)
        return PostRequest(
            persona=persona,
            photo=photo,
            connections=tuple(connections),
            when=when,
            caption=post.base_caption,
            caption_source=post.caption_source,
            tags=post.tags,
            alt_text=told,
            origin=post.origin,
            cycle=post.cycle,
            request_key=post.request_key,
            source="manual",
        )

    def _assigned(self, wish: PostRequest, details: PostDetails) -> tuple[list[Variant], list[Schedule], list[Write]]:
        """The variants and schedules that are new, and the writes that make them, with their claims and looks."""
        self.scheduler.check(wish)
        post, schedules, writes = details.post, list[Schedule](), list[Write]()
        there = {one.connection_id: one for one in details.schedules}
        worded = {one.connection_id for one in details.variants}
        variants = [self.scheduler.variant(wish, post, one) for one in wish.connections]
        for variant in variants:
            before = there.get(variant.connection_id)
            if before is not None and before.status not in _CAME_TO_NOTHING:
                detail = f"Post {post.post_id} goes or went to connection {variant.connection_id} already."
                raise ConnectionInUse(detail, schedule_id=schedule_id_of(post.post_id, variant.connection_id))
            if variant.connection_id not in worded:
                writes.append(self.scheduler.posts.rewriting(variant))
        now = self.scheduler.clock.now()
        for connection in wish.connections:
            schedule = self.scheduler.schedule(wish, post, connection, now)
            write, schedule = self.scheduler.schedules.opening(schedule, there.get(connection.connection_id))
            schedules.append(schedule)
            writes.append(write)
            writes.append(self.scheduler.shows(post, wish.photo, connection.connection_id))
        return variants, schedules, [*writes, *self.scheduler.claiming(wish, post, now, again=True)]

    def _given_back(self, details: PostDetails, schedule: Schedule, reason: str) -> list[Write]:
        post, now = details.post, self.scheduler.clock.now()
        keys = [key for photo_id in post.photo_ids for key in photo_claims(schedule, photo_id, post.cycle)]
        return [
            self.scheduler.posts.turning(post),
            *self.releaser.released("released", keys, post.post_id, reason, now),
            *self.releaser.part_release(schedule, schedule.run_at, reason, now),
            self.scheduler.posts.looks.drop(schedule.connection_id, post.post_id, created_at=post.created_at),
        ]

    def _refusal(self, wish: PostRequest, post: Post, answer: Refused) -> Exception:
        if any(label.startswith(("claim:", "anywhere", "slot")) for label in answer.labels):
            return self.scheduler.refusal(wish, LostClaims(labels=answer.labels))
        return PostChanged(f"Post {post.post_id} was changed meanwhile; read it again, then ask again.")
