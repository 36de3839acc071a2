"""Every command of the console, run on the embedded AWS by an operator who walks the whole way."""

import json

import httpx
import pytest

from shutterpost.console.client.exit_codes import ExitCode
from tests.e2e.journey import Travelled
from tests.e2e.operator_walk import KEY, PERSONA, SENTENCE, TOKEN, Operator, walked
from tests.support.consoles import commands

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def operator(travelled: Travelled, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    return walked(travelled.stack, tmp_path_factory.mktemp("operator"))


def test_every_command_is_run_once_at_least(operator: Operator) -> None:
    # `web` goes on until it is interrupted: tests/console/test_web_command.py.
    assert operator.ran == set(commands()) - {"web"}


def test_a_grant_is_listed_until_it_is_revoked(operator: Operator) -> None:
    [grant] = operator.documents["grants"]
    assert (grant["principal"].endswith("role/Assistant"), grant["role"]) == (True, "author")
    assert operator.documents["no grants"] == []


def test_a_text_for_a_channel_is_written_and_previewed_until_its_draft_is_deleted(operator: Operator) -> None:
    previewed = operator.documents["previewed"]["variants"]
    assert SENTENCE in {each["text"] for each in previewed if each["channel"] == "bluesky"}
    assert operator.documents["deleted"].code == ExitCode.NOT_FOUND


def test_a_draft_is_planned_and_then_sent_by_another_connection(operator: Operator) -> None:
    [planned], [changed] = operator.documents["planned"]["schedules"], operator.documents["changed"]["schedules"]
    assert (planned["channel"], changed["channel"]) == ("instagram", "buffer")
    assert planned["run_at"] == changed["run_at"]


def test_a_planned_post_becomes_a_carousel(operator: Operator) -> None:
    assert len(operator.documents["carousel"]["photo_ids"]) == 2


def test_no_traceback_and_no_token_reaches_anybody(operator: Operator) -> None:
    everything = "".join(output.out + output.err for output in operator.results)
    for never in ("Traceback", TOKEN, KEY, operator.stack.caller.secret_key):
        assert never not in everything
    written = [file.read_text("utf-8") for file in operator.home.rglob("*.jsonl") if "import-" in file.name]
    assert written
    assert not any(TOKEN in text for text in written)


def test_a_persona_and_its_accounts_are_as_requested(operator: Operator) -> None:
    report = operator.documents
    assert PERSONA in {persona["name"] for persona in report["personas"]["personas"]}
    assert (report["shown"]["hashtags"], report["shown"]["default_caption"]) == (["sea"], SENTENCE)
    assert [item["works"] for item in report["checked"]["checked"]] == [True, True]
    assert "late_grace" in json.dumps(report["rules"])
    assert report["cleared"]["deleted"] == []
    assert report["removed"]["status"] == "revoked"
    assert report["buffer again"]["connection_id"] == report["removed"]["connection_id"]
    assert {connection["status"] for connection in report["connections"]["connections"]} == {"connected"}


def test_a_webhook_is_set_and_removed(operator: Operator) -> None:
    report = operator.documents
    assert {report[name]["url"] for name in ("webhook set", "webhook", "webhook removed")} == {
        "https://127.0.0.1:9/hook"
    }
    assert "secret" not in report["webhook"]
    assert report["deliveries"]["deliveries"] == []
    assert report["replayed"].code == 3


def test_a_circuit_that_is_not_open_is_left_as_it_is(operator: Operator) -> None:
    assert operator.documents["reset"]["was_open"] is None


def test_a_plan_is_exported_and_read_again(operator: Operator) -> None:
    exported, imported = operator.documents["exported plan"], operator.documents["imported plan"]
    assert exported.code == 0
    assert (operator.home / "plan.csv").read_text().count("\n") == 1 + len(json.loads(imported.out)["rows"])


def test_a_folder_is_in_the_library_once(operator: Operator) -> None:
    report = operator.documents
    assert (report["imported"]["imported"], report["imported"]["rejected"]) == (12, 1)
    assert (report["imported again"]["sent"], report["imported again"]["already_there"]) == (0, 12)
    assert [item["reason"] for item in report["rejected"]["rejected"]] == ["not-an-image"]
    assert len(report["exported"].splitlines()) == 12
    assert report["remade"]["asked_for"] == 12
    assert report["photo"]["renditions"]
    picture = httpx.get(report["link"]["url"], trust_env=False)
    assert (picture.status_code, picture.content[:2]) == (200, b"\xff\xd8")
    assert report["duplicates"]["compared"] == 12
    assert len(report["similar"].document["photos"]) == 10
    # It finds themes where scikit-learn is installed, which the console does without elsewhere.
    assert report["themes"].code == 0 or "scikit-learn" in report["themes"].err


def test_the_forecast_was_picked_and_is_in_the_calendar(operator: Operator) -> None:
    report = operator.documents
    assert report["foreseen"]["photo_id"] == report["picked"]["photo_id"]
    assert report["picked"]["post_id"] in {entry["post_id"] for entry in report["week"]["entries"]}
    assert report["plan"]["slots"][0]["post_id"] == report["picked"]["post_id"]
    assert "23:59" in report["month"]
    assert report["explained"]["because"]
    assert report["runway"]["whole"]["photos"] > 0


def test_a_pick_waits_for_a_person_s_approval(operator: Operator) -> None:
    rejected, approved = operator.documents["rejected pick"], operator.documents["approved"]
    assert {schedule["status"] for schedule in rejected["rejected"]["schedules"]} == {"skipped"}
    assert approved["post_id"] == rejected["replacement_id"]
    assert {schedule["status"] for schedule in approved["schedules"]} == {"queued"}


def test_posts_go_where_they_are_sent(operator: Operator) -> None:
    report = operator.documents
    assert report["cancelled"]["refused"] == []
    assert report["archived"]["archived"] is True
    assert report["edited"]["base_caption"] == "Other words."
    assert report["skipped"]["schedules"][0]["status"] == "skipped"
    assert report["retried"]["schedules"][0]["status"] == "queued"
    assert report["live"]["schedules"][0]["external_url"].startswith("https://")
    assert report["taken down"]["removals"][0]["removed"] is True


def test_what_was_accepted_of_a_session_went_out_as_it_was_proposed(operator: Operator) -> None:
    report = operator.documents
    proposed = {f"{item['channel']}-{item['number']}": item["content"] for item in report["session"]["suggestions"]}
    assert set(proposed) == {
        f"{channel}-{number}" for channel in ("instagram", "buffer", "bluesky") for number in (1, 2)
    }
    assert report["session"]["failures"] == {}
    assert proposed["instagram-1"].startswith(report["filled"]["text"])
    texts = [item["variant"]["text"] for item in report["accepted"]]
    assert texts == [proposed["instagram-1"], proposed["buffer-2"]]
    assert len({item["post"]["post_id"] for item in report["accepted"]}) == 1
    assert operator.stack.simulators.state()["instagram"]["posts_per_caption"][texts[0]] == 1
    assert [post["text"] for post in operator.stack.simulators.buffer_posts()].count(texts[1]) == 1
    assert [session["status"] for session in report["sessions"]] == ["aborted", "completed"]


def test_what_was_lost_went_out_once(operator: Operator) -> None:
    report = operator.documents
    assert report["resolved"]["schedules"][0]["told"] == "not_live"
    codes = {post["post_id"]: post["schedules"][0]["error_code"] for post in report["lost"]["posts"]}
    assert codes[report["resolved"]["post_id"]] == "not-live"
    shown = operator.stack.simulators.state()["instagram"]["posts_per_caption"]
    assert sum(count for text, count in shown.items() if text.startswith("Lost on its way.")) == 1


def test_what_went_out_elsewhere_goes_out_no_more(operator: Operator) -> None:
    report = operator.documents
    assert (report["history"]["recorded"], report["history"]["refused"]) == (1, [])
    assert report["refused"].code == 1
    assert report["refused"].err.rstrip().endswith("[photo-already-posted]")
    assert report["analyses"]["recorded"] == 1


def test_the_doctor_examines_the_deployment(operator: Operator) -> None:
    findings = {finding["check"]: finding["level"] for finding in operator.documents["examined"]["findings"]}
    for check in ("credentials", "clock", "stack", "version", "job Sync", "alarm Overdue", f"slots of {PERSONA}"):
        assert findings[check] == "green", check
    assert "red" not in findings.values()


def test_the_watch_saw_what_went_out(operator: Operator) -> None:
    *facts, last = operator.documents["watched"]
    assert {fact["key"] for fact in facts if fact["state"] == "success"} >= {
        operator.documents["live"]["schedules"][0]["schedule_id"]
    }
    assert last["event"] == "end"


def test_status_lists_what_needs_a_person(operator: Operator) -> None:
    needs = {item["what"]: item["do"] for item in operator.documents["status"]["needs_you"]}
    assert needs["everything"] == "shutterpost resume"
    files = {item["what"] for item in operator.documents["unusable"]["needs_you"]}
    assert f"files of {PERSONA}" in files - needs.keys()
    assert operator.documents["resumed"]["paused"] is False
    assert "Needs you" in operator.documents["everything"]
