"""Files in which the console keeps its state between two runs."""

import hashlib
import os
from pathlib import Path

_DIGITS = 16


def state_file(name: str) -> Path:
    """The path of the state file `name`, by the XDG base directory specification."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "shutterpost" / name


def state_file_for(kind: str, *scope: str, suffix: str) -> Path:
    digest = hashlib.sha256("\n".join(scope).encode()).hexdigest()[:_DIGITS]
    return state_file(f"{kind}-{digest}{suffix}")
