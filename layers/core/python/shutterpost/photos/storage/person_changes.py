"""What a person changes of a photo; it wins over every file, and no import undoes it."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from shutterpost.photos.framing import Focus
from shutterpost.photos.metadata.statements import (
    HIGHEST_RATING,
    LOWEST_RATING,
    MAX_KEYWORDS,
    Keyword,
    Statement,
    StatementSource,
    packed,
)
from shutterpost.photos.storage.analysis_joining import CONDITION_FAILED, give_theme
from shutterpost.photos.storage.items import LEAVE, PHOTO, PhotoItem, returning
from shutterpost.photos.storage.statement_joining import restore_rank
from shutterpost.runtime.refusals import Conflict
from shutterpost.runtime.values import Value

_WholeId = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
_STATED = frozenset({"caption", "alt_text", "keywords", "rating", "focus"})
# A round is lost only if something else changed the photo between the read and the write.
_ROUNDS = 10


class PhotoBusy(Conflict):
    """Other writes prevented the change."""

    kind = "photo-busy"


class PhotoChange(Value):
    """Fields of a photo to change; `null` returns one to what files state, and a photo that was kept out to picks."""

    caption: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = None
    alt_text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=5000)] | None = None
    focus: Focus | None = Field(
        default=None, description="What a crop keeps: x and y from 0 to 1 from the top left of the upright picture."
    )
    keywords: tuple[Keyword, ...] | None = Field(default=None, max_length=MAX_KEYWORDS)
    rating: int | None = Field(default=None, ge=LOWEST_RATING, le=HIGHEST_RATING)
    theme: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)] | None = Field(
        default=None, description="Its theme, which analyses then leave; `null` lets the next analysis set it."
    )
    kept_out: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)] | None = Field(
        default=None, description="Why no pick, carousel of a pick or repost may have it; `null` lets them."
    )
    kept_with: tuple[_WholeId, ...] | None = Field(
        default=None,
        max_length=100,
        description="All look-alikes that are no duplicates of it for the person, by id; picks still avoid them.",
    )


def change_photo(persona_id: str, photo_id: str, change: PhotoChange) -> None:
    """Change an existing photo. Raises `PhotoBusy`."""
    given = change.model_dump(exclude_unset=True)
    for _ in range(_ROUNDS):
        photo = PhotoItem.get(persona_id, f"{PHOTO}{photo_id}", consistent_read=True)
        try:
            _change(photo, given)
        except UpdateError as error:
            if error.cause_response_code != CONDITION_FAILED:
                raise
        else:
            return
    raise PhotoBusy(f"Photo {photo_id} is changing right now; try again in a moment.")


def _change(photo: PhotoItem, given: dict[str, Any]) -> None:
    statement, unchanged = _statement_actions(photo, given)
    bar, unbarred = _bar_actions(photo, given)
    beside = _beside_actions(given)
    if statement or bar or beside:
        photo.update(actions=[*statement, *bar, *beside], condition=unchanged & unbarred)
    if given.get("theme") is not None:
        give_theme(photo, given["theme"], by_person=True)
    elif "theme" in given:
        photo.update(actions=[PhotoItem.theme_by_person.remove()], condition=PhotoItem.photo_id.exists())
    if given.get("alt_text"):
        restore_rank(photo)


def _beside_actions(given: dict[str, Any]) -> list[Action]:
    if "kept_with" not in given:
        return []
    return [PhotoItem.kept_with.set(set(given["kept_with"])) if given["kept_with"] else PhotoItem.kept_with.remove()]


def _statement_actions(photo: PhotoItem, given: dict[str, Any]) -> tuple[list[Action], Condition]:
    stated = {name: value for name, value in given.items() if name in _STATED}
    place = PhotoItem.statements[StatementSource.PERSON]
    stored = (photo.statements.attribute_values if photo.statements else {}).get(StatementSource.PERSON)
    before = stored["statement"] if stored else None
    unchanged = place.does_not_exist() if before is None else place["statement"] == before
    if not stated:
        return [], PhotoItem.photo_id.exists()
    fields = {} if before is None else Statement.model_validate_json(before).model_dump(exclude_defaults=True)
    fields = {name: value for name, value in {**fields, **stated}.items() if value is not None}
    statement = packed(Statement.model_validate(fields))
    return [place.set({"order": "", "statement": statement})], PhotoItem.photo_id.exists() & unchanged


def _bar_actions(photo: PhotoItem, given: dict[str, Any]) -> tuple[list[Action], Condition]:
    exists: Condition = PhotoItem.photo_id.exists()
    if "kept_out" not in given:
        return [], exists
    if given["kept_out"] is not None:
        return [PhotoItem.kept_out.set(given["kept_out"]), *LEAVE], exists
    actions: list[Action] = [PhotoItem.kept_out.remove()]
    if photo.kept_out is None or photo.taken_by or photo.withheld is not None or photo.excluded is not None:
        return actions, exists
    free = PhotoItem.taken_by.does_not_exist() & PhotoItem.withheld.does_not_exist()
    return [*actions, *returning(photo.persona_id)], free & PhotoItem.excluded.does_not_exist()
