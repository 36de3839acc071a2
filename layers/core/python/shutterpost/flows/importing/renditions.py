"""Renders photos by the limits of the channels and the persona's settings, and again when these change."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.channels import Catalogue, ChannelStatus, ConnectionStatus, ConnectionStore, ImageRules, catalogue
from shutterpost.personas import Persona
from shutterpost.photos import (
    FEED,
    THUMB,
    THUMB_MARK,
    Focus,
    FramingPolicy,
    Library,
    Normalised,
    ObjectGone,
    Photo,
    Photos,
    RenditionProfile,
    Unusable,
    normalise,
    rendition_key,
    thumb_key,
)
from shutterpost.runtime.telemetry import logger

_REVOKED = ConnectionStatus.REVOKED
# Instead of a fingerprint: there was no original to make the rendition of.
_NO_ORIGINAL = "no-original"
RATIO_SKIPPED = "ratio-skipped"


@dataclass(frozen=True, kw_only=True)
class Renditions:
    """Renders those of `profiles` that the persona's connections need, and stores them in the library.

    Without `connections` it renders all.
    """

    photos: Photos
    library: Library
    profiles: Sequence[RenditionProfile] = (FEED,)
    connections: ConnectionStore | None = None

    def needed(self, persona: Persona) -> Sequence[RenditionProfile]:
        """The profile of every photo, and those of the persona's channels."""
        if self.connections is None or len(self.profiles) == 1:
            return self.profiles
        known = [item for item in self.connections.list(persona.persona_id) if item.status is not _REVOKED]
        names = {FEED.name, *(catalogue().row(item.channel).rendition for item in known)}
        return [profile for profile in self.profiles if profile.name in names]

    def picture(
        self,
        persona: Persona,
        path: Path,
        credit: str = "",
        only: Collection[str] | None = None,
        focus: Focus | None = None,
    ) -> Normalised:
        """The picture at `path` with its renditions by the persona's rules, or `only` those. Raises `Unusable`."""
        profiles = self.needed(persona)
        return normalise(
            path,
            [profile for profile in profiles if only is None or profile.name in only],
            FramingPolicy(persona.ratio_policy),
            ZoneInfo(persona.zone),
            keep_credit=persona.keep_credit,
            credit=credit,
            focus=focus,
        )

    def keep(self, persona: Persona, photo_id: str, picture: Normalised) -> dict[str, str]:
        """Store the renditions; returns their keys by profile."""
        keys = {profile: rendition_key(persona.persona_id, photo_id, profile) for profile in picture.renditions}
        for profile, key in keys.items():
            self.library.keep_rendition(key, picture.renditions[profile].data)
        return keys

    def keep_look(self, persona: Persona, photo_id: str, picture: Normalised) -> dict[str, Any]:
        """Store the thumbnail; returns its key as `thumb`, the `tint`, and the `windows` of the renditions."""
        key = thumb_key(persona.persona_id, photo_id)
        self.library.keep_rendition(key, picture.thumb)
        windows = {name: rendered.window.model_dump() for name, rendered in picture.renditions.items()}
        return {"thumb": key, "tint": picture.tint, "windows": windows}

    def marks(self, persona: Persona, credit: str, photo: Photo | None = None) -> dict[str, str]:
        """The fingerprint of the current rules, by profile; `photo` is one that may be cropped to its focus."""
        kept, policy = credit if persona.keep_credit else "", FramingPolicy(persona.ratio_policy)
        marks = {THUMB: THUMB_MARK}
        for profile in self.needed(persona):
            is_cropped = policy is FramingPolicy.CROP and photo and not profile.allows(photo.width, photo.height)
            marks[profile.name] = profile.mark(policy, kept, photo.focus if photo and is_cropped else None)
        return marks

    def renew(self, persona: Persona, photo: Photo, path: Path | None = None) -> bool:
        """Render what is missing, and what was made by other rules; returns whether. `path` is a local copy."""
        marks = self.marks(persona, photo.credit, photo)
        if not _stale(photo, marks):
            return False
        if path is not None:
            return self._renew(persona, photo, path, marks)
        for key in photo.keys:
            try:
                with self.library.open(key) as source, source.fetched() as dropped:
                    if dropped.sha256 == photo.photo_id:
                        return self._renew(persona, photo, dropped.path, marks)
            except (ObjectGone, Unusable):
                continue
        logger.warning("original gone, renditions stay as they are", photo_id=photo.photo_id)
        missing = {name: _NO_ORIGINAL for name in marks if name != THUMB and name not in photo.renditions}
        if photo.withheld is None and missing:
            made_for = {**photo.made_for, **missing}
            self.photos.renew(photo, renditions=photo.renditions, made_for=made_for, withheld=None)
        return False

    def _renew(self, persona: Persona, photo: Photo, path: Path, marks: dict[str, str]) -> bool:
        stale = _stale(photo, marks)
        renditions = {name: key for name, key in photo.renditions.items() if name not in stale}
        look = dict[str, Any]()
        try:
            picture = self.picture(persona, path, photo.credit, stale - {THUMB} or None, photo.focus)
        except Unusable as refusal:
            withheld: str | None = refusal.reason
        else:
            renditions |= self.keep(persona, photo.photo_id, picture)
            look = self.keep_look(persona, photo.photo_id, picture)
            look["windows"] = {name: photo.windows[name].model_dump() for name in photo.windows} | look["windows"]
            withheld = None if renditions else RATIO_SKIPPED
        made_for = {**photo.made_for, **marks}
        self.photos.renew(photo, renditions=renditions, made_for=made_for, withheld=withheld, **look)
        return True


def _stale(photo: Photo, marks: Mapping[str, str]) -> set[str]:
    """What was made by other rules, or before a focus could be found in it."""
    unplaced = photo.renditions.keys() - photo.windows.keys() if photo.focus else frozenset[str]()
    return {name for name, mark in marks.items() if photo.made_for.get(name) != mark or name in unplaced}


def profiles_of(catalogue: Catalogue, *, sharpen: bool = True) -> tuple[RenditionProfile, ...]:
    """The profiles of the enabled channels, each within the limits of all channels that share it."""
    rows = [row for row in catalogue.rows if row.status is ChannelStatus.ACTIVE]
    images: dict[str, list[ImageRules]] = {}
    for row in rows:
        images.setdefault(row.rendition, []).append(row.limits.image)
    return tuple(
        _within(FEED.model_copy(update={"name": name, "sharpen": sharpen}), rules) for name, rules in images.items()
    )


def _within(profile: RenditionProfile, images: Sequence[ImageRules]) -> RenditionProfile:
    limits: dict[str, float] = {
        "max_bytes": min(profile.max_bytes, *(image.max_bytes for image in images)),
        "max_width": min(profile.max_width, *(image.max_width for image in images if image.max_width)),
    }
    for name, strictest in (("min_width", max), ("min_ratio", max), ("max_ratio", min)):
        stated = [value for image in images if (value := getattr(image, name)) is not None]
        if stated:
            limits[name] = strictest(stated)
    return profile.model_copy(update=limits)
