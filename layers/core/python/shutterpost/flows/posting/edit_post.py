"""A person's changes to a post: its texts before anything was published, its title, and whether it is archived."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shutterpost.channels import Catalogue, ChannelRow, ConnectionStore, check_text, compose, fit_alt_text
from shutterpost.flows.drafting.labels import Metadata, Tags
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.variant_rules import check_extras, check_stays_described, linked_text, row_of
from shutterpost.flows.refusals import CarouselInvalid, PostChanged, PostIsArchived, PostIsOpen, PostIsOut, PostNotDraft
from shutterpost.personas import Personas
from shutterpost.photos import Photo, Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, commit
from shutterpost.runtime.values import Extras, Language, Value
from shutterpost.scheduling import Post, PostDetails, Posts, Schedules, ScheduleStatus, Variant, VariantSource

_TEXTS = {"caption", "hashtags", "alt_text"}
# What cannot change once a schedule has begun.
_SENT = _TEXTS | {"photo_ids", "extras", "language"}
_FIELDS = ("title", "hashtags", "tags", "metadata", "language", "archived")
_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_CHANGEABLE = _WAITING | {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED}


class PostChange(Value):
    """The fields of a post to change. `caption`, `hashtags` and `alt_text` change its composed variants."""

    photo: str | None = Field(
        default=None, min_length=1, max_length=250, description="Of a draft: its photo, by id or file name."
    )
    photo_ids: tuple[Annotated[str, StringConstraints(max_length=64)], ...] = Field(
        default=(), max_length=20, description="The photos of a carousel in another order, by id."
    )
    title: str | None = Field(default=None, max_length=200)
    caption: str = Field(default="", max_length=10_000)
    hashtags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=60
    )
    tags: Tags = ()
    metadata: Metadata = Field(default_factory=dict)
    extras: Extras | None = Field(default=None, description="All of its extras; `null` for none.")
    language: Language | None = Field(default=None, description="Language of its texts (BCP 47); `null` states none.")
    alt_text: str = Field(default="", max_length=5_000)
    archived: bool = False


@flow
class PostEditor:
    clock: Clock
    catalogue: Catalogue
    connections: ConnectionStore
    personas: Personas
    photos: Photos
    posts: Posts
    schedules: Schedules

    def change(self, details: PostDetails, change: PostChange) -> PostDetails:
        """Change the post that was read as `details`, in one transaction; returns it as changed.

        Raises `PostChanged`, the refusals of `preview`, and the named ones of the texts.
        """
        fields, variants = self._changes(details, change)
        for variant in variants:
            if not variant.own_text and _TEXTS & change.model_fields_set:
                check_text(variant.text, self._row(variant, details.post))
        check_stays_described(self.personas, details, variants)
        now = self.clock.now()
        writes = [self.posts.changing(details.post, **fields, updated_at=now)]
        writes += [self.posts.writing(variant) for variant in variants]
        if _SENT & change.model_fields_set:
            waiting = [item for item in details.schedules if item.status in _WAITING]
            writes += [write for item in waiting for write in self.schedules.moving(item, item.status, now=now)]
        if isinstance(commit(writes), Refused):
            raise PostChanged(f"Post {details.post.post_id} has changed meanwhile; read it again, then change it.")
        return self.posts.details(details.post.post_id)

    def preview(self, details: PostDetails, change: PostChange) -> PostDetails:
        """The post as `change` would leave it, also with texts that are refused; nothing is written.

        Raises `PostIsArchived`, `PostIsOut` for new texts of a post that is published or on its way, `PostIsOpen` for
        archiving a post that may still be published, `PostNotDraft` for another photo of a scheduled post, and the
        named refusals of the photo and the extras.
        """
        fields, variants = self._changes(details, change)
        post = details.post.model_validate({**details.post.model_dump(), **fields, "updated_at": self.clock.now()})
        by_id = {variant.variant_id: variant for variant in variants}
        changed = tuple(by_id.get(item.variant_id, item) for item in details.variants)
        return details.model_copy(update={"post": post, "variants": changed})

    def _changes(self, details: PostDetails, change: PostChange) -> tuple[dict[str, Any], list[Variant]]:
        fields, post = change.model_dump(mode="json", exclude_unset=True), details.post
        if post.archived and fields.get("archived") is not False:
            raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to change it.")
        if change.archived and any(schedule.is_open for schedule in details.schedules):
            raise PostIsOpen(
                f"Post {post.post_id} may still be published; cancel it, or wait until it is live, then archive it."
            )
        photo = None if change.photo is None else self._photo_of_draft(details, change.photo)
        changed = _post_fields(fields) | ({} if photo is None else {"photo_ids": [photo.photo_id]})
        if _SENT & fields.keys():
            check_unbegun(details)
        if change.photo_ids:
            check_order(details, change.photo_ids)
            changed["photo_ids"] = list(change.photo_ids)
        extras = self._extras(details, change)
        if extras != post.extras:
            changed["extras"] = extras.model_dump(mode="json") if extras else None
        return changed, self._variants(details, fields, photo)

    def _extras(self, details: PostDetails, change: PostChange) -> Extras | None:
        """The post's extras after the change; its tags stay with their pictures."""
        post = details.post
        if "extras" not in change.model_fields_set:
            return None if post.extras is None else _retagged(post, post.extras, change)
        extras, persona = change.extras or Extras(), self.personas.get(post.persona_id)
        named = {item.connection_id for item in details.variants} | {item.connection_id for item in details.schedules}
        targets = [item for item in self.connections.list(post.persona_id) if item.connection_id in named]
        rows = [(self.catalogue.row(item.channel).at(item), item) for item in targets]
        pictures = len(post.photo_ids) if details.schedules else None
        check_extras(extras, extras.beside(persona.extras), rows, pictures=pictures)
        return extras if extras.names else None

    def _photo_of_draft(self, details: PostDetails, name: str) -> Photo:
        if details.schedules:
            detail = f"Post {details.post.post_id} has a schedule, which claims its photo; create another post for it."
            raise PostNotDraft(detail, field="photo", schedule_id=details.schedules[0].schedule_id)
        return self.photos.find(details.post.persona_id, name)

    def _variants(self, details: PostDetails, fields: dict[str, Any], photo: Photo | None) -> list[Variant]:
        variants, now = list(details.variants), self.clock.now()
        if "photo_ids" in fields:
            variants = [self._reordered(details, item, tuple(fields["photo_ids"]), now) for item in variants]
        if photo is not None:
            variants = [self._with_photo(details, item, photo, now) for item in variants]
        if _TEXTS & fields.keys():
            variants = [item if item.own_text else self._changed(details, item, fields, now) for item in variants]
        return [item for item in variants if item not in details.variants]

    def _reordered(self, details: PostDetails, variant: Variant, photo_ids: tuple[str, ...], now: datetime) -> Variant:
        order = tuple(photo_id for photo_id in photo_ids if photo_id in variant.photo_ids)
        if order == variant.photo_ids:
            return variant
        row, persona_id = self._row(variant, details.post), details.post.persona_id
        before, first = (
            fit_alt_text(self.photos.get(persona_id, ids[0]).alt_text, row) for ids in (variant.photo_ids, order)
        )
        alt_text = first if variant.alt_text == before else variant.alt_text
        return variant.model_copy(update={"photo_ids": order, "alt_text": alt_text, "updated_at": now})

    def _with_photo(self, details: PostDetails, variant: Variant, photo: Photo, now: datetime) -> Variant:
        if variant.photo_ids != details.post.photo_ids:
            return variant
        alt_text = fit_alt_text(photo.alt_text, self._row(variant, details.post))
        changes = {"photo_ids": (photo.photo_id,), "alt_text": alt_text, "updated_at": now}
        return variant.model_copy(update=changes)

    def _changed(self, details: PostDetails, variant: Variant, fields: dict[str, Any], now: datetime) -> Variant:
        row, post = self._row(variant, details.post), details.post
        metadata = fields.get("metadata", post.metadata)
        caption, added = linked_text(fields.get("caption", post.base_caption), row, metadata)
        text = compose(caption, fields.get("hashtags", post.hashtags), row)
        alt_text = fit_alt_text(fields["alt_text"], row) if "alt_text" in fields else variant.alt_text
        source = VariantSource.MANUAL if "caption" in fields else variant.source
        changes = {"text": text, "alt_text": alt_text, "source": source, "metadata": added, "updated_at": now}
        return variant.model_copy(update=changes)

    def _row(self, variant: Variant, post: Post) -> ChannelRow:
        return row_of(self.catalogue, self.connections, variant, post.persona_id)


