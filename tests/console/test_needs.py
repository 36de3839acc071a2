"""What `status` and `post show` say of posts that need an operator; each command runs as it is printed."""

import shlex
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

import pytest
import time_machine

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.output.times import format_time
from shutterpost.scheduling import Schedule, ScheduleStatus, StaleWrite
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

URL = "https://www.instagram.com/p/ABC/"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ready(world: Deployed) -> Deployed:
    world.world.connection(world.caller, world.persona_id)
    world.world.photo(world.persona_id, "fog.jpg")
    return world


def settle(world: Deployed, post_id: str, *path: ScheduleStatus, **changes: Any) -> None:
    """Move the post's schedule along `path`."""
    schedules = world.world.services.schedules
    [schedule] = world.world.services.posts.details(post_id).schedules
    for to in path:
        moved = schedules.move(schedule, to, now=NOW, **(changes if to is path[-1] else {}))
        assert not isinstance(moved, StaleWrite)
        schedule = moved


def fail(world: Deployed, post_id: str, cause: str) -> None:
    """End the post's schedule, with its claims, after an attempt."""
    settle(world, post_id, ScheduleStatus.PROCESSING)
    [schedule] = world.world.services.posts.details(post_id).schedules
    failure = Failure(
        failure_class=FailureClass.PERMANENT, cause=Cause(cause), code="2", message="The platform said no."
    )
    assert world.world.services.canceller.releaser.end(schedule, ScheduleStatus.FAILED, failure)


@pytest.mark.parametrize("cause", ["token", "account", "quota", "platform", "photo", "text", "unknown", None])
def test_failed_post_shows_cause_code_words_and_a_command_that_runs(
    shutterpost: Console, ready: Deployed, cause: str | None
) -> None:
    post_id = shutterpost("post", "now", "fog.jpg").document["post_id"]
    failed = {"error_cause": cause, "error_code": "9/2207042", "error_message": "The platform said no."}
    settle(ready, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED, **failed)

    [need] = shutterpost("status").document["needs_you"][:1]
    shown = shutterpost("post", "show", post_id, "--no-json").out

    assert need["what"] == f"fog.jpg on instagram, post {post_id}"
    expected = "9/2207042: The platform said no." if cause is None else f"{cause}, 9/2207042: The platform said no."
    assert expected in need["why"]
    assert expected in shown
    assert need["do"].partition(" --persona")[0] in shown
    assert shutterpost(*shlex.split(need["do"])[1:]).code == 0


@pytest.mark.parametrize("posted", [False, True])
def test_failed_post_whose_photo_another_post_has_asks_for_nothing(
    shutterpost: Console, ready: Deployed, posted: bool
) -> None:
    failed = shutterpost("post", "now", "fog.jpg").document["post_id"]
    fail(ready, failed, "platform")
    successor = shutterpost("post", "now", "fog.jpg").document["post_id"]
    if posted:
        settle(ready, successor, ScheduleStatus.PROCESSING, ScheduleStatus.SUCCESS)

    shown = shutterpost("post", "show", failed, "--no-json").out

    state = "was posted by" if posted else "is planned in"
    assert f"its photo {state} {successor}, so there is nothing to do." in shown
    assert "post retry" not in shown
    document = shutterpost("status").document
    assert not [need for need in document["needs_you"] if failed in need["what"]]
    assert shutterpost("post", "retry", failed).code == ExitCode.REFUSED


def test_failed_post_asks_for_a_retry_once_its_photo_is_free_again(shutterpost: Console, ready: Deployed) -> None:
    failed = shutterpost("post", "now", "fog.jpg").document["post_id"]
    fail(ready, failed, "platform")
    successor = shutterpost("post", "now", "fog.jpg").document["post_id"]
    assert shutterpost("post", "cancel", successor).code == 0

    [need] = [need for need in shutterpost("status").document["needs_you"] if failed in need["what"]]

    assert need["do"].startswith(f"shutterpost post retry {failed}-")
    assert shutterpost("post", "retry", failed).code == 0


