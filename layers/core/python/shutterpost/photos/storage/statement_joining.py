"""Joins statements to photos, in either order of arrival (as in `analysis_joining`).

A photo has one entry per source; in it the closest name wins (SHA-256, path, file name), then the later file, then the
later line.
"""

import json
from pathlib import PurePosixPath

from pynamodb.exceptions import DoesNotExist, UpdateError

from shutterpost.photos.analyses.analysis import file_name
from shutterpost.photos.bucket.keys import beside, normal, place_of
from shutterpost.photos.metadata.statements import Annotation, Statement, StatementSource, packed
from shutterpost.photos.ranking import ASIDE
from shutterpost.photos.storage.analysis_joining import CONDITION_FAILED, photo_ids_named, save_if_newer
from shutterpost.photos.storage.items import PHOTO, STATED, PhotoItem, StatementItem

_SIDECARS = (StatementSource.TEXT_SIDECAR, StatementSource.XMP_SIDECAR)


def put_statement(
    persona_id: str, owner: str, *, source: StatementSource, where: str, statement: Statement, order: str
) -> tuple[str, ...]:
    """Store and join a statement on the photo `where` (path, file name or SHA-256); returns the joined ids."""
    item_key = f"{STATED}{source}#{normal(where)}"
    item = StatementItem(persona_id, item_key, owner=owner, order=order, source=source, statement=packed(statement))
    if not save_if_newer(item, StatementItem.order, order):
        return ()
    is_hash = isinstance(statement, Annotation) and statement.sha256 is not None
    photo_ids = (where,) if is_hash else photo_ids_named(persona_id, file_name(where))
    return tuple(photo_id for photo_id in photo_ids if _join_if_stored(persona_id, photo_id, item))


def join_waiting_statements(photo: PhotoItem) -> None:
    """Join statements that were stored before `photo`."""
    places = _places(photo)
    for item in StatementItem.batch_get([(photo.persona_id, key) for key in places], consistent_read=True):
        _join(photo, item, places[item.item_key])


def _join_if_stored(persona_id: str, photo_id: str, item: StatementItem) -> bool:
    try:
        photo = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
    except DoesNotExist:
        return False
    closeness = _places(photo).get(item.item_key)
    if closeness is None:
        return False
    _join(photo, item, closeness)
    return True


def _places(photo: PhotoItem) -> dict[str, int]:
    paths = [place.path for key in sorted(photo.keys) if (place := place_of(key))]
    places = {f"{STATED}{StatementSource.ANNOTATION}#{PurePosixPath(name).stem}": 1 for name in photo.names}
    places |= {f"{STATED}{StatementSource.ANNOTATION}#{name}": 2 for name in photo.names}
    for path in paths:
        places[f"{STATED}{StatementSource.ANNOTATION}#{normal(path)}"] = 3
        for source in _SIDECARS:
            whole, *stem = beside(path)
            places |= {f"{STATED}{source}#{path}": 1 for path in stem}
            places[f"{STATED}{source}#{whole}"] = 2
    return {**places, f"{STATED}{StatementSource.ANNOTATION}#{photo.photo_id}": 4}


def restore_rank(photo: PhotoItem) -> None:
    """Rank a photo as before, because it may have been set aside for want of an alt text."""
    if photo.rank.startswith(ASIDE):
        restored = photo.rank.removeprefix(ASIDE)
        photo.update(actions=[PhotoItem.rank.set(restored)], condition=PhotoItem.rank == photo.rank)


def _join(photo: PhotoItem, item: StatementItem, closeness: int) -> None:
    order = f"{closeness}#{item.order}"
    place = PhotoItem.statements[item.source]
    newer = place.does_not_exist() | (PhotoItem.statements[item.source]["order"] <= order)
    try:
        photo.update(
            actions=[place.set({"order": order, "statement": item.statement})],
            condition=PhotoItem.photo_id.exists() & newer,
        )
        if "alt_text" in json.loads(item.statement):
            restore_rank(photo)
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
