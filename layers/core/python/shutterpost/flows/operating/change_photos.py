"""Changing photos: their words, themes, and whether picks may have them."""

from collections.abc import Sequence

from shutterpost.flows.flow import flow
from shutterpost.personas import Persona
from shutterpost.photos import ImportQueue, Photo, PhotoChange, Photos, PhotoState, change_photo
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value


class ChangedPhoto(Value):
    """The result for a photo that a request named: its id and state, or why it was refused.

    `kept_out_before` is the reason why no pick might have it before the change.
    """

    photo: str
    photo_id: str | None = None
    state: PhotoState | None = None
    kept_out_before: str | None = None
    kind: str | None = None
    detail: str | None = None


@flow
class PhotoEditor:
    photos: Photos
    imports: ImportQueue

    def change(self, persona: Persona, name: str, change: PhotoChange) -> Photo:
        """Change the photo that `name` names. Raises the refusals of `Photos.find` and `PhotoBusy`."""
        return self._change(self.photos.find(persona.persona_id, name), change)

    def change_all(self, persona: Persona, names: Sequence[str], change: PhotoChange) -> tuple[ChangedPhoto, ...]:
        """Change each photo; a refused one stops no other."""
        return tuple(self._outcome(persona, name, change) for name in names)

    def _outcome(self, persona: Persona, name: str, change: PhotoChange) -> ChangedPhoto:
        try:
            before = self.photos.find(persona.persona_id, name)
            after = self._change(before, change)
        except Refusal as refusal:
            return ChangedPhoto(photo=name, kind=refusal.kind, detail=refusal.detail)
        return ChangedPhoto(photo=name, photo_id=after.photo_id, state=after.state, kept_out_before=before.kept_out)

    def _change(self, photo: Photo, change: PhotoChange) -> Photo:
        change_photo(photo.persona_id, photo.photo_id, change)
        if "focus" in change.model_fields_set:
            # The import knows which renditions are cropped; it makes those anew and no others.
            self.imports.request(photo)
        return self.photos.get(photo.persona_id, photo.photo_id)
