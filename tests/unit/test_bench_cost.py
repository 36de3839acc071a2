"""The calculations behind the cost benchmark, against examples of AWS's documentation and by hand."""

from typing import get_args

import pytest

from tests.benchmarks.bill.capacity import Index, Table, item_size, read_units, stored_size, write_units
from tests.benchmarks.bill.prices import Confirmed, Price, Usage, bill, bill_figure, prices
from tests.benchmarks.bill.standing import POLLERS, POLLERS_IDLE, standing

FULLY = {"AWS", "third party"}
SPARSE = Table(("id",), (Index(("due",), ("note",)),))


def item(**values: str) -> dict[str, dict[str, str]]:
    return {name: {"S": value} for name, value in values.items()}


def test_an_items_size_is_that_of_names_and_values():
    assert item_size({"id": {"S": "ä1"}, "n": {"N": "27.50"}, "b": {"B": "aGVsbG8="}, "t": {"BOOL": True}}) == 17
    assert item_size({"l": {"L": [{"S": "ab"}]}, "m": {"M": {"k": {"NULL": True}}}, "s": {"SS": ["a", "bc"]}}) == 18
    assert item_size(None) == 0


@pytest.mark.parametrize(
    ("sizes", "consistent", "units"), [([8192], True, 2), ([8192], False, 1), ([100, 200], False, 0.5), ([], True, 1)]
)
def test_reads_are_charged_by_four_kilobytes(sizes, consistent, units):
    assert read_units(sizes, consistent=consistent) == units


def test_writes_are_charged_by_the_kilobyte_of_the_larger_image_and_twice_in_a_transaction():
    small, large = item(id="1"), item(id="1", text="x" * 2900)
    plain = Table(("id",))
    assert write_units(plain, None, small) == 1
    assert write_units(plain, large, small) == 3
    assert write_units(plain, small, large, transactional=True) == 6


def test_an_index_is_charged_for_entries_that_come_go_move_or_change():
    out, due, noted = item(id="1"), item(id="1", due="a", text="t"), item(id="1", due="a", text="t", note="n")
    moved = item(id="1", due="b", text="t")
    changes = {"stays out": (out, out), "comes": (out, due), "goes": (due, out), "changes": (due, noted)}
    index_units = {name: write_units(SPARSE, *images) - 1 for name, images in changes.items()}
    assert index_units == {"stays out": 0, "comes": 1, "goes": 1, "changes": 1}
    assert write_units(SPARSE, due, moved) - 1 == 2
    assert write_units(SPARSE, due, item(id="1", due="a", text="other")) - 1 == 0


def test_stored_items_carry_their_index_entries_and_overheads():
    assert stored_size(SPARSE, item(id="1")) == 3 + 100
    assert stored_size(SPARSE, item(id="1", due="a", text="long")) == 15 + 100 + 7 + 100


def test_the_free_tier_is_taken_off_an_items_whole_amount_once():
    table = {"x": Price(usd=2.0, per=10, unit="things", free=30, source=""), "y": Price(1, 1, "", 0, "")}
    lines = bill([Usage("x", 20, "a"), Usage("x", 40, "b"), Usage("y", 1, "c")], table)
    assert [(line.item, line.at_list, line.after_free) for line in lines] == [("x", 12.0, 6.0), ("y", 1.0, 1.0)]
    assert lines[0].parts == (("b", 8.0), ("a", 4.0))


def test_every_price_names_its_source_and_date():
    where, table = prices()
    assert where == "us-east-1, 2026-11"
    assert all(price.source.startswith("https://aws.amazon.com/") and price.per > 0 for price in table.values())
    assert {price.confirmed for price in table.values()} <= set(get_args(Confirmed))
    assert all(("not confirmed" in price.note) == (price.confirmed not in FULLY) for price in table.values())


def test_the_bill_says_which_prices_nobody_confirms():
    lines = bill([Usage("s3-transitions", 1000, "moves"), Usage("kms-keys", 1, "keys")], prices()[1])
    assert ["not confirmed" in bill_figure("steady", line).against for line in lines] == [
        line.confirmed == "nobody" for line in lines
    ]
    assert {line.confirmed for line in lines} == {"nobody", "AWS"}


def test_idle_pollers_of_a_queue_are_standing_costs():
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {}}
    bounded = {**mapping, "Properties": {"ScalingConfig": {"MaximumConcurrency": 2}}}
    ((idle,), (held,)) = standing([mapping]), standing([bounded])
    assert (idle.item, held.item) == ("sqs-requests", "sqs-requests")
    assert held.amount == 648_000
    assert idle.amount / held.amount == POLLERS_IDLE / POLLERS


def test_a_resource_of_unknown_price_is_refused():
    with pytest.raises(ValueError, match="AWS::EC2::NatGateway"):
        standing([{"Type": "AWS::EC2::NatGateway"}])
