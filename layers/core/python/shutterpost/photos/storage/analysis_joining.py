"""Analyses meet their photos, whichever comes first.

Both sides write first and then read consistently what the other side may have written, so at least one of them sees
both and joins. Joining twice is harmless: each join carries an order (a SHA-256 join beats a join by name, then the
later file, then the later line) and is written only where no later one stands.
"""

from datetime import datetime
from pathlib import PurePosixPath

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError
from pynamodb.expressions.update import Action

from shutterpost.photos.analyses.analysis import Analysis, BrokenAnalysis
from shutterpost.photos.analyses.vectors import pack
from shutterpost.photos.scoring import rank
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

LOST = "ConditionalCheckFailedException"
_BY_NAME, _BY_HASH = "1", "2"


def put_analysis(
    persona_id: str, owner: str, analysis: Analysis, *, stated_at: datetime, line: int, models: dict[str, int]
) -> tuple[str, ...]:
    """Store `analysis` and join it to what it names; returns the ids of the photos it met.

    `models` remembers the vector lengths already asked for. Raises `BrokenAnalysis` for a vector of another length
    than the library's others of that model.
    """
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
        embedding=pack(analysis.embedding) if analysis.embedding else None,
        embedding_model=analysis.embedding_model,
        theme=analysis.theme,
    )
    if not save_if_newer(item, AnalysisItem.order, item.order):
        return ()
    photo_ids = (analysis.sha256,) if analysis.sha256 else named(persona_id, analysis.photo or "")
    return tuple(photo_id for photo_id in photo_ids if _meet(persona_id, photo_id, item))


def join_waiting(photo: PhotoItem) -> None:
    """Join to `photo` the analyses that came before it, under its SHA-256 or any of its names."""
    waiting = [f"{ANALYSIS}{photo.photo_id}"]
    for name in photo.names:
        waiting += [f"{NAMED_ANALYSIS}{name}", f"{NAMED_ANALYSIS}{PurePosixPath(name).stem}"]
    keys = [(photo.persona_id, item_key) for item_key in dict.fromkeys(waiting)]
    found = list(AnalysisItem.batch_get(keys, consistent_read=True))
    if found:
        _join(photo, max(found, key=lambda item: item.order))


def _meet(persona_id: str, photo_id: str, item: AnalysisItem) -> bool:
    try:
        photo = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
    except DoesNotExist:
        return False
    _join(photo, item)
    return True


def _join(photo: PhotoItem, item: AnalysisItem) -> None:
    """Write `item`'s facts into `photo`, and under its SHA-256 where the vectors are looked up."""
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
    if item.sharpness is not None:
        facts.append(PhotoItem.sharpness.set(item.sharpness))
    if item.exposure is not None:
        facts.append(PhotoItem.exposure.set(item.exposure))
    newer = PhotoItem.analysis_order.does_not_exist() | (PhotoItem.analysis_order <= item.order)
    try:
        photo.update(actions=facts, condition=PhotoItem.photo_id.exists() & newer)
    except UpdateError as error:
        if error.cause_response_code != LOST:
            raise
        return
    if item.theme:
        give_theme(photo, item.theme)


def give_theme(photo: PhotoItem, theme: str) -> None:
    """Let `photo` be of `theme`, also in the index by theme while no post has taken it."""
    themed: list[Action] = [PhotoItem.theme.set(theme), PhotoItem.theme_key.set(theme_key(photo.persona_id, theme))]
    photo.update(actions=themed, condition=PhotoItem.item_key.exists())
    try:
        indexed = PhotoItem.unposted_theme.set(PhotoItem.theme_key)
        photo.update(actions=[indexed], condition=PhotoItem.unposted.exists())
    except UpdateError as error:
        if error.cause_response_code != LOST:
            raise


def theme_key(persona_id: str, theme: str) -> str:
    """What a persona's photos of `theme` share."""
    return f"{persona_id}#{theme}"


def save_if_newer(item: PhotosTable, attribute: UnicodeAttribute, order: str) -> bool:
    """Save `item` unless a later one stands there; `attribute` is its model's order."""
    try:
        item.save(condition=attribute.does_not_exist() | (attribute <= order))
    except PutError as error:
        if error.cause_response_code != LOST:
            raise
        return False
    return True


def named(persona_id: str, name: str) -> tuple[str, ...]:
    """The photos called `name`, with or without an ending of their own behind it."""
    try:
        found = set(NameItem.get(persona_id, f"{NAME}{name}", consistent_read=True).photo_ids)
    except DoesNotExist:
        found = set()
    for item in NameItem.query(persona_id, NameItem.item_key.startswith(f"{NAME}{name}."), consistent_read=True):
        if PurePosixPath(item.item_key.removeprefix(NAME)).stem == name:
            found |= item.photo_ids
    return tuple(sorted(found))


def _check_length(persona_id: str, owner: str, analysis: Analysis, models: dict[str, int]) -> None:
    if analysis.embedding is None or analysis.embedding_model is None:
        return
    model, length = analysis.embedding_model, len(analysis.embedding)
    if model not in models:
        models[model] = _register(persona_id, owner, model, length)
    if models[model] != length:
        detail = f"embedding: has {length} numbers, where {model!r} has {models[model]} in this library."
        raise BrokenAnalysis(detail, field="embedding")


def _register(persona_id: str, owner: str, model: str, length: int) -> int:
    item = ModelItem(persona_id, f"{MODEL}{model}", owner=owner, dimensions=length)
    try:
        item.save(condition=ModelItem.dimensions.does_not_exist())
    except PutError as error:
        if error.cause_response_code != LOST:
            raise
        item.refresh(consistent_read=True)
    return int(item.dimensions)
