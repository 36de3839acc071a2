"""Keys of the library bucket; pure."""

import hashlib
import unicodedata
from typing import Literal

from shutterpost.photos.analyses.analysis import file_name
from shutterpost.photos.framing import THUMB
from shutterpost.runtime.values import Value

PHOTOS, ANALYSES, REJECTED, RENDITIONS = "photos/", "analyses/", "rejected/", "renditions/"
REASON_SUFFIX = ".reason.json"
_LONGEST_KEY = 1024
Kind = Literal["photo", "sidecar", "analyses"]
# Files under photos/ that are not photos, by their ending.
_KINDS: dict[str, Kind] = {"txt": "sidecar", "xmp": "sidecar", "json": "analyses", "jsonl": "analyses"}


class Place(Value):
    """An uploaded object's place: persona (may be empty), kind by its name, and the path below both."""

    kind: Kind
    key: str
    persona_id: str
    path: str

    @property
    def name(self) -> str:
        return file_name(self.path)

    @property
    def beside(self) -> str:
        return normal(self.path).rpartition(".")[0]

    @property
    def is_folder(self) -> bool:
        """Whether it is an empty object by which consoles mark a folder."""
        return self.key.endswith("/")


def place_of(key: str) -> Place | None:
    """The place of `key` (decoded), or `None` if it is no upload."""
    for prefix in (PHOTOS, ANALYSES):
        if key.startswith(prefix):
            persona_id, slash, path = key.removeprefix(prefix).partition("/")
            if not slash:
                persona_id, path = "", persona_id
            kind: Kind = "analyses" if prefix == ANALYSES else _KINDS.get(path.lower().rpartition(".")[2], "photo")
            return Place(kind=kind, key=key, persona_id=persona_id, path=path)
    return None


def normal(path: str) -> str:
    """`path` in NFC, so that names from all systems compare equal."""
    return unicodedata.normalize("NFC", path)


def beside(path: str) -> tuple[str, ...]:
    whole = normal(path)
    folder, slash, name = whole.rpartition("/")
    stem = name.rpartition(".")[0]
    return (whole, folder + slash + stem) if stem else (whole,)


def rendition_key(persona_id: str, photo_id: str, profile: str) -> str:
    return f"{RENDITIONS}{persona_id}/{photo_id}/{profile}.jpg"


def thumb_key(persona_id: str, photo_id: str) -> str:
    return f"{RENDITIONS}{persona_id}/{photo_id}/{THUMB}.webp"


def rejected_key(place: Place) -> str:
    """The key to which a rejected object is moved; long paths are shortened by a hash."""
    folder = f"{REJECTED}{place.persona_id}/" if place.persona_id else REJECTED
    key = folder + place.path
    if len((key + REASON_SUFFIX).encode()) + len(_mark("0" * 8)) <= _LONGEST_KEY:
        return key
    return f"{folder}{hashlib.sha256(place.key.encode()).hexdigest()[:16]}-{place.name[-80:]}"


def marked(key: str, etag: str) -> str:
    """`key` with a suffix from `etag`, for bytes that would overwrite other rejected bytes."""
    return key + _mark(etag.strip('"')[:8])


def _mark(text: str) -> str:
    return f".~{text}"
