"""The keys of Today and the calendar, and keys that a keyboard composes."""

from typing import Any

from playwright.sync_api import Page

from tests.page.fake_api import Reply, example
from tests.page.stage import Stage, State
from tests.page.states import calendar, grid

MONTH = "calendar?on=2026-03-01"
DAYS = ("2026-03-03", "2026-03-05", "2026-03-10")
ENTRIES = [grid.entry(number, day, "queued") for number, day in enumerate(DAYS, 1)]
PLANNED = {"getCalendar": Reply({"entries": ENTRIES, "cursor": None}), "getPlan": Reply(example("getPlan", slots=[]))}
FULL = State(MONTH, "keys", "[data-tile]", PLANNED)


def focused_day(page: Page) -> str:
    day: str = page.evaluate("document.activeElement.closest('[data-day]').dataset.day")
    return day


def test_keys_lead_from_post_to_post_in_the_calendar(stage: Stage) -> None:
    page = stage.show(FULL)
    page.locator("[data-tile]").first.focus()
    days = {"ArrowRight": "05", "ArrowLeft": "03", "ArrowDown": "10", "ArrowUp": "03", "End": "10", "Home": "03"}
    for key, day in days.items():
        page.keyboard.press(key)
        assert focused_day(page) == f"2026-03-{day}", key


def test_keys_open_the_words_and_reasons_of_a_post(stage: Stage) -> None:
    page = stage.show(FULL)
    for key, part in {"e": "words", "w": "why"}.items():
        page.locator("[data-tile]").first.focus()
        page.keyboard.press(key)
        page.wait_for_url(f"**/#/post/p1?part={part}")
        page.go_back()


def keys_in_help(page: Page) -> set[str]:
    page.locator("main").focus()
    page.keyboard.press("?")
    page.locator("dialog kbd").first.wait_for()
    return set(page.locator("dialog kbd").all_inner_texts())


def test_page_keys_turn_the_month(stage: Stage) -> None:
    page = stage.show(FULL)
    page.locator("[data-tile]").first.focus()
    for key, month in {"PageDown": "April 2026", "PageUp": "March 2026"}.items():
        page.keyboard.press(key)
        page.locator("#month", has_text=month).wait_for()
    assert keys_in_help(page) >= {"PgUp", "PgDn", "Space", "a", "r"}


def test_the_space_bar_views_a_post_of_the_calendar(stage: Stage) -> None:
    page = stage.show(FULL)
    page.locator("[data-tile]").first.press("Space")
    page.wait_for_url("**/#/post/p1")


def test_the_space_bar_views_a_post_of_the_grid(stage: Stage) -> None:
    page = stage.show(State("grid", "keys", ".post-tiles li", grid.ANSWERS))
    page.get_by_role("button", name="lake-3.jpg").press("Space")
    page.wait_for_url("**/#/post/p3")
    page.go_back()
    page.locator(".post-tiles li").first.wait_for()
    assert "Space" in keys_in_help(page)


def test_keys_open_the_photo_that_is_foreseen(stage: Stage) -> None:
    page = stage.show(next(state for state in calendar.STATES if state.name == "month"))
    page.locator(".foreseen [data-tile]").first.focus()
    page.keyboard.press("w")
    page.wait_for_url("**/#/photo/*/*?part=why")


def test_a_post_of_the_calendar_is_judged_with_a_key(stage: Stage) -> None:
    empty: dict[str, Any] = {"parameters": {"post_id": "p1"}, "body": {}, "asks": []}
    actions = [{"operation": operation, **empty} for operation in ("approvePost", "rejectPost")]
    waiting = {**grid.entry(1, DAYS[0], "pending"), "actions": actions}
    queued = {**grid.entry(2, DAYS[1], "queued"), "actions": []}
    page = stage.show(
        State(MONTH, "judged", "[data-tile]", PLANNED | {"getCalendar": Reply({"entries": [waiting, queued]})})
    )
    page.locator("[data-tile]").nth(1).focus()
    page.keyboard.press("a")
    assert page.get_by_role("dialog").count() == 0
    for key, operation in {"a": "approvePost", "r": "rejectPost"}.items():
        page.locator("[data-tile]").first.focus()
        with page.expect_response(f"**/{operation.removesuffix('Post')}*"):
            page.keyboard.press(key)
        page.get_by_role("dialog").wait_for(state="detached")
        assert stage.count_calls(operation) == 1


def test_a_post_that_waits_is_judged_with_a_key_where_it_has_the_focus(stage: Stage) -> None:
    empty: dict[str, Any] = {"parameters": {"post_id": "p1"}, "body": {}, "asks": []}
    repairs = [{"operation": operation, **empty} for operation in ("approvePost", "rejectPost")]
    need = {**example("getOverview")["needs"][0], "kind": "review", "repairs": repairs}
    page = stage.show(State("today", "waiting", ".need", {"getOverview": Reply(example("getOverview", needs=[need]))}))
    page.locator("main").focus()
    page.keyboard.press("a")
    for key, operation in {"a": "approvePost", "r": "rejectPost"}.items():
        page.locator(".need button").first.focus()
        with page.expect_response(f"**/{operation.removesuffix('Post')}*"):
            page.keyboard.press(key)
        page.locator(".need button:not(:disabled)").nth(1).wait_for()
        assert stage.count_calls(operation) == 1


def test_a_key_counts_that_the_keyboard_composes(stage: Stage) -> None:
    page = stage.show(FULL)
    press = (
        "modifiers => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...modifiers}))"
    )
    page.locator("[data-tile]").first.focus()
    page.evaluate(press, {"key": "ArrowRight", "altKey": True})
    assert focused_day(page) == DAYS[0]
    page.evaluate(press, {"key": "]", "ctrlKey": True, "altKey": True, "modifierAltGraph": True})
    page.locator("#month", has_text="April 2026").wait_for()
    page.evaluate(press, {"key": "]", "altKey": True})
    page.locator("#month", has_text="May 2026").wait_for()
    page.evaluate(press, {"key": "]", "ctrlKey": True})
    assert "May 2026" in page.locator("#month").inner_text()


def test_an_unknown_part_of_care_shows_the_first(stage: Stage) -> None:
    page = stage.show(State("care/constructor", "unknown", "#files"))
    assert stage.trouble == []
    assert page.get_by_role("link", name="Files").get_attribute("aria-current") == "page"
