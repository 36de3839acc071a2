"""Every view in every state, on the desktop and the phone, in light and dark."""

import re

import pytest

from tests.page.browsers import ROOT
from tests.page.conftest import check_appearances
from tests.page.stage import DESKTOP, Stage, State
from tests.page.states import STATES
from tests.page.states.cells import CELLS, KINDS, Never

_SOURCE = ROOT / "layers/core/python/shutterpost/console/web/page/src/views"


@pytest.mark.parametrize("state", STATES, ids=str)
def test_a_state_breaks_no_rule_in_any_appearance(stage: Stage, state: State) -> None:
    page = stage.show(state)
    check_appearances(stage)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size(DESKTOP)


def test_every_view_has_each_state_of_its_data_or_a_reason() -> None:
    views = re.findall(r'{ name: "(\w+)"', (_SOURCE / "index.ts").read_text())
    parts = re.findall(r"^  (\w+): [A-Z]\w+,$", (_SOURCE / "care/index.tsx").read_text(), re.MULTILINE)
    assert set(CELLS) == {*views, *(f"care/{part}" for part in parts if part != "files")}
    states = {(_place(state), state.name) for state in STATES}
    for view, cells in CELLS.items():
        for kind, cell in zip(KINDS, cells, strict=True):
            assert isinstance(cell, Never) or (view, cell) in states, (view, kind)


def _place(state: State) -> str:
    """The view and, of Care, its part."""
    place = state.view.partition("?")[0]
    return place if place.startswith("care") else place.partition("/")[0]
