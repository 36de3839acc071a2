"""States of the calendar."""

from typing import Any

from playwright.sync_api import Page

from tests.page.fake_api import OFFLINE, Answer, Reply, example, refusal
from tests.page.photo_answers import PhotoAnswers
from tests.page.stage import State
from tests.page.states.captions import RIGHT_TO_LEFT, UNBROKEN
from tests.page.states.library import NO_PHOTOS
from tests.page.states.shell import PAUSED
from tests.page.states.start import NOBODY

# The server keeps pictures, so that this photo is in no other state.
_UNSEEN = "e" * 64
_ENTRY, _SLOT = example("getCalendar")["entries"][0], example("getPlan")["slots"][0]
_PHOTO = _ENTRY["photo_ids"][0]
_MONTH = "calendar?on=2026-04-01"


_ACTIONS = {"failed": ({}, "retrySchedule"), "unknown": ({"not_live": True}, "resolveSchedule")}


def _actions(status: str, ids: dict[str, str]) -> list[dict[str, Any]]:
    """What an entry of the status allows, as the API says it."""
    if status not in _ACTIONS:
        return list(_ENTRY["actions"])
    body, operation = _ACTIONS[status]
    calls: list[dict[str, Any]] = [{"operation": operation, "parameters": ids, "body": body, "asks": []}]
    if status == "unknown":
        calls.insert(0, {"operation": operation, "parameters": ids, "body": {}, "asks": ["live_url"]})
    return calls


def _entries(*statuses: str) -> Reply:
    """A post in each status, all on one day."""
    entries = [
        {
            **_ENTRY,
            "schedule_id": f"{_ENTRY['schedule_id']}-{number}",
            "post_id": f"{_ENTRY['post_id']}{number}",
            "status": status,
            "actions": _actions(status, {"schedule_id": f"{_ENTRY['schedule_id']}-{number}"}),
            "error_message": "The platform refused the picture." if status == "failed" else None,
        }
        for number, status in enumerate(statuses)
    ]
    return Reply(example("getCalendar", entries=entries))


_CAPTIONS = Reply(
    example(
        "getCalendar",
        entries=[
            {**_ENTRY, "schedule_id": f"{_ENTRY['schedule_id']}-{number}", "post_id": f"p{number}", "text": text}
            for number, text in enumerate((UNBROKEN, RIGHT_TO_LEFT))
        ],
    )
)
_WITHOUT = Reply(example("getCalendar", entries=[{**_ENTRY, "photo_ids": [_UNSEEN]}]))


def _slot(day: int, **changes: object) -> dict[str, object]:
    times = {"run_at": f"2026-04-{day:02}T16:30:00Z", "wall_time": f"2026-04-{day:02}T18:30:00"}
    return {**_SLOT, **times, **changes}


_PARTS = {"aesthetic": 8.1, "freshness": 0.5, "season": 0.0, "on_this_day": 0.0, "variety": -0.1}
_FORESEEN = _slot(
    8, photo_id=_PHOTO, name="DSC_0042.jpg", score=8.5, total=8.5, parts=_PARTS, reason="The highest score."
)
_PLAN = {"getPlan": Reply(example("getPlan", slots=[_FORESEEN, _slot(9)]))}
_TAKEN = Reply(
    {**refusal(409, "slot-taken", "The slot at 18:30 on 2026-04-02 has a post.").body, "post_id": "p00946c3e0a8df58b"},
    409,
)
# Its schedules stand on April 1, as the calendar shows them.
_AS_SHOWN = Reply(example("getPost"), etag='"1"')
_ELSEWHERE = Reply(example("movePost"), etag='"2"')


# Of photos that no other state shows: the browser keeps pictures.
_PHOTOS = PhotoAnswers(60, prefix="strip-")
_FULL_DAY: dict[str, object] = {"run_at": "2026-04-02T16:30:00Z", "wall_time": "2026-04-02T18:30:00", "free": False}
_FULL_DAY |= {"zone": "Europe/Paris", "post_id": "p00946c3e0a8df58b", "reason": "Post p00946c3e0a8df58b has it."}
_STRIP: dict[str, Answer] = {**_PLAN, **PhotoAnswers(60).answers, "listSlots": Reply({"slots": [_FULL_DAY]})}


def open_strip(page: Page) -> None:
    page.get_by_role("button", name="Library strip").click()


def _drop_photo(page: Page) -> None:
    open_strip(page)
    page.locator("[data-photo]").first.focus()
    for key in ("m", "ArrowRight", "Enter"):
        page.keyboard.press(key)


def _open(page: Page) -> None:
    page.locator("[data-tile]").first.click()


def _pick_up(page: Page) -> None:
    page.locator("[data-tile]").first.focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowRight")


def _drop(page: Page) -> None:
    _pick_up(page)
    page.keyboard.press("Enter")


STATES = (
    State(_MONTH, "month", ".foreseen", _PLAN),
    State("calendar?on=2026-04-01&span=week", "week", ".week [data-tile]", _PLAN),
    State(_MONTH, "every-status", ".day > button", {"getCalendar": _entries("queued", "pending", "failed", "unknown")}),
    State(_MONTH, "nothing", ".day", {"getCalendar": _entries()}),
    State(_MONTH, "no-persona", ".empty", {"getOverview": NOBODY}),
    State(_MONTH, "paused", ".greyed [data-tile]", {**_PLAN, "getOverview": PAUSED}),
    State(_MONTH, "read-only", "[data-tile]", read_only=True),
    State(_MONTH, "error", ".failure", {"getCalendar": refusal(500, "internal", "It failed; try again.")}),
    State(_MONTH, "no-thumbnail", ".missing", {"getCalendar": _WITHOUT}, frozenset({_UNSEEN[:12]})),
    State(
        "calendar?on=2026-04-01&span=week",
        "captions",
        f".caption >> text={RIGHT_TO_LEFT.strip()}",
        {"getCalendar": _CAPTIONS},
    ),
    State(_MONTH, "planned-entry", "dialog[open]", acts=_open),
    State(_MONTH, "failed-entry", "dialog[open] .why", {"getCalendar": _entries("failed")}, acts=_open),
    State(_MONTH, "unknown-entry", "text=It is not live", {"getCalendar": _entries("unknown")}, acts=_open),
    State(
        _MONTH, "foreseen-entry", "dialog:has(.offered):has(.bars)", {**_PLAN, "getCalendar": _entries()}, acts=_open
    ),
    State(_MONTH, "carried", ".day.over", acts=_pick_up),
    State(_MONTH, "taken", "dialog[open] input[type=time]", {"getPost": _AS_SHOWN, "movePost": _TAKEN}, acts=_drop),
    State(
        _MONTH,
        "strip",
        ".strip .missing",
        _STRIP | _PHOTOS.answers,
        frozenset({_PHOTOS.id_of(0)}),
        acts=open_strip,
    ),
    State(_MONTH, "strip-asks", "dialog[open] input[type=time]", _STRIP, acts=_drop_photo),
    State(_MONTH, "strip-empty", ".strip a", {**_PLAN, **NO_PHOTOS}, acts=open_strip),
    State(_MONTH, "strip-unread", ".strip .failure", {**_PLAN, "listPhotos": OFFLINE}, acts=open_strip),
    State(_MONTH, "changed-elsewhere", ".versions", {"getPost": _ELSEWHERE}, acts=_drop),
)
