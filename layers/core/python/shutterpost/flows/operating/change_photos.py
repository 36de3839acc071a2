"""Changing photos: their words, themes, and whether picks may have them."""

from collections.abc import Sequence

from shutterpost.flows.flow import flow
from shutterpost.personas import Persona
from shutterpost.photos import Photo, PhotoChange, Photos, change_photo
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value


class ChangedPhoto(Value):
    """The result for a photo that a request named: its id, or why it was refused."""

    photo: str
    photo_id: str | None = None
    kind: str | None = None
    detail: str | None = None


@flow
class PhotoEditor:
    photos: Photos

    def change(self, persona: Persona, name: str, change: PhotoChange) -> Photo:
        """Change the photo that `name` names. Raises the refusals of `Photos.find` and `PhotoBusy`."""
        photo_id = self.photos.find(persona.persona_id, name).photo_id
        change_photo(persona.persona_id, photo_id, change)
        return self.photos.get(persona.persona_id, photo_id)

    def change_all(self, persona: Persona, names: Sequence[str], change: PhotoChange) -> tuple[ChangedPhoto, ...]:
        """Change each photo; a refused one stops no other."""
        return tuple(self._outcome(persona, name, change) for name in names)

    def _outcome(self, persona: Persona, name: str, change: PhotoChange) -> ChangedPhoto:
        try:
            return ChangedPhoto(photo=name, photo_id=self.change(persona, name, change).photo_id)
        except Refusal as refusal:
            return ChangedPhoto(photo=name, kind=refusal.kind, detail=refusal.detail)
