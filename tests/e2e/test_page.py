"""The page that a demo serves, in a browser on the embedded AWS: look, approve, move, edit, resolve, repair."""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from infra.local.demo import served_page
from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack
from tests.e2e.journey import Json, Travelled, schedule_of, sync_until_asked, synced_status
from tests.page.browsers import find_browser, running_browser
from tests.page.conftest import NO_BROWSER
from tests.support.waiting import eventually

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(600)]
PHOTOS, EDITED, LOST = 4, "Words from the page.", "Lost on its way."
TOKEN, ACCOUNT = "THAA-of-the-page", "17841400000000088"
# Milliseconds for what the page shows and does while the machine does other work too.
PATIENCE = 90_000
# The persona's slots begin in three days, so that none passes meanwhile; both days are in one week of the calendar.
SLOT = datetime.now(UTC).date() + timedelta(days=24)
OTHER = SLOT + timedelta(days=-1 if SLOT.weekday() else 1)


@dataclass(frozen=True)
class Visit:
    """A person's browser at the page of a persona with photos, and the deployment behind it."""

    stack: Stack
    persona: str
    page: Page
    home: str

    @property
    def path(self) -> str:
        return f"/personas/{self.persona}"

    def go(self, view: str) -> Page:
        """Read the view anew."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.home}#/{view}")
        self.page.wait_for_selector("main section")
        self.page.locator("header .persona select").select_option(self.persona)
        self.page.wait_for_selector("[aria-busy=true]", state="detached")
        return self.page

    def schedule(self, post_id: str) -> Json:
        return schedule_of(self.stack, post_id)

    def post(self, photo: str, **request: str) -> str:
        """The id of a new post of the photo."""
        post_id: str = self.stack.api("POST", f"{self.path}/posts", {"photo": photo, **request}, key=photo)["post_id"]
        return post_id


@pytest.fixture(scope="module")
def visit(travelled: Travelled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    browser = find_browser()
    if browser is None:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    stack, folder = travelled.stack, tmp_path_factory.mktemp("page")
    # On Threads a lost call is a question to a person, because a second post would be possible.
    stack.simulators.add_threads_account(TOKEN, user_id=ACCOUNT, username="page")
    slots = [{"at": "18:30", "weekdays": [f"{SLOT:%a}".lower()]}]
    made = stack.api("POST", "/personas", {"name": "Page Walker", "zone": "UTC", "slots": slots}, key="page")
    persona = made["persona_id"]
    account = {"channel": "threads", "account_id": ACCOUNT, "token": TOKEN}
    stack.api("POST", f"/personas/{persona}/connections", account)
    create_sample_photos(folder / "photos", count=PHOTOS)
    for file in (folder / "photos").iterdir():
        stack.drop(file, f"photos/{persona}/{file.name}")
    eventually(lambda: len(stack.pages(f"/personas/{persona}/photos", "photos")) == PHOTOS, 90)
    description = folder / "running.json"
    description.write_text(json.dumps(stack.description(persona_id=persona)))
    with served_page(description, folder / "page.log") as line, running_browser(browser) as running:
        match = re.search(r"(http://\S+/); it opens with file://(\S+) within", line)
        assert match, line
        opens = re.search(r"url=([^\"]+)", Path(match[2]).read_text())
        assert opens
        page = running.new_context(viewport={"width": 1280, "height": 800}, locale="en").new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(opens[1])
        yield Visit(stack, persona, page, match[1])


def photos(visit: Visit) -> list[str]:
    """The ids of the unposted photos, best first."""
    listed = visit.stack.pages(f"{visit.path}/photos?unposted=true", "photos")
    return [photo["photo_id"] for photo in listed]


def notice(page: Page, text: str) -> Locator:
    return page.locator(".notice", has_text=text)


def test_a_pick_is_looked_at_and_approved(visit: Visit) -> None:
    visit.stack.api("PATCH", visit.path, {"approval": "approval"})
    picked = visit.stack.api("POST", f"{visit.path}/pick", {}, key="pick")["post_id"]
    page = visit.go("today")
    need = page.locator(".need.review")
    picture = need.locator("img")
    picture.wait_for()
    eventually(lambda: picture.evaluate("image => image.complete && image.naturalWidth > 0"), 30)
    need.get_by_role("button", name="Approve").click()
    notice(page, "Done").or_(notice(page, "Approved")).first.wait_for()
    assert visit.schedule(picked)["status"] == "queued"


def test_a_post_is_moved_and_its_words_are_edited(visit: Visit) -> None:
    post = visit.post(photos(visit)[0], at=f"{OTHER}T09:00")
    page = visit.go(f"calendar?span=week&on={SLOT}")
    page.locator(f"[data-day='{OTHER}'] .queued [data-tile]").drag_to(page.locator(f"[data-day='{SLOT}']"))
    notice(page, "Moved to").wait_for()
    assert visit.schedule(post)["run_at"] == f"{SLOT}T18:30:00Z"
    visit.go(f"post/{post}")
    page.locator("textarea[name=caption]").fill(EDITED)
    page.locator("form.editor").get_by_role("button", name="Save").click()
    eventually(lambda: visit.stack.api("GET", f"/posts/{post}")["base_caption"] == EDITED, 30)


def test_a_lost_post_is_resolved_and_retried(visit: Visit) -> None:
    stack = visit.stack
    before = stack.simulators.count("threads", "threads_publish")
    stack.simulators.add_fault("threads", "threads_publish", "drop_before")
    post = visit.post(photos(visit)[-1], caption=LOST)
    eventually(lambda: visit.schedule(post)["status"] == "unknown", 120)
    sync_until_asked(stack, visit.path, lambda: visit.schedule(post))
    page = visit.go("today")
    need = page.locator(".needs .need", has_text=post)
    need.get_by_role("button", name="It is not live").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    notice(page, "Accepted").wait_for()
    eventually(lambda: synced_status(stack, visit.path, post) == "failed", 120)
    visit.go("today")
    need.get_by_role("button", name="Retry").click()
    eventually(lambda: visit.schedule(post)["status"] == "success", 120)
    visit.go("today")
    page.locator(f".entries a[href$='post/{post}']").wait_for()
    expect(need).to_have_count(0, timeout=PATIENCE)
    shown = [each for each in stack.simulators.threads_posts() if each["text"].startswith(LOST)]
    assert (len(shown), stack.simulators.count("threads", "threads_publish")) == (1, before + 2)
