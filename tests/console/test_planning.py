"""Commands about picks, forecasts, the calendar and the status."""

import json
import re
from datetime import UTC, datetime

import pytest
import time_machine

from shutterpost.scheduling import ScheduleStatus
from tests.console.test_posts import AT, settle
from tests.support.builders import NOW, StillClock
from tests.support.consoles import Console
from tests.support.folders import Deployed
from tests.support.pictures import jpeg

SLOT = "2026-03-02T08:00:00Z"


@pytest.fixture
def ready(world: Deployed) -> Deployed:
    """A persona with a slot, a connection and two photos."""
    furnish(world)
    return world


@pytest.fixture
def today(world: Deployed) -> Deployed:
    """As `ready`, with the console's time on every clock."""
    now = datetime.now(UTC)
    world.world.clock.instant = now
    world.importing._clock = StillClock(now)
    furnish(world)
    return world


def furnish(world: Deployed) -> None:
    """Create the slot, the connection and the photos."""
    caller = world.caller
    caller.patch(f"/personas/{world.persona_id}", {"slots": [{"at": "09:00"}]})
    world.world.connection(caller, world.persona_id)
    for name in ("fog.jpg", "rain.jpg"):
        world.world.photo(world.persona_id, name)


def test_pick_prints_the_best_photo(shutterpost: Console, ready: Deployed) -> None:
    foreseen = shutterpost("pick", "--dry-run").document
    assert (foreseen["slot_at"], foreseen["picked"], foreseen["post_id"]) == (SLOT, True, None)
    assert "Mon 02 Mar 2026 09:00" in shutterpost("pick", "--dry-run", "--no-json").out
    assert shutterpost("pick", "--dry-run", "--slot", SLOT).document["slot_at"] == SLOT
    report = {"persona_id": ready.persona_id, "slot_at": SLOT, "post_id": None, "reason": "No photo is left."}
    ready.world.functions.reports[ready.persona_id] = report
    output = shutterpost("pick", "--no-json")
    assert (output.code, "No photo is left." in output.out) == (1, True)


def test_plan_prints_each_slot(shutterpost: Console, ready: Deployed) -> None:
    report = shutterpost("plan", "--days", "3").document
    assert (report["filled"], len(report["slots"])) == (2, 3)
    assert "2 of 3 slots have a photo" in shutterpost("plan", "--days", "3", "--no-json").out
    reasoned = shutterpost("plan", "--days", "3", "--why", "--no-json").out
    assert "aesthetic" in reasoned
    assert "next in line" in reasoned


def test_explain_prints_the_status(shutterpost: Console, ready: Deployed) -> None:
    assert shutterpost("explain", "fog.jpg").document["standing"] == "planned"
    assert "planned" in shutterpost("explain", "fog.jpg", "--no-json").out
    assert shutterpost("explain", "none.jpg").code == 3


def test_runway_prints_the_remaining_photos(shutterpost: Console, ready: Deployed) -> None:
    assert shutterpost("runway").document["whole"]["photos"] == 2
    assert "all photos" in shutterpost("runway", "--no-json").out


def test_runway_and_status_count_photos_without_an_analysis(shutterpost: Console, ready: Deployed) -> None:
    ready.world.photo(ready.persona_id, "new.jpg", provisional=True)
    shown = shutterpost("runway").document["whole"]
    assert (shown["photos"], shown["provisional"], shown["not_allowed"]) == (3, 1, 0)
    shutterpost("personas", "update", "nature", "--set", "allow_provisional=false")
    shown = shutterpost("runway").document["whole"]
    assert (shown["photos"], shown["provisional"], shown["not_allowed"]) == (2, 0, 1)
    assert "1 more have no analysis, and allow_provisional is false" in shutterpost("status").out


