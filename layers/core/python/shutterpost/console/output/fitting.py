"""Fits the columns of a table to the width of a terminal."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

GAP = 2
# Texts of these columns are shortened to the space that is left. Where that is not enough, _LEFT_OUT's columns go.
SHORTENED = frozenset({"what", "caption", "photo", "name"})
_LEFT_OUT = ("from", "what", "caption", "theme")
# Texts that are longer are wrapped between words, to no less than this; shorter ones stay on one line.
_ONE_LINE, _LEAST = 22, 12


def fit(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Mapping[int, int] | None:
    """The width of each column that is shown, by its number; None if no table of them fits in `width`."""
    natural = {
        index: max(cell_len(line) for row in (columns, *rows) for line in row[index].split("\n"))
        for index in range(len(columns))
    }
    for out in range(len(_LEFT_OUT) + 1):
        shown = [index for index in natural if columns[index] not in _LEFT_OUT[:out]]
        least = {index: _least(columns[index], [row[index] for row in rows], natural[index]) for index in shown}
        left = width - GAP * (len(shown) - 1) - sum(least.values())
        if left >= 0:
            return _widen(least, natural, left)
    return None


def _least(name: str, cells: Sequence[str], natural: int) -> int:
    if name in SHORTENED:
        return min(natural, max(_LEAST, len(name)))
    if natural <= _ONE_LINE:
        return natural
    longest = max(cell_len(part) for cell in (name, *cells) for part in cell.split() or ("",))
    return min(natural, max(_LEAST, longest))


def _widen(least: Mapping[int, int], natural: Mapping[int, int], left: int) -> dict[int, int]:
    widths = dict(least)
    while left and (narrow := [index for index in widths if widths[index] < natural[index]]):
        widths[min(narrow, key=widths.__getitem__)] += 1
        left -= 1
    return widths
