"""The page's frame: its address, keys, notices with Undo, and what it does while the API does not answer."""

import re
import threading
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.api.documented import operations
from tests.page.fake_api import LOGGED_OUT, OFFLINE, THROTTLED, Answer, Reply, Request, example, refusal
from tests.page.stage import Stage, State, stop_clock
from tests.page.states import calendar, grid
from tests.page.states.full import FULL
from tests.page.states.shell import PAUSED, press_help, repair
from tests.page.states.today import STATES

TODAY = STATES[0]


def test_two_keys_open_a_view_and_the_focus_follows(stage: Stage) -> None:
    page = stage.show(TODAY)
    for key, view in {"c": "Calendar", "l": "Library", "g": "Grid", "k": "Care", "t": "Today"}.items():
        # A control of the view goes with it.
        page.locator("main a, main button").first.focus()
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.get_by_role("link", name=view).and_(page.locator("[aria-current=page]")).wait_for()
        assert page.evaluate("document.activeElement.localName") == "main"
        assert page.title() == f"{view} · Shutterpost"


def test_keys_do_nothing_in_a_field_or_once_they_are_turned_off(stage: Stage) -> None:
    page = stage.show(TODAY)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("gc?")
    assert page.get_by_role("searchbox").input_value() == "gc?"
    assert page.url.endswith("#/today")
    press_help(page)
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    assert "Calendar" in dialog.inner_text()
    page.get_by_label("Single keys act").uncheck()
    page.keyboard.press("Escape")
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.localName") == "main"
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.get_by_role("button", name="Keys").click()
    dialog.wait_for()
    page.get_by_label("Single keys act").check()
    # The browser itself returns the focus after Escape alone.
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="detached")
    assert page.evaluate("document.activeElement.textContent") == "?"
    assert page.url.endswith("#/today")


def test_a_page_that_only_reads_offers_no_action(stage: Stage) -> None:
    page = stage.show(State("today", "", ".need", {"getOverview": PAUSED}, read_only=True))
    assert page.get_by_role("main").get_by_role("button").count() == 0


def test_the_search_leads_to_the_library(stage: Stage) -> None:
    page = stage.show(TODAY)
    page.locator("main").focus()
    page.keyboard.press("/")
    page.keyboard.type("fog & lake")
    page.keyboard.press("Enter")
    page.wait_for_url("**#/library?name=fog+%26+lake")


def test_a_notice_goes_after_ten_seconds_unless_it_is_pointed_at(stage: Stage) -> None:
    page = stage.show(State("today", "", ".notice", {"getOverview": PAUSED}, acts=repair))
    page.locator(".notice").hover()
    stop_clock(page)
    assert page.locator(".notice").is_visible()
    page.mouse.move(0, 0)
    page.clock.run_for(9_000)
    assert page.locator(".notice").is_visible()
    page.clock.run_for(1_100)
    page.locator(".notice").wait_for(state="detached")


def test_a_page_without_answers_asks_ever_later_and_recovers_by_itself(stage: Stage) -> None:
    page = stage.show(replace(TODAY, answers={"getOverview": Reply(example("getOverview"))}))
    stage.api.answers["getOverview"] = OFFLINE
    stop_clock(page)
    alert = page.get_by_role("alert")
    alert.get_by_text("in 5 seconds").wait_for()
    expect(alert).to_contain_text(re.compile("What is shown is of Mar .* Europe/Paris"))
    for seconds in (10, 20, 40, 60):
        page.get_by_role("button", name="Try now").click()
        alert.get_by_text(f"in {seconds} seconds").wait_for()
    assert page.locator(".need").is_visible()
    stage.api.answers["getOverview"] = Reply(example("getOverview"))
    page.clock.run_for(60_500)
    alert.wait_for(state="detached")


def test_a_view_that_could_not_be_read_is_read_once_the_api_answers(stage: Stage) -> None:
    page = stage.show(State("calendar", "", ".failure", {"getCalendar": refusal(500, "internal", "It failed.")}))
    stage.api.answers["getOverview"] = OFFLINE
    page.clock.run_for(30_500)
    page.locator(".trouble").wait_for()
    stage.api.answers.clear()
    page.clock.run_for(5_500)
    page.locator(".failure").wait_for(state="detached")


SAME = Reply(example("getOverview"), etag='"1"')


@pytest.mark.parametrize("view", [view for view in FULL if view != "today"])
def test_a_view_that_was_throttled_is_read_again_by_itself(stage: Stage, view: str) -> None:
    full = FULL[view]
    throttled = dict.fromkeys((operation["operationId"] for _, _, operation in operations()), THROTTLED)
    page = stage.show(replace(full, shows=".failure", acts=None, answers={**throttled, "getOverview": SAME}))
    stage.api.answers.clear()
    stage.api.answers.update({"getOverview": SAME, **full.answers})
    page.clock.run_for(60_500)
    page.locator(full.shows).first.wait_for()
    page.locator(".failure").wait_for(state="detached")
    assert page.locator(".trouble").count() == 0


