"""DynamoDB's expressions, compiled once per text: conditions, updates and projections."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

from tests.simulation.dynamodb.values import SETS, Item, Value, at, order, placed, plain

Names: TypeAlias = dict[str, str]
Values: TypeAlias = dict[str, Value]
Path: TypeAlias = tuple[str | int, ...]
Condition: TypeAlias = Callable[[Item, Names, Values], bool]
Operand: TypeAlias = Callable[[Item, Names, Values], Value | None]
Change: TypeAlias = Callable[[Item, Item, Names, Values], Item]

_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),+\-]|\[\d+\]|[#:]?[A-Za-z0-9_]+|\.)")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_CLAUSES = {"SET", "REMOVE", "ADD", "DELETE"}


class _Reader:
    """The tokens of an expression, taken one after the other."""

    def __init__(self, text: str) -> None:
        self._tokens = _TOKEN.findall(text)
        self._place = 0

    @property
    def next(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else ""

    def take(self, *wanted: str) -> str:
        token = self.next
        if wanted and token.upper() not in wanted:
            raise ValueError(f"{token!r} instead of one of {wanted}")
        self._place += 1
        return token

    def skip(self, *wanted: str) -> bool:
        if self.next.upper() in wanted:
            self._place += 1
            return True
        return False

    def path(self) -> Callable[[Names], Path]:
        parts: list[str] = [self.take()]
        while True:
            if self.skip(".") or self.next.startswith("["):
                parts.append(self.take())
            else:
                break

        def resolved(names: Names) -> Path:
            return tuple(
                int(part[1:-1]) if part[0] == "[" else names[part] if part[0] == "#" else part for part in parts
            )

        return resolved

    def path_after(self, function: str) -> Callable[[Names], Path]:
        """The path that is the only argument of `function`."""
        del function
        self.take("(")
        path = self.path()
        self.take(")")
        return path


@cache
def condition(text: str) -> Condition:
    """A condition, filter or key condition."""
    reader = _Reader(text)
    compiled = _any(reader)
    if reader.next:
        raise ValueError(f"{reader.next!r} is left of {text!r}")
    return compiled


def _any(reader: _Reader) -> Condition:
    parts = [_all(reader)]
    while reader.skip("OR"):
        parts.append(_all(reader))
    return parts[0] if len(parts) == 1 else lambda *arguments: any(part(*arguments) for part in parts)


def _all(reader: _Reader) -> Condition:
    parts = [_term(reader)]
    while reader.skip("AND"):
        parts.append(_term(reader))
    return parts[0] if len(parts) == 1 else lambda *arguments: all(part(*arguments) for part in parts)


def _term(reader: _Reader) -> Condition:
    if reader.skip("NOT"):
        negated = _term(reader)
        return lambda *arguments: not negated(*arguments)
    if reader.skip("("):
        inner = _any(reader)
        reader.take(")")
        return inner
    name = reader.next.lower()
    if name in {"attribute_exists", "attribute_not_exists"}:
        reader.take()
        path, wanted = reader.path_after(name), name == "attribute_exists"
        return lambda item, names, _: (at(item, path(names)) is not None) is wanted
    if name in {"contains", "begins_with"}:
        reader.take()
        return _function(reader, name)
    return _comparison(reader)


def _function(reader: _Reader, name: str) -> Condition:
    reader.take("(")
    where = _operand(reader)
    reader.take(",")
    what = _operand(reader)
    reader.take(")")

    def holds(item: Item, names: Names, values: Values) -> bool:
        there, wanted = where(item, names, values), what(item, names, values)
        if there is None or wanted is None:
            return False
        [(kind, content)], [(_, part)] = there.items(), wanted.items()
        if name == "begins_with":
            return bool(content.startswith(part))
        if kind == "L":
            return plain(wanted) in [plain(entry) for entry in content]
        return part in content

    return holds


def _comparison(reader: _Reader) -> Condition:
    left = _operand(reader)
    if reader.skip("BETWEEN"):
        low = _operand(reader)
        reader.take("AND")
        high = _operand(reader)
        return lambda *arguments: (
            _compare(">=", left(*arguments), low(*arguments)) and _compare("<=", left(*arguments), high(*arguments))
        )
    if reader.skip("IN"):
        reader.take("(")
        options = [_operand(reader)]
        while reader.skip(","):
            options.append(_operand(reader))
        reader.take(")")
        return lambda *arguments: any(_compare("=", left(*arguments), option(*arguments)) for option in options)
    sign = reader.take("=", "<>", "<", "<=", ">", ">=")
    right = _operand(reader)
    return lambda *arguments: _compare(sign, left(*arguments), right(*arguments))


def _compare(sign: str, left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return sign == "<>" and left is not right
    if sign in {"=", "<>"}:
        return (plain(left) == plain(right)) is (sign == "=")
    return left.keys() == right.keys() and _COMPARE[sign](order(left), order(right))


def _operand(reader: _Reader) -> Operand:
    token = reader.next
    if token.lower() == "size":
        reader.take()
        path = reader.path_after("size")

        def size(item: Item, names: Names, _: Values) -> Value | None:
            there = at(item, path(names))
            return None if there is None else {"N": str(len(next(iter(there.values()))))}

        return size
    if token.startswith(":"):
        reader.take()
        return lambda _item, _names, values: values[token]
    path = reader.path()
    return lambda item, names, _: at(item, path(names))


@cache
def update(text: str) -> Sequence[Change]:
    """The changes of an update expression; each is given the item before all of them and the item so far."""
    reader, changes = _Reader(text), list[Change]()
    while reader.next:
        clause = reader.take(*_CLAUSES).upper()
        while True:
            changes.append(_CHANGES[clause](reader))
            if not reader.skip(","):
                break
    return tuple(changes)


def _set(reader: _Reader) -> Change:
    path = reader.path()
    reader.take("=")
    value = _sum(reader)
    return lambda before, item, names, values: placed(item, path(names), value(before, names, values))


def _sum(reader: _Reader) -> Operand:
    left = _settable(reader)
    if reader.next not in {"+", "-"}:
        return left
    sign = 1 if reader.take() == "+" else -1
    right = _settable(reader)

    def total(item: Item, names: Names, values: Values) -> Value:
        first, second = left(item, names, values), right(item, names, values)
        assert first is not None
        assert second is not None
        return {"N": str(Decimal(first["N"]) + sign * Decimal(second["N"]))}

    return total


def _settable(reader: _Reader) -> Operand:
    name = reader.next.lower()
    if name not in {"if_not_exists", "list_append"}:
        return _operand(reader)
    reader.take()
    reader.take("(")
    first = _settable(reader)
    reader.take(",")
    second = _settable(reader)
    reader.take(")")
    if name == "if_not_exists":
        return lambda *arguments: first(*arguments) or second(*arguments)
    return lambda *arguments: {"L": [*(first(*arguments) or {})["L"], *(second(*arguments) or {})["L"]]}


def _remove(reader: _Reader) -> Change:
    path = reader.path()
    return lambda _before, item, names, _values: placed(item, path(names), None)


def _add(reader: _Reader) -> Change:
    path, given = reader.path(), _operand(reader)

    def add(before: Item, item: Item, names: Names, values: Values) -> Item:
        there, more = at(item, path(names)), given(before, names, values)
        assert more is not None
        [(kind, content)] = more.items()
        if kind in SETS:
            old = there[kind] if there else []
            return placed(item, path(names), {kind: sorted({*old, *content})})
        number = Decimal(there["N"]) if there else Decimal(0)
        return placed(item, path(names), {"N": str(number + Decimal(content))})

    return add


def _delete(reader: _Reader) -> Change:
    path, given = reader.path(), _operand(reader)

    def delete(before: Item, item: Item, names: Names, values: Values) -> Item:
        there, less = at(item, path(names)), given(before, names, values)
        assert less is not None
        if there is None:
            return item
        [(kind, content)] = less.items()
        left = sorted(set(there[kind]) - set(content))
        return placed(item, path(names), {kind: left} if left else None)

    return delete


_CHANGES: dict[str, Callable[[_Reader], Change]] = {"SET": _set, "REMOVE": _remove, "ADD": _add, "DELETE": _delete}


def projected(item: Item, text: str, names: Names) -> Item:
    """The top-level attributes of `item` that a projection names."""
    wanted = [names.get(name.strip(), name.strip()) for name in text.split(",")]
    return {name: item[name] for name in wanted if name in item}
