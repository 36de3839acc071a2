"""Where the console keeps what it must remember between two runs."""

import os
from pathlib import Path


def state_file(name: str) -> Path:
    """The file `name` among the console's own, by the XDG base directories."""
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return home / "shutterpost" / name