def test_calendar_uses_the_persona_s_zone(shutterpost: Console, ready: Deployed) -> None:
    shutterpost("post", "schedule", "fog.jpg", "--at", "2026-04-05T23:30")
    report = shutterpost("calendar", "--on", "2026-04-05").document
    assert (report["from"], report["to"], report["zone"]) == ("2026-03-30", "2026-04-06", "Europe/Paris")
    assert [entry["local_time"] for entry in report["entries"]] == ["2026-04-05T23:30:00+02:00"]
    assert "Sun 05 Apr" in shutterpost("calendar", "--on", "2026-04-01", "--no-json").out
    month = shutterpost("calendar", "--month", "--on", "2026-04-20")
    assert (month.document["from"], month.document["to"]) == ("2026-04-01", "2026-05-01")
    assert "23:30·" in shutterpost("calendar", "--month", "--on", "2026-04-20", "--no-json").out
    assert shutterpost("calendar", "--month", "--on", "2026-12-31").document["to"] == "2027-01-01"
    assert shutterpost("calendar", "--on", "soon").code == 2


def test_calendar_tells_foreseen_picks_from_posts(shutterpost: Console, ready: Deployed) -> None:
    with time_machine.travel(NOW, tick=False):
        post = shutterpost("post", "schedule", "fog.jpg", "--at", "2026-03-03T09:00").document
        report = shutterpost("calendar", "--on", "2026-03-04").document
        shown = shutterpost("calendar", "--on", "2026-03-04", "--no-json").out
        past = shutterpost("calendar", "--on", "2026-02-10").document
        month = shutterpost("calendar", "--month", "--on", "2026-03-04", "--no-json").out
    assert [entry["post_id"] for entry in report["entries"]] == [post["post_id"]]
    foreseen = [(slot["local_time"][:16], slot["name"]) for slot in report["foreseen"]]
    assert foreseen[:2] == [("2026-03-02T09:00", "rain.jpg"), ("2026-03-04T09:00", "")]
    assert len(foreseen) == 6
    assert past["foreseen"] == []
    marks = {line[:10]: line[10:].split()[1:] for line in shown.splitlines() if line[:3] in {"Mon", "Tue", "Wed"}}
    assert [words[0] for words in marks.values()] == ["○", "·", "○"]
    assert "rain.jpg" in marks["Mon 02 Mar"]
    assert ("09:00·" in month, "09:00○" in month) == (True, True)


def test_status_lists_published_next_and_needs(shutterpost: Console, today: Deployed) -> None:
    live = shutterpost("post", "now", "fog.jpg").document["post_id"]
    settle(today, live, ScheduleStatus.SUCCESS, external_id="1", external_url="https://example.test/p/1")
    later = shutterpost("post", "schedule", "rain.jpg", "--at", "tomorrow 18:30").document["post_id"]
    report = shutterpost("status").document
    assert [[item["post_id"] for item in report[name]] for name in ("went_out", "next")] == [[live], [later]]
    assert [item["why"] for item in report["needs_you"]] == ["0 photos left, for 0 days"]
    output = shutterpost("status", "--no-json").out
    assert (
        output.index("Published")
        < output.index(live[:12])
        < output.index("Next")
        < output.index(later[:12])
        < output.index("Needs you")
    )


def test_status_and_calendar_name_the_account_where_the_persona_has_two_of_a_channel(
    shutterpost: Console, ready: Deployed
) -> None:
    ready.world.connection(ready.caller, ready.persona_id, "instagram", "second")
    with time_machine.travel(NOW, tick=False):
        shutterpost("post", "schedule", "rain.jpg", "--at", "2026-03-03T09:00")
        for command in (("status",), ("calendar", "--on", "2026-03-03")):
            rows = re.findall(r"\binstagram (\S+)", shutterpost(*command, "--no-json").out)
            assert sorted(rows) == ["instagram-1", "second"], command


