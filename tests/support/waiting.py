"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def eventually(look: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until `look` is true; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)