@pytest.mark.parametrize("problem", [OFFLINE, THROTTLED, LOGGED_OUT])
def test_a_view_waits_ever_longer_and_shows_meanwhile_what_it_had(stage: Stage, problem: Answer) -> None:
    full = FULL["calendar"]
    page = stage.show(replace(full, answers={**full.answers, "getOverview": SAME}))
    stage.api.answers["getCalendar"] = problem
    stage.api.answers["getOverview"] = replace(SAME, etag='"2"')
    stop_clock(page)
    failure = page.locator(".failure")
    for _ in range(2_000):
        if failure.is_visible():
            break
        page.clock.run_for(50)
    for seconds in (5, 10, 20, 40, 60):
        failure.get_by_text(f"in {seconds} seconds").wait_for()
        assert page.locator(full.shows).first.is_visible()
        if seconds == 60:
            stage.api.answers["getCalendar"] = Reply(example("getCalendar"))
        calls = stage.count_calls("getCalendar")
        page.clock.run_for(seconds * 1_000 - 500)
        assert stage.count_calls("getCalendar") == calls
        with page.expect_response("**/api/calendar*"):
            page.clock.run_for(1_000)
    failure.wait_for(state="detached")


@pytest.mark.parametrize("state", [calendar.STATES[0], grid.STATES[0]], ids=str)
def test_a_view_is_read_again_when_a_poll_brings_a_new_overview(stage: Stage, state: State) -> None:
    overview = Reply(example("getOverview"), etag='"1"')
    page = stage.show(replace(state, answers={**state.answers, "getOverview": overview}))
    tile = page.locator("[data-tile], button.post-tile").last
    tile.focus()
    tile.evaluate("tile => { tile.dataset.before = 'yes'; }")
    new = grid.entry(9, "2026-03-31", "queued")
    for tag, entries in (('"1"', []), ('"2"', [new]), ('"2"', [new])):
        stage.api.answers["getOverview"] = replace(overview, etag=tag)
        stage.api.answers["getCalendar"] = Reply({"entries": [*grid.ENTRIES, *entries], "cursor": None})
        with page.expect_response("**/api/overview*"):
            page.clock.run_for(30_500)
        page.locator("img[src*='999999999999']").wait_for(state="attached" if entries else "detached")
    # At first, and once the overview was new.
    assert stage.count_calls("getCalendar") == 2
    assert page.evaluate("document.activeElement.dataset.before") == "yes"


@pytest.mark.parametrize("view", ["calendar?on=2026-03-01", "grid"])
def test_the_focus_follows_a_post_that_another_tab_moved(stage: Stage, view: str) -> None:
    days = {1: "2026-03-03", 2: "2026-03-05", 3: "2026-03-10"}
    tags = iter(range(100))

    def planned() -> dict[str, Answer]:
        entries = [grid.entry(number, day, "queued") for number, day in days.items()]
        return {
            **grid.ANSWERS,
            "getOverview": Reply(example("getOverview"), etag=f'"{next(tags)}"'),
            "getCalendar": Reply({"entries": entries, "cursor": None}),
            "getPlan": Reply(example("getPlan", slots=[])),
        }

    page = stage.show(State(view, "following", "[data-tile]", planned()))
    tiles = page.locator("[data-tile]")
    page.locator("[data-post=p2]").focus()

    def look_again(text: str) -> None:
        """What another tab has changed is read, and then there."""
        stage.api.answers.update(planned())
        page.clock.run_for(30_500)
        expect(tiles).to_have_count(len(days))
        expect(page.locator("main")).to_contain_text(text)

    days[2] = "2026-03-12"
    look_again("Thu, Mar 12")
    expect(page.locator("[data-tile*='2026-03-12']")).to_be_focused()
    del days[2]
    look_again("Tue, Mar 10")
    expect(page.locator("[data-post=p3]")).to_be_focused()
    page.locator("main").focus()
    days[3] = "2026-03-20"
    look_again("Fri, Mar 20")
    expect(page.locator("[data-tile*='2026-03-20']")).to_be_visible()
    expect(page.locator("main")).to_be_focused()
    if view == "grid":
        expect(page.locator("[data-tile][tabindex='0']")).to_have_count(1)


