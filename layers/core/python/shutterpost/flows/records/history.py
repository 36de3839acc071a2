"""Records publications that Shutterpost did not make, so that they are not repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from pydantic import Field

from shutterpost.channels import Connection, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.refusals import NotYetPosted, PhotoAlreadyPosted, PhotoUnavailable
from shutterpost.personas import Persona
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write, commit
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Claims,
    ClaimState,
    Origin,
    Post,
    Posts,
    Schedule,
    ScheduleStatus,
    ShownPhoto,
    ShownPhotos,
    Variant,
    VariantSource,
    anywhere_claim_key,
    photo_claim_key,
    post_id_of,
    schedule_id_of,
)

MAX_ROWS = 100
# The cycle of a photo's first publication on a connection.
_CYCLE = 1


class PostedPhoto(Value):
    """`photo` is an id, the beginning of one, or a file name; `external_id` and `external_url` are the platform's."""

    photo: str
    connection_id: str
    posted_at: datetime
    caption: str = ""
    external_id: str | None = None
    external_url: str | None = None


class RecordedRow(Value):
    """The result of a row (from 1); `known` if it was recorded before."""

    row: int
    photo_id: str | None = None
    post_id: str | None = None
    known: bool = False
    kind: str | None = None
    detail: str | None = None


class HistoryReport(Value):
    dry_run: bool
    recorded: int = Field(description="Rows that are kept now, or were before.")
    refused: int
    rows: tuple[RecordedRow, ...]


@flow
class HistoryRecorder:
    clock: Clock
    photos: Photos
    connections: ConnectionStore
    posts: Posts
    claims: Claims
    shown: ShownPhotos

    def record(
        self, persona: Persona, rows: Sequence[PostedPhoto], *, dry_run: bool = False, created_by: str | None = None
    ) -> HistoryReport:
        """Record each row as a published post, in one transaction with its claims.

        A repeated row finds its post; a refused row does not affect others. `dry_run` checks without writing.
        """
        batch = _Batch(recorder=self, persona=persona, now=self.clock.now(), dry_run=dry_run, created_by=created_by)
        results = tuple(batch.record(number, row) for number, row in enumerate(rows, start=1))
        refused = sum(result.kind is not None for result in results)
        return HistoryReport(dry_run=dry_run, recorded=len(results) - refused, refused=refused, rows=results)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    recorder: HistoryRecorder
    persona: Persona
    now: datetime
    dry_run: bool
    created_by: str | None

    def record(self, number: int, row: PostedPhoto) -> RecordedRow:
        try:
            photo = self.recorder.photos.find(self.persona.persona_id, row.photo)
            post_id, known = self._record(photo, self._connection(row.connection_id), row)
        except Refusal as refusal:
            return RecordedRow(row=number, kind=refusal.kind, detail=refusal.detail)
        return RecordedRow(row=number, photo_id=photo.photo_id, post_id=post_id, known=known)

    def _record(self, photo: Photo, connection: Connection, row: PostedPhoto) -> tuple[str, bool]:
        """The post's id, and whether it was known. Raises `NotYetPosted`, `PhotoAlreadyPosted`, `PhotoUnavailable`."""
        if row.posted_at > self.now:
            detail = "This time is in the future; history has past publications only. Schedule the photo instead."
            raise NotYetPosted(detail, field="posted_at")
        post_id = post_id_of("history", photo.photo_id, connection.connection_id)
        claim = self.recorder.claims.get(photo_claim_key(photo.photo_id, connection.connection_id, _CYCLE))
        if claim is not None and claim.state is ClaimState.HELD:
            if claim.holder == post_id:
                return post_id, True
            detail = (
                f"Post {claim.holder} has this photo on {connection.display_name}; if it is not published yet, cancel "
                "it and repeat this."
            )
            raise PhotoAlreadyPosted(detail, post_id=claim.holder, connection_id=connection.connection_id)
        if not self.dry_run and isinstance(commit(self._writes(photo, connection, row, post_id)), Refused):
            raise PhotoUnavailable("The photo was claimed or removed at the same moment; repeat this.")
        return post_id, False

    def _writes(self, photo: Photo, connection: Connection, row: PostedPhoto, post_id: str) -> list[Write]:
        at, owner, stores = row.posted_at.astimezone(UTC), self.persona.owner, self.recorder
        post = Post(
            post_id=post_id,
            owner=owner,
            persona_id=self.persona.persona_id,
            photo_ids=(photo.photo_id,),
            base_caption=row.caption,
            caption_source="history",
            origin=Origin.HISTORY,
            request_key="history",
            # The time of the original publication, by which lists sort it.
            created_at=at,
            created_by=self.created_by,
        )
        look = ShownPhoto(post_id=post_id, photo_id=photo.photo_id, name=photo.names[0], dhash=photo.dhash)
        return [
            *stores.posts.open(post, [_variant(post, connection, photo)], [self._schedule(post, connection, row, at)]),
            *(
                stores.claims.take(label, key, holder=post_id, owner=owner, now=self.now)
                for label, key in self._claims(photo, connection)
            ),
            *stores.shown.keep(connection.connection_id, [look], owner=owner, created_at=at),
            stores.photos.take(
                self.persona.persona_id, photo.photo_id, post_id, must_be_unposted=False, even_withheld=True
            ),
        ]

    def _claims(self, photo: Photo, connection: Connection) -> list[tuple[str, str]]:
        keys = [("claim", photo_claim_key(photo.photo_id, connection.connection_id, _CYCLE))]
        more = [("account", photo_claim_key(photo.photo_id, connection.account_key, _CYCLE))]
        if self.persona.once_anywhere:
            more.append(("anywhere", anywhere_claim_key(photo.photo_id, self.persona.owner, _CYCLE)))
        for label, key in more:
            held = self.recorder.claims.get(key)
            # The row is recorded even if another post holds the wider claim.
            if held is None or held.state is not ClaimState.HELD:
                keys.append((label, key))
        return keys

    def _schedule(self, post: Post, connection: Connection, row: PostedPhoto, at: datetime) -> Schedule:
        return Schedule(
            schedule_id=schedule_id_of(post.post_id, connection.connection_id),
            post_id=post.post_id,
            connection_id=connection.connection_id,
            persona_id=post.persona_id,
            owner=post.owner,
            channel=connection.channel,
            account=connection.account_key,
            run_at=at,
            wall_time=at.replace(tzinfo=None).isoformat(),
            zone="UTC",
            start_at=at,
            status=ScheduleStatus.SUCCESS,
            external_id=row.external_id,
            external_url=row.external_url,
            posted_at=at,
            created_at=self.now,
            updated_at=self.now,
        )

    def _connection(self, connection_id: str) -> Connection:
        connection = self._connections.get(connection_id)
        return connection or self.recorder.connections.get(self.persona.persona_id, connection_id)

    @cached_property
    def _connections(self) -> dict[str, Connection]:
        return {item.connection_id: item for item in self.recorder.connections.list(self.persona.persona_id)}


def _variant(post: Post, connection: Connection, photo: Photo) -> Variant:
    return Variant(
        post_id=post.post_id,
        owner=post.owner,
        connection_id=connection.connection_id,
        channel=connection.channel,
        text=post.base_caption,
        photo_ids=post.photo_ids,
        alt_text=photo.alt_text,
        source=VariantSource.IMPORTED,
        created_at=post.created_at,
        updated_at=post.created_at,
    )
