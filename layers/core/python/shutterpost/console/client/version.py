"""Which code this is, to tell whether a deployment runs the same."""

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[6]
# What a deploy carries. Of these the console and the laptop's own parts stay behind.
_DEPLOYED = (
    "layers/core/python/shutterpost",
    "functions",
    "infra",
    "requirements-core.txt",
    "requirements-imaging.txt",
)
_LEFT_BEHIND = ("layers/core/python/shutterpost/console", "infra/local")
_DIGITS = 12


@lru_cache
def version_of(root: Path = ROOT) -> str:
    """The version of the checkout at `root`: digits that any change of what is deployed from it changes."""
    left_behind = [root / name for name in _LEFT_BEHIND]
    digest = hashlib.sha256()
    for name in _DEPLOYED:
        place = root / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and "__pycache__" not in file.parts and not any(map(file.is_relative_to, left_behind)):
                content = file.read_bytes()
                digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:_DIGITS]
