"""The header: one row on the desktop, several on a phone, and nothing covers anything."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import Shown
from tests.support.folders import Deployed

Show = Callable[..., Shown]
BOXES = """() => [...document.querySelectorAll('.top > *, .top nav a')]
  .filter(element => element.localName !== 'nav')
  .map(element => element.getBoundingClientRect().toJSON())"""


def boxes(page: Page) -> list[Any]:
    return list(page.evaluate(BOXES))


def covers(first: Any, other: Any) -> bool:
    return bool(
        first["left"] < other["right"] - 1
        and other["left"] < first["right"] - 1
        and first["top"] < other["bottom"] - 1
        and other["top"] < first["bottom"] - 1
    )


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize("paused", [False, True])
def test_the_header_is_one_row_on_a_desktop_and_reflows_on_a_phone(
    world: Deployed, shown: Show, locale: str, paused: bool
) -> None:
    world.caller.patch(f"/personas/{world.persona_id}", {"name": "Mountains of the far north"})
    if paused:
        world.caller.put("/pause", {"reason": "A storm."})
    page = shown(viewport={"width": 1280, "height": 800}, locale=locale).page
    page.locator(".facts").wait_for()
    row = boxes(page)
    assert len(row) == 11
    assert max(box["top"] for box in row) < min(box["bottom"] for box in row)
    assert max(box["right"] for box in row) <= 1280
    assert not any(covers(first, other) for first, other in combinations(row, 2))
    page.set_viewport_size({"width": 320, "height": 640})
    rows = boxes(page)
    assert max(box["top"] for box in rows) >= min(box["bottom"] for box in rows)
    assert max(box["right"] for box in rows) <= 320
    assert not any(covers(first, other) for first, other in combinations(rows, 2))
