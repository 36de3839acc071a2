"""States of Care."""

from typing import Any

from playwright.sync_api import Page

from tests.page.fake_api import PERSONA, Reply, Request, example, refusal
from tests.page.stage import State
from tests.page.states.captions import RIGHT_TO_LEFT, UNBROKEN

BEST, OTHER, LOST = "a" * 64, "b" * 64, "e" * 64
REJECTED = example("retryRejected", 202)["files"][0]
LIBRARY = {"photos": 12, "provisional": 3, "not_allowed": 0, "lasts_until": None, "theme": None}


def alike(*ids: str) -> dict[str, Any]:
    """A group of photos that look alike."""
    photos = [{"photo_id": each, "name": f"{each[0]}.jpg", "dhash": "0" * 16, "captured_at": None} for each in ids]
    return {"photos": photos, "bits": 5, "burst": True}


def photo(request: Request) -> Reply:
    """The best has more pixels, was taken a second earlier and has a longer name."""
    photo_id = request.values["photo"]
    is_best = photo_id == BEST
    facts = {"width": 6000, "height": 4000, "score": 8.1} if is_best else {"width": 4000, "height": 2667, "score": 7.9}
    taken = "2026-02-01T10:01:22Z" if is_best else "2026-02-01T10:01:23Z"
    names = [f"{photo_id[0]}.jpg"]
    return Reply(example("getPhoto", photo_id=photo_id, names=names, captured_at=taken, camera="Fog 5", **facts))


def ask(page: Page) -> None:
    page.get_by_role("button", name="Forget dune.tif").click()


DUPLICATES = example("listDuplicates", groups=[alike(BEST, OTHER)])
CONNECTION = example("listConnections")["connections"][0]
WORKING = CONNECTION | {"quota_used": 3, "quota_total": 50, "checked_at": "2026-03-01T11:00:00Z"}
BROKEN = CONNECTION | {
    "connection_id": "c2",
    "display_name": "second",
    "status": "error",
    "status_reason": "The token has ended.",
    "circuit": {"until": "2026-03-01T13:00:00Z", "reason": "The platform does not answer."},
}
RUNWAY = {
    "whole": {**LIBRARY, "days": 120, "level": "ready"},
    "themes": [
        {**LIBRARY, "theme": "lakes", "photos": 10, "days": 88, "level": "ready"},
        {**LIBRARY, "theme": "cities", "photos": 2, "days": 4, "level": "critical"},
        {**LIBRARY, "theme": "dunes", "photos": 0, "days": 0, "level": "exhausted"},
    ],
}
FILES = Reply(
    {"rejected": [REJECTED, REJECTED | {"rejected_key": f"rejected/{PERSONA}/{'a' * 80}.tif"}], "cursor": "1"}
)
LONG_FILES = Reply(
    {
        "rejected": [
            REJECTED | {"rejected_key": f"rejected/{PERSONA}/{text[:90]}.tif", "detail": text}
            for text in (UNBROKEN.replace("/", "-"), RIGHT_TO_LEFT)
        ],
        "cursor": None,
    }
)
UNREAD = refusal(500, "internal", "The tables do not answer.")

STATES = (
    State("care", "files", ".cards li", {"listRejected": FILES}),
    State("care", "question", "dialog", {"listRejected": Reply({"rejected": [REJECTED], "cursor": None})}, acts=ask),
    State("care", "no-files", "#files + p"),
    State("care", "no-persona", ".empty", {"getOverview": Reply(example("getOverview", personas=[], needs=[]))}),
    State("care", "error", ".failure", {"listRejected": refusal(500, "internal", "The bucket does not answer.")}),
    State("care", "captions", f".cards li >> text={RIGHT_TO_LEFT.strip()}", {"listRejected": LONG_FILES}),
    State("care/alike", "error", ".failure >> text=The tables do not answer.", {"listDuplicates": UNREAD}),
    State("care/accounts", "error", ".failure >> text=The tables do not answer.", {"listConnections": UNREAD}),
    State("care/runway", "error", ".failure >> text=The tables do not answer.", {"getPersona": UNREAD}),
    State("care/alike", "group", ".alike .chosen", {"listDuplicates": Reply(DUPLICATES), "getPhoto": photo}),
    State(
        "care/alike",
        "missing",
        ".alike .missing",
        {"listDuplicates": Reply(DUPLICATES | {"whole": False, "groups": [alike(BEST, LOST)]}), "getPhoto": photo},
        missing=frozenset({LOST[:12]}),
    ),
    State("care/alike", "none", "#alike + p"),
    State("care/accounts", "two", ".account.error", {"listConnections": Reply({"connections": [WORKING, BROKEN]})}),
    State("care/accounts", "none", "#accounts + p", {"listConnections": Reply({"connections": []})}),
    State("care/runway", "themes", ".stocks .exhausted", {"getPersona": Reply(example("getPersona", runway=RUNWAY))}),
)
