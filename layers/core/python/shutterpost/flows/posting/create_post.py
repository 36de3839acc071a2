"""Create a post for a pick or an API request: claims, variants and schedules in one transaction, then the timers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from shutterpost.channels import (
    Catalogue,
    ChannelRow,
    Connection,
    check_text,
    compose,
    fit_alt_text,
    fit_caption,
)
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.budgets import check_affordable, check_postable
from shutterpost.flows.planning.capacity import check_capacity, commit_planned, weeks_of
from shutterpost.flows.planning.deadlines import next_check_at
from shutterpost.flows.planning.scheduled_time import check_ahead
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.post_request import LostClaims, PostRequest
from shutterpost.flows.posting.variant_rules import (
    check_alt_texts,
    check_extras,
    check_photos,
    check_pictures,
    linked_text,
)
from shutterpost.flows.refusals import (
    NoConnection,
    PhotoAlreadyPosted,
    SlotTaken,
)
from shutterpost.personas import Persona
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.commit import MAX_WRITES, Refused, Write, commit
from shutterpost.runtime.refusals import Conflict
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    DecisionRecord,
    Origin,
    Post,
    PostDetails,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    ShownPhoto,
    ShownPhotos,
    Variant,
    Weeks,
    anywhere_claim_key,
    key_claim_key,
    photo_claim_key,
    schedule_id_of,
)


@flow
class PostCreator:
    clock: Clock
    catalogue: Catalogue
    photos: Photos
    posts: Posts
    schedules: Schedules
    claims: Claims
    weeks: Weeks
    shown: ShownPhotos
    slot_claims: SlotClaims
    start_timers: StartTimers
    max_future: timedelta

    def open(
        self, request: PostRequest, decision: DecisionRecord | None = None, along: Sequence[Write] = ()
    ) -> PostDetails | LostClaims:
        """Open the post `request` asks for, in one transaction with the writes `along`, and arm its timers.

        A repeat of a request answers with its first run's post. Raises the named refusals of its connections, time
        and text.
        """
        drafted = self._draft(request)
        post, schedules, now = drafted.post, drafted.schedules, drafted.post.created_at
        writes = [
            *along,
            *self.posts.open(post, drafted.variants, schedules),
            *self.claim_writes(request, post, now),
            *self.shown_writes(request, post),
            *(
                self.photos.take(
                    request.persona.persona_id, photo_id, post.post_id, must_be_unposted=request.must_be_unposted
                )
                for photo_id in request.photo_ids
            ),
        ]
        if decision is not None:
            writes.append(self.posts.decide(decision.model_copy(update={"post_id": post.post_id})))
        answer = commit_planned(self.weeks, self.schedules, request.persona, schedules, writes)
        if isinstance(answer, Refused):
            if "post" in answer.labels:
                return self.posts.details(post.post_id)
            return LostClaims(labels=answer.labels)
        logger.info("post created", post_id=post.post_id, run_at=iso(request.when.run_at), origin=request.origin)
        for schedule in schedules:
            self.start_timers.arm(schedule, requested=request.origin is Origin.MANUAL)
        return self.posts.details(post.post_id)

    def draft(self, request: PostRequest, *, dry_run: bool = False) -> PostDetails | LostClaims:
        """Keep the post `request` asks for, with a variant per connection and no schedule; its photo is not claimed.

        A repeat answers with its first run's post. Raises the named refusals of its connections and text.
        """
        self.check(request, draft=True)
        now = self.clock.now()
        post = self._post(request, now)
        drafted = PostDetails(
            post=post,
            variants=tuple(self.variant(request, post, connection) for connection in request.connections),
            schedules=(),
        )
        if dry_run:
            return drafted
        claims = [
            self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now)
            for label, key in self._claim_keys(request, post)
            if label == "key"
        ]
        answer = commit([*self.posts.open(post, drafted.variants, ()), *claims])
        if isinstance(answer, Refused) and "post" not in answer.labels:
            return LostClaims(labels=answer.labels)
        return self.posts.details(post.post_id)

    def preview(self, request: PostRequest) -> PostDetails | LostClaims:
        """The result that `open` would have now; nothing is written."""
        drafted = self._draft(request)
        weeks = weeks_of(self.weeks, request.persona, drafted.schedules)
        check_capacity(self.schedules, request.persona, drafted.schedules, weeks)
        lost = set()
        for label, key in self._claim_keys(request, drafted.post):
            claim = self.claims.get(key)
            if claim is not None and claim.state is ClaimState.HELD:
                lost.add(label)
        return LostClaims(labels=frozenset(lost)) if lost else drafted

    def shown_writes(self, request: PostRequest, post: Post) -> list[Write]:
        """The writes that list the post's photos among those that its connections show."""
        looks = [
            ShownPhoto(post_id=post.post_id, photo_id=photo.photo_id, name=photo.names[0], dhash=photo.dhash)
            for photo in request.photos
        ]
        return [
            write
            for connection in request.connections
            for write in self.shown.keep(connection.connection_id, looks, owner=post.owner, created_at=post.created_at)
        ]

    def refusal(self, request: PostRequest, lost: LostClaims) -> Conflict:
        if any(label.startswith("slot") for label in lost.labels):
            return SlotTaken.by_another_post()
        for connection in request.connections:
            if f"claim:{connection.connection_id}" in lost.labels:
                parts = (connection.connection_id, connection.account_key)
                claims = [
                    (photo, self.claims.get(photo_claim_key(photo.photo_id, part, request.cycle)))
                    for photo in request.photos
                    for part in parts
                ]
                held = [(photo, claim) for photo, claim in claims if claim and claim.state is ClaimState.HELD]
                # A claim on the account may be another owner's, whose post is not named.
                own = (claim.holder for _, claim in held if claim.owner == request.persona.owner)
                names = () if len(request.photos) == 1 else dict.fromkeys(photo.names[0] for photo, _ in held)
                return PhotoAlreadyPosted.on_connection(connection, next(own, None), tuple(names))
        return PhotoAlreadyPosted.on_another_connection()

    def _draft(self, request: PostRequest) -> PostDetails:
        if not request.connections:
            raise NoConnection(f"{request.persona.name} has no connected connection; connect an account first.")
        self.check(request)
        now = self.clock.now()
        check_ahead(request.when, now, self.max_future, may_be_past=request.origin is not Origin.MANUAL)
        post = self._post(request, now)
        return PostDetails(
            post=post,
            variants=tuple(self.variant(request, post, connection) for connection in request.connections),
            schedules=tuple(self.schedule(request, post, connection, now) for connection in request.connections),
        )

    def check(self, request: PostRequest, *, draft: bool = False) -> None:
        """Raise the named refusals of the request's connections, and of its text and pictures on each.

        A `draft` may lack a picture that its channel requires.
        """
        targets = [(self.check_connection(item).at(item), item) for item in request.connections]
        extras, pictures = request.extras, None if draft else len(request.photos)
        check_extras(extras, extras.beside(request.persona.extras), targets, pictures=pictures)
        for row, connection in targets:
            text = _text(request, row)[0]
            check_text(text, row)
            check_affordable(connection, row, text, len(request.photos_for(row)))
            if not draft:
                photos = request.photos_for(row)
                check_pictures(len(photos), row)
                check_photos(photos, row)
                first = next((photo.alt_text for photo in photos), "")
                check_alt_texts(request.persona, photos, request.alt_text or first)

    def check_connection(self, connection: Connection) -> ChannelRow:
        """The connection's channel. Raises `ChannelDisabled`, `ConnectionNotConnected` or `BudgetMissing`."""
        row = self.catalogue.active(connection.channel)
        check_postable(connection, row)
        return row

    def _post(self, request: PostRequest, now: datetime) -> Post:
        return Post(
            post_id=request.post_id,
            owner=request.persona.owner,
            persona_id=request.persona.persona_id,
            photo_ids=request.photo_ids,
            base_caption=request.caption,
            caption_source=request.caption_source,
            hashtags=request.hashtags,
            tags=request.tags,
            metadata=request.metadata,
            extras=request.extras.with_defaults(request.persona.extras),
            language=request.language or request.persona.language,
            title=request.title,
            origin=request.origin,
            slot_at=request.slot_at,
            cycle=request.cycle,
            burst=request.burst,
            strategy=request.strategy,
            theme=request.theme,
            request_key=request.request_key,
            created_at=now,
            created_by=request.created_by,
        )

    def variant(self, request: PostRequest, post: Post, connection: Connection) -> Variant:
        row = self.catalogue.row(connection.channel).at(connection)
        described = next((photo.alt_text for photo in request.photos), "")
        now = self.clock.now()
        text, metadata = _text(request, row)
        return Variant(
            post_id=post.post_id,
            owner=post.owner,
            connection_id=connection.connection_id,
            channel=connection.channel,
            text=text,
            metadata=metadata,
            photo_ids=tuple(photo.photo_id for photo in request.photos_for(row)),
            alt_text=fit_alt_text(request.alt_text or described or "", row),
            source=request.source,
            created_at=now,
            updated_at=now,
        )

    def schedule(
        self, request: PostRequest, post: Post, connection: Connection, now: datetime, variant_id: str | None = None
    ) -> Schedule:
        """The schedule that publishes the variant `variant_id`, by default the one composed for the connection."""
        run_at = request.when.run_at.astimezone(UTC)
        start_at = self.start_timers.start_at(connection.channel, run_at, now, request.review)
        return Schedule(
            schedule_id=schedule_id_of(post.post_id, connection.connection_id),
            post_id=post.post_id,
            connection_id=connection.connection_id,
            variant_id=variant_id or schedule_id_of(post.post_id, connection.connection_id),
            persona_id=post.persona_id,
            owner=post.owner,
            channel=connection.channel,
            account=connection.account_key,
            run_at=run_at,
            wall_time=request.when.wall_time,
            zone=request.when.zone,
            start_at=start_at,
            status=ScheduleStatus.QUEUED if request.review is None else ScheduleStatus.PENDING,
            review=request.review,
            due_at=next_check_at(request.persona, request.review, run_at=run_at, start_at=start_at, now=now),
            created_at=now,
            updated_at=now,
        )

    def claim_writes(self, request: PostRequest, post: Post, now: datetime, *, again: bool = False) -> list[Write]:
        """The writes of a post's claims; with `again`, claims that it already holds are accepted."""
        return [
            self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now, again=again)
            for label, key in self._claim_keys(request, post)
        ]

    def is_taken(self, request: PostRequest, photo_id: str) -> bool:
        """Whether another post has the photo, so that the request was refused for it."""
        photo = self.photos.get(request.persona.persona_id, photo_id)
        if request.must_be_unposted and not photo.in_unposted:
            return True
        keys = _photo_keys(request.model_copy(update={"photos": (photo,)}), request.persona.owner)
        return any(self._is_held(key, request.post_id) for _, key in keys)

    def _is_held(self, key: str, post_id: str) -> bool:
        claim = self.claims.get(key)
        return claim is not None and claim.state is ClaimState.HELD and claim.holder != post_id

    def photo_claim_writes(self, request: PostRequest, post: Post, now: datetime) -> list[Write]:
        """The writes of the claims on the request's photos alone."""
        return [
            self.claims.take(label, key, holder=post.post_id, owner=post.owner, now=now)
            for label, key in _photo_keys(request, post.owner)
        ]

    def _claim_keys(self, request: PostRequest, post: Post) -> list[tuple[str, str]]:
        keys = _photo_keys(request, post.owner)
        targets = [connection.connection_id for connection in request.connections]
        picked = request.origin is Origin.SLOT and request.slot_at is not None
        keys += self.slot_claims.keys(request.persona, targets, request.when.run_at, picked=picked)
        if request.idempotency_key is not None:
            keys.append(("key", key_claim_key(post.owner, request.idempotency_key)))
        return keys


