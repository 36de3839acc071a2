"""Create a post for a pick or an API request: claims, variants and schedules in one transaction, then the timers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from shutterpost.channels import (
    Catalogue,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    check_text,
    compose,
    fit_alt_text,
)
from shutterpost.flows.posting.capacity import check_capacity, commit_planned, weeks_of
from shutterpost.flows.posting.deadlines import next_check_at
from shutterpost.flows.posting.scheduled_time import ScheduledTime, check_ahead
from shutterpost.flows.posting.slot_claims import SlotClaims
from shutterpost.flows.posting.start_timers import StartTimers
from shutterpost.flows.refusals import (
    ConnectionNotConnected,
    NoConnection,
    PhotoAlreadyPosted,
    SlotTaken,
)
from shutterpost.personas import Persona
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.commit import Refused, Write, commit
from shutterpost.runtime.refusals import Conflict
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    DecisionRecord,
    Origin,
    Pauses,
    Post,
    PostDetails,
    Posts,
    Review,
    Schedule,
    Schedules,
    ScheduleStatus,
    ShownPhoto,
    Variant,
    anywhere_claim_key,
    key_claim_key,
    photo_claim_key,
    post_id_of,
    schedule_id_of,
)


class PostRequest(Value):
    """What is to be posted: a persona's photo to `connections`, `when`, with a caption and tags.

    `request_key` tells a repeat of one request from a second request; `idempotency_key` is the caller's own, claimed
    with the post. A wish for a slot carries `slot_at`, whether a pick or a person has it; a pick's may name the post it
    `replaces`, which had the slot before. `review` lets it wait for a person's word.
    """

    persona: Persona
    photo: Photo
    connections: tuple[Connection, ...]
    when: ScheduledTime
    caption: str
    caption_source: str
    tags: tuple[str, ...] = ()
    title: str | None = None
    alt_text: str | None = None
    origin: Origin
    slot_at: datetime | None = None
    replaces: str | None = None
    review: Review | None = None
    strategy: str | None = None
    theme: str | None = None
    cycle: int = 1
    request_key: str
    idempotency_key: str | None = None
    source: Literal["manual", "generated"]

    @property
    def must_be_unposted(self) -> bool:
        """A pick takes what no post has; a person, and a new cycle, may take it again."""
        return self.origin is Origin.SLOT and self.cycle == 1

    @property
    def post_id(self) -> str:
        """Derived from what is claimed, so that a repeat finds its first run."""
        if self.slot_at is not None and self.origin is Origin.SLOT:
            before = () if self.replaces is None else (self.replaces,)
            return post_id_of("slot", self.persona.persona_id, iso(self.slot_at), *before)
        targets = ",".join(sorted(connection.connection_id for connection in self.connections))
        return post_id_of("photo", self.photo.photo_id, targets, str(self.cycle), self.request_key)


class LostClaims(Value):
    """Somebody else has what the post needs; `labels` are `slot`, `slot:{connection_id}`, `photo`, `key`,
    `anywhere`, `memory` or `claim:{connection_id}`."""

    labels: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class PostCreator:
    """The stores and ports that open posts and arm their timers."""

    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    photos: Photos
    posts: Posts
    schedules: Schedules
    claims: Claims
    pauses: Pauses
    slot_claims: SlotClaims
    start_timers: StartTimers

    def open(
        self, wish: PostRequest, decision: DecisionRecord | None = None, along: Sequence[Write] = ()
    ) -> PostDetails | LostClaims:
        """Open the post `wish` asks for, in one transaction with the writes `along`, and arm its timers.

        A repeat of a request answers with its first run's post. Raises the named refusals of its connections, time
        and text.
        """
        drafted = self._draft(wish)
        post, schedules, now = drafted.post, drafted.schedules, drafted.post.created_at
        writes = [
            *along,
            *self.posts.open(post, drafted.variants, schedules),
            *self.claiming(wish, post, now),
            *self._looks(wish, post),
            self.photos.take(
                wish.persona.persona_id, wish.photo.photo_id, post.post_id, must_be_unposted=wish.must_be_unposted
            ),
        ]
        if decision is not None:
            writes.append(self.posts.decide(decision.model_copy(update={"post_id": post.post_id})))
        answer = commit_planned(self.posts.weeks, self.schedules, wish.persona, schedules, writes)
        if isinstance(answer, Refused):
            if "post" in answer.labels:
                return self.posts.details(post.post_id)
            return LostClaims(labels=answer.labels)
        logger.info("post opened", post_id=post.post_id, run_at=iso(wish.when.run_at), origin=wish.origin)
        for schedule in schedules:
            self.start_timers.arm(schedule)
        return self.posts.details(post.post_id)

    def draft(self, wish: PostRequest, *, dry_run: bool = False) -> PostDetails | LostClaims:
        """Keep the post `wish` asks for, with a variant per connection and no schedule; its photo is not claimed.

        A repeat answers with its first run's post. Raises the named refusals of its connections and text.
        """
        self.check(wish)
        now = self.clock.now()
        post = self._post(wish, now)
        drafted = PostDetails(
            post=post,
            variants=tuple(self.variant(wish, post, connection) for connection in wish.connections),
            schedules=(),
        )
        if dry_run:
            return drafted
        claims = [
            self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now)
            for label, key in self._claim_keys(wish, post)
            if label == "key"
        ]
        answer = commit([*self.posts.open(post, drafted.variants, ()), *claims])
        if isinstance(answer, Refused) and "post" not in answer.labels:
            return LostClaims(labels=answer.labels)
        return self.posts.details(post.post_id)

    def preview(self, wish: PostRequest) -> PostDetails | LostClaims:
        """What `open` would answer at this moment, with nothing written."""
        drafted = self._draft(wish)
        at = wish.when.run_at
        weeks = weeks_of(self.posts.weeks, wish.persona, at)
        check_capacity(self.schedules, wish.persona, drafted.schedules, at, weeks)
        lost = set()
        for label, key in self._claim_keys(wish, drafted.post):
            claim = self.claims.get(key)
            if claim is not None and claim.state is ClaimState.HELD:
                lost.add(label)
        return LostClaims(labels=frozenset(lost)) if lost else drafted

    def shows(self, post: Post, photo: Photo, connection_id: str) -> Write:
        """The write by which a connection comes to show the post's photo."""
        look = ShownPhoto(post_id=post.post_id, photo_id=photo.photo_id, name=photo.names[0], dhash=photo.dhash)
        return self.posts.looks.keep(connection_id, look, owner=post.owner, created_at=post.created_at)

    def refusal(self, wish: PostRequest, lost: LostClaims) -> Conflict:
        """The named refusal for claims that `wish` lost to another post."""
        if any(label.startswith("slot") for label in lost.labels):
            return SlotTaken("This slot belongs to another post; choose another time.")
        for connection in wish.connections:
            if f"claim:{connection.connection_id}" in lost.labels:
                parts = (connection.connection_id, connection.account_key)
                claims = [self.claims.get(photo_claim_key(wish.photo.photo_id, part, wish.cycle)) for part in parts]
                # A claim on the account may be another owner's, whose post is not named.
                own = (claim for claim in claims if claim and claim.owner == wish.persona.owner)
                holder = next((claim.holder for claim in own if claim.state is ClaimState.HELD), None)
                detail = (
                    f"This photo is already posted or planned on {connection.display_name} by "
                    f"{f'post {holder}' if holder else 'another post'}; "
                    "choose another photo, or ask for a new cycle to post it again."
                )
                members = {"post_id": holder} if holder else {}
                return PhotoAlreadyPosted(detail, **members, connection_id=connection.connection_id)
        return PhotoAlreadyPosted(
            "This photo went out on another connection, and its persona posts each photo once anywhere."
        )

    def _draft(self, wish: PostRequest) -> PostDetails:
        """The post as it would be opened now, checked."""
        if not wish.connections:
            raise NoConnection(f"{wish.persona.name} has no connected connection; connect an account first.")
        self.check(wish)
        now = self.clock.now()
        check_ahead(wish.when, now, may_be_past=wish.origin is not Origin.MANUAL)
        post = self._post(wish, now)
        return PostDetails(
            post=post,
            variants=tuple(self.variant(wish, post, connection) for connection in wish.connections),
            schedules=tuple(self.schedule(wish, post, connection, now) for connection in wish.connections),
        )

    def check(self, wish: PostRequest) -> None:
        """Raise the named refusals of a wish's connections, and of its text on each."""
        for connection in wish.connections:
            row = self.catalogue.enabled(connection.channel)
            if connection.status is not ConnectionStatus.CONNECTED:
                detail = f"Connection {connection.display_name} is {connection.status}; reconnect it first."
                raise ConnectionNotConnected(detail, connection_id=connection.connection_id)
            check_text(compose(wish.caption, wish.tags, row), row)

    def _post(self, wish: PostRequest, now: datetime) -> Post:
        return Post(
            post_id=wish.post_id,
            owner=wish.persona.owner,
            persona_id=wish.persona.persona_id,
            photo_ids=(wish.photo.photo_id,),
            base_caption=wish.caption,
            caption_source=wish.caption_source,
            tags=wish.tags,
            title=wish.title,
            origin=wish.origin,
            slot_at=wish.slot_at,
            cycle=wish.cycle,
            strategy=wish.strategy,
            theme=wish.theme,
            request_key=wish.request_key,
            created_at=now,
        )

    def variant(self, wish: PostRequest, post: Post, connection: Connection) -> Variant:
        """The post in the words of `wish`, as `connection` is to show it."""
        row = self.catalogue.row(connection.channel)
        return Variant(
            post_id=post.post_id,
            owner=post.owner,
            connection_id=connection.connection_id,
            channel=connection.channel,
            text=compose(wish.caption, wish.tags, row),
            photo_ids=post.photo_ids,
            alt_text=fit_alt_text(wish.alt_text or wish.photo.alt_text or "", row),
            source=wish.source,
        )

    def schedule(self, wish: PostRequest, post: Post, connection: Connection, now: datetime) -> Schedule:
        """The instruction to publish the post to `connection` when `wish` says."""
        run_at = wish.when.run_at.astimezone(UTC)
        start_at = self.start_timers.start_at(connection.channel, run_at, now, wish.review)
        return Schedule(
            schedule_id=schedule_id_of(post.post_id, connection.connection_id),
            post_id=post.post_id,
            connection_id=connection.connection_id,
            persona_id=post.persona_id,
            owner=post.owner,
            channel=connection.channel,
            account=connection.account_key,
            run_at=run_at,
            wall_time=wish.when.wall_time,
            zone=wish.when.zone,
            start_at=start_at,
            status=ScheduleStatus.QUEUED if wish.review is None else ScheduleStatus.PENDING,
            review=wish.review,
            due_at=next_check_at(wish.persona, wish.review, run_at=run_at, start_at=start_at, now=now),
            created_at=now,
            updated_at=now,
        )

    def _looks(self, wish: PostRequest, post: Post) -> list[Write]:
        """What each connection comes to show, for later picks to compare with."""
        return [self.shows(post, wish.photo, connection.connection_id) for connection in wish.connections]

    def claiming(self, wish: PostRequest, post: Post, now: datetime, *, again: bool = False) -> list[Write]:
        """The writes of a post's claims; with `again` those it has already hold too."""
        return [
            self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now, again=again)
            for label, key in self._claim_keys(wish, post)
        ]

    def _claim_keys(self, wish: PostRequest, post: Post) -> list[tuple[str, str]]:
        keys: list[tuple[str, str]] = [
            (f"claim:{connection.connection_id}", photo_claim_key(wish.photo.photo_id, part, wish.cycle))
            for connection in wish.connections
            for part in (connection.connection_id, connection.account_key)
        ]
        if wish.persona.once_anywhere:
            keys.append(("anywhere", anywhere_claim_key(wish.photo.photo_id, post.owner, wish.cycle)))
        targets = [connection.connection_id for connection in wish.connections]
        picked = wish.origin is Origin.SLOT and wish.slot_at is not None
        keys += self.slot_claims.keys(wish.persona, targets, wish.when.run_at, picked=picked)
        if wish.idempotency_key is not None:
            keys.append(("key", key_claim_key(post.owner, wish.idempotency_key)))
        return keys
