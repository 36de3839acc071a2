"""The Graph API's answers as values: errors with their codes, media of a list."""

from datetime import timedelta

from shutterpost.channels.answers.known import PlatformError
from shutterpost.channels.answers.reading import (
    Json,
    as_id,
    as_instant,
    as_int,
    as_object,
    as_text,
    as_url,
    beginning,
)
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import Attempt, RecentMedia, RecentPost, RemoteState, Status

# Where an attempt may have put its post in the media list: clocks differ a little, and a publish may take minutes.
BEFORE_ATTEMPT = timedelta(seconds=60)
AFTER_ATTEMPT = timedelta(minutes=10)

_HIDDEN = (100, 33)
_MEDIA = {
    "IMAGE": RecentMedia.PICTURE,
    "CAROUSEL_ALBUM": RecentMedia.PICTURES,
    "VIDEO": RecentMedia.VIDEO,
    "TEXT_POST": RecentMedia.TEXT,
}


def graph_error(answer: Answer) -> PlatformError | None:
    """The error of a Graph API answer; `None` where there is none or it has no code."""
    error = as_object(as_object(answer.body).get("error"))
    code, subcode = as_int(error.get("code")), as_int(error.get("error_subcode"))
    if code is None and subcode is None:
        return None
    return PlatformError(answer.status, code, subcode, as_text(error.get("message")) or "")


def is_hidden(answer: Answer | NoAnswer) -> bool:
    error = graph_error(answer) if isinstance(answer, Answer) else None
    return error is not None and (error.code, error.subcode) == _HIDDEN


def is_whole(item: Json) -> bool:
    texts = all(isinstance(item[name], str) for name in ("caption", "text") if name in item)
    return as_id(item.get("id")) is not None and as_instant(item.get("timestamp")) is not None and texts


def in_time(item: Json, attempt: Attempt) -> bool:
    """Whether the time of a media fits the attempt; checked again in case the platform ignores the window."""
    posted_at = as_instant(item.get("timestamp"))
    if posted_at is None:
        return False
    return attempt.attempted_at - BEFORE_ATTEMPT <= posted_at <= attempt.attempted_at + AFTER_ATTEMPT


def live(item: Json, attempt: Attempt) -> Status:
    media_id = as_id(item.get("id")) or ""
    return Status(
        ref=attempt.ref or media_id,
        state=RemoteState.PUBLISHED,
        external_id=media_id,
        external_url=as_url(item.get("permalink")),
        posted_at=as_instant(item.get("timestamp")),
    )


def recent_post(item: Json) -> RecentPost:
    media = _MEDIA.get(as_text(item.get("media_type")) or "", RecentMedia.OTHER)
    # The file of a video is no picture.
    shows_file = media in {RecentMedia.PICTURE, RecentMedia.PICTURES}
    return RecentPost(
        external_id=as_id(item.get("id")) or "",
        external_url=as_url(item.get("permalink")),
        posted_at=as_instant(item.get("timestamp")),
        media=media,
        picture_url=as_url(item.get("thumbnail_url")) or (as_url(item.get("media_url")) if shows_file else None),
        text=beginning(item.get("caption", item.get("text"))),
    )