def most_photos(persona: Persona, connections: int) -> int:
    """The most photos of a pick that fit into one transaction with the other writes of its post."""
    # Beside a variant, a schedule and the slot's part per connection: post, slot, decision, memory and three weeks. A
    # photo's are a claim per connection and per account, its place among the shown ones, and its own.
    fixed, each = 3 * connections + 7, 3 * connections + 1 + persona.once_anywhere
    return max(1, (MAX_WRITES - fixed) // each)


def _photo_keys(request: PostRequest, owner: str) -> list[tuple[str, str]]:
    keys = [
        (f"claim:{connection.connection_id}", photo_claim_key(photo_id, part, request.cycle))
        for photo_id in request.photo_ids
        for connection in request.connections
        for part in (connection.connection_id, connection.account_key)
    ]
    if request.persona.once_anywhere:
        keys += [("anywhere", anywhere_claim_key(item, owner, request.cycle)) for item in request.photo_ids]
    return keys


def _text(request: PostRequest, row: ChannelRow) -> tuple[str, dict[str, str]]:
    """The text for a channel and its UTM parameters: a pick's caption is cut to its length, a person's is not."""
    caption = fit_caption(request.caption, row) if request.origin is Origin.SLOT else request.caption
    linked, metadata = linked_text(caption, row, request.metadata)
    return compose(linked, request.hashtags, row), metadata
