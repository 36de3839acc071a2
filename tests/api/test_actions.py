"""The actions that the API names are those that it then carries out; it refuses the others."""

from typing import Any

import pytest

from shutterpost.scheduling import ScheduleStatus, Step
from tests.api.calling import Answer, Caller
from tests.api.documented import operations
from tests.api.test_moving_posts import opened
from tests.api.test_operator import moved
from tests.api.world import World

AT = "2026-04-01T09:00:00"
S = ScheduleStatus
STATES: dict[str, tuple[tuple[ScheduleStatus, ...], dict[str, Any]]] = {
    "queued": ((), {}),
    "handed-over": ((S.PROCESSING,), {"step": Step.HANDED_OVER}),
    "publishing": ((S.PROCESSING,), {"step": Step.PUBLISHING}),
    "being-cancelled": ((S.PROCESSING,), {"step": Step.HANDED_OVER, "cancel_requested": True}),
    "unknown": ((S.PROCESSING, S.UNKNOWN), {"error_code": "needs-a-person", "step": Step.PUBLISHING}),
    "success": ((S.PROCESSING, S.SUCCESS), {"step": Step.PUBLISHED}),
    "failed": ((S.PROCESSING, S.FAILED), {"step": None}),
    "skipped": ((S.SKIPPED,), {}),
}
BODIES: dict[str, dict[str, Any]] = {
    "approvePost": {},
    "rejectPost": {},
    "movePost": {"day": "2026-04-05"},
    "cancelPost": {},
    "publishNow": {},
    "skipSchedule": {},
    "retrySchedule": {},
    "resolveSchedule": {"not_live": True},
}
REPEATABLE = {("being-cancelled", "cancelPost")}


def carry_out(me: Caller, operation: str, entry: dict[str, Any]) -> Answer:
    [path] = [path for _, path, known in operations() if known["operationId"] == operation]
    return me.post(path.format(**entry), BODIES[operation])


@pytest.mark.parametrize("state", STATES)
def test_a_named_action_is_carried_out_and_another_is_refused(world: World, me: Caller, state: str) -> None:
    persona_id, *_ = world.ready(me)
    path, facts = STATES[state]
    for operation in BODIES:
        post = opened(world, me, persona_id, f"{operation}.jpg", AT)
        if path:
            moved(world, post["schedules"][0]["schedule_id"], *path, **facts)
        page = me.get("/calendar", **{"from": AT, "to": "2026-04-01T12:00:00", "zone": "Europe/Paris"}).body
        [entry] = [each for each in page["entries"] if each["post_id"] == post["post_id"]]
        actions = me.get(f"/posts/{post['post_id']}").body["actions"]
        assert entry["actions"] == actions
        named = operation in {call["operation"] for call in actions}
        accepted = carry_out(me, operation, entry).status < 400
        assert accepted == named or (state, operation) in REPEATABLE, (operation, named, accepted)
