"""Which caption and hashtags a photo is posted with: one chain for the pick and for a person's wish."""

from collections.abc import Sequence

from shutterpost.curation import Caption, choose_caption, hashtags_of
from shutterpost.personas import Persona
from shutterpost.photos import Photo, StatementSource

# A caption is compared with those of so many last posts.
LATELY = 20


def caption_of(persona: Persona, photo: Photo, explicit: str | None = None, lately: Sequence[str] = ()) -> Caption:
    """The explicit caption, else what a person stated of the photo, else the persona's template, the analysis's, or the
    persona's own; one that repeats a caption of `lately` gives way to the next."""
    by_a_person = photo.caption_source not in {"", StatementSource.ANALYSIS}
    stated = Caption(text=photo.caption, source=photo.caption_source) if by_a_person else None
    return choose_caption(
        explicit=explicit,
        stated=stated,
        template=persona.caption_template,
        facts=facts_of(persona, photo),
        analysis=photo.caption,
        default=persona.default_caption,
        lately=lately,
    )


def facts_of(persona: Persona, photo: Photo) -> dict[str, str]:
    """What a caption template may name."""
    taken = photo.captured_at
    return {
        "caption": photo.caption.strip(),
        "camera": photo.camera,
        "credit": photo.credit,
        "keywords": ", ".join(photo.keywords),
        "month": f"{taken:%B}" if taken else "",
        "objects": ", ".join(photo.objects),
        "persona": persona.name,
        "theme": photo.theme,
        "year": f"{taken:%Y}" if taken else "",
    }


def tags_of(persona: Persona, photo: Photo) -> tuple[str, ...]:
    """The persona's hashtags and those of the photo's keywords and objects, as the persona's rules want them; how many
    go out is the channel's limit."""
    found = (*photo.keywords, *photo.objects)
    return hashtags_of(persona.hashtags, found, max_labels=persona.hashtags_from_photo, never=persona.hashtags_never)
