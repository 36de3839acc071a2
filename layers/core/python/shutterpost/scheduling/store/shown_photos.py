"""Perceptual hashes of the photos that a connection has shown or will show; small items, of which a pick reads many."""

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
    def keep(self, connection_id: str, look: ShownPhoto, *, owner: str, created_at: datetime) -> Write:
        return put(
            "look", ShownPhotoItem(_pk(connection_id), _sk(created_at, look.post_id), owner=owner, **look.model_dump())
        )

    def drop(self, connection_id: str, post_id: str, *, created_at: datetime) -> Write:
        item = ShownPhotoItem(_pk(connection_id), _sk(created_at, post_id))
        return update("look", item, [ShownPhotoItem.kind.set(ShownPhotoItem), ShownPhotoItem.photo_id.remove()])

    def recent(self, connection_id: str, *, limit: int) -> tuple[ShownPhoto, ...]:
        """The photos of a connection's last `limit` posts, newest first (eventually consistent)."""
        rows = ShownPhotoItem.query(_pk(connection_id), scan_index_forward=False, limit=limit)
        return tuple(ShownPhoto.model_validate(row.attribute_values) for row in rows if row.photo_id)


def _pk(connection_id: str) -> str:
    return f"LOOKS#{connection_id}"


def _sk(created_at: datetime, post_id: str) -> str:
    return f"{iso(created_at)}#{post_id}"
