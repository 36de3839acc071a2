"""Which photos look alike, by their 64-bit perceptual hashes; pure.

Photos are near duplicates where their hashes differ by few bits, and of one burst where they were also taken within
moments of each other, for which more bits may differ.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from shutterpost.runtime.values import Value

HASH_BITS = 64
# Frames of a burst follow each other closer than this, and differ by half as many bits again as other look-alikes.
BURST = timedelta(seconds=10)


class Shown(Value):
    """A photo that a connection has shown or is to show: `where` is the connection's name, `ago` how many it has shown
    since."""

    photo_id: str
    name: str
    dhash: str
    where: str
    post_id: str
    ago: int = 0


class ComparablePhoto(Value):
    """What of a photo tells whether it looks like another; `dhash` in hex, `captured_at` aware."""

    photo_id: str
    name: str
    dhash: str
    captured_at: datetime | None = None


class LookAlikes(Value):
    """Photos that look alike, in order of capture, then name; `bits` is how much the two most different neighbours
    differ, `burst` whether they were taken within moments."""

    photos: tuple[ComparablePhoto, ...]
    bits: int
    burst: bool


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two hashes (hex) differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def nearest(photo_id: str, dhash: str, shown: Sequence[Shown], bits: int) -> tuple[Shown, int] | None:
    """The most similar of `shown` that differs from the photo by `bits` or less, and by how many; never itself."""
    if not bits or not dhash:
        return None
    others = [(distance(dhash, one.dhash), one) for one in shown if one.dhash and one.photo_id != photo_id]
    least, found = min(others, key=lambda pair: pair[0], default=(HASH_BITS, None))
    return (found, least) if found is not None and least <= bits else None


def look_alikes(photos: Sequence[ComparablePhoto], bits: int) -> tuple[LookAlikes, ...]:
    """Groups of photos that differ by `bits` or less, in bursts by half as many again, from another of the group."""
    by_id = {photo.photo_id: photo for photo in photos if photo.dhash}
    root = {photo_id: photo_id for photo_id in by_id}
    links: dict[tuple[str, str], int] = {}

    def find(photo_id: str) -> str:
        while root[photo_id] != photo_id:
            root[photo_id] = photo_id = root[root[photo_id]]
        return photo_id

    for one, other, differ in _close_pairs(list(by_id.values()), bits):
        links[one, other] = differ
        root[find(one)] = find(other)
    groups = defaultdict(list)
    for photo_id, photo in by_id.items():
        groups[find(photo_id)].append(photo)
    widest: dict[str, int] = defaultdict(int)
    for (one, _), differ in links.items():
        widest[find(one)] = max(widest[find(one)], differ)
    alike = (_group(group, widest[found]) for found, group in groups.items() if len(group) > 1)
    return tuple(sorted(alike, key=lambda group: group.photos[0].name))


def _close_pairs(photos: Sequence[ComparablePhoto], bits: int) -> Iterator[tuple[str, str, int]]:
    """Pairs that are near enough. Of `bits` + 1 bands of the hash, two that differ by `bits` have one in common, so
    only photos that share a band are compared."""
    if not bits:
        return
    most = bits + bits // 2
    edges = [HASH_BITS * band // (most + 1) for band in range(most + 2)]
    numbers = {photo.photo_id: int(photo.dhash, 16) for photo in photos}
    seen: set[tuple[str, str]] = set()
    for low, high in pairwise(edges):
        bands = defaultdict(list)
        for photo in photos:
            bands[(numbers[photo.photo_id] >> low) & ((1 << (high - low)) - 1)].append(photo)
        for sharing in bands.values():
            for one, other in combinations(sharing, 2):
                differ = (numbers[one.photo_id] ^ numbers[other.photo_id]).bit_count()
                pair = one.photo_id, other.photo_id
                if differ <= most and pair not in seen and (differ <= bits or _moments_apart(one, other)):
                    seen.add(pair)
                    yield *pair, differ


def _moments_apart(one: ComparablePhoto, other: ComparablePhoto) -> bool:
    if one.captured_at is None or other.captured_at is None:
        return False
    return abs(one.captured_at - other.captured_at) <= BURST


def _group(photos: Sequence[ComparablePhoto], bits: int) -> LookAlikes:
    dated = all(photo.captured_at is not None for photo in photos)
    ordered = sorted(photos, key=lambda one: (one.captured_at.isoformat() if one.captured_at else "~", one.name))
    burst = dated and all(_moments_apart(one, other) for one, other in pairwise(ordered))
    return LookAlikes(photos=tuple(ordered), bits=bits, burst=burst)
