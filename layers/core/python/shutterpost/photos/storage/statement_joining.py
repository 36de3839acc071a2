"""Statements meet their photos, whichever comes first; as in `joining`, both sides write first and then read.

Each source has a place of its own in the photo, and within a source the closest name wins (SHA-256, path, file name),
then the later file, then the later line; so the order of arrival decides nothing.
"""

from pathlib import PurePosixPath

from pynamodb.exceptions import DoesNotExist, UpdateError

from shutterpost.photos.analyses.analysis import file_name
from shutterpost.photos.bucket.keys import beside, normal, place_of
from shutterpost.photos.metadata.statements import Annotation, StatedBy, Statement, packed
from shutterpost.photos.storage.analysis_joining import LOST, named, save_if_newer
from shutterpost.photos.storage.items import PHOTO, STATED, PhotoItem, StatementItem

_SIDECARS = (StatedBy.TEXT_SIDECAR, StatedBy.XMP_SIDECAR)


def put_statement(
    persona_id: str, owner: str, *, source: StatedBy, where: str, statement: Statement, order: str
) -> tuple[str, ...]:
    """Store what `source` says of the photo at `where`: the path of a sidecar without its ending, or the file name,
    path or SHA-256 in an annotation; returns the ids of the photos it met."""
    item_key = f"{STATED}{source}#{normal(where)}"
    item = StatementItem(persona_id, item_key, owner=owner, order=order, source=source, statement=packed(statement))
    if not save_if_newer(item, StatementItem.order, order):
        return ()
    is_hash = isinstance(statement, Annotation) and statement.sha256 is not None
    found = (where,) if is_hash else named(persona_id, file_name(where))
    return tuple(photo_id for photo_id in found if _meet(persona_id, photo_id, item))


def hear_waiting(photo: PhotoItem) -> None:
    """Give `photo` what was said of it before it came."""
    places = _places(photo)
    for item in StatementItem.batch_get([(photo.persona_id, key) for key in places], consistent_read=True):
        _hear(photo, item, places[item.item_key])


def _meet(persona_id: str, photo_id: str, item: StatementItem) -> bool:
    try:
        photo = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
    except DoesNotExist:
        return False
    closeness = _places(photo).get(item.item_key)
    if closeness is None:
        return False
    _hear(photo, item, closeness)
    return True


def _places(photo: PhotoItem) -> dict[str, int]:
    """The item keys under which something may be said of `photo`, and how closely each names it."""
    paths = [place.path for key in sorted(photo.keys) if (place := place_of(key))]
    places = {f"{STATED}{StatedBy.ANNOTATION}#{PurePosixPath(name).stem}": 1 for name in photo.names}
    places |= {f"{STATED}{StatedBy.ANNOTATION}#{name}": 2 for name in photo.names}
    for path in paths:
        places[f"{STATED}{StatedBy.ANNOTATION}#{normal(path)}"] = 3
        for source in _SIDECARS:
            whole, *stem = beside(path)
            places |= {f"{STATED}{source}#{one}": 1 for one in stem}
            places[f"{STATED}{source}#{whole}"] = 2
    return {**places, f"{STATED}{StatedBy.ANNOTATION}#{photo.photo_id}": 4}


def _hear(photo: PhotoItem, item: StatementItem, closeness: int) -> None:
    order = f"{closeness}#{item.order}"
    place = PhotoItem.statements[item.source]
    newer = place.does_not_exist() | (PhotoItem.statements[item.source]["order"] <= order)
    try:
        photo.update(
            actions=[place.set({"order": order, "statement": item.statement})],
            condition=PhotoItem.photo_id.exists() & newer,
        )
    except UpdateError as error:
        if error.cause_response_code != LOST:
            raise
