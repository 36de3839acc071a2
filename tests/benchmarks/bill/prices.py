"""Usage times price: what a month costs at list price, and after the always-free tier."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from tests.benchmarks.figures import Figure

Confirmed = Literal["AWS", "third party", "third party, without the free tier", "nobody"]
TABLE = Path(__file__).parents[1] / "prices.json"
SECONDS_A_MONTH = 30 * 24 * 3600


@dataclass(frozen=True)
class Price:
    """US dollars for `per` units; the first `free` of a month cost nothing. `confirmed`: who shows the price."""

    usd: float
    per: float
    unit: str
    free: float
    source: str
    note: str = ""
    confirmed: Confirmed = "nobody"


class Usage(NamedTuple):
    """What a month uses of one price item, and what for."""

    item: str
    amount: float
    purpose: str


class Line(NamedTuple):
    """One item of the bill (US dollars); `parts` says what its list price is for, dearest first.

    `confirmed` says who shows its price.
    """

    item: str
    amount: float
    unit: str
    at_list: float
    after_free: float
    parts: tuple[tuple[str, float], ...]
    confirmed: Confirmed


def prices() -> tuple[str, dict[str, Price]]:
    """Where and when the prices were read, and the prices by item."""
    table = json.loads(TABLE.read_text())
    return f"{table['region']}, {table['read']}", {name: Price(**item) for name, item in table["prices"].items()}


def bill(usages: Iterable[Usage], table: dict[str, Price]) -> list[Line]:
    """The month's bill, dearest first at list price. Raises `KeyError` for an item without a price."""
    amounts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for usage in usages:
        amounts[usage.item][usage.purpose] += usage.amount
    lines = []
    for item, parts in amounts.items():
        price, amount = table[item], sum(parts.values())
        each = price.usd / price.per
        shares = sorted(((purpose, part * each) for purpose, part in parts.items()), key=lambda entry: -entry[1])
        after_free = max(0.0, amount - price.free) * each
        lines.append(Line(item, amount, price.unit, amount * each, after_free, tuple(shares), price.confirmed))
    return sorted(lines, key=lambda line: -line.at_list)


def bill_figure(month: str, line: Line) -> Figure:
    """A line of the bill of `month` as a figure; says who confirmed its price."""
    parts = "; ".join(f"{purpose} {dollars:.4f}" for purpose, dollars in line.parts)
    shown = "price not confirmed" if line.confirmed == "nobody" else f"price by {line.confirmed}"
    against = f"after the tier {line.after_free:.4f}; {line.amount:,.6g} {line.unit}; {parts}; {shown}"
    return Figure(f"{month}: {line.item}", round(line.at_list, 4), "USD", against)
