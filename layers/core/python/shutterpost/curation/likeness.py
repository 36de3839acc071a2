"""Near duplicates and bursts (more different bits, taken within `BURST`) by 64-bit perceptual hashes. Pure."""

from collections import defaultdict
from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from typing import Protocol

from shutterpost.runtime.values import Value

HASH_BITS = 64
# Maximum time between two frames of a burst, whose hashes may differ in half as many bits again. A camera's continuous
# drive fills its buffer within seconds, and EXIF times are often whole seconds; a new motif takes longer to frame.
BURST = timedelta(seconds=10)
NEVER = datetime.max.replace(tzinfo=UTC)


class Shown(Value):
    """A photo that a connection shows or will show; `where` is the connection's name, `ago` the later posts."""

    photo_id: str
    name: str
    dhash: str
    where: str
    post_id: str
    ago: int = 0


class ComparablePhoto(Value):
    """The facts that a comparison of photos uses; `dhash` in hex, `captured_at` aware."""

    photo_id: str
    name: str
    dhash: str
    captured_at: datetime | None = None


class LookAlikes(Value):
    """Photos that look alike, by capture, then name; `bits` is the largest difference between two linked photos."""

    photos: tuple[ComparablePhoto, ...]
    bits: int
    burst: bool


class _Frame(Protocol):
    @property
    def dhash(self) -> str: ...

    @property
    def captured_at(self) -> datetime | None: ...


def is_frame_of(picked: _Frame, other: _Frame, bits: int) -> bool:
    """Whether both photos are frames of a burst, near duplicates being within `bits`."""
    if not picked.dhash or not other.dhash or not _same_burst(picked, other):
        return False
    return distance(picked.dhash, other.dhash) <= _most_bits(bits)


def distance(first: str, second: str) -> int:
    return (int(first, 16) ^ int(second, 16)).bit_count()


def nearest(photo_id: str, dhash: str, shown: Sequence[Shown], bits: int) -> tuple[Shown, int] | None:
    """The most similar other photo of `shown` within `bits`, and its distance; not of the photo's own carousel."""
    if not bits or not dhash:
        return None
    own = {other.post_id for other in shown if other.photo_id == photo_id}
    others = [(distance(dhash, other.dhash), other) for other in shown if other.dhash and other.post_id not in own]
    least, closest = min(others, key=lambda pair: pair[0], default=(HASH_BITS, None))
    return (closest, least) if closest is not None and least <= bits else None


def look_alikes(
    photos: Sequence[ComparablePhoto], bits: int, kept: Container[frozenset[str]] = ()
) -> tuple[LookAlikes, ...]:
    """Groups in which each photo is within `bits` of another, or within half as many again in a burst.

    The pairs that are `kept`, by photo id, are no look-alikes.
    """
    by_id = {photo.photo_id: photo for photo in photos if photo.dhash}
    root = {photo_id: photo_id for photo_id in by_id}
    links: dict[tuple[str, str], int] = {}

    def find(photo_id: str) -> str:
        while root[photo_id] != photo_id:
            root[photo_id] = photo_id = root[root[photo_id]]
        return photo_id

    for first, second, differ in _close_pairs(list(by_id.values()), bits):
        if frozenset((first, second)) in kept:
            continue
        links[first, second] = differ
        root[find(first)] = find(second)
    groups = defaultdict(list)
    for photo_id, photo in by_id.items():
        groups[find(photo_id)].append(photo)
    widest: dict[str, int] = defaultdict(int)
    for (first, _), differ in links.items():
        widest[find(first)] = max(widest[find(first)], differ)
    alike = (_group(group, widest[leader]) for leader, group in groups.items() if len(group) > 1)
    return tuple(sorted(alike, key=lambda group: group.photos[0].name))


def _close_pairs(photos: Sequence[ComparablePhoto], bits: int) -> Iterator[tuple[str, str, int]]:
    if not bits:
        return
    most = _most_bits(bits)
    edges = [HASH_BITS * band // (most + 1) for band in range(most + 2)]
    numbers = {photo.photo_id: int(photo.dhash, 16) for photo in photos}
    for low, high in pairwise(edges):
        bands = defaultdict(list)
        for photo in photos:
            bands[(numbers[photo.photo_id] >> low) & ((1 << (high - low)) - 1)].append(photo)
        for sharing in bands.values():
            for first, second in combinations(sharing, 2):
                differ = (numbers[first.photo_id] ^ numbers[second.photo_id]).bit_count()
                if differ <= bits or (differ <= most and _same_burst(first, second)):
                    yield first.photo_id, second.photo_id, differ


def _most_bits(bits: int) -> int:
    return bits + bits // 2


def _same_burst(first: _Frame, second: _Frame) -> bool:
    if first.captured_at is None or second.captured_at is None:
        return False
    return abs(first.captured_at - second.captured_at) <= BURST


def _group(photos: Sequence[ComparablePhoto], bits: int) -> LookAlikes:
    dated = all(photo.captured_at is not None for photo in photos)
    ordered = sorted(photos, key=lambda photo: (photo.captured_at or NEVER, photo.name))
    burst = dated and all(_same_burst(earlier, later) for earlier, later in pairwise(ordered))
    return LookAlikes(photos=tuple(ordered), bits=bits, burst=burst)
