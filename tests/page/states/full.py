"""Each view, and each part of Care, with all that it usually shows."""

from tests.page.stage import State
from tests.page.states import calendar, care, grid, library, photo, start


def _state(states: tuple[State, ...], name: str) -> State:
    return next(state for state in states if state.name == name)


FULL = {
    "today": State("today", "full", ".need"),
    "calendar": _state(calendar.STATES, "month"),
    "library": _state(library.STATES, "full"),
    "grid": _state(grid.STATES, "profile"),
    "care/files": _state(care.STATES, "files"),
    "care/alike": _state(care.STATES, "group"),
    "care/accounts": _state(care.STATES, "two"),
    "care/runway": _state(care.STATES, "themes"),
    "start": _state(start.STATES, "connected"),
    "photo": _state(photo.STATES, "planned"),
    "post": _state(photo.STATES, "scheduled"),
}
