"""Joins analyses to photos, in either order of arrival.

Both sides write first and then read consistently, so at least one of them joins. A join has an order (SHA-256 before
name, then the later file, then the later line) and is written only if no later one exists.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.update import Action

from shutterpost.photos.analyses.analysis import Analysis, BrokenAnalysis
from shutterpost.photos.analyses.vectors import pack
from shutterpost.photos.ranking import rank
from shutterpost.photos.storage.items import (
    ANALYSIS,
    MODEL,
    NAME,
    NAMED_ANALYSIS,
    PHOTO,
    AnalysisItem,
    ModelItem,
    NameItem,
    PhotoItem,
    PhotosTable,
)
from shutterpost.runtime.clock import iso

CONDITION_FAILED = "ConditionalCheckFailedException"
_BY_NAME, _BY_HASH = "1", "2"


def settle_lengths(persona_id: str, owner: str, analyses: Iterable[Analysis], models: dict[str, int]) -> None:
    """A new model's vectors are as long as most of `analyses` have them, of equals as the first."""
    lengths = defaultdict[str, Counter[int]](Counter)
    for analysis in analyses:
        if analysis.embedding is not None and analysis.embedding_model is not None:
            lengths[analysis.embedding_model][len(analysis.embedding)] += 1
    for model, counted in lengths.items():
        if model not in models:
            models[model] = _register(persona_id, owner, model, counted.most_common(1)[0][0])


def put_analysis(
    persona_id: str, owner: str, analysis: Analysis, *, stated_at: datetime, line: int, models: dict[str, int]
) -> tuple[str, ...]:
    """Store and join `analysis`; returns the ids of the joined photos. Raises `BrokenAnalysis`."""
    _check_length(persona_id, owner, analysis, models)
    kind = _BY_HASH if analysis.sha256 else _BY_NAME
    item_key = f"{ANALYSIS}{analysis.sha256}" if analysis.sha256 else f"{NAMED_ANALYSIS}{analysis.photo}"
    item = AnalysisItem(
        persona_id,
        item_key,
        owner=owner,
        order=f"{kind}#{iso(stated_at)}#{line:09d}",
        score=analysis.aesthetic_score,
        sharpness=analysis.sharpness_score,
        exposure=analysis.exposure_score,
        objects=list(analysis.detected_objects),
        caption=analysis.caption,
        focus=analysis.focus,
        embedding=pack(analysis.embedding) if analysis.embedding else None,
        embedding_model=analysis.embedding_model,
        theme=analysis.theme,
    )
    if not save_if_newer(item, AnalysisItem.order, item.order):
        return ()
    photo_ids = (analysis.sha256,) if analysis.sha256 else photo_ids_named(persona_id, analysis.photo or "")
    return tuple(photo_id for photo_id in photo_ids if _join_if_stored(persona_id, photo_id, item))


def join_waiting(photo: PhotoItem) -> None:
    """Join analyses that were stored before `photo`, by SHA-256 or name."""
    waiting = [f"{ANALYSIS}{photo.photo_id}"]
    for name in photo.names:
        waiting += [f"{NAMED_ANALYSIS}{name}", f"{NAMED_ANALYSIS}{PurePosixPath(name).stem}"]
    keys = [(photo.persona_id, item_key) for item_key in dict.fromkeys(waiting)]
    waiting_items = list(AnalysisItem.batch_get(keys, consistent_read=True))
    if waiting_items:
        _join(photo, max(waiting_items, key=lambda item: item.order))


def _join_if_stored(persona_id: str, photo_id: str, item: AnalysisItem) -> bool:
    try:
        photo = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
    except DoesNotExist:
        return False
    _join(photo, item)
    return True


