"""Derived states, which are never stored: a variant's from its schedule, a post's from all of its schedules."""

from collections.abc import Sequence
from enum import StrEnum

from shutterpost.scheduling.states import ScheduleStatus, Step
from shutterpost.scheduling.values import Post, Schedule


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


def variant_status(schedule: Schedule | None) -> VariantStatus:
    if schedule is None or schedule.status is ScheduleStatus.CANCELLED:
        return VariantStatus.DRAFT
    if schedule.status is ScheduleStatus.SUCCESS:
        return VariantStatus.PUBLISHED
    if schedule.status in {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED}:
        return VariantStatus.FAILED
    return VariantStatus.READY


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
