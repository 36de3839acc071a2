"""What can happen in every view: the page says it, and breaks no rule, in every view and appearance."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Browser

from tests.api.documented import operations
from tests.page.browsers import ROOT
from tests.page.conftest import check_appearances, opened_stage
from tests.page.fake_api import LOGGED_OUT, NOW, OFFLINE, THROTTLED, Answer, Reply, Request, example
from tests.page.stage import Stage, State
from tests.page.states import calendar, care, grid, library, photo, start
from tests.page.states.shell import PAUSED

_VIEWS_FILE = ROOT / "layers/core/python/shutterpost/console/web/page/src/views/index.ts"


def _state(states: tuple[State, ...], name: str) -> State:
    return next(state for state in states if state.name == name)


FULL = {
    "today": State("today", "full", ".need"),
    "calendar": _state(calendar.STATES, "month"),
    "library": _state(library.STATES, "full"),
    "grid": _state(grid.STATES, "profile"),
    "care": _state(care.STATES, "files"),
    "start": _state(start.STATES, "connected"),
    "photo": _state(photo.STATES, "planned"),
    "post": _state(photo.STATES, "scheduled"),
}


def _everywhere(answer: Answer) -> dict[str, Answer]:
    return {operation["operationId"]: answer for _, _, operation in operations()}


@dataclass(frozen=True)
class Shared:
    """What happens in a view that is `FULL`, and what then shows."""

    shows: str
    text: str
    changes: Callable[[State], State]


def _failing(answer: Answer) -> Callable[[State], State]:
    return lambda state: replace(state, answers=_everywhere(answer), shows="main .banner", acts=None)


SHARED = {
    "offline": Shared(".banner.trouble", "No response from the API", _failing(OFFLINE)),
    "throttled": Shared(".banner.trouble", "AWS answers no more requests", _failing(THROTTLED)),
    "logged out": Shared(".banner.trouble", "Log in again", _failing(LOGGED_OUT)),
    "paused": Shared(
        ".banner.pause", "A storm.", lambda state: replace(state, answers={**state.answers, "getOverview": PAUSED})
    ),
    "read-only": Shared(".banner", "--read-only", lambda state: replace(state, read_only=True)),
}


@pytest.mark.parametrize("view", FULL)
@pytest.mark.parametrize("name", SHARED)
def test_a_view_says_what_happens_to_all(stage: Stage, view: str, name: str) -> None:
    shared = SHARED[name]
    page = stage.show(shared.changes(FULL[view]))
    assert shared.text in page.locator(shared.shows).first.inner_text()
    check_appearances(stage)
    if name in {"offline", "throttled", "logged out"}:
        assert "Loading" not in page.locator("main").inner_text()
        assert "shutterpost web" not in page.locator("main").inner_text()


@pytest.mark.parametrize("view", FULL)
def test_a_view_keeps_what_it_read_while_the_api_fails(stage: Stage, view: str) -> None:
    page = stage.show(FULL[view])
    stage.api.answers.update(_everywhere(OFFLINE))
    page.clock.fast_forward(31_000)
    banner = page.locator(".banner.trouble")
    banner.wait_for()
    assert "What is shown is of" in banner.inner_text()
    assert page.locator(FULL[view].shows).first.is_visible()
    check_appearances(stage)


@pytest.mark.parametrize("view", [view for view in FULL if view != "today"])
def test_a_view_that_still_reads_is_busy(stage: Stage, view: str) -> None:
    released = threading.Event()
    full = FULL[view]

    def held(request: Request) -> Reply:
        released.wait(30)
        answer = full.answers.get(request.operation)
        if isinstance(answer, Reply):
            return answer
        return answer(request) if callable(answer) else Reply(example(request.operation))

    overview = full.answers.get("getOverview", Reply(example("getOverview")))
    page = stage.show(State("today", "", "#needs", {"getOverview": overview}))
    stage.api.answers.update({**_everywhere(held), "getOverview": overview})
    try:
        page.evaluate("view => { location.hash = `#/${view}`; }", full.view)
        page.wait_for_selector("main [aria-busy=true]")
        check_appearances(stage)
    finally:
        released.set()
    page.wait_for_selector(full.shows)


@pytest.fixture(scope="module")
def german(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with opened_stage(browser, tmp_path_factory.mktemp("bilder"), locale="de") as stage:
        stage.page.clock.install(time=NOW)
        yield stage


@pytest.mark.parametrize("view", FULL)
def test_a_view_speaks_german(german: Stage, view: str) -> None:
    page = german.show(FULL[view])
    assert page.locator("html").get_attribute("lang") == "de"
    check_appearances(german)


def test_every_view_is_here() -> None:
    assert set(FULL) == set(re.findall(r'{ name: "(\w+)"', _VIEWS_FILE.read_text()))
