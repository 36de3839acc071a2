"""States of the library."""

from typing import Any

from playwright.sync_api import Page

from tests.page.fake_api import OFFLINE, Answer, Reply, example, refusal
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import State

FULL = PhotoAnswers(60, kept_out={"lake-00002.jpg": "Blurred."})
# Of photos that no other state shows: the browser keeps pictures.
OLD = PhotoAnswers(60, prefix="old-")
ALL = "library?state=all"
SHEET = ".cell"
NO_PHOTOS = {**PhotoAnswers(0).answers, "listPhotos": Reply({"photos": [], "cursor": None})}
SLOTS = ("2026-03-02T18:30:00", "2026-03-03T18:30:00")


def slots() -> Reply:
    zone: dict[str, Any] = {"zone": "Europe/Paris", "reason": None, "post_id": None}
    return Reply({"slots": [{"run_at": f"{time}Z", "wall_time": time, "free": True, **zone} for time in SLOTS]})


def choose(page: Page) -> None:
    for name in ("lake-00000.jpg", "fog-00001.jpg"):
        page.get_by_role("button", name=f"Choose {name}").click()


def ask_reason(page: Page) -> None:
    choose(page)
    page.get_by_role("button", name="Keep out").click()


def ask_time(page: Page) -> None:
    choose(page)
    page.get_by_role("button", name="Post at").click()


def refuse(page: Page) -> None:
    page.get_by_role("button", name="Choose lake-00004.jpg").click()
    page.get_by_role("button", name="Keep out").click()
    page.get_by_label("Reason").fill("Blurred.")
    page.keyboard.press("Enter")


def answers(**more: Answer) -> dict[str, Answer]:
    return {**FULL.answers, "listSlots": slots(), "createPost": Reply(example("createPost", 202), 202), **more}


def sheet_of(library: PhotoAnswers, view: str = "library") -> State:
    """The sheet of any photos, in no state that has a name."""
    return State(view, "", SHEET, {**answers(), **library.answers})


STATES = (
    State(ALL, "full", ".contact-sheet:has(.kept_out) .rail", answers()),
    State(ALL, "missing-thumbnails", ".missing", OLD.answers, missing=frozenset(map(OLD.id_of, range(2)))),
    State("library?name=zebra", "no-match", ".empty", answers()),
    State("library", "no-photos", ".empty", NO_PHOTOS),
    State("library", "no-persona", ".empty", {"getOverview": Reply(example("getOverview", personas=[], needs=[]))}),
    State("library", "unread", ".failure", answers(listPhotos=OFFLINE)),
    State("library", "index-unread", ".failure", answers(getPhotoIndex=refusal(500, "internal-error", "It failed."))),
    State(ALL, "chosen", ".chosen", answers(), acts=choose),
    State(ALL, "reason", "dialog", answers(), acts=ask_reason),
    State(ALL, "time", "dialog [type=radio]", answers(), acts=ask_time),
    State(ALL, "refused", ".chosen .failure", answers(), acts=refuse),
)
