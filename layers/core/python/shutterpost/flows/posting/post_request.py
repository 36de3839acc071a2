"""A request for a post, the id that follows from it, and the claims that can be lost."""

from datetime import datetime

from pydantic import Field

from shutterpost.channels import ChannelRow, Connection
from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.flows.posting.captions import source_of
from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Extras, Value
from shutterpost.scheduling import Origin, Review, VariantSource, post_id_of


class PostRequest(Value):
    """A persona's photos, or its text alone, to post to `connections` at `when`.

    `request_key` distinguishes a repeat from a second request; `idempotency_key` is the caller's own. `slot_at` is the
    slot that is filled, `replaces` the post that had it before. With `review`, the schedules wait for a person. `burst`
    has the photos that a pick offers to post with its own.
    """

    persona: Persona
    photos: tuple[Photo, ...]
    connections: tuple[Connection, ...]
    when: ScheduledTime
    caption: str
    caption_source: str
    hashtags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = Field(default_factory=dict)
    extras: Extras = Extras()
    language: str | None = None
    title: str | None = None
    alt_text: str | None = None
    origin: Origin
    slot_at: datetime | None = None
    replaces: str | None = None
    review: Review | None = None
    strategy: str | None = None
    theme: str | None = None
    cycle: int = 1
    burst: tuple[str, ...] = ()
    request_key: str
    idempotency_key: str | None = None
    created_by: str | None = None

    @property
    def photo_ids(self) -> tuple[str, ...]:
        return tuple(photo.photo_id for photo in self.photos)

    def photos_for(self, row: ChannelRow) -> tuple[Photo, ...]:
        """The photos that a channel gets: of a pick the first that it takes, of a person's request all."""
        return self.photos[: row.limits.max_pictures] if self.origin is Origin.SLOT else self.photos

    @property
    def source(self) -> VariantSource:
        return source_of(self.caption_source)

    @property
    def must_be_unposted(self) -> bool:
        """Whether the photo must have no post: for picks of cycle 1; a person or a new cycle may post it again."""
        return self.origin is Origin.SLOT and self.cycle == 1

    @property
    def post_id(self) -> str:
        """Derived from the claims, so that a repeat finds the first post."""
        if self.slot_at is not None and self.origin is Origin.SLOT:
            before = () if self.replaces is None else (self.replaces,)
            return post_id_of("slot", self.persona.persona_id, iso(self.slot_at), *before)
        targets = ",".join(sorted(connection.connection_id for connection in self.connections))
        subject = ("photo", *self.photo_ids) if self.photos else ("text", self.persona.persona_id)
        return post_id_of(*subject, targets, str(self.cycle), self.request_key)


class LostClaims(Value):
    """Claims that another post holds.

    `labels` are `slot`, `slot:{connection_id}`, `claim:{connection_id}`, `photo`, `key`, `anywhere` and `memory`.
    """

    labels: frozenset[str]
