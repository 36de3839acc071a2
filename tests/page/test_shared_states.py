"""What can happen in every view: the page says it, and breaks no rule, in every view and appearance."""

import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from tests.api.documented import operations
from tests.page.browsers import ROOT
from tests.page.conftest import check_appearances, opened_stage
from tests.page.fake_api import LOGGED_OUT, NOW, OFFLINE, THROTTLED, Answer, Reply, Request, example
from tests.page.stage import Stage, State
from tests.page.states.full import FULL
from tests.page.states.shell import PAUSED

_SOURCE = ROOT / "layers/core/python/shutterpost/console/web/page/src"
FAILURES: Mapping[str, Answer] = {
    "No response from the API": OFFLINE,
    "AWS answers no more requests": THROTTLED,
    "Log in again": LOGGED_OUT,
}
GERMAN = {
    "today": "Braucht dich",
    "calendar": "vorgesehen",
    "library": "Reihenfolge",
    "grid": "Vorgesehenes",
    "care/files": "Dateien nicht nutzbar",
    "care/alike": "Welches soll gepostet werden?",
    "care/accounts": "Konten",
    "care/runway": "Alle Fotos",
    "start": "Ein Konto verbinden",
    "photo": "Warum",
    "post": "So wird es zu lesen sein",
}
# Without what stands in an element of its own inside of them, such as a count.
HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3, h4, legend')]
  .flatMap(heading => [...heading.childNodes].filter(node => node.nodeType === Node.TEXT_NODE))
  .map(text => text.data.trim())"""


def _everywhere(answer: Answer) -> dict[str, Answer]:
    return {operation["operationId"]: answer for _, _, operation in operations()}


@pytest.mark.parametrize("view", FULL)
def test_a_view_without_answers_says_why(stage: Stage, view: str) -> None:
    page = stage.show(replace(FULL[view], answers=_everywhere(OFFLINE), shows="main .banner", acts=None))
    banner, main = page.locator(".banner.trouble"), page.locator("main")
    for text, answer in FAILURES.items():
        stage.api.answers.update(_everywhere(answer))
        banner.get_by_role("button", name="Try now").click()
        expect(banner).to_contain_text(text)
        expect(main).not_to_contain_text("Loading")
        expect(main).not_to_contain_text("shutterpost web")
    check_appearances(stage)


@pytest.mark.parametrize("view", FULL)
def test_a_paused_view_keeps_what_it_read_while_the_api_fails(stage: Stage, view: str) -> None:
    full = FULL[view]
    page = stage.show(replace(full, answers={**full.answers, "getOverview": PAUSED}))
    expect(page.locator(".banner.pause")).to_contain_text("A storm.")
    stage.api.answers.update(_everywhere(OFFLINE))
    page.clock.fast_forward(31_000)
    expect(page.locator(".banner.trouble")).to_contain_text("What is shown is of")
    expect(page.locator(full.shows).first).to_be_visible()
    expect(page.locator(".banner.pause")).to_be_visible()
    check_appearances(stage)


@pytest.mark.parametrize("view", FULL)
def test_a_view_of_a_reading_server_says_so(stage: Stage, view: str) -> None:
    page = stage.show(replace(FULL[view], read_only=True))
    expect(page.locator(".banner").first).to_contain_text("--read-only")
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
    expect(page.locator("main")).to_contain_text(GERMAN[view])
    texts = {
        language: set(re.findall('"([^"]+)"', (_SOURCE / f"words/{language}.ts").read_text()))
        for language in ("en", "de")
    }
    assert texts["en"].isdisjoint(set(page.evaluate(HEADINGS)) - texts["de"])
    check_appearances(german)


def test_every_view_is_here() -> None:
    views = re.findall(r'{ name: "(\w+)"', (_SOURCE / "views/index.ts").read_text())
    parts = re.findall(r"^  (\w+): [A-Z]\w+,$", (_SOURCE / "views/care/index.tsx").read_text(), re.MULTILINE)
    assert set(FULL) == {*views, *(f"care/{part}" for part in parts)} - {"care"}
