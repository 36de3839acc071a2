"""Mastodon's answers as values."""

import html
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from shutterpost.channels.answers.known import PlatformError
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_object,
    as_objects,
    as_text,
    as_url,
    beginning,
)
from shutterpost.channels.http import Answer
from shutterpost.channels.mastodon.answers import VALIDATION
from shutterpost.channels.ports import RecentMedia, RecentPost, RemoteState, Status

# Where a status with a submission's pictures can be: a picture that no status has is removed after a day.
BEFORE_SUBMISSION, AFTER_SUBMISSION = timedelta(minutes=5), timedelta(hours=25)
# Mastodon's ids hold the milliseconds since 1970 above these bits.
_SEQUENCE_BITS = 16
_MEDIA = {"image": RecentMedia.PICTURE, "gifv": RecentMedia.VIDEO, "video": RecentMedia.VIDEO}
_BREAKS, _TAGS = re.compile(r"<br\s*/?>"), re.compile(r"<[^>]*>")


def lowest_id(at: datetime) -> str:
    """An id below those of all statuses from `at` on."""
    return str(max(0, int(at.timestamp() * 1_000)) << _SEQUENCE_BITS)


def error_in(answer: Answer) -> PlatformError | None:
    """The error in the server's own form; `None` for other pages."""
    body = as_object(answer.body)
    if isinstance(body.get("errors"), dict):
        return PlatformError(answer.status, VALIDATION, None, as_text(body.get("message")) or "")
    text = as_text(body.get("error"))
    return None if text is None else PlatformError(answer.status, None, None, text)


def is_whole(item: Json) -> bool:
    """Whether a status of a list has what it is recognised by."""
    media = as_objects(item.get("media_attachments"))
    known = media is not None and all(as_id(each.get("id")) for each in media)
    return known and as_id(item.get("id")) is not None and as_instant(item.get("created_at")) is not None


def media_of(item: Json) -> tuple[str, ...]:
    return tuple(as_id(each.get("id")) or "" for each in as_objects(item.get("media_attachments")) or [])


def text_of(item: Json) -> str:
    content = (as_text(item.get("content")) or "").replace("</p><p>", "\n\n")
    return html.unescape(_TAGS.sub("", _BREAKS.sub("\n", content)))


def live(item: Json, ref: str | None = None) -> Status:
    status_id = as_id(item.get("id")) or ""
    return Status(
        ref=ref or status_id,
        state=RemoteState.PUBLISHED,
        external_id=status_id,
        external_url=as_url(item.get("url")),
        posted_at=as_instant(item.get("created_at")),
    )


def recent_post(item: Json) -> RecentPost:
    attachments = as_objects(item.get("media_attachments")) or [{}]
    first = attachments[0]
    media = _MEDIA.get(as_text(first.get("type")) or "", RecentMedia.OTHER)
    if media is RecentMedia.PICTURE and len(attachments) > 1:
        media = RecentMedia.PICTURES
    whole = as_url(first.get("url")) if media in {RecentMedia.PICTURE, RecentMedia.PICTURES} else None
    return RecentPost(
        external_id=as_id(item.get("id")) or "",
        external_url=as_url(item.get("url")),
        posted_at=as_instant(item.get("created_at")),
        media=media,
        picture_url=as_url(first.get("preview_url")) or whole,
        text=beginning(text_of(item)),
    )


def with_any(items: Sequence[Json], ids: Sequence[str]) -> list[Json]:
    return [item for item in items if set(ids) & set(media_of(item))]
