"""Counts what functions ask of AWS, through botocore's events, while everything runs on moto.

DynamoDB's units are worked out from the items in moto's tables just before and after each call.
"""

import contextlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import botocore.handlers
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from tests.benchmarks.bill.capacity import Index, Item, Table, item_size, read_units, stored_size, write_units

ACCOUNT: Final = "123456789012"
# DELETE is free; everything else that is not a read of one object is in the dear class (S3 pricing, "Requests").
S3_READS: Final = {"GetObject", "HeadObject", "GetObjectTagging"}
S3_FREE: Final = {"DeleteObject", "DeleteObjects"}


@dataclass
class Tally:
    """Amounts by price item (see `prices.json`), calls by (function, service, operation), invocations by function."""

    amounts: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    invocations: Counter[str] = field(default_factory=Counter)


class Meter:
    """Keeps the tally of what functions ask for; counts only `inside` of one."""

    def __init__(self, region: str) -> None:
        self.region = region
        self.tally = Tally()
        self._inside: str | None = None

    def fresh(self) -> "Tally":
        """Start a new tally; returns it."""
        self.tally = Tally()
        return self.tally

    @contextlib.contextmanager
    def inside(self, function: str) -> Iterator[None]:
        """One invocation of `function`."""
        self.tally.invocations[function] += 1
        self._inside = function
        try:
            yield
        finally:
            self._inside = None

    @contextlib.contextmanager
    def attached(self) -> Iterator["Meter"]:
        """Watch every client that is made from now on."""
        watchers: list[tuple[str, Callable[..., None]]] = [("before-call", self._before), ("after-call", self._after)]
        botocore.handlers.BUILTIN_HANDLERS.extend(watchers)
        try:
            yield self
        finally:
            for watcher in watchers:
                botocore.handlers.BUILTIN_HANDLERS.remove(watcher)

    def stored(self) -> dict[str, int]:
        """Bytes at rest by table, with index entries, as DynamoDB charges them."""
        return {
            name: sum(stored_size(layout_of(table), _plain(item)) for item in table.all_items())
            for name, table in dynamodb_backends[ACCOUNT][self.region].tables.items()
        }

    def _before(self, model: Any, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self._inside and model.service_model.service_name == "dynamodb":
            request = json.loads(params["body"])
            context["benchmark"] = request, [self._item(name, key) for name, key in _touched(model.name, request)]

    def _after(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        if self._inside is None:
            return
        service, operation = model.service_model.service_name, model.name
        self.tally.calls[self._inside, service, operation] += 1
        if service == "s3" and operation not in S3_FREE:
            self.tally.amounts["s3-reads" if operation in S3_READS else "s3-writes"] += 1
        elif service == "ssm":
            # Each token is encrypted by AWS's own key: a request to KMS besides.
            self.tally.amounts["kms-requests"] += 1
        elif service == "dynamodb":
            self._dynamodb(operation, parsed, *context["benchmark"])

    def _dynamodb(
        self, operation: str, parsed: dict[str, Any], request: dict[str, Any], before: list[Item | None]
    ) -> None:
        touched = _touched(operation, request)
        if operation in {"PutItem", "UpdateItem", "TransactWriteItems"}:
            transactional = operation == "TransactWriteItems"
            for (name, key), was in zip(touched, before, strict=True):
                table, now = self._table(name), self._item(name, key)
                self.tally.amounts["dynamodb-writes"] += write_units(
                    layout_of(table), was, now, transactional=transactional
                )
        elif operation == "Query":
            consistent = bool(request.get("ConsistentRead"))
            sizes = [item_size(item) for item in parsed.get("Items", ())]
            self.tally.amounts["dynamodb-reads"] += read_units(sizes, consistent=consistent)
        elif operation in {"GetItem", "BatchGetItem"}:
            wanted = request.get("RequestItems", {request.get("TableName"): request})
            for (name, _), was in zip(touched, before, strict=True):
                consistent = bool(wanted[name].get("ConsistentRead"))
                self.tally.amounts["dynamodb-reads"] += read_units([item_size(was)], consistent=consistent)
        else:
            raise ValueError(f"The units of {operation} are not known here.")

    def _table(self, name: str) -> Any:
        return dynamodb_backends[ACCOUNT][self.region].tables[name.rpartition("/")[2]]

    def _item(self, name: str, key: Item) -> Item | None:
        table = self._table(name)
        values = [DynamoType(key[attribute]) for attribute in layout_of(table).keys]
        item = table.get_item(*values)
        return _plain(item) if item is not None else None


def layout_of(table: Any) -> Table:
    """The layout of one of moto's tables."""
    keys = tuple(item["AttributeName"] for item in table.schema)
    indexes = tuple(
        Index(
            tuple(item["AttributeName"] for item in index.schema),
            _kept(index.projection),
        )
        for index in table.global_indexes
    )
    return Table(keys, indexes)


def _kept(projection: dict[str, Any]) -> tuple[str, ...] | None:
    if projection["ProjectionType"] == "ALL":
        return None
    return tuple(projection.get("NonKeyAttributes", ()))


def _plain(item: Any) -> Item:
    attributes: Item = item.to_json()["Attributes"]
    return attributes


def _touched(operation: str, request: dict[str, Any]) -> list[tuple[str, Item]]:
    """The table and key of every item that a request names."""
    match operation:
        case "GetItem" | "UpdateItem":
            return [(request["TableName"], request["Key"])]
        case "PutItem":
            return [(request["TableName"], request["Item"])]
        case "BatchGetItem":
            return [(name, key) for name, wanted in request["RequestItems"].items() for key in wanted["Keys"]]
        case "TransactWriteItems":
            writes = [write for transact_item in request["TransactItems"] for write in transact_item.values()]
            return [(write["TableName"], write.get("Key") or write["Item"]) for write in writes]
        case _:
            return []
