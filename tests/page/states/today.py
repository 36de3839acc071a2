"""States of Today."""

from tests.page.fake_api import Reply, example
from tests.page.stage import State
from tests.page.states.captions import RIGHT_TO_LEFT, UNBROKEN

# The server keeps pictures, so that this photo is in no other state.
_UNSEEN = "f" * 64
_NEED, _ENTRY = example("getOverview")["needs"][0], example("getCalendar")["entries"][0]
_CAPTIONS = {
    "needs": [_NEED | {"what": text, "why": text} for text in (UNBROKEN, RIGHT_TO_LEFT)],
    "next": [_ENTRY | {"account_name": text, "schedule_id": text[:8]} for text in (UNBROKEN, RIGHT_TO_LEFT)],
}
_WITHOUT = {"needs": [_NEED | {"photo_id": _UNSEEN}], "next": [_ENTRY | {"photo_ids": [_UNSEEN]}]}

STATES = (
    State("today", "needs", ".need"),
    State("today", "calm", "#needs + p", {"getOverview": Reply(example("getOverview", needs=[]))}),
    State("today", "empty", "#start", {"getOverview": Reply(example("getOverview", needs=[], personas=[]))}),
    State(
        "today",
        "captions",
        f".need >> nth=1 >> text={RIGHT_TO_LEFT.strip()} >> nth=0",
        {"getOverview": Reply(example("getOverview", **_CAPTIONS))},
    ),
    State(
        "today",
        "missing",
        ".need .missing",
        {"getOverview": Reply(example("getOverview", **_WITHOUT))},
        missing=frozenset({_UNSEEN[:12]}),
    ),
)
