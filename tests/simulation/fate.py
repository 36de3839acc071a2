"""What happens in a history: each choice is drawn from the seed and a key, so leaving one out changes no other."""

import hashlib
import random
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

T = TypeVar("T")
_RANGE = 2.0**64
_NUMBER = re.compile(r"\d+")


class Fate:
    """Draws by key. `muted` keys never happen; `fired` are those that did, in order; `fixed` are draws that are not
    drawn, by key with `*` for numbers."""

    def __init__(
        self, seed: int, muted: frozenset[str] = frozenset(), fixed: Mapping[str, float] | None = None
    ) -> None:
        self.seed = seed
        self.fixed = fixed or {}
        self.muted = muted
        self.fired: dict[str, None] = {}

    def draw(self, key: str) -> float:
        """A number in [0, 1) that belongs to `key`."""
        if self.fixed and (drawn := self.fixed.get(_NUMBER.sub("*", key))) is not None:
            return drawn
        digest = hashlib.blake2b(f"{self.seed}/{key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") / _RANGE

    def between(self, key: str, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return low + (high - low) * self.draw(key)

    def choice(self, key: str, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[int(self.draw(key) * len(options))]

    def happens(self, key: str, chance: float) -> bool:
        """Whether the event named `key` happens, which may be muted."""
        if self.draw(key) >= chance or key in self.muted:
            return False
        self.fired[key] = None
        return True

    def scatter(self, key: str) -> random.Random:
        """A generator of its own, for what nobody mutes."""
        return random.Random(f"{self.seed}/{key}")
