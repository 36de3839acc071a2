"""The rail beside the library's sheet: its marks, and how it is moved in."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import broken_rules, opened_stage
from tests.page.fake_api import Reply
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import DESKTOP, PHONE, Stage, State
from tests.page.states.library import ALL, SHEET, sheet_of


@pytest.fixture
def library() -> PhotoAnswers:
    return PhotoAnswers(300)


def altered(library: PhotoAnswers, view: str = ALL, **columns: list[Any]) -> State:
    """The library with other values in columns of its index."""
    [index] = library.pages()
    state = sheet_of(library, view)
    return replace(state, answers={**state.answers, "getPhotoIndex": Reply({**index, **columns}, etag='"0"')})


def marks(page: Page) -> list[str]:
    return page.locator(".rail [role=option]").all_inner_texts()


def expect_at_top(page: Page, photo: str, mark: str) -> None:
    """The photo is in the window's first row, and its mark alone is the current one."""
    expect(page.locator(".rail [aria-selected=true]")).to_have_text(mark)
    at_top = "photo => Math.abs(document.querySelector(`[data-id='${photo}']`)?.getBoundingClientRect().top) < 1"
    page.wait_for_function(at_top, arg=photo)


def test_a_mark_of_the_rail_leads_to_its_photo_and_follows_scrolling(stage: Stage) -> None:
    library = PhotoAnswers(20_000)
    page = stage.show(sheet_of(library))
    page.get_by_text("19500 of 20000 photos").wait_for()
    rail, options = page.get_by_role("listbox", name="Scores"), page.locator(".rail [role=option]")
    expect(options).to_have_count(21)
    assert (marks(page)[0], marks(page)[-1]) == ("9.9", "0.9")
    shown = [number for number in range(20_000) if library.state_of(number) == "unposted"]
    shown.sort(key=lambda number: (-library.score_of(number), library.names[number]))
    first = {f"{library.score_of(number):.1f}": library.id_of(number) for number in reversed(shown)}
    middle = marks(page)[10]
    options.nth(10).click()
    expect_at_top(page, first[middle], middle)
    page.locator(f"[data-id='{first[middle]}']:focus").wait_for()
    assert 0 < page.locator(SHEET).count() <= 200
    box = rail.bounding_box()
    assert box is not None
    # The last one's row cannot come to the top.
    options.last.click()
    expect(options.last).to_have_attribute("aria-selected", "true")
    page.locator(f"[data-id='{first['0.9']}']:focus").wait_for()
    page.mouse.move(box["x"] + 9, box["y"] + box["height"] - 9)
    page.mouse.down()
    page.mouse.move(box["x"] - 99, box["y"] + 24 * 3.5)
    expect_at_top(page, first["8.5"], "8.5")
    page.mouse.move(box["x"], 0)
    expect_at_top(page, first["9.9"], "9.9")
    page.mouse.up()
    page.evaluate("scrollTo(0, document.querySelector('.sheet').clientHeight / 2)")
    expect(page.locator(".rail [aria-selected=true]")).to_have_text(marks(page)[10])
    page.get_by_label("Score from").fill("9")
    page.get_by_label("Score from").press("Tab")
    expect(options.last).to_have_text("9.0")
    assert "8.9" not in marks(page)


def test_the_rail_is_moved_in_with_the_keyboard(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    rail = page.get_by_role("listbox")
    rail.focus()
    for key, index in (("ArrowUp", 0), ("Home", 0), ("End", -1), ("End", -1), ("ArrowDown", -1), ("Home", 0)):
        page.keyboard.press(key)
        current = page.locator(".rail [role=option]").nth(index)
        expect(current).to_have_attribute("aria-selected", "true")
        expect(rail).to_have_attribute("aria-activedescendant", current.get_attribute("id") or "")
        expect(rail).to_be_focused()
    page.keyboard.press("ArrowDown")
    second = next(number for number in range(300) if f"{library.score_of(number):.1f}" == marks(page)[1])
    expect_at_top(page, library.id_of(second), marks(page)[1])
    page.keyboard.press("Enter")
    page.locator(f"[data-id='{library.id_of(second)}']:focus").wait_for()
    page.keyboard.press("Tab")
    expect(rail).to_be_focused()
    expect_at_top(page, library.id_of(second), marks(page)[1])
    # A reader's press has no place on the screen.
    page.locator(".rail [role=option]").first.dispatch_event("click")
    page.locator(f"[data-id='{library.id_of(0)}']:focus").wait_for()
    rail.focus()
    page.evaluate("location.hash = '#/library?name=zebra'")
    page.locator(".empty").wait_for()
    expect(page.locator("main")).to_be_focused()


def test_the_rail_is_shown_where_it_fits_and_is_of_use(stage: Stage, library: PhotoAnswers) -> None:
    page = stage.show(sheet_of(library))
    page.get_by_text("293 of 300").wait_for()
    rail, options = page.get_by_role("listbox"), page.locator(".rail [role=option]")
    expect(options).to_have_count(21)
    for height, count in ((540, 11), (300, 2), (250, 0), (1400, 46)):
        page.set_viewport_size({"width": DESKTOP["width"], "height": height})
        expect(options).to_have_count(count)
        box = rail.bounding_box() if count else None
        assert box is None or box["y"] + box["height"] <= height
    # Also at 200 %: a finger or the wheel scrolls, and "Go to" jumps.
    for width in (PHONE["width"], 640):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        expect(rail).to_be_hidden()
    page.set_viewport_size(DESKTOP)
    expect(rail).to_be_visible()
    # A screen, one photo, no photo.
    for query, shown in (("from=9.2", 24), ("name=lake-00000", 1), ("name=zebra", 0)):
        page.evaluate(f"location.hash = '#/library?{query}'")
        page.get_by_text(f"{shown} of 300").wait_for()
        expect(rail).to_have_count(0)
    page = stage.show(altered(library, score=[5.0] * 300))
    page.get_by_text("300 of 300").wait_for()
    page.get_by_text("reading the rest").wait_for(state="detached")
    expect(rail).to_have_count(0)


def test_marks_are_what_photos_have_in_common(browser: Browser, tmp_path: Path, library: PhotoAnswers) -> None:
    beginnings = ["", " ", "\u202ea", "\u0301a", "a", "A", "É", "E\u0301", "ب", "あ", "𠮷", "😀"]
    columns: dict[str, list[Any]] = {
        "name": [beginnings[number % 12] for number in range(300)],
        "taken": [("2026-03-01", "2026-09-01", "2025-03-02", "")[number % 4] for number in range(300)],
        "score": [None if number % 2 else 7.25 for number in range(300)],
    }
    with opened_stage(browser, tmp_path, locale="de") as stage:
        for sort, name, texts, labels in (
            ("score", "Wertungen", "7.3 –", "7.3 ohne"),
            ("name", "Anfangsbuchstaben", "– A E\u0301 a É – ب – あ 😀 𠮷", "ohne A E\u0301 a É ohne ب ohne あ 😀 𠮷"),
            ("taken", "Monate", "2026 Mär 2025 –", "Sep_2026 Mär_2026 Mär_2025 ohne"),
        ):
            page = stage.show(altered(library, f"{ALL}&sort={sort}", **columns))
            options = page.get_by_role("listbox", name=name).get_by_role("option")
            expect(options).to_have_text(texts.split())
            read = options.evaluate_all("all => all.map(each => each.ariaLabel.replace(' ', '_'))")
            assert read == labels.split()
        assert broken_rules(page) == []
