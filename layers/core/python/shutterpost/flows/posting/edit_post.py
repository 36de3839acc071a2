"""A person's changes to a post: its words while nothing of it is out, its title and its place in the archive."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from shutterpost.channels import check_text, compose, fit_alt_text
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.refusals import PostChanged, PostIsArchived, PostIsOpen, PostIsOut
from shutterpost.runtime.commit import Refused, Write, commit
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, Schedule, ScheduleStatus, Variant

_WORDS = {"caption", "tags", "alt_text"}
_WAITING = frozenset({ScheduleStatus.PENDING, ScheduleStatus.QUEUED})
_CHANGEABLE = _WAITING | {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED, ScheduleStatus.CANCELLED}


class PostChange(Value):
    """Fields of a post to change; those left out stay. `caption`, `tags` and `alt_text` rewrite every variant."""

    title: str | None = Field(default=None, max_length=200)
    caption: str = Field(default="", max_length=10_000)
    tags: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(default=(), max_length=60)
    alt_text: str = Field(default="", max_length=5_000)
    archived: bool = False


def change_post(scheduler: PostCreator, details: PostDetails, change: PostChange) -> PostDetails:
    """Change the post that was read as `details`, in one transaction; returns it as it is then.

    Raises `PostIsArchived`, `PostIsOut` for new words of what is out, `PostIsOpen` where what may still go out is to be
    archived, `PostChanged` where somebody was faster, and the named refusals of the text.
    """
    given = change.model_dump(mode="json", exclude_unset=True)
    words = {name: value for name, value in given.items() if name in _WORDS}
    post = details.post
    if post.archived and given.get("archived") is not False:
        raise PostIsArchived(f"Post {post.post_id} is archived; set archived to false to change it.")
    if change.archived and any(schedule.is_open for schedule in details.schedules):
        raise PostIsOpen(f"Post {post.post_id} may still go out; cancel it, or wait until it is out, then archive it.")
    writes = [scheduler.posts.changing(post, **_post_fields(given))]
    if words:
        writes += _rewritten(scheduler, details, words)
    if isinstance(commit(writes), Refused):
        raise PostChanged(f"Post {post.post_id} was changed meanwhile; read it again, then change it.")
    return scheduler.posts.details(post.post_id)


def _post_fields(given: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {name: given[name] for name in ("title", "tags", "archived") if name in given}
    if "caption" in given:
        fields |= {"base_caption": given["caption"].strip(), "caption_source": "explicit"}
    return fields


def _rewritten(scheduler: PostCreator, details: PostDetails, words: dict[str, Any]) -> list[Write]:
    """The variants in new words; their schedules are held still meanwhile."""
    out = [one for one in details.schedules if one.status not in _CHANGEABLE or one.step is not None]
    if out:
        detail = f"Post {details.post.post_id} is out, or on its way, on {out[0].channel}; what is out is not edited."
        raise PostIsOut(detail, schedule_id=out[0].schedule_id)
    variants = [_rewrite(scheduler, details, variant, words) for variant in details.variants]
    now = scheduler.clock.now()
    held: list[Schedule] = [one for one in details.schedules if one.status in _WAITING]
    return [
        *(scheduler.posts.rewriting(variant) for variant in variants),
        *(write for one in held for write in scheduler.schedules.moving(one, one.status, now=now)),
    ]


def _rewrite(scheduler: PostCreator, details: PostDetails, variant: Variant, words: dict[str, Any]) -> Variant:
    row = scheduler.catalogue.row(variant.channel)
    text = compose(words.get("caption", details.post.base_caption), words.get("tags", details.post.tags), row)
    check_text(text, row)
    alt_text = fit_alt_text(words["alt_text"], row) if "alt_text" in words else variant.alt_text
    return variant.model_copy(update={"text": text, "alt_text": alt_text, "source": "manual"})
