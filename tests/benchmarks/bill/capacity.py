"""What DynamoDB charges for a request, from the sizes of the items it touches; pure.

Rules: docs.aws.amazon.com/amazondynamodb, "DynamoDB read and write operations", "Item sizes and formats" and "Global
secondary indexes in DynamoDB". Items are in DynamoDB's own JSON (`{"name": {"S": "text"}}`), as they lie in the table.
"""

import base64
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

Item = dict[str, dict[str, Any]]

READ_UNIT = 4096
WRITE_UNIT = 1024
# Each item, and each entry of an index, is stored with this many bytes of overhead.
STORED_OVERHEAD = 100


@dataclass(frozen=True)
class Index:
    """A secondary index: its key attributes, and the other attributes it keeps (`None`: all)."""

    keys: tuple[str, ...]
    kept: tuple[str, ...] | None

    def entry(self, item: Item | None, table_keys: Sequence[str]) -> Item | None:
        """The index's copy of `item`, or nothing where a key attribute is missing."""
        if item is None or not all(key in item for key in self.keys):
            return None
        if self.kept is None:
            return item
        names = {*self.keys, *table_keys, *self.kept}
        return {name: value for name, value in item.items() if name in names}


@dataclass(frozen=True)
class Table:
    """What of a table's layout makes a request dearer."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...] = ()


def item_size(item: Item | None) -> int:
    """Bytes of an item: the UTF-8 of its names and the sizes of its values."""
    return sum(len(name.encode()) + _size(value) for name, value in (item or {}).items())


def stored_size(table: Table, item: Item) -> int:
    """Bytes an item is charged with at rest, its index entries included."""
    entries = (index.entry(item, table.keys) for index in table.indexes)
    copies = [item, *(entry for entry in entries if entry is not None)]
    return sum(item_size(copy) + STORED_OVERHEAD for copy in copies)


def read_units(sizes: Iterable[int], *, consistent: bool) -> float:
    """Units of one read of items of these `sizes`; a query's are summed before they are rounded up."""
    return max(1, math.ceil(sum(sizes) / READ_UNIT)) * (1.0 if consistent else 0.5)


def write_units(table: Table, before: Item | None, after: Item | None, *, transactional: bool = False) -> float:
    """Units of one write that found `before` and left `after`; a refused one left what it found."""
    base = max(1, math.ceil(max(item_size(before), item_size(after)) / WRITE_UNIT)) * (2 if transactional else 1)
    return base + sum(_index_units(index, table, before, after) for index in table.indexes)


def _index_units(index: Index, table: Table, before: Item | None, after: Item | None) -> int:
    old, new = index.entry(before, table.keys), index.entry(after, table.keys)
    if old == new:
        return 0
    moved = old is not None and new is not None and any(old[key] != new[key] for key in index.keys)
    sizes = [item_size(old), item_size(new)] if moved else [max(item_size(old), item_size(new))]
    return sum(max(1, math.ceil(size / WRITE_UNIT)) for size in sizes)


def _size(value: dict[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(str(held).encode())
        case "N":
            return math.ceil(len(str(held).lstrip("-").replace(".", "").strip("0")) / 2) + 1
        case "B":
            return len(base64.b64decode(held)) if isinstance(held, str) else len(held)
        case "BOOL" | "NULL":
            return 1
        case "SS" | "NS" | "BS":
            return sum(_size({kind[0]: item}) for item in held)
        case "L":
            return 3 + sum(1 + _size(item) for item in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(item) for name, item in held.items())
        case _:
            raise ValueError(f"DynamoDB has no type {kind!r}.")