def test_failure_of_a_token_is_mended_by_the_command_as_printed(shutterpost: Console, ready: Deployed) -> None:
    post_id = shutterpost("post", "now", "fog.jpg").document["post_id"]
    fail(ready, post_id, "token")
    connections = ready.world.services.connector.connections
    [connection] = connections.list(ready.persona_id)
    connections.mark_error(connection, "The session has ended.", NOW)

    [need, *_] = shutterpost("status").document["needs_you"]
    shown = shutterpost("post", "show", post_id, "--no-json").out

    assert post_id in need["what"]
    assert "connect the account again, then retry it" in need["why"]
    assert need["do"].startswith("shutterpost connections add instagram instagram-1 --login instagram")
    assert need["do"].partition(" --persona")[0] in shown
    refused = shutterpost("post", "retry", post_id)
    assert "Connection instagram-1 is in error; connect the account again first." in refused.err
    assert shutterpost(*shlex.split(need["do"])[1:], typed="A-FRESH-TOKEN\n").code == 0
    [need, *_] = shutterpost("status").document["needs_you"]
    assert need["do"].startswith(f"shutterpost post retry {post_id}-")
    assert shutterpost(*shlex.split(need["do"])[1:]).code == 0


def test_each_of_several_schedules_of_a_post_has_a_command_of_its_own(shutterpost: Console, ready: Deployed) -> None:
    ready.world.connection(ready.caller, ready.persona_id, "buffer")
    post_id = shutterpost("post", "now", "fog.jpg").document["post_id"]
    schedules = {each.channel: each for each in ready.world.services.posts.details(post_id).schedules}
    begun = {
        channel: ready.world.services.schedules.move(schedule, ScheduleStatus.PROCESSING, now=NOW)
        for channel, schedule in schedules.items()
    }
    ends: dict[str, tuple[ScheduleStatus, dict[str, Any]]] = {
        "buffer": (ScheduleStatus.FAILED, {"error_code": "9", "error_cause": "account"}),
        "instagram": (ScheduleStatus.UNKNOWN, {"error_code": "needs-a-person"}),
    }
    for channel, (status, facts) in ends.items():
        ended = ready.world.services.schedules.move(cast("Schedule", begun[channel]), status, now=NOW, **facts)
        assert not isinstance(ended, StaleWrite)

    commands = {need["do"] for need in shutterpost("status").document["needs_you"] if post_id in need["do"]}
    shown = shutterpost("post", "show", post_id, "--no-json").out

    assert commands == {
        f"shutterpost post resolve {schedules['instagram'].schedule_id} --live URL",
        f"shutterpost post retry {schedules['buffer'].schedule_id}",
    }
    assert f"shutterpost post retry {schedules['buffer'].schedule_id}" in shown


def test_pause_shows_its_start_in_the_personas_zones(shutterpost: Console, ready: Deployed) -> None:
    start = "Paused since Sun 01 Mar 2026 13:00 (Europe/Paris)"
    assert start in shutterpost("pause", "Holiday.", "--no-json").out
    assert f"everything: {start}: Holiday." in shutterpost("status", "--no-json").out
    ready.caller.post("/personas", {"name": "Sea", "zone": "Asia/Tokyo"})
    assert f"{start}, Sun 01 Mar 2026 21:00 (Asia/Tokyo): Holiday." in shutterpost("pause", "--no-json").out


@pytest.mark.parametrize("choice", ["do", "or"])
def test_unknown_post_is_resolved_by_the_command_as_printed(shutterpost: Console, ready: Deployed, choice: str) -> None:
    post_id = shutterpost("post", "now", "fog.jpg").document["post_id"]
    settle(ready, post_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN, error_code="needs-a-person")

    [need] = shutterpost("status").document["needs_you"][:1]

    assert shutterpost(*shlex.split(need[choice].replace("URL", URL))[1:]).code == 0


@pytest.mark.parametrize(("mode", "choice"), [("veto", "do"), ("approval", "do"), ("approval", "or")])
def test_review_is_given_by_the_command_as_printed(
    shutterpost: Console, ready: Deployed, mode: str, choice: str
) -> None:
    rules = {"approval": mode, "slots": [{"at": "18:00"}], "status": "active"}
    ready.caller.patch(f"/personas/{ready.persona_id}", rules)
    slot = ready.caller.get(f"/personas/{ready.persona_id}/slots", limit="1").body["slots"][0]
    ready.world.services.reviewer.picker.pick(ready.persona_id, datetime.fromisoformat(slot["run_at"]))

    [need] = [need for need in shutterpost("status").document["needs_you"] if "fog.jpg" in need["what"]]

    until = format_time(need["until"], "Europe/Paris")
    way = "unless it is rejected" if mode == "veto" else "only if it is approved"
    assert need["why"] == f"is published {way} by {until} (Europe/Paris)"
    assert shutterpost(*shlex.split(need[choice])[1:]).code == 0
    assert not [need for need in shutterpost("status").document["needs_you"] if "fog.jpg" in need["what"]]
