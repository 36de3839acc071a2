"""Buffer's answers as values: errors with their codes, posts as statuses, pages of a list."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from shutterpost.channels.answers.known import PlatformError
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_int,
    as_object,
    as_objects,
    as_text,
    as_url,
    beginning,
    same_text,
)
from shutterpost.channels.answers.scrubbing import scrub
from shutterpost.channels.connection import QuotaUse
from shutterpost.channels.http import Answer
from shutterpost.channels.ports import (
    Account,
    Attempt,
    Cause,
    Failure,
    FailureClass,
    RecentMedia,
    RecentPost,
    RemoteState,
    Status,
)

# Buffer refuses a due time in the past, so a late post is handed over for a moment from now.
SOONEST = timedelta(seconds=10)
# The longest time between the record of an attempt and its call.
_LATEST_CALL = timedelta(seconds=60)
HOUR = 3_600.0

_STATES = {
    "draft": RemoteState.SCHEDULED,
    "needs_approval": RemoteState.SCHEDULED,
    "scheduled": RemoteState.SCHEDULED,
    "sending": RemoteState.WORKING,
    "sent": RemoteState.PUBLISHED,
    "error": RemoteState.FAILED,
}
_MEDIA = {"image": RecentMedia.PICTURE, "video": RecentMedia.VIDEO}
_AWAITING_APPROVAL = {"draft", "needs_approval"}


@dataclass(frozen=True, slots=True)
class Page:
    """`after` is the cursor of the next page, `None` on the last."""

    posts: list[Json]
    after: str | None


def errors_of(answer: Answer) -> list[PlatformError]:
    """The `errors` of an answer; one without a code has `None`."""
    errors = as_object(answer.body).get("errors")
    return [
        PlatformError(
            answer.status,
            as_text(as_object(error.get("extensions")).get("code")) or None,
            None,
            as_text(error.get("message")) or "",
        )
        for error in (errors if isinstance(errors, list) else [])
        if isinstance(error, dict)
    ]


def payload_error(payload: Json, status: int) -> PlatformError:
    name = as_text(payload.get("__typename"))
    return PlatformError(status, name, as_int(payload.get("code")), as_text(payload.get("message")) or "")


def page_of(value: Any) -> Page | None:
    """A page of posts; `None` where the list, a post's facts or the way to the next page is missing."""
    listed = as_object(value)
    edges, info = listed.get("edges"), as_object(listed.get("pageInfo"))
    if not isinstance(edges, list) or not isinstance(info.get("hasNextPage"), bool):
        return None
    posts = [as_object(as_object(edge).get("node")) for edge in edges]
    after = as_text(info.get("endCursor")) if info["hasNextPage"] else None
    if (info["hasNextPage"] and not after) or not all(is_whole(post) for post in posts):
        return None
    return Page(posts, after)


def is_whole(post: Json) -> bool:
    status, due_at = as_text(post.get("status")), post.get("dueAt")
    # A draft may be without a due time; what was scheduled is not.
    due = as_instant(due_at) is not None or (due_at is None and status in _AWAITING_APPROVAL)
    identified = isinstance(post.get("text"), str) and as_id(post.get("channelId")) is not None
    return as_id(post.get("id")) is not None and bool(status) and due and identified


def status_of(post: Json) -> Status | None:
    """The status of a post, `None` where id or status is missing; an unknown word counts as `working`."""
    post_id, status = as_id(post.get("id")), as_text(post.get("status"))
    if post_id is None or not status:
        return None
    state = _STATES.get(status, RemoteState.WORKING)
    live = state is RemoteState.PUBLISHED
    failure: Failure | None = None
    if state is RemoteState.FAILED:
        reason = scrub(as_text(as_object(post.get("error")).get("message")) or "no reason given")
        refused = stopped("buffer-error", f"Buffer could not publish the post ({reason})", Cause.UNKNOWN)
        failure = refused.model_copy(update={"raw": scrub(json.dumps(post.get("error")))})
    elif status in _AWAITING_APPROVAL:
        failure = paused(status, "The post waits at Buffer for a person to approve it", Cause.ACCOUNT)
    return Status(
        ref=post_id,
        state=state,
        external_id=post_id if live else None,
        external_url=as_url(post.get("externalLink")) if live else None,
        posted_at=as_instant(post.get("sentAt")) if live else None,
        failure=failure,
    )


def recent_post(post: Json) -> RecentPost:
    assets = as_objects(post.get("assets")) or []
    kinds = [_MEDIA.get(as_text(asset.get("type")) or "", RecentMedia.OTHER) for asset in assets]
    media = kinds[0] if kinds else RecentMedia.TEXT
    first = as_url(assets[0].get("thumbnail")) or as_url(assets[0].get("source")) if assets else None
    return RecentPost(
        external_id=as_id(post.get("id")) or "",
        external_url=as_url(post.get("externalLink")),
        posted_at=as_instant(post.get("sentAt")) or as_instant(post.get("dueAt")),
        media=RecentMedia.PICTURES if media is RecentMedia.PICTURE and len(assets) > 1 else media,
        picture_url=first,
        text=beginning(post.get("text")),
    )


def is_of(post: Json, attempt: Attempt, account: Account) -> bool:
    """Whether channel, text and due time match; a late attempt has a due time shortly after it."""
    due_at = as_instant(post.get("dueAt"))
    if due_at is None or post.get("channelId") != account.connection.account_id:
        return False
    if not same_text(post.get("text"), attempt.text):
        return False
    if due_at.replace(microsecond=0) == attempt.run_at.astimezone(UTC).replace(microsecond=0):
        return True
    latest = attempt.attempted_at + _LATEST_CALL + SOONEST
    return attempt.run_at < latest and attempt.attempted_at <= due_at <= latest


def channel_failure(channel: Json, limit: Json) -> Failure | None:
    """The reason why the channel cannot be posted to now, if any."""
    if channel.get("isDisconnected") is True:
        return stopped("channel-disconnected", "Buffer lost the profile; reconnect it there, then here", Cause.TOKEN)
    if channel.get("isLocked") is True:
        return stopped("channel-locked", "The Buffer plan does not cover this channel; unlock it", Cause.ACCOUNT)
    if channel.get("isQueuePaused") is True:
        return paused("queue-paused", "The channel's queue is paused at Buffer; resume it there", Cause.ACCOUNT)
    if limit.get("isAtLimit") is True:
        return paused("quota", "The day's posts to this channel reach the network's limit", Cause.QUOTA)
    return None


def quota_of(limit: Json) -> QuotaUse | None:
    """Posts of the day, sent or scheduled; `None` where it is not known."""
    most, sent, scheduled = (as_int(limit.get(name)) for name in ("limit", "sent", "scheduled"))
    return None if most is None or sent is None or scheduled is None else QuotaUse(used=sent + scheduled, total=most)


def stopped(code: str, meaning: str, cause: Cause) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=cause, code=code, message=f"{meaning}.")


def paused(code: str, meaning: str, cause: Cause) -> Failure:
    return Failure(
        failure_class=FailureClass.RETRYABLE, cause=cause, code=code, message=f"{meaning}.", retry_after=HOUR
    )


def earliest_due(run_at: datetime, now: datetime) -> datetime:
    return max(run_at, now + SOONEST)
