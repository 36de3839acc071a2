"""LinkedIn's answers as values, and its text format."""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from shutterpost.channels.answers.known import PlatformError
from shutterpost.channels.answers.reading import Json, as_int, as_object, as_objects, as_text
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.ports import RemoteState, Status

IMAGE = "urn:li:image:"
_POST = re.compile(r"urn:li:(?:share|ugcPost):\d{1,25}", re.ASCII)
_IMAGE = re.compile(rf"{IMAGE}[\w-]{{1,100}}", re.ASCII)
_HASHTAG = re.compile(r"\{hashtag\|\\?#\|(\w+)\}")
_ESCAPED = re.compile(r"\\([\\<>#~_|\[\]*(){}@])")
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def error_in(answer: Answer) -> PlatformError | None:
    """The error in LinkedIn's own form; `None` for other pages."""
    body = as_object(answer.body)
    message = as_text(body.get("message"))
    if message is None or as_int(body.get("status")) != answer.status:
        return None
    inputs = as_objects(as_object(body.get("errorDetails")).get("inputErrors")) or [{}]
    code = as_text((inputs or [{}])[0].get("code")) or as_text(body.get("code"))
    return PlatformError(answer.status, code, None, message)


def is_missing(answer: Answer | NoAnswer) -> bool:
    return isinstance(answer, Answer) and answer.status == HTTPStatus.NOT_FOUND and error_in(answer) is not None


def created_urn(answer: Answer) -> str | None:
    urn = answer.headers.get("x-restli-id") or ""
    return urn if answer.status == HTTPStatus.CREATED and _POST.fullmatch(urn) else None


def named_post(message: str) -> str | None:
    match = _POST.search(message)
    return match[0] if match else None


def image_id(value: object) -> str | None:
    """The id of an image without what all images begin with."""
    urn = as_text(value) or ""
    return urn.removeprefix(IMAGE) if _IMAGE.fullmatch(urn) else None


def image_ids(post: Json) -> tuple[str, ...] | None:
    """The images of a post in their order; `None` where they cannot be read."""
    if "content" not in post:
        return ()
    content = post["content"]
    if not isinstance(content, dict):
        return None
    listed = as_objects([content["media"]]) if "media" in content else []
    if "multiImage" in content:
        listed = as_objects(as_object(content["multiImage"]).get("images"))
    if listed is None or not all(isinstance(each.get("id"), str) for each in listed):
        return None
    return tuple(image_id(each["id"]) or "" for each in listed)


def is_whole(post: Json) -> bool:
    """Whether a post of a list has what it is recognised by."""
    known = image_ids(post) is not None and isinstance(post.get("commentary", ""), str)
    return known and _POST.fullmatch(as_text(post.get("id")) or "") is not None and changed_at(post) is not None


def created_at(post: Json) -> datetime | None:
    return _instant(post.get("publishedAt")) or _instant(post.get("createdAt"))


def changed_at(post: Json) -> datetime | None:
    """When the post was changed last, by which lists are sorted."""
    return _instant(post.get("lastModifiedAt"))


def with_any(posts: Collection[Json], ids: Collection[str]) -> list[Json]:
    return [post for post in posts if set(ids) & set(image_ids(post) or ())]


def text_of(post: Json) -> str:
    """A post's text as people read it: hashtags written out, nothing escaped."""
    return _ESCAPED.sub(r"\1", _HASHTAG.sub(r"#\1", as_text(post.get("commentary")) or ""))


def address_of(urn: str) -> str:
    return f"https://www.linkedin.com/feed/update/{urn}/"


def live(post: Json, ref: str | None = None) -> Status:
    urn = as_text(post.get("id")) or ""
    return Status(
        ref=ref or urn,
        state=RemoteState.PUBLISHED,
        external_id=urn,
        external_url=address_of(urn),
        posted_at=created_at(post),
    )


def _instant(value: object) -> datetime | None:
    milliseconds = as_int(value)
    try:
        return None if milliseconds is None else _SINCE + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None
