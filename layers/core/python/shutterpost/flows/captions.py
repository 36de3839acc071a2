"""Which caption a photo is posted with: one chain for the pick and for a person's wish (requirements C18)."""

from shutterpost.curation import Caption, choose_caption
from shutterpost.personas import Persona
from shutterpost.photos import Photo, StatedBy


def caption_of(persona: Persona, photo: Photo, explicit: str | None = None) -> Caption:
    """The explicit caption, else what a person stated of the photo, else the analysis's, else the persona's own."""
    by_a_person = photo.caption_source not in {"", StatedBy.ANALYSIS}
    stated = Caption(text=photo.caption, source=photo.caption_source) if by_a_person else None
    return choose_caption(explicit=explicit, stated=stated, analysis=photo.caption, default=persona.default_caption)
