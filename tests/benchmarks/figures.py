"""The figures of a benchmark."""

from typing import NamedTuple


class Figure(NamedTuple):
    """One measured or counted number; `against` says what it is compared to in the same run."""

    figure: str
    value: float
    unit: str
    against: str

    def line(self) -> str:
        """The figure as it is printed."""
        return f"{self.figure}: {self.value:,.10g} {self.unit}  ({self.against})"


def reached(value: float, limit: float) -> str:
    """Whether a figure that should be at most `limit` is."""
    return f"reach ≤ {limit:g}: {'reached' if value <= limit else 'MISSED'}"
