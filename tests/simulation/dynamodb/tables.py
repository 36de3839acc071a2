"""The table service: what our stores use of DynamoDB, with its conditions, transactions, tokens and late indexes."""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from tests.simulation.dynamodb.expressions import condition, projected, update
from tests.simulation.dynamodb.values import Item, order

Key = tuple[Any, ...]
Json = dict[str, Any]

# For so long a repeated client token has one effect (AWS, TransactWriteItems).
TOKENS_KEPT = timedelta(minutes=10)
MOST_WRITES = 100


class Refused(Exception):
    """An error answer: its code, message and whatever else the answer carries."""

    def __init__(self, code: str, message: str = "", **more: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.more = code, message or code, more


@dataclass
class Index:
    """A copy of the items that have its keys, which may lag behind: changes wait in `coming` until their instant."""

    hash_name: str
    range_name: str | None
    attributes: frozenset[str] | None
    items: dict[str, dict[Key, Item]] = field(default_factory=dict)
    where: dict[Key, str] = field(default_factory=dict)
    coming: list[tuple[datetime, int, Key, Item | None]] = field(default_factory=list)
    shown_at: dict[Key, datetime] = field(default_factory=dict)
    in_order: dict[str, list[Item]] = field(default_factory=dict)

    def note(self, key: Key, item: Item | None, number: int, at: datetime) -> None:
        """Take a change in, to be shown from `at` on; changes of one item keep their order."""
        at = max(at, self.shown_at.get(key, at))
        self.shown_at[key] = at
        insort(self.coming, (at, number, key, item), key=lambda entry: entry[:2])

    def show(self, now: datetime) -> None:
        """Apply the changes whose instant has come."""
        while self.coming and self.coming[0][0] <= now:
            _, _, key, item = self.coming.pop(0)
            before = self.where.pop(key, None)
            if before is not None:
                del self.items[before][key]
                self.in_order.pop(before, None)
            if item is not None and self.hash_name in item and (self.range_name is None or self.range_name in item):
                place = item[self.hash_name]["S"]
                self.items.setdefault(place, {})[key] = item
                self.where[key] = place
                self.in_order.pop(place, None)

    def items_under(self, place: str, ordered: list[str]) -> list[Item]:
        """The items under one hash key, with the attributes that the index holds, sorted by the keys `ordered`."""
        if place not in self.in_order:
            items: Iterable[Item] = self.items.get(place, {}).values()
            if self.attributes is not None:
                kept = self.attributes
                items = [{name: value for name, value in item.items() if name in kept} for item in items]
            self.in_order[place] = _sorted(items, ordered)
        return self.in_order[place]


@dataclass
class Table:
    """Items by key, and the indexes."""

    description: Json
    hash_name: str
    range_name: str | None
    indexes: dict[str, Index]
    items: dict[Key, Item] = field(default_factory=dict)
    partitions: dict[Any, dict[Key, Item]] = field(default_factory=dict)

    def key_of(self, item: Item) -> Key:
        """The item's key as a value."""
        own = next(iter(item[self.hash_name].values()))
        return (own,) if self.range_name is None else (own, next(iter(item[self.range_name].values())))

    def keys(self) -> list[str]:
        """The key attributes' names."""
        return [self.hash_name] if self.range_name is None else [self.hash_name, self.range_name]

    def clear(self) -> None:
        """Forget every item."""
        self.items.clear()
        self.partitions.clear()
        for index in self.indexes.values():
            index.items.clear()
            index.where.clear()
            index.coming.clear()
            index.shown_at.clear()
            index.in_order.clear()


class DynamoDb:
    """Answers operations as botocore's parsed dictionaries; `lag` says how much later an index shows a change, and
    `written` is told of every item, before and after."""

    def __init__(self, now: Callable[[], datetime], lag: Callable[[], timedelta] = timedelta) -> None:
        self.tables: dict[str, Table] = {}
        self._now, self._lag = now, lag
        self.written: Callable[[Item | None, Item], None] = lambda *_: None
        self._tokens: dict[str, tuple[datetime, Any]] = {}
        self._writes = 0

    def call(self, operation: str, parameters: Json) -> Json:
        """The answer to one operation. Raises `Refused`."""
        answer: Json = getattr(self, f"_{operation}")(parameters)
        return answer

    def clear(self) -> None:
        """Empty tables, as new."""
        for table in self.tables.values():
            table.clear()
        self._tokens.clear()
        self._writes = 0

    def _CreateTable(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        names = _key_names(parameters["KeySchema"])
        indexes = {}
        for index in parameters.get("GlobalSecondaryIndexes", ()):
            own = _key_names(index["KeySchema"])
            projection = index["Projection"]
            kept = None
            if projection["ProjectionType"] != "ALL":
                kept = frozenset({*projection.get("NonKeyAttributes", ()), *names, *own} - {None})
            indexes[index["IndexName"]] = Index(own[0] or "", own[1], kept)
        description = {**parameters, "TableStatus": "ACTIVE", "ItemCount": 0}
        self.tables[parameters["TableName"]] = Table(description, names[0] or "", names[1], indexes)
        return {"TableDescription": description}

    def _DescribeTable(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        return {"Table": self._table(parameters).description}

    def _GetItem(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        table = self._table(parameters)
        item = table.items.get(table.key_of(parameters["Key"]))
        return {} if item is None else {"Item": _shown(item, parameters)}

    def _BatchGetItem(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        answers: dict[str, list[Item]] = {}
        for name, wanted in parameters["RequestItems"].items():
            table = self._table({"TableName": name})
            items = [table.items.get(table.key_of(key)) for key in wanted["Keys"]]
            answers[name] = [_shown(item, wanted) for item in items if item is not None]
        return {"Responses": answers, "UnprocessedKeys": {}}

    def _Query(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        table = self._table(parameters)
        names, values = parameters.get("ExpressionAttributeNames", {}), parameters.get("ExpressionAttributeValues", {})
        holds = condition(parameters["KeyConditionExpression"])
        index = table.indexes[parameters["IndexName"]] if "IndexName" in parameters else None
        if index is not None:
            index.show(self._now())
        keys = [*([index.hash_name, index.range_name] if index else []), *table.keys()]
        ordered = [name for name in dict.fromkeys(keys) if name]
        hash_name = ordered[0]
        place = _hash_value(parameters["KeyConditionExpression"], hash_name, names, values)
        source = (
            index.items_under(place, ordered) if index else _sorted(table.partitions.get(place, {}).values(), ordered)
        )
        backwards = not parameters.get("ScanIndexForward", True)
        matching = (item for item in (reversed(source) if backwards else source) if holds(item, names, values))
        whole = "Limit" not in parameters or "ExclusiveStartKey" in parameters
        items = list(matching) if whole else list(islice(matching, parameters["Limit"]))
        return _page(items, parameters, ordered, backwards=backwards)

    def _PutItem(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        self._check(parameters, parameters["Item"])
        self._store(self._table(parameters), parameters["Item"])
        return {}

    def _UpdateItem(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        self._check(parameters, parameters["Key"])
        changed = self._changed(parameters)
        self._store(self._table(parameters), changed)
        return {"Attributes": changed} if parameters.get("ReturnValues") == "ALL_NEW" else {}

    def _DeleteItem(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        self._check(parameters, parameters["Key"])
        self._forget(self._table(parameters), parameters["Key"])
        return {}

    def _TransactWriteItems(self, parameters: Json) -> Json:  # noqa: N802 - the operation's name
        token, content = parameters.get("ClientRequestToken"), repr(parameters["TransactItems"])
        before = self._tokens.get(token or "")
        if before is not None and self._now() < before[0] + TOKENS_KEPT:
            if before[1] != content:
                raise Refused("IdempotentParameterMismatchException")
            return {}
        writes = [next(iter(write.items())) for write in parameters["TransactItems"]]
        self._check_transaction(writes)
        reasons = [self._reason(write) for _, write in writes]
        if any(reason["Code"] != "None" for reason in reasons):
            codes = ", ".join(reason["Code"] for reason in reasons)
            message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
            raise Refused("TransactionCanceledException", message, CancellationReasons=reasons)
        for kind, write in writes:
            table = self._table(write)
            if kind == "Put":
                self._store(table, write["Item"])
            elif kind == "Update":
                self._store(table, self._changed(write))
            elif kind == "Delete":
                self._forget(table, write["Key"])
        if token:
            self._tokens[token] = (self._now(), content)
        return {}

    def _check_transaction(self, writes: list[tuple[str, Json]]) -> None:
        keys = [(write["TableName"], self._table(write).key_of(_key_in(write))) for _, write in writes]
        if len(set(keys)) < len(keys):
            raise Refused("ValidationException", "Transaction request cannot include multiple operations on one item")
        if len(keys) > MOST_WRITES:
            raise Refused("ValidationException", "Member must have length less than or equal to 100")

    def _reason(self, write: Json) -> Json:
        try:
            self._check(write, _key_in(write))
        except Refused as refused:
            return {"Code": "ConditionalCheckFailed", "Message": refused.message}
        return {"Code": "None"}

    def _check(self, write: Json, key: Item) -> None:
        """Raise where the write's condition does not hold."""
        text = write.get("ConditionExpression")
        if text is None:
            return
        table = self._table(write)
        there = table.items.get(table.key_of(key), {})
        names, values = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        if not condition(text)(there, names, values):
            raise Refused("ConditionalCheckFailedException", "The conditional request failed")

    def _changed(self, write: Json) -> Item:
        """The item after an update."""
        table = self._table(write)
        key: Item = write["Key"]
        before = table.items.get(table.key_of(key), key)
        names, values = write.get("ExpressionAttributeNames", {}), write.get("ExpressionAttributeValues", {})
        item = before
        for change in update(write.get("UpdateExpression", "")):
            item = change(before, item, names, values)
        return item

    def _store(self, table: Table, item: Item) -> None:
        key = table.key_of(item)
        self.written(table.items.get(key), item)
        table.items[key] = item
        table.partitions.setdefault(key[0], {})[key] = item
        self._tell_indexes(table, key, item)

    def _forget(self, table: Table, key: Item) -> None:
        name = table.key_of(key)
        if table.items.pop(name, None) is not None:
            del table.partitions[name[0]][name]
            self._tell_indexes(table, name, None)

    def _tell_indexes(self, table: Table, key: Key, item: Item | None) -> None:
        self._writes += 1
        if table.indexes:
            at = self._now() + self._lag()
            for index in table.indexes.values():
                index.note(key, item, self._writes, at)

    def _table(self, parameters: Json) -> Table:
        table = self.tables.get(parameters["TableName"])
        if table is None:
            raise Refused(
                "ResourceNotFoundException", f"Requested resource not found: Table: {parameters['TableName']}"
            )
        return table

    def items(self, table_name: str) -> Iterator[Item]:
        """What a table holds now, for the one who judges."""
        return iter(self.tables[table_name].items.values())


def _sorted(items: Iterable[Item], ordered: list[str]) -> list[Item]:
    return sorted(items, key=lambda item: [order(item[name]) for name in ordered])


def _key_in(write: Json) -> Item:
    """The key of what a transaction writes, or an item that has it."""
    key: Item = write["Item"] if "Item" in write else write["Key"]
    return key


def _key_names(schema: list[Json]) -> tuple[str | None, str | None]:
    names = {key["KeyType"]: key["AttributeName"] for key in schema}
    return names.get("HASH"), names.get("RANGE")


def _hash_value(text: str, hash_name: str, names: dict[str, str], values: Json) -> Any:
    """What a key condition says of the hash key: PynamoDB writes `#0 = :0` first."""
    words = text.replace("(", " ").replace(")", " ").split()
    place = next(n for n, term in enumerate(words) if names.get(term, term) == hash_name and words[n + 1] == "=")
    return next(iter(values[words[place + 2]].values()))


def _shown(item: Item, parameters: Json) -> Item:
    wanted = parameters.get("ProjectionExpression")
    return projected(item, wanted, parameters.get("ExpressionAttributeNames", {})) if wanted else dict(item)


def _page(items: list[Item], parameters: Json, ordered: list[str], *, backwards: bool) -> Json:
    start = parameters.get("ExclusiveStartKey")
    if start:
        after = [order(start[name]) for name in ordered]
        places = [[order(item[name]) for name in ordered] for item in items]
        items = [item for item, own in zip(items, places, strict=True) if _is_past(own, after, backwards=backwards)]
    limit = parameters.get("Limit")
    page = items[:limit] if limit else items
    answer: Json = {}
    if limit and len(page) == limit:
        answer["LastEvaluatedKey"] = {name: page[-1][name] for name in ordered}
    if "FilterExpression" in parameters:
        names, values = parameters.get("ExpressionAttributeNames", {}), parameters.get("ExpressionAttributeValues", {})
        page = [item for item in page if condition(parameters["FilterExpression"])(item, names, values)]
    answer["Count"], answer["ScannedCount"] = len(page), len(page)
    if parameters.get("Select") != "COUNT":
        answer["Items"] = [_shown(item, parameters) for item in page]
    return answer


def _is_past(own: list[Any], start: list[Any], *, backwards: bool) -> bool:
    return own < start if backwards else own > start
