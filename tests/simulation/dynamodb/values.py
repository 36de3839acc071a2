"""Attribute values and their order."""

from decimal import Decimal
from typing import Any, TypeAlias

Value: TypeAlias = dict[str, Any]
Item: TypeAlias = dict[str, Value]

SETS = frozenset({"SS", "NS", "BS"})


def plain(value: Value) -> Any:
    """A value that Python compares as DynamoDB does; values of different types are never equal."""
    [(kind, content)] = value.items()
    if kind == "N":
        return kind, Decimal(content)
    if kind in SETS:
        return kind, frozenset(content)
    if kind == "L":
        return kind, tuple(plain(item) for item in content)
    if kind == "M":
        return kind, tuple(sorted((name, plain(item)) for name, item in content.items()))
    return kind, content


def order(value: Value) -> Any:
    """The sort key of a key attribute: text by its bytes, numbers by size."""
    [(kind, content)] = value.items()
    return content.encode() if kind == "S" else Decimal(content) if kind == "N" else content


def at(item: Item, path: tuple[str | int, ...]) -> Value | None:
    """What lies at `path`, or `None`."""
    value: Value | None = item.get(path[0])  # type: ignore[arg-type]  # a path begins with a name
    for step in path[1:]:
        if value is None:
            return None
        if isinstance(step, int):
            inner = value.get("L")
            value = inner[step] if inner is not None and step < len(inner) else None
        else:
            value = value.get("M", {}).get(step)
    return value


def placed(item: Item, path: tuple[str | int, ...], value: Value | None) -> Item:
    """`item` with `value` at `path`, or without what lies there; what was given stays as it is."""
    [head, *rest] = path
    assert isinstance(head, str)
    if not rest:
        return (
            {**item, head: value}
            if value is not None
            else {name: entry for name, entry in item.items() if name != head}
        )
    [inner] = rest  # nothing of ours lies deeper than one map
    assert isinstance(inner, str)
    return {**item, head: {"M": placed(item.get(head, {"M": {}})["M"], (inner,), value)}}
