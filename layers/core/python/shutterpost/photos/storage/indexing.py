"""The photo index: what a contact sheet shows of every photo, in columns."""

import re
from collections.abc import Iterable

from shutterpost.photos.photo import PhotoState, state_of
from shutterpost.photos.storage.items import PHOTO, PhotoItem
from shutterpost.photos.storage.store import CursorInvalid
from shutterpost.runtime.values import Value

_UNKNOWN_TINT = "888888"


class PhotoIndexPage(Value):
    """Photos as columns, in order of `taken`, and the `cursor` of the next page.

    `id` has the first 12 digits of each id, without separators, and `tint` the mean colour in 3 digits (`888` where it
    is unknown). `taken` is the date of capture (UTC) or empty, `ratio` width by height, `name` the first file name.
    """

    id: str
    score: tuple[float | None, ...]
    theme: tuple[str, ...]
    taken: tuple[str, ...]
    ratio: tuple[float, ...]
    state: tuple[PhotoState, ...]
    tint: str
    name: tuple[str, ...]
    cursor: str | None = None


def photo_index(persona_id: str, limit: int, cursor: str | None = None) -> PhotoIndexPage:
    """A page behind the photo id `cursor` (eventually consistent). Raises `CursorInvalid`."""
    if cursor is not None and not re.fullmatch(r"[0-9a-f]{64}", cursor):
        raise CursorInvalid("This cursor leads nowhere; take it from the page before.", field="cursor")
    keys = {"persona_id": persona_id, "photo_id": cursor, "item_key": f"{PHOTO}{cursor}"}
    start = {name: {"S": value} for name, value in keys.items()} if cursor else None
    rows = PhotoItem.by_photo.query(persona_id, limit=limit, last_evaluated_key=start)
    items = list(rows)
    return index_of(items, items[-1].photo_id if rows.last_evaluated_key and items else None)


def index_of(items: Iterable[PhotoItem], cursor: str | None = None) -> PhotoIndexPage:
    """The page of `items`; neighbours in time have like names and themes, which compress well."""
    rows = sorted((_taken(item), min(item.names), item.photo_id, item) for item in items)
    return PhotoIndexPage(
        id="".join(photo_id[:12] for _, _, photo_id, _ in rows),
        score=tuple(None if item.score is None else round(float(item.score), 2) for *_, item in rows),
        theme=tuple(item.theme for *_, item in rows),
        taken=tuple(taken for taken, *_ in rows),
        ratio=tuple(round(item.width / item.height, 2) for *_, item in rows),
        state=tuple(
            state_of(item.withheld, item.excluded, item.kept_out, unposted=item.unposted is not None)
            for *_, item in rows
        ),
        tint="".join((item.tint or _UNKNOWN_TINT)[::2] for *_, item in rows),
        name=tuple(name for _, name, *_ in rows),
        cursor=cursor,
    )


def _taken(item: PhotoItem) -> str:
    return item.captured_at.date().isoformat() if item.captured_at else ""
