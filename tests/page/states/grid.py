"""States of Grid."""

from typing import Any

from playwright.sync_api import Page

from tests.api.world import BY_HAND
from tests.page.fake_api import Reply, example, refusal
from tests.page.stage import State
from tests.page.states.captions import RIGHT_TO_LEFT, UNBROKEN
from tests.page.states.start import NOBODY

CONNECTION = example("listConnections")["connections"][0]
SECOND = CONNECTION | {"connection_id": "c2", "display_name": "second", "channel": "bluesky"}
ENTRY: dict[str, Any] = example("getCalendar")["entries"][0]
SLOT = example("getPlan")["slots"][0]


def entry(number: int, day: str, status: str, **facts: Any) -> dict[str, Any]:
    """The entry of a post on a day at 18:30, with a photo of its own."""
    return ENTRY | {
        "schedule_id": f"p{number}-{CONNECTION['connection_id']}",
        "post_id": f"p{number}",
        "status": status,
        "step": None,
        "actions": ENTRY["actions"] if status in {"queued", "pending"} else [],
        "photo_ids": [f"{number:x}" * 64],
        "photo_names": [f"lake-{number}.jpg"],
        "local_time": f"{day}T18:30:00+01:00",
        "wall_time": f"{day}T18:30:00",
        "run_at": f"{day}T17:30:00Z",
        **facts,
    }


LIVE = "https://www.instagram.com/p/ABC/"
ENTRIES = [
    entry(1, "2026-02-27", "success", external_url=LIVE),
    entry(2, "2026-02-28", "failed"),
    entry(3, "2026-03-02", "queued", photo_ids=["3" * 64, "4" * 64], photo_names=["lake-3.jpg", "lake-4.jpg"]),
    entry(5, "2026-03-03", "pending"),
    entry(6, "2026-03-05", "queued", connection_id="c2", schedule_id="p6-c2"),
]
FORESEEN = SLOT | {"photo_id": "7" * 64, "name": "lake-7.jpg", "wall_time": "2026-03-04T18:30:00"}
FORESEEN |= {"run_at": "2026-03-04T17:30:00Z", "reason": "The best one."}
EMPTY: dict[str, Any] = {"posts": [], "not_shown": [], "cursor": None}
ANSWERS = {
    "listConnections": Reply({"connections": [CONNECTION, SECOND]}),
    "getCalendar": Reply({"entries": ENTRIES, "cursor": None}),
    "getPlan": Reply(example("getPlan", slots=[FORESEEN, SLOT])),
    "listRecentPosts": Reply({"state": "not_listed", "detail": "It charges for reads.", **EMPTY}),
}


def shown(number: int, day: str, media: str = "picture", **facts: Any) -> dict[str, Any]:
    """A post that the account shows, by hand unless it has a `post_id`; its picture cannot be fetched."""
    return BY_HAND | {
        "external_id": f"{number}",
        "external_url": f"https://www.instagram.com/p/{number}/",
        "posted_at": f"{day}T09:00:00Z",
        "local_time": f"{day}T10:00:00+01:00",
        "media": media,
        "text": f"By hand {number}\nand more of it.",
        **facts,
    }


# The first one is Shutterpost's; the post of 27 February is not among them.
POSTS = [
    shown(1, "2026-03-01", "video", text=None),
    shown(2, "2026-02-28", post_id="p4", text="Fog."),
    shown(3, "2026-02-26", "pictures"),
]
OURS = entry(4, "2026-02-28", "success", external_url="https://www.instagram.com/p/2/")
ACCOUNT = ANSWERS | {
    "getCalendar": Reply({"entries": [*ENTRIES, OURS], "cursor": None}),
    "listRecentPosts": Reply({"state": "listed", "posts": POSTS, "not_shown": ["p1"], "cursor": "b2xkZXI"}),
}
UNREAD = ANSWERS | {
    "listRecentPosts": Reply({"state": "unread", "detail": "The token has ended.", **EMPTY}),
}
WITHOUT_THUMBNAIL = ANSWERS | {"getPlan": Reply(example("getPlan", slots=[FORESEEN | {"photo_id": "8" * 64}]))}

_TEXTS = [shown(number, "2026-02-26", text=text) for number, text in enumerate((UNBROKEN, RIGHT_TO_LEFT), start=5)]
CAPTIONS = ANSWERS | {
    "listRecentPosts": Reply({"state": "listed", "posts": _TEXTS, "not_shown": [], "cursor": None}),
}
# Its schedules stand on another day than the profile shows.
ELSEWHERE = Reply(example("movePost"), etag='"2"')
MANY = [entry(3, "2026-03-02", "queued", post_id=f"many{n}", schedule_id=f"many{n}-c") for n in range(60)]


def choose_right_to_left(page: Page) -> None:
    page.get_by_role("button", name=RIGHT_TO_LEFT[:20]).click()


def choose(page: Page) -> None:
    page.get_by_role("button", name="lake-3.jpg").click()
    page.locator(".crop .frame").wait_for()


def start_swap(page: Page) -> None:
    choose(page)
    page.get_by_role("button", name="Swap with").click()


def swap(page: Page) -> None:
    start_swap(page)
    page.get_by_role("button", name="lake-5.jpg").click()


STATES = (
    State("grid", "profile", ".post-tiles li", ANSWERS),
    State("grid?ratio=1:1&foreseen=off", "square", ".square", ANSWERS),
    State("grid", "chosen", "aside", ANSWERS, acts=choose),
    State("grid", "swapping", ".partner", ANSWERS, acts=start_swap),
    State("grid", "account", ".hand", ACCOUNT),
    State("grid", "unread", ".post-tiles li", UNREAD),
    State("grid", "missing", ".post-tiles .missing", WITHOUT_THUMBNAIL, missing=frozenset({"8" * 12})),
    State("grid", "nothing", ".profile", ANSWERS | {"getCalendar": Reply({"entries": [], "cursor": None})}),
    State("grid", "no-account", ".empty", {"listConnections": Reply({"connections": []})}),
    State("grid", "changed-elsewhere", "dialog .versions", {**ANSWERS, "getPost": ELSEWHERE}, acts=swap),
    State("grid", "no-persona", ".empty", {"getOverview": NOBODY}),
    State("grid", "captions", f"aside .post-text >> text={RIGHT_TO_LEFT.strip()}", CAPTIONS, acts=choose_right_to_left),
    State(
        "grid", "many", ".post-tiles li >> nth=59", ANSWERS | {"getCalendar": Reply({"entries": MANY, "cursor": None})}
    ),
    State("grid", "error", ".failure", ANSWERS | {"getPlan": refusal(500, "internal", "The tables do not answer.")}),
)