def test_the_header_keeps_all_personas_while_one_is_shown(stage: Stage) -> None:
    both = example("getOverview")
    both["personas"].append({**both["personas"][0], "persona_id": "fog-walker-0d03cf", "name": "Fog Walker"})
    of_one = Reply({**both, "personas": both["personas"][1:]})

    page = stage.show(
        replace(TODAY, answers={"getOverview": lambda call: of_one if "persona" in call.values else Reply(both)})
    )
    page.get_by_label("Persona").select_option("Fog Walker")
    page.locator(".libraries").get_by_text("Nature Explorer").wait_for(state="detached")
    assert page.get_by_label("Persona").locator("option").all_inner_texts() == [
        "All personas",
        "Nature Explorer",
        "Fog Walker",
    ]


@pytest.mark.parametrize("problem", [OFFLINE, THROTTLED])
@pytest.mark.parametrize(
    ("view", "shows"),
    [
        ("today", "#needs"),
        ("calendar", "#month"),
        ("library", "#sheet"),
        ("grid", "#profile"),
        ("care", "#files"),
        ("start", "#step-connect"),
    ],
)
def test_a_view_without_a_first_answer_says_why_and_goes_on_by_itself(
    stage: Stage, view: str, shows: str, problem: Answer
) -> None:
    page = stage.show(State(view, "", ".trouble", {"getOverview": problem}))
    assert page.locator("main [aria-busy=true]").count() == 0
    assert "Loading" not in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Try now").is_visible()
    del stage.api.answers["getOverview"]
    page.clock.run_for(5_500)
    page.locator(shows).wait_for()
    page.locator(".trouble").wait_for(state="detached")


def persona_overview(call: Request) -> Reply:
    """The overview of both personas or of one; of another, that there is none."""
    both = example("getOverview")
    both["personas"].append({**both["personas"][0], "persona_id": "fog-walker-0d03cf", "name": "Fog Walker"})
    if "persona" not in call.values:
        return Reply(both)
    of_one = [each for each in both["personas"] if each["persona_id"] == call.values["persona"]]
    return Reply({**both, "personas": of_one}) if of_one else refusal(404, "persona-not-found", "There is none.")


def test_a_reload_keeps_the_chosen_persona(stage: Stage) -> None:
    page = stage.show(replace(TODAY, answers={"getOverview": persona_overview}))
    page.get_by_label("Persona").select_option("Fog Walker")
    page.locator(".libraries").get_by_text("Nature Explorer").wait_for(state="detached")
    page.reload()
    page.locator(".libraries").get_by_text("Fog Walker").wait_for()
    select = page.get_by_label("Persona")
    select.locator("option", has_text="Nature Explorer").wait_for(state="attached")
    assert select.input_value() == "fog-walker-0d03cf"
    assert page.locator(".libraries").get_by_text("Nature Explorer").count() == 0


def test_a_persona_that_is_unknown_falls_back_to_all(stage: Stage) -> None:
    page = stage.show(replace(TODAY, answers={"getOverview": persona_overview}))
    page.evaluate("sessionStorage.setItem('shutterpost-persona', 'gone-0d03cf')")
    page.reload()
    page.locator(".libraries").get_by_text("Nature Explorer").wait_for()
    assert page.get_by_label("Persona").input_value() == ""
    assert page.locator(".trouble").count() == 0
    assert page.evaluate("sessionStorage.getItem('shutterpost-persona')") is None


def test_an_answer_that_comes_late_is_not_shown_for_another_persona(stage: Stage) -> None:
    both, released = example("getOverview"), threading.Event()
    both["personas"].append({**both["personas"][0], "persona_id": "fog-walker-0d03cf", "name": "Fog Walker"})

    def answer(call: Request) -> Reply:
        if call.values.get("persona") == "fog-walker-0d03cf":
            assert released.wait(20)
            return Reply({**both, "personas": both["personas"][1:]})
        return Reply({**both, "personas": both["personas"][:1]} if "persona" in call.values else both)

    page = stage.show(replace(TODAY, answers={"getOverview": answer}))
    page.get_by_label("Persona").select_option("Fog Walker")
    page.get_by_label("Persona").select_option("Nature Explorer")
    libraries = page.locator(".libraries")
    libraries.get_by_text("Fog Walker").wait_for(state="detached")
    with page.expect_response("**/api/overview?persona=fog-walker-0d03cf"):
        released.set()
    page.get_by_label("Persona").focus()
    assert "Nature Explorer" in libraries.inner_text()
    page.get_by_label("Persona").select_option("")


def test_a_tab_that_nobody_sees_asks_nothing_until_it_is_seen(stage: Stage) -> None:
    page = stage.show(TODAY)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.clock.run_for(30_500)
    stage.api.calls.clear()
    page.clock.run_for(120_000)
    assert stage.api.calls == []
    page.evaluate("delete document.hidden")
    with page.expect_response("**/api/overview*"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")
