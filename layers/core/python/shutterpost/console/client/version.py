"""The version of this checkout, to compare with the deployed one."""

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[6]
_DEPLOYED = (
    "layers/core/python/shutterpost",
    "functions",
    "infra",
    "requirements-core.txt",
    "requirements-imaging.txt",
)
# These are not deployed.
_EXCLUDED = ("layers/core/python/shutterpost/console", "infra/local")
_DIGITS = 12


@lru_cache
def version_of(root: Path = ROOT) -> str:
    """A digest of every file that a deploy of the checkout at `root` uploads."""
    excluded = [root / name for name in _EXCLUDED]
    digest = hashlib.sha256()
    for name in _DEPLOYED:
        place = root / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file() and "__pycache__" not in file.parts and not any(map(file.is_relative_to, excluded)):
                content = file.read_bytes()
                digest.update(f"{file.relative_to(root).as_posix()}\0{len(content)}\0".encode())
                digest.update(content)
    return digest.hexdigest()[:_DIGITS]
