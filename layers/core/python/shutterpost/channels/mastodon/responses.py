"""A submission's reference, and Mastodon's answers as values."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shutterpost.channels.answers.known import PlatformError
from shutterpost.channels.answers.reading import Json, as_id, as_instant, as_object, as_objects, as_text, as_url
from shutterpost.channels.http import Answer
from shutterpost.channels.mastodon.answers import VALIDATION
from shutterpost.channels.ports import RemoteState, Status

# Where a status with a submission's pictures can be: a picture that no status has is removed after a day.
BEFORE_SUBMISSION, AFTER_SUBMISSION = timedelta(minutes=5), timedelta(hours=25)
# Mastodon's ids hold the milliseconds since 1970 above these bits.
_SEQUENCE_BITS = 16
_REF = re.compile(r"(?P<ids>(?:[\w-]+(?:,[\w-]+)*)?)/(?P<count>\d{1,2})@(?P<at>\d{1,12})")
_BREAKS, _TAGS = re.compile(r"<br\s*/?>"), re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Uploads:
    """The media ids of a submission of `count` pictures, and when it began (UTC)."""

    ids: tuple[str, ...]
    count: int
    at: datetime

    @classmethod
    def of(cls, ref: str) -> "Uploads | None":
        match = _REF.fullmatch(ref)
        if match is None:
            return None
        ids = tuple(part for part in match["ids"].split(",") if part)
        return cls(ids, int(match["count"]), datetime.fromtimestamp(int(match["at"]), UTC))

    @property
    def ref(self) -> str:
        return f"{','.join(self.ids)}/{self.count}@{int(self.at.timestamp())}"

    @property
    def is_whole(self) -> bool:
        return len(self.ids) == self.count

    def with_picture(self, media_id: str) -> "Uploads":
        return Uploads((*self.ids, media_id), self.count, self.at)


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
    """A status's text without its markup."""
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


def with_any(items: Sequence[Json], ids: Sequence[str]) -> list[Json]:
    """The statuses that have one of the pictures."""
    return [item for item in items if set(ids) & set(media_of(item))]
