"""What a comparison of a library's photos reads."""

from shutterpost.photos.photo import PhotoFingerprint
from shutterpost.photos.storage.items import PHOTO, PhotoItem

_READ = ["persona_id", "item_key", "names", "dhash", "captured_at", "taken_by", "kept_out", "kept_with"]


def fingerprints(persona_id: str, limit: int) -> tuple[PhotoFingerprint, ...]:
    """Those of up to `limit` of the persona's photos, by id."""
    rows = PhotoItem.query(persona_id, PhotoItem.item_key.startswith(PHOTO), limit=limit, attributes_to_get=_READ)
    return tuple(
        PhotoFingerprint(
            photo_id=row.item_key.removeprefix(PHOTO),
            name=min(row.names),
            dhash=row.dhash,
            captured_at=row.captured_at,
            taken_by=tuple(row.taken_by or ()),
            is_kept_out=row.kept_out is not None,
            kept_with=tuple(row.kept_with or ()),
        )
        for row in rows
    )
