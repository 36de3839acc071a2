"""A person's changes to a post: its texts before anything was published, its title, and whether it is archived."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shutterpost.channels import Catalogue, check_text, compose, fit_alt_text
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.labels import Metadata, Tags
from shutterpost.flows.posting.variant_rules import linked_text
from shutterpost.flows.refusals import PostChanged, PostIsArchived, PostIsOpen, PostIsOut
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write, commit
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, Posts, Schedules, ScheduleStatus, Variant, VariantSource

_TEXTS = {"caption", "hashtags", "alt_text"}
_FIELDS = ("title", "hashtags", "tags", "metadata", "archived")
_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_CHANGEABLE = _WAITING | {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED}


class PostChange(Value):
    """The fields of a post to change. `caption`, `hashtags` and `alt_text` change its composed variants."""

    title: str | None = Field(default=None, max_length=200)
    caption: str = Field(default="", max_length=10_000)
    hashtags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=60
    )
    tags: Tags = ()
    metadata: Metadata = Field(default_factory=dict)
    alt_text: str = Field(default="", max_length=5_000)
    archived: bool = False


@flow
class PostEditor:
    clock: Clock
    catalogue: Catalogue
    posts: Posts
    schedules: Schedules

    def change(self, details: PostDetails, change: PostChange) -> PostDetails:
        """Change the post that was read as `details`, in one transaction; returns it as changed.

        Raises `PostIsArchived`, `PostIsOut` for new texts of a post that is published or on its way, `PostIsOpen` for
        archiving a post that may still be published, `PostChanged`, and the named refusals of the text.
        """
        fields = change.model_dump(mode="json", exclude_unset=True)
        post = details.post
        if post.archived and fields.get("archived") is not False:
            raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to change it.")
        if change.archived and any(schedule.is_open for schedule in details.schedules):
            raise PostIsOpen(
                f"Post {post.post_id} may still be published; cancel it, or wait until it is live, then archive it."
            )
        writes = [self.posts.changing(post, **_post_fields(fields), updated_at=self.clock.now())]
        if _TEXTS & fields.keys():
            writes += self._text_writes(details, fields)
        if isinstance(commit(writes), Refused):
            raise PostChanged(f"Post {post.post_id} has changed meanwhile; read it again, then change it.")
        return self.posts.details(post.post_id)

    def _text_writes(self, details: PostDetails, fields: dict[str, Any]) -> list[Write]:
        begun = [item for item in details.schedules if item.status not in _CHANGEABLE or item.step is not None]
        if begun:
            detail = f"Post {details.post.post_id} is on {begun[0].channel}, or on its way; its texts cannot change."
            raise PostIsOut(detail, schedule_id=begun[0].schedule_id)
        now = self.clock.now()
        variants = [self._changed(details, item, fields, now) for item in details.variants if not item.own_text]
        waiting = [item for item in details.schedules if item.status in _WAITING]
        return [
            *(self.posts.writing(variant) for variant in variants),
            *(write for item in waiting for write in self.schedules.moving(item, item.status, now=now)),
        ]

    def _changed(self, details: PostDetails, variant: Variant, fields: dict[str, Any], now: datetime) -> Variant:
        row, post = self.catalogue.row(variant.channel), details.post
        metadata = fields.get("metadata", post.metadata)
        caption, added = linked_text(fields.get("caption", post.base_caption), row, metadata)
        text = compose(caption, fields.get("hashtags", post.hashtags), row)
        check_text(text, row)
        alt_text = fit_alt_text(fields["alt_text"], row) if "alt_text" in fields else variant.alt_text
        source = VariantSource.MANUAL if "caption" in fields else variant.source
        changes = {"text": text, "alt_text": alt_text, "source": source, "metadata": added, "updated_at": now}
        return variant.model_copy(update=changes)


def _post_fields(fields: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {name: fields[name] for name in _FIELDS if name in fields}
    if "caption" in fields:
        changes |= {"base_caption": fields["caption"].strip(), "caption_source": "explicit"}
    return changes