def _join(photo: PhotoItem, item: AnalysisItem) -> None:
    by_hash = f"{ANALYSIS}{photo.photo_id}"
    if item.item_key != by_hash:
        values = {name: value for name, value in item.attribute_values.items() if name != "item_key"}
        if not save_if_newer(AnalysisItem(item_key=by_hash, **values), AnalysisItem.order, item.order):
            return
    facts: list[Action] = [
        PhotoItem.analysis_order.set(item.order),
        PhotoItem.score.set(item.score),
        PhotoItem.provisional.set(False),
        PhotoItem.rank.set(rank(item.score, photo.captured_at, photo.photo_id, provisional=False)),
        PhotoItem.objects.set(item.objects),
        PhotoItem.caption.set(item.caption),
        PhotoItem.alt_text.set(item.caption),
    ]
    if item.focus is not None:
        facts.append(PhotoItem.focus.set(item.focus))
    if item.sharpness is not None:
        facts.append(PhotoItem.sharpness.set(item.sharpness))
    if item.exposure is not None:
        facts.append(PhotoItem.exposure.set(item.exposure))
    newer = PhotoItem.analysis_order.does_not_exist() | (PhotoItem.analysis_order <= item.order)
    try:
        photo.update(actions=facts, condition=PhotoItem.photo_id.exists() & newer)
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        return
    if item.theme:
        give_theme(photo, item.theme)


def give_theme(photo: PhotoItem, theme: str, *, by_person: bool = False) -> None:
    """Set the theme of `photo`, also in the index by theme while it is unposted; one that a person gave stays."""
    themed: list[Action] = [PhotoItem.theme.set(theme), PhotoItem.theme_key.set(theme_key(photo.persona_id, theme))]
    if by_person:
        themed.append(PhotoItem.theme_by_person.set(True))
    free = PhotoItem.item_key.exists()
    if not by_person:
        free &= PhotoItem.theme_by_person.does_not_exist()
    try:
        photo.update(actions=themed, condition=free)
    except UpdateError as error:
        if error.cause_response_code == CONDITION_FAILED and not by_person and _has_persons_theme(photo):
            return
        raise
    try:
        indexed = PhotoItem.unposted_theme.set(PhotoItem.theme_key)
        photo.update(actions=[indexed], condition=PhotoItem.unposted.exists())
    except UpdateError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise


def _has_persons_theme(photo: PhotoItem) -> bool:
    try:
        stored = PhotoItem.get(photo.persona_id, photo.item_key, consistent_read=True)
    except DoesNotExist:
        return False
    return bool(stored.theme_by_person)


def theme_key(persona_id: str, theme: str) -> str:
    return f"{persona_id}#{theme}"


def save_if_newer(item: PhotosTable, attribute: UnicodeAttribute, order: str) -> bool:
    """Save `item` unless a later one exists; `attribute` is the order of its model."""
    try:
        item.save(condition=attribute.does_not_exist() | (attribute <= order))
    except PutError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        return False
    return True


def photo_ids_named(persona_id: str, name: str) -> tuple[str, ...]:
    try:
        waiting_items = set(NameItem.get(persona_id, f"{NAME}{name}", consistent_read=True).photo_ids)
    except DoesNotExist:
        waiting_items = set()
    for item in NameItem.query(persona_id, NameItem.item_key.startswith(f"{NAME}{name}."), consistent_read=True):
        if PurePosixPath(item.item_key.removeprefix(NAME)).stem == name:
            waiting_items |= item.photo_ids
    return tuple(sorted(waiting_items))


def _check_length(persona_id: str, owner: str, analysis: Analysis, models: dict[str, int]) -> None:
    if analysis.embedding is None or analysis.embedding_model is None:
        return
    model, length = analysis.embedding_model, len(analysis.embedding)
    if model not in models:
        models[model] = _register(persona_id, owner, model, length)
    if models[model] != length:
        detail = f"embedding: has {length} numbers, where {model!r} has {models[model]} in this library."
        raise BrokenAnalysis(f"{detail} Give vectors of another length another embedding_model.", field="embedding")


def _register(persona_id: str, owner: str, model: str, length: int) -> int:
    item = ModelItem(persona_id, f"{MODEL}{model}", owner=owner, dimensions=length)
    try:
        item.save(condition=ModelItem.dimensions.does_not_exist())
    except PutError as error:
        if error.cause_response_code != CONDITION_FAILED:
            raise
        item.refresh(consistent_read=True)
    return int(item.dimensions)