def test_status_lists_everything_that_needs_an_operator(shutterpost: Console, today: Deployed) -> None:
    lost = shutterpost("post", "now", "fog.jpg").document["post_id"]
    settle(today, lost, ScheduleStatus.UNKNOWN, error_code="needs-a-person", error_message="Nothing was found.")
    failed = shutterpost("post", "now", "rain.jpg").document["post_id"]
    settle(today, failed, ScheduleStatus.FAILED, error_code="x", error_message="It was refused.")
    [connection] = today.caller.get(f"/personas/{today.persona_id}/connections").body["connections"]
    connections = today.world.services.connector.connections
    result = connections.get(today.persona_id, connection["connection_id"])
    connections.mark_error(result, "Log in again.", today.world.clock.now())
    key = f"photos/{today.persona_id}/broken.jpg"
    today.world.s3.put_object(Bucket="library-under-test", Key=key, Body=jpeg()[:100])
    today.importing(key)
    shutterpost("pause", "The account is restricted.")
    needs = {item["what"]: (item["why"], item["do"]) for item in shutterpost("status").document["needs_you"]}
    assert needs["everything"][1] == "shutterpost resume"
    assert needs[f"fog.jpg on instagram, post {lost}"][1].startswith(f"shutterpost post resolve {lost}")
    assert needs[f"rain.jpg on instagram, post {failed}"][0] == "failed (x: It was refused.); correct the cause"
    again = "shutterpost connections add instagram instagram-1 --login instagram --name instagram-1"
    again += " --persona 'Nature Explorer'"
    assert needs["instagram-1 of Nature Explorer"] == ("Log in again.", again)
    assert needs["files of Nature Explorer"][1] == "shutterpost photos rejected --persona 'Nature Explorer'"
    assert "The account is restricted." in shutterpost("status", "--no-json").out


def test_connections_check_exits_with_1_for_a_broken_token(shutterpost: Console, ready: Deployed) -> None:
    report = {"persona_id": ready.persona_id, "connection_id": "c", "works": True, "detail": "It works."}
    ready.world.functions.reports[ready.persona_id] = report
    assert [item["works"] for item in shutterpost("connections", "check").document["checked"]] == [True]
    ready.world.functions.reports[ready.persona_id] = {**report, "works": False, "detail": "It has ended."}
    output = shutterpost("connections", "check", "instagram", "--no-json")
    assert (output.code, "It has ended." in output.out) == (1, True)


def test_sync_prints_changes_and_pending_personas(shutterpost: Console, ready: Deployed) -> None:
    update = {"schedule_id": "s1", "post_id": "p1", "before": "unknown", "after": "success", "reason": "It is live."}
    report = {"looked_at": 2, "updated": [update], "overdue_seconds": 0.0}
    ready.world.functions.reports[ready.persona_id] = report
    assert shutterpost("sync").document["looked_at"] == 2
    output = shutterpost("sync", "--persona", "nature", "--no-json")
    assert "2 schedules checked, 1 changed." in output.out
    assert "It is live." in output.out
    ready.world.functions.reports[ready.persona_id] = None
    output = shutterpost("sync")
    assert (output.code, ready.persona_id in output.err) == (0, True)


def test_pause_and_resume(shutterpost: Console, ready: Deployed) -> None:
    assert shutterpost("pause").document == {"paused": False, "reason": None, "since": None}
    assert shutterpost("pause", "Restricted.").document["reason"] == "Restricted."
    assert "Restricted." in shutterpost("pause", "--no-json").out
    assert "Nothing is paused." in shutterpost("resume", "--no-json").out


def test_photos_commands_list_show_and_rejected(shutterpost: Console, ready: Deployed) -> None:
    for name in ("twin.jpg", "triplet.jpg"):
        ready.world.photo(ready.persona_id, name, dhash="00ff00ff00ff00ff", score=9.5)
    shutterpost("post", "schedule", "fog.jpg", "--at", AT)
    listed = shutterpost("photos", "list", "--unposted").document["photos"]
    assert {item["names"][0] for item in listed} == {"rain.jpg", "twin.jpg", "triplet.jpg"}
    assert listed[-1]["names"] == ["rain.jpg"]
    assert len(shutterpost("photos", "list", "--limit", "2").document["photos"]) == 2
    assert "rain.jpg" in shutterpost("photos", "list", "--no-json").out
    shown = shutterpost("photos", "show", "twin.jpg").document
    assert [item["name"] for item in shown["looks_like"]] == ["triplet.jpg"]
    assert "feed: renditions/" in shutterpost("photos", "show", "twin.jpg", "--no-json").out
    key = f"photos/{ready.persona_id}/broken.jpg"
    ready.world.s3.put_object(Bucket="library-under-test", Key=key, Body=b"no picture")
    ready.importing(key)
    assert [item["reason"] for item in shutterpost("photos", "rejected").document["rejected"]] == ["not-an-image"]
    assert "broken.jpg" in shutterpost("photos", "rejected", "--no-json").out


