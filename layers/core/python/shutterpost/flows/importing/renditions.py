"""A photo's renditions: made at import, and made anew when the rules they were made by have changed.

The rules are data: the limits of the enabled channels, the persona's ratio policy, and whose credit is to be kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from zoneinfo import ZoneInfo

from shutterpost.channels import Catalogue, ChannelStatus, ImageRules
from shutterpost.personas import Persona
from shutterpost.photos import (
    FEED,
    Library,
    Normalised,
    Photo,
    Photos,
    Policy,
    RenditionProfile,
    SourceGone,
    Unusable,
    normalise,
    rendition_key,
)
from shutterpost.runtime.telemetry import logger

RATIO_SKIPPED = "ratio-skipped"


@dataclass(frozen=True, kw_only=True)
class Renditions:
    """Makes renditions of `profiles` and keeps them in the library."""

    photos: Photos
    library: Library
    profiles: Sequence[RenditionProfile] = (FEED,)

    def picture(self, persona: Persona, path: Path, credit: str = "") -> Normalised:
        """What the file at `path` shows, with its renditions by the persona's rules. Raises `Unusable`."""
        return normalise(
            path,
            self.profiles,
            Policy(persona.ratio_policy),
            ZoneInfo(persona.zone),
            keep_credit=persona.keep_credit,
            credit=credit,
        )

    def keep(self, persona: Persona, photo_id: str, picture: Normalised) -> dict[str, str]:
        """Store the renditions; their keys by profile. What the index offers can then be published."""
        keys = {profile: rendition_key(persona.persona_id, photo_id, profile) for profile in picture.renditions}
        for profile, key in keys.items():
            self.library.keep_rendition(key, picture.renditions[profile].data)
        return keys

    def marks(self, persona: Persona, credit: str) -> dict[str, str]:
        """The marks of today's rules, by profile."""
        kept = credit if persona.keep_credit else ""
        return {profile.name: profile.mark(Policy(persona.ratio_policy), kept) for profile in self.profiles}

    def renew(self, persona: Persona, photo: Photo, path: Path | None = None) -> bool:
        """Make the renditions anew where the rules have changed; `path` holds the photo's bytes where at hand.

        Says whether it did. A photo whose bytes are no longer in the library keeps the renditions it has.
        """
        marks = self.marks(persona, photo.credit)
        if photo.made_for == marks:
            return False
        if path is not None:
            return self._renew(persona, photo, path, marks)
        for key in photo.keys:
            try:
                with self.library.open(key) as source, source.fetched() as dropped:
                    if dropped.sha256 == photo.photo_id:
                        return self._renew(persona, photo, dropped.path, marks)
            except (SourceGone, Unusable):
                continue
        logger.warning("original gone, renditions stay as they are", photo_id=photo.photo_id)
        return False

    def _renew(self, persona: Persona, photo: Photo, path: Path, marks: dict[str, str]) -> bool:
        renditions: dict[str, str] = {}
        try:
            picture = self.picture(persona, path, photo.credit)
        except Unusable as refusal:
            withheld: str | None = refusal.reason
        else:
            renditions = self.keep(persona, photo.photo_id, picture)
            withheld = None if renditions else RATIO_SKIPPED
        self.photos.renew(photo, renditions=renditions, made_for=marks, withheld=withheld)
        return True


def profiles_of(catalogue: Catalogue) -> tuple[RenditionProfile, ...]:
    """The profiles that the enabled channels name, each within the limits of all that share it."""
    rows = [row for row in catalogue.rows if row.status is ChannelStatus.ENABLED]
    names = dict.fromkeys(row.rendition for row in rows)
    return tuple(
        reduce(
            _within, (row.limits.image for row in rows if row.rendition == name), FEED.model_copy(update={"name": name})
        )
        for name in names
    )


def _within(profile: RenditionProfile, image: ImageRules) -> RenditionProfile:
    limits = {
        "max_bytes": min(profile.max_bytes, image.max_bytes),
        "max_width": min(profile.max_width, image.max_width or profile.max_width),
        "min_width": max(profile.min_width, image.min_width or profile.min_width),
        "min_ratio": max(profile.min_ratio, image.min_ratio or profile.min_ratio),
        "max_ratio": min(profile.max_ratio, image.max_ratio or profile.max_ratio),
    }
    return profile.model_copy(update=limits)
