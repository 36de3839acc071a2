"""Derived states, which are never stored: a variant's from its schedule, a post's from all of its schedules."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from shutterpost.scheduling.states import OPEN, ScheduleStatus, Step
from shutterpost.scheduling.values import Post, Schedule, Variant


class VariantStatus(StrEnum):
    DRAFT = "draft"
    READY = "ready"
    PUBLISHED = "published"
    FAILED = "failed"


class PostStatus(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    POSTED = "posted"
    PARTIALLY_POSTED = "partially_posted"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


def variant_status(variant: Variant, schedules: Iterable[Schedule], *, min_pictures: int) -> VariantStatus:
    """The state of `variant` by the `schedules` that publish it, or before these by whether it can be scheduled.

    It can once its connection is chosen and it has the `min_pictures` of its channel.
    """
    statuses = {schedule.status for schedule in schedules} - {ScheduleStatus.CANCELLED}
    if ScheduleStatus.SUCCESS in statuses:
        return VariantStatus.PUBLISHED
    if statuses & OPEN:
        return VariantStatus.READY
    if statuses:
        return VariantStatus.FAILED
    complete = variant.connection_id is not None and len(variant.photo_ids) >= min_pictures
    return VariantStatus.READY if complete else VariantStatus.DRAFT


def post_status(post: Post, schedules: Sequence[Schedule]) -> PostStatus:
    """The post's state: an open schedule takes precedence over an ended one, a success over a failure."""
    statuses = {schedule.status for schedule in schedules}
    publishing = any(s.status is ScheduleStatus.PROCESSING and s.step is not Step.HANDED_OVER for s in schedules)
    rules = (
        (post.archived, PostStatus.ARCHIVED),
        (not statuses, PostStatus.DRAFT),
        (ScheduleStatus.UNKNOWN in statuses, PostStatus.UNKNOWN),
        (publishing, PostStatus.PUBLISHING),
        (bool(statuses & _WAITING), PostStatus.SCHEDULED),
        (statuses == {ScheduleStatus.CANCELLED}, PostStatus.CANCELLED),
        (ScheduleStatus.SUCCESS not in statuses, PostStatus.FAILED),
        (statuses <= {ScheduleStatus.SUCCESS, ScheduleStatus.CANCELLED}, PostStatus.POSTED),
    )
    return next((status for holds, status in rules if holds), PostStatus.PARTIALLY_POSTED)


_WAITING = {ScheduleStatus.PENDING, ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING}
