"""Writing one variant of a post: its text, alt text, tone and photos, for a channel or one of its connections."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from shutterpost.channels import Catalogue, ChannelRow, ConnectionStore, check_text, fit_alt_text
from shutterpost.flows.drafting.labels import Metadata
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.variant_rules import check_stays_described, linked_text, own_variant, row_of
from shutterpost.flows.refusals import (
    PhotoNotInPost,
    PostChanged,
    PostIsArchived,
    PostIsOut,
    TooManyPictures,
    TooManyVariants,
    VariantEmpty,
    VariantInUse,
    VariantTargetInvalid,
)
from shutterpost.personas import Personas
from shutterpost.photos import PhotoNotFound, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write, commit
from shutterpost.runtime.values import Language, Value
from shutterpost.scheduling import (
    PostDetails,
    Posts,
    Schedules,
    ScheduleStatus,
    Variant,
    VariantSource,
    variant_id_of,
)

# A change of the post's texts writes all of its variants in one transaction, which has at most 100 items.
MAX_VARIANTS = 40
# A write is lost only if something else of the post was written between its read and its transaction.
ROUNDS = 5
_UNBEGUN = frozenset(set(ScheduleStatus) - {ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN, ScheduleStatus.SUCCESS})
_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
PhotoId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class VariantContent(Value):
    """What to write; `None` keeps a variant's value, and a new one has the post's photos and their alt text."""

    text: str | None = Field(default=None, max_length=10_000, description="The final text, with its hashtags.")
    alt_text: str | None = Field(default=None, max_length=5_000)
    language: Language | None = Field(
        default=None, description="Language of its text (BCP 47), such as `de`; default: the post's."
    )
    photo_ids: tuple[PhotoId, ...] | None = Field(
        default=None, max_length=20, description="Ids of the post's photos, in the order to publish them."
    )
    tone: Label | None = None
    label: Label | None = Field(default=None, description="Distinguishes variants of one connection, such as `short`.")
    metadata: Metadata | None = Field(
        default=None,
        description="Keys of the owner's. `utm_source` and the like replace those that the rule adds to links; "
        "`short_url` is the short address of the link.",
    )


class NewVariant(VariantContent):
    """A variant to write for a connection, or for any connection of `channel`."""

    text: str = Field(max_length=10_000, description="The final text, with its hashtags.")
    channel: str | None = Field(default=None, min_length=1, max_length=64)
    connection_id: str | None = Field(default=None, min_length=1, max_length=64)


@flow
class VariantWriter:
    """Writes variants alone; what is scheduled for a connection stays one schedule."""

    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    personas: Personas
    photos: Photos
    posts: Posts
    schedules: Schedules

    def write(
        self,
        details: PostDetails,
        new: NewVariant,
        *,
        key: str,
        source: VariantSource = VariantSource.MANUAL,
        dry_run: bool = False,
    ) -> Variant:
        """Add a variant to the post that was read as `details`; a repeat with the same `key` returns the first one.

        Raises `PostIsArchived`, `VariantTargetInvalid`, `TooManyVariants`, `PostChanged`, and the named refusals of the
        channel, connection, text and photos.
        """
        post_id = details.post.post_id
        variant_id = variant_id_of(post_id, key)
        for _ in range(ROUNDS):
            existing = next((item for item in details.variants if item.variant_id == variant_id), None)
            if existing is not None:
                return existing
            variant = self._new(details, new, variant_id, source)
            if dry_run or self._commit(details, [self.posts.writing(variant)]):
                return variant
            details = self.posts.details(post_id)
        raise _changed(post_id)

    def change(self, details: PostDetails, variant_id: str, content: VariantContent) -> Variant:
        """Change a variant that no begun schedule publishes; from then on it has a text of its own.

        Raises `VariantNotFound`, `PostIsArchived`, `PostIsOut`, `PostChanged`, and the named refusals of the text and
        photos.
        """
        self._check_open(details)
        before = own_variant(details, variant_id)
        self._check_unbegun(details, before)
        given = content.model_dump(exclude_none=True)
        fields = {**given, "source": VariantSource.MANUAL if "text" in given else before.source}
        changes = {**fields, "own_text": True, "updated_at": self.clock.now()}
        variant = self._checked(details, before.model_copy(update=changes))
        check_stays_described(self.personas, details, [variant])
        writes = [self.posts.writing(variant), *self._waiting_writes(details, variant)]
        if not self._commit(details, writes):
            raise _changed(details.post.post_id)
        return variant

    def remove(self, details: PostDetails, variant_id: str) -> None:
        """Remove a variant that no schedule names. Raises `VariantNotFound`, `VariantInUse` or `PostChanged`."""
        self._check_open(details)
        variant = own_variant(details, variant_id)
        named_by = details.schedules_of(variant)
        if named_by:
            detail = f"Schedule {named_by[0].schedule_id} publishes variant {variant_id}; it stays with the post."
            raise VariantInUse(detail, schedule_id=named_by[0].schedule_id)
        if not self._commit(details, [self.posts.removing(variant)]):
            raise _changed(details.post.post_id)

    def _new(self, details: PostDetails, new: NewVariant, variant_id: str, source: VariantSource) -> Variant:
        self._check_open(details)
        if len(details.variants) >= MAX_VARIANTS:
            raise TooManyVariants(f"Post {details.post.post_id} has {MAX_VARIANTS} variants; remove one first.")
        row = self._row(details, new)
        post, now = details.post, self.clock.now()
        photo_ids = post.photo_ids[: row.limits.max_pictures] if new.photo_ids is None else new.photo_ids
        variant = Variant(
            variant_id=variant_id,
            post_id=post.post_id,
            owner=post.owner,
            channel=row.key,
            connection_id=new.connection_id,
            text=new.text,
            alt_text=self._described(details, photo_ids) if new.alt_text is None else new.alt_text,
            photo_ids=photo_ids,
            language=new.language,
            tone=new.tone,
            label=new.label,
            metadata=new.metadata or {},
            own_text=True,
            source=source,
            created_at=now,
            updated_at=now,
        )
        return self._checked(details, variant)

    def _row(self, details: PostDetails, new: NewVariant) -> ChannelRow:
        if new.connection_id is None:
            if new.channel is None:
                raise VariantTargetInvalid("Name the variant's channel, or one of its connections.", field="channel")
            return self.catalogue.row(new.channel)
        connection = self.connections.get(details.post.persona_id, new.connection_id)
        if new.channel not in {None, connection.channel}:
            detail = f"Connection {new.connection_id} is an account on {connection.channel}, not on {new.channel}."
            raise VariantTargetInvalid(detail, field="channel")
        return self.catalogue.row(connection.channel).at(connection)

    def _checked(self, details: PostDetails, variant: Variant) -> Variant:
        row = row_of(self.catalogue, self.connections, variant, details.post.persona_id)
        unknown = [photo_id for photo_id in variant.photo_ids if photo_id not in details.post.photo_ids]
        if unknown or len(set(variant.photo_ids)) < len(variant.photo_ids):
            detail = f"A variant has each of its post's photos at most once; {', '.join(unknown) or 'one'} is not."
            raise PhotoNotInPost(detail, field="photo_ids")
        if len(variant.photo_ids) > row.limits.max_pictures:
            detail = f"{row.name} takes {row.limits.max_pictures} pictures, not {len(variant.photo_ids)}."
            raise TooManyPictures(detail, field="photo_ids")
        if not variant.text.strip() and not variant.photo_ids:
            raise VariantEmpty("A variant without photos needs a text.", field="text")
        text, metadata = linked_text(variant.text, row, details.post.metadata, variant.metadata)
        check_text(text, row)
        alt_text = fit_alt_text(variant.alt_text, row)
        return variant.model_copy(update={"text": text, "alt_text": alt_text, "metadata": metadata})

    def _described(self, details: PostDetails, photo_ids: Sequence[str]) -> str:
        for photo_id in photo_ids[:1]:
            try:
                return self.photos.get(details.post.persona_id, photo_id).alt_text
            except PhotoNotFound:
                break
        return ""

    def _check_open(self, details: PostDetails) -> None:
        if details.post.archived:
            raise PostIsArchived(f"Post {details.post.post_id} is archived; set archived to false to change it.")

    def _check_unbegun(self, details: PostDetails, variant: Variant) -> None:
        for schedule in details.schedules_of(variant):
            if schedule.status not in _UNBEGUN or schedule.step is not None:
                detail = f"Variant {variant.variant_id} is on {schedule.channel}, or on its way; it cannot change."
                raise PostIsOut(detail, schedule_id=schedule.schedule_id)

    def _waiting_writes(self, details: PostDetails, variant: Variant) -> list[Write]:
        """The writes that hold only while no schedule of the variant has begun."""
        waiting = [item for item in details.schedules_of(variant) if item.status in _WAITING]
        return [write for item in waiting for write in self.schedules.moving(item, item.status, now=self.clock.now())]

    def _commit(self, details: PostDetails, writes: Sequence[Write]) -> bool:
        return not isinstance(
            commit([self.posts.changing(details.post, updated_at=self.clock.now()), *writes]), Refused
        )


def _changed(post_id: str) -> PostChanged:
    return PostChanged(f"Post {post_id} has changed meanwhile; read it again, then change it.")
