"""Where things lie in the library bucket; pure."""

import hashlib
from typing import Literal

from shutterpost.photos.analysis import file_name
from shutterpost.runtime.values import Value

PHOTOS, ANALYSES, REJECTED, RENDITIONS = "photos/", "analyses/", "rejected/", "renditions/"
REASON_SUFFIX = ".reason.json"
_LONGEST_KEY = 1024


class Place(Value):
    """A dropped object: which persona's (empty where none is named), what it claims to be, and its path below both."""

    kind: Literal["photo", "analyses"]
    key: str
    persona_id: str
    path: str

    @property
    def name(self) -> str:
        """The file name, in NFC."""
        return file_name(self.path)

    @property
    def is_folder(self) -> bool:
        """Whether it is one of the empty objects by which consoles mark a folder."""
        return self.key.endswith("/")


def place_of(key: str) -> Place | None:
    """Where `key` (decoded) lies, or `None` for one that is no drop."""
    for prefix, kind in ((PHOTOS, "photo"), (ANALYSES, "analyses")):
        if key.startswith(prefix):
            persona_id, slash, path = key.removeprefix(prefix).partition("/")
            if not slash:
                persona_id, path = "", persona_id
            if kind == "photo" and not path.lower().endswith((".json", ".jsonl")):
                return Place(kind="photo", key=key, persona_id=persona_id, path=path)
            return Place(kind="analyses", key=key, persona_id=persona_id, path=path)
    return None


def rendition_key(persona_id: str, photo_id: str, profile: str) -> str:
    """The key of a photo's rendition for `profile`."""
    return f"{RENDITIONS}{persona_id}/{photo_id}/{profile}.jpg"


def rejected_key(place: Place) -> str:
    """Where a rejected object is moved to; an over-long path keeps its ending behind a hash of the whole."""
    folder = f"{REJECTED}{place.persona_id}/" if place.persona_id else REJECTED
    key = folder + place.path
    if len((key + REASON_SUFFIX).encode()) + len(_mark("0" * 8)) <= _LONGEST_KEY:
        return key
    return f"{folder}{hashlib.sha256(place.key.encode()).hexdigest()[:16]}-{place.name[-80:]}"


def marked(key: str, etag: str) -> str:
    """`key` made different for bytes that would overwrite other rejected bytes."""
    return key + _mark(etag.strip('"')[:8])


def _mark(text: str) -> str:
    return f".~{text}"
