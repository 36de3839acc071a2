"""Each view in each appearance: readable by everybody, from this machine alone."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.page.conftest import Shown, library
from tests.page.stage import DESKTOP, PHONE
from tests.support.folders import Deployed

Show = Callable[..., Shown]
VIEWS = ("today", "calendar", "library", "grid", "care")
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": DESKTOP},
    "phone": {"viewport": PHONE, "has_touch": True, "color_scheme": "dark"},
}

# What a finger may miss: buttons and fields under 44 pixels.
SMALL_TARGETS = """() => [...document.querySelectorAll('button, select, input, summary, nav a')]
  .filter(element => element.offsetParent && element.getBoundingClientRect().height < 44)
  .map(element => element.outerHTML)"""


def furnished(world: Deployed) -> None:
    """A persona with two connections, planned posts of several days, and one that waits for a person."""
    me, given = world.caller, world.world
    me.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "18:30"}]})
    given.connection(me, world.persona_id)
    given.connection(me, world.persona_id, "buffer")
    library(world, 24)
    for day in range(2, 7):
        body = {"photo": f"lake-{day}.jpg", "at": f"2026-03-{day:02}T18:30"}
        assert me.post(f"/personas/{world.persona_id}/posts", body).status == 202


@pytest.mark.parametrize("size", SIZES)
def test_a_full_view_breaks_no_rule(world: Deployed, shown: Show, size: str) -> None:
    furnished(world)
    opened = shown(**SIZES[size], reduced_motion="reduce")
    for view in VIEWS:
        opened.go(view)
        assert opened.broken_rules() == [], view
        wide = opened.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{view} is wider than its window"
        if size == "phone":
            assert opened.page.evaluate(SMALL_TARGETS) == [], view
    assert opened.trouble == []


@pytest.mark.parametrize("size", SIZES)
def test_an_empty_view_breaks_no_rule(shown: Show, size: str) -> None:
    opened = shown(**SIZES[size])
    for view in VIEWS:
        opened.go(view)
        assert opened.broken_rules() == [], view
    assert opened.trouble == []


@pytest.mark.parametrize("locale", ["en", "de"])
def test_views_are_narrow_enough_for_a_small_phone(world: Deployed, shown: Show, locale: str) -> None:
    furnished(world)
    opened = shown(viewport={"width": 320, "height": 640}, locale=locale)
    for view in VIEWS:
        opened.go(view)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 320, view


def test_the_page_speaks_the_browser_s_language(shown: Show) -> None:
    page = shown(locale="de-AT").page
    assert page.evaluate("document.documentElement.lang") == "de"
    assert page.get_by_role("link", name="Heute").get_attribute("aria-current") == "page"


def test_the_calendar_shows_posts_in_the_persona_s_time(world: Deployed, shown: Show) -> None:
    furnished(world)
    page = shown(timezone_id="Pacific/Auckland").go("calendar")
    assert page.locator("#month").inner_text() == "March 2026 Europe/Paris"
    day = page.locator(".day", has=page.get_by_role("heading", name="Wed, Mar 4"))
    assert "18:30" in day.inner_text()
    assert "scheduled" in day.inner_text()
    assert "foreseen" in page.locator(".day", has=page.get_by_role("heading", name="Mon, Mar 9")).inner_text()
    page.get_by_role("button", name="Later").click()
    assert page.locator("#month").inner_text().startswith("April 2026")


def test_the_library_shows_pictures_best_first(world: Deployed, shown: Show) -> None:
    library(world, 3)
    page = shown().go("library")
    names = page.locator(".cell .unseen").all_text_contents()
    assert [name.partition(",")[0] for name in names] == ["lake-0.jpg", "lake-1.jpg", "lake-2.jpg"]
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth)")
