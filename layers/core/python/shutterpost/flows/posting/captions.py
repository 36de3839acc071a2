"""The caption and hashtags of a post, for picks and for a person's requests alike."""

from collections.abc import Sequence

from shutterpost.curation import Caption, choose_caption, hashtags_of
from shutterpost.personas import Persona
from shutterpost.photos import Photo, StatementSource
from shutterpost.runtime.texts import fill, unfilled
from shutterpost.scheduling import VariantSource

# A caption is compared with those of this many last posts.
RECENT_POSTS = 20
_MADE = frozenset({"", "template", "analysis", "default", "suggestion"})


def caption_of(persona: Persona, photo: Photo, explicit: str | None = None, recent: Sequence[str] = ()) -> Caption:
    """`explicit`, else the first of statement, template, analysis and default that repeats none of `recent`."""
    by_a_person = photo.caption_source not in {"", StatementSource.ANALYSIS}
    stated = Caption(text=photo.caption, source=photo.caption_source) if by_a_person else None
    facts, template = facts_of(persona, photo), persona.caption_template
    return choose_caption(
        explicit=explicit,
        stated=stated,
        template="" if unfilled(template, facts) else fill(template, facts),
        analysis=photo.caption,
        default=persona.default_caption,
        lately=recent,
    )


def source_of(caption_source: str) -> VariantSource:
    """The source of a variant with a post's caption; a template, analysis, default or suggestion is `generated`.

    A caption that a person wrote into the photo or its sidecar came with the photo: it is `imported`.
    """
    if caption_source == "explicit":
        return VariantSource.MANUAL
    return VariantSource.GENERATED if caption_source in _MADE else VariantSource.IMPORTED


def facts_of(persona: Persona, photo: Photo) -> dict[str, str]:
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


def post_hashtags(persona: Persona, photo: Photo | None) -> tuple[str, ...]:
    """The persona's hashtags and those of the photo's keywords and objects, by the persona's rules."""
    labels = () if photo is None else (*photo.keywords, *photo.objects)
    return hashtags_of(persona.hashtags, labels, max_labels=persona.hashtags_from_photo, never=persona.hashtags_never)
