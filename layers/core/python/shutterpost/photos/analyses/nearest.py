"""The vectors nearest to another by cosine similarity; keeps the best only. Pure."""

import heapq
import math
from collections.abc import Sequence
from operator import mul

from shutterpost.photos.analyses.vectors import components


class Nearest:
    """The `limit` most similar of the offered photos to `vector`; of equally similar ones, the first."""

    def __init__(self, vector: Sequence[float], limit: int) -> None:
        length = math.hypot(*vector)
        self._unit = tuple(component / length for component in vector)
        self._limit = limit
        self._offered = 0
        self._best: list[tuple[float, int, str]] = []

    def similarity(self, packed: bytes) -> float:
        """The cosine of the angle to a packed vector of as many components, -1 to 1."""
        other = components(packed)
        cosine: float = sum(map(mul, self._unit, other)) / math.hypot(*other)
        return max(-1.0, min(1.0, cosine))

    def admits(self, similarity: float) -> bool:
        """Whether a photo of this similarity, offered now, is kept."""
        return len(self._best) < self._limit or similarity > self._best[0][0]

    def offer(self, photo_id: str, similarity: float) -> None:
        self._offered -= 1
        if len(self._best) < self._limit:
            heapq.heappush(self._best, (similarity, self._offered, photo_id))
        elif self.admits(similarity):
            heapq.heapreplace(self._best, (similarity, self._offered, photo_id))

    def best(self) -> list[tuple[str, float]]:
        """The kept photos with their similarities, most similar first."""
        return [(photo_id, similarity) for similarity, _, photo_id in sorted(self._best, reverse=True)]
