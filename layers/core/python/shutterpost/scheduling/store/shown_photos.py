"""Perceptual hashes of the photos that a connection has shown or will show; small items, of which a pick reads many."""

from collections.abc import Sequence
from datetime import datetime

from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Write, put, update
from shutterpost.runtime.values import Value
from shutterpost.scheduling.store.items import ShownPhotoItem


class ShownPhoto(Value):
    """A photo's perceptual hash (hex, empty if unknown) and name, and the post that shows it."""

    post_id: str
    photo_id: str
    name: str
    dhash: str


class ShownPhotos:
    def keep(self, connection_id: str, looks: Sequence[ShownPhoto], *, owner: str, created_at: datetime) -> list[Write]:
        """The writes that list the photos of a post, in its order."""
        return [
            put(
                "look",
                ShownPhotoItem(
                    _pk(connection_id), _sk(created_at, look.post_id, place), owner=owner, **look.model_dump()
                ),
            )
            for place, look in enumerate(looks)
        ]

    def drop(self, connection_id: str, post_id: str, *, count: int, created_at: datetime) -> list[Write]:
        """The writes that remove the `count` photos of a post."""
        kind, photo_id = ShownPhotoItem.kind.set(ShownPhotoItem), ShownPhotoItem.photo_id.remove()
        items = [ShownPhotoItem(_pk(connection_id), _sk(created_at, post_id, place)) for place in range(count)]
        return [update("look", item, [kind, photo_id]) for item in items]

    def recent(self, connection_id: str, *, limit: int) -> tuple[ShownPhoto, ...]:
        """The last `limit` photos of a connection's posts, newest post first (eventually consistent)."""
        rows = ShownPhotoItem.query(_pk(connection_id), scan_index_forward=False, limit=limit)
        return tuple(ShownPhoto.model_validate(row.attribute_values) for row in rows if row.photo_id)


def _pk(connection_id: str) -> str:
    return f"LOOKS#{connection_id}"


def _sk(created_at: datetime, post_id: str, place: int) -> str:
    return f"{iso(created_at)}#{post_id}" + (f"#{place}" if place else "")