def test_plan_is_exported_edited_and_imported_with_refused_lines_named(
    shutterpost: Console, ready: Deployed, tmp_path
) -> None:
    shutterpost("post", "schedule", "fog.jpg", "--at", AT, "--caption", "Fog, and more.", "--tag", "fog")
    file = tmp_path / "plan.csv"
    assert "1 planned posts written" in shutterpost("plan", "export", str(file)).err
    exported = file.read_text("utf-8")
    rows = ["photo,at", "nobody.jpg,2026-12-02T09:00:00", "rain.jpg,2026-12-03T09:00:00", "rain.jpg,soon"]
    file.write_text("\n".join(rows) + "\n", "utf-8")

    results = [shutterpost("plan", "import", str(file)) for _ in range(2)]
    reports = [json.loads(result.out) for result in results]

    assert '"Fog, and more."' in exported
    assert [(report["planned"], report["refused"]) for report in reports] == [(1, 2), (1, 2)]
    assert [result.code for result in results] == [1, 1]
    assert [line.partition(":")[0] for line in _errors(results[0].err)] == ["plan.csv, line 2", "plan.csv, line 4"]
    assert len(shutterpost("post", "list").document["posts"]) == 2


def test_exported_plan_is_imported_as_no_changes(shutterpost: Console, ready: Deployed, tmp_path) -> None:
    shutterpost("personas", "update", "nature", "--slot", "18:30")
    shutterpost("post", "schedule", "fog.jpg", "--at", AT, "--caption", "Fog,\nand more.", "--tag", "fog")
    post = shutterpost("post", "schedule", "rain.jpg", "--language", "fr").document
    file = tmp_path / "plan.csv"
    exported = shutterpost("plan", "export").out
    file.write_text(exported, "utf-8", newline="")

    imported = shutterpost("plan", "import", str(file), "--no-json")
    assert (imported.code, imported.out.strip()) == (0, "No changes: 2 rows are planned as they are.")

    file.write_text(exported.replace("2026-04-01T18:30:00", "2026-04-05T18:30:00"), "utf-8", newline="")
    report = shutterpost("plan", "import", str(file)).document
    assert sorted(row["result"] for row in report["rows"]) == ["changed", "unchanged"]
    assert "2026-04-05T18:30:00" in shutterpost("plan", "export").out
    assert len(shutterpost("post", "list").document["posts"]) == 2
    file.write_text(shutterpost("plan", "export").out.replace(",fr,", ",it,"), "utf-8", newline="")
    shutterpost("plan", "import", str(file))
    assert shutterpost("post", "show", post["post_id"]).document["language"] == "it"


def test_plan_file_with_an_unknown_column_is_refused(shutterpost: Console, ready: Deployed, tmp_path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("photo,when\nfog.jpg,soon\n", "utf-8")
    result = shutterpost("plan", "import", str(file))
    assert (result.code, "unknown: ['when']" in result.err) == (2, True)


def test_two_photos_are_explained_side_by_side(shutterpost: Console, ready: Deployed) -> None:
    photos = shutterpost("explain", "fog.jpg", "rain.jpg").document["photos"]
    assert [photo["name"] for photo in photos] == ["fog.jpg", "rain.jpg"]
    assert all(photo["because"] for photo in photos)


def _errors(text: str) -> list[str]:
    return [line.removeprefix("error: ") for line in text.splitlines() if line.startswith("error: ")]
