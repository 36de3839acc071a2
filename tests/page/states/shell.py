"""States of the whole page: its banners, dialogs and notices."""

from playwright.sync_api import Page

from tests.page.fake_api import NOW, Reply, example
from tests.page.stage import State

PAUSED = Reply(example("getOverview", pause={"reason": "A storm.", "since": NOW}))


def press_help(page: Page) -> None:
    page.locator("main").focus()
    page.keyboard.press("?")


def repair(page: Page) -> None:
    page.get_by_role("main").get_by_role("button", name="Resume").click()


STATES = (
    State("today", "keys", "dialog kbd", acts=press_help),
    State("today", "notice", ".notice", {"getOverview": PAUSED}, acts=repair),
    State("nowhere", "unknown-address", "#needs"),
)
