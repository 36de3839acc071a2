"""A view in a state of its data, and the page that shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from playwright.sync_api import Page, ViewportSize

from shutterpost.console.web.server import WebServer
from shutterpost.console.web.session import WebSession
from tests.page.fake_api import Answer, FakeApi

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 412, "height": 915}


@dataclass(frozen=True)
class State:
    """A view's address after `#/`, the API's answers, and a selector of what then shows; `acts` come before it."""

    view: str
    name: str
    shows: str
    answers: Mapping[str, Answer] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    read_only: bool = False
    acts: Callable[[Page], None] | None = None

    def __str__(self) -> str:
        return f"{self.view or 'page'}-{self.name}".replace("/", "-")


@dataclass
class Stage:
    api: FakeApi
    server: WebServer
    page: Page
    trouble: list[str]
    _read_only: bool | None = None

    def show(self, state: State, size: ViewportSize = DESKTOP) -> Page:
        """Load the view in the state, in a window of the size."""
        self.page.set_viewport_size(size)
        self.page.clock.resume()
        self.api.answers.clear()
        self.api.answers.update(state.answers)
        self.api.missing.clear()
        self.api.missing.update(state.missing)
        self.trouble.clear()
        if self._read_only != state.read_only:
            self._open(read_only=state.read_only)
        self.page.evaluate("sessionStorage.removeItem('shutterpost-persona')")
        self.page.evaluate("localStorage.removeItem('shutterpost-strip')")
        self.page.goto("about:blank")
        self.api.calls.clear()
        self.page.goto(f"{self.server.address}#/{state.view}")
        self.page.wait_for_selector("main section, main .empty, main [role=alert]")
        if state.acts:
            state.acts(self.page)
        self.page.wait_for_selector(state.shows)
        return self.page

    def count_calls(self, operation: str) -> int:
        """How often the page called the operation."""
        return sum(call.operation == operation for call in self.api.calls)

    def _open(self, *, read_only: bool) -> None:
        self.server.facts = {"read_only": read_only}
        self.server.session = WebSession(datetime.now(UTC))
        self.page.goto("about:blank")
        with self.page.expect_response("**/session"):
            self.page.goto(f"{self.server.address}#once={self.server.session.once}")
        self.page.wait_for_selector("main")
        self._read_only = read_only


def stop_clock(page: Page) -> None:
    """Half an hour later; no timer ends while the test looks."""
    page.clock.pause_at(page.evaluate("new Date(Date.now() + 1_800_000).toISOString()"))
