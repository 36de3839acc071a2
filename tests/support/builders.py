"""Builders of values for tests; each fills in what its arguments leave out."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from shutterpost.personas import Persona, new_persona
from shutterpost.photos import Analysis, Photo, analysis_of

OWNER = "123456789012/owner"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class StillClock:
    """A clock that moves only when it is told to, or slept with."""

    def __init__(self, now: datetime = NOW) -> None:
        self.instant = now

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.instant

    def sleep(self, duration: timedelta) -> None:
        """Move on by `duration`, where it is positive."""
        self.instant += max(duration, timedelta(0))


def a_persona(name: str = "Nature Explorer", **rules: Any) -> Persona:
    """A persona of `OWNER` with a daily slot at nine in Paris."""
    fields = {"owner": OWNER, "zone": "Europe/Paris", "now": NOW, "slots": [{"at": "09:00"}], **rules}
    return new_persona(name=name, **fields)


def digest(data: bytes) -> str:
    """The SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def sha(text: str) -> str:
    """A SHA-256 in hex made from `text`."""
    return hashlib.sha256(text.encode()).hexdigest()


def a_photo(name: str = "a.jpg", *, persona_id: str = "nature-explorer-1a2b3c", **facts: Any) -> Photo:
    """A photo whose bytes are told apart by its name, unless `photo_id` is given."""
    photo_id = facts.pop("photo_id", sha(name))
    fields: dict[str, Any] = {
        "persona_id": persona_id,
        "owner": OWNER,
        "photo_id": photo_id,
        "names": (name,),
        "keys": (f"photos/{persona_id}/{name}",),
        "format": "jpeg",
        "width": 1800,
        "height": 1200,
        "byte_size": 100_000,
        "imported_at": NOW,
        "renditions": {"feed": f"renditions/{persona_id}/{photo_id}/feed.jpg"},
        **facts,
    }
    return Photo.model_validate(fields)


def analysis_fields(**facts: Any) -> dict[str, Any]:
    """An analysis as a file states it; without a picture's name or SHA-256, unless given."""
    return {
        "aesthetic_score": 7.5,
        "sharpness_score": 410.5,
        "exposure_score": 0.61,
        "detected_objects": ["bridge"],
        "caption": "A bridge at dusk.",
        "embedding": [0.5, -0.25, 0.125, 0.75],
        "embedding_model": "model-4",
        **facts,
    }


def an_analysis(**facts: Any) -> Analysis:
    """The analysis of `analysis_fields`."""
    return analysis_of(analysis_fields(**facts))


def jsonl(*lines: dict[str, Any] | str) -> bytes:
    """Lines of a file of analyses; texts are taken as they are."""
    return "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines).encode()
