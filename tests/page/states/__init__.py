"""Every view in every state that it has."""

from tests.page.stage import State
from tests.page.states import calendar, care, grid, library, photo, shell, start, today

STATES: tuple[State, ...] = (
    *calendar.STATES,
    *care.STATES,
    *grid.STATES,
    *library.STATES,
    *photo.STATES,
    *shell.STATES,
    *start.STATES,
    *today.STATES,
)