def _retagged(post: Post, extras: Extras, change: PostChange) -> Extras | None:
    if change.photo is not None:
        left = extras.only(tuple(name for name in extras.names if name != "user_tags"))
        return left if left.names else None
    if not change.photo_ids:
        return extras
    places = {post.photo_ids.index(item) + 1: place for place, item in enumerate(change.photo_ids, start=1)}
    moved = (tag.model_copy(update={"picture": places[tag.picture]}) for tag in extras.user_tags)
    return extras.model_copy(update={"user_tags": tuple(moved)})


def check_order(details: PostDetails, photo_ids: Sequence[str]) -> None:
    """Raise `CarouselInvalid` unless `photo_ids` are the post's photos, each once."""
    if sorted(photo_ids) != sorted(details.post.photo_ids):
        detail = (
            f"Post {details.post.post_id} has the photos {', '.join(details.post.photo_ids)}; give each of them once."
        )
        raise CarouselInvalid(detail, field="photo_ids")


def check_unbegun(details: PostDetails) -> None:
    for schedule in details.schedules:
        if schedule.status not in _CHANGEABLE or schedule.step is not None:
            detail = f"Post {details.post.post_id} is on {schedule.channel}, or on its way; its texts cannot change."
            raise PostIsOut(detail, schedule_id=schedule.schedule_id)


def _post_fields(fields: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {name: fields[name] for name in _FIELDS if name in fields}
    if "caption" in fields:
        changes |= {"base_caption": fields["caption"].strip(), "caption_source": "explicit"}
    return changes
