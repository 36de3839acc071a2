"""A page whose server only reads: it shows everything, and offers nothing that would write."""

from dataclasses import replace

import pytest

from tests.page.stage import Stage, State
from tests.page.states import calendar, care, grid, library, photo, start

# Buttons besides tiles that change nothing outside of the page, by their name or its beginning.
READING = (
    *(
        "Choose none",
        "Today",
        "One week",
        "1:1",
        "Foreseen",
        "Previous",
        "Next",
        "Why",
        "Words",
        "Clear",
        "Close",
        "Later",
    ),
    *("Copy", "Look again", "Older", "Earlier", "✓", "Show"),
)
VIEWS = {
    "library chosen": next(state for state in library.STATES if state.name == "chosen"),
    "photo": next(state for state in photo.STATES if state.name == "planned"),
    "photo kept out": next(state for state in photo.STATES if state.name == "kept-out"),
    "post": next(state for state in photo.STATES if state.name == "waiting"),
    "grid": next(state for state in grid.STATES if state.name == "chosen"),
    "files": next(state for state in care.STATES if state.name == "files"),
    "alike": next(state for state in care.STATES if state.name == "group"),
    "accounts": next(state for state in care.STATES if state.name == "two"),
    "no persona": next(state for state in start.STATES if state.name == "no-persona"),
    "calendar": next(state for state in calendar.STATES if state.name == "month"),
}


@pytest.mark.parametrize("state", VIEWS.values(), ids=VIEWS)
def test_a_view_of_a_reading_server_offers_no_write(stage: Stage, state: State) -> None:
    shows = "section" if state.shows == "#approve" else state.shows
    page = stage.show(replace(state, shows=shows, read_only=True))
    enabled = page.locator("main button:not(:disabled):not([data-tile]):not(.post-tile):not(.pick)")
    names = [
        button.get_attribute("aria-label") or button.inner_text() for button in enabled.all() if button.is_visible()
    ]
    assert [name for name in names if not name.startswith(READING)] == []
    assert "--read-only" in page.locator(".banner").first.inner_text()
