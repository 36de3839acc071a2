"""Every command of the console as a process, on the embedded AWS, from the first persona to `resolve`."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from infra.local.emulator import ROOT
from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack
from shutterpost.console.client.exit_codes import ExitCode
from tests.e2e.journey import Travelled, pass_time
from tests.support.consoles import CommandResult, commands
from tests.support.waiting import eventually

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(900)]

TOKEN, KEY = "token-typed-at-the-prompt-EAAB", "key-typed-at-the-prompt-1"
ACCOUNT = "17841400000000077"
PERSONA = "Côte d'Azur"
# In one of them it is day at any hour: the slot before midnight, "tomorrow" and "sat 09:00" are hours away.
ZONES = ("Europe/Paris", "Asia/Tokyo", "America/Los_Angeles")
SENTENCE = "Out of the console."


@dataclass
class Operator:
    """A person at a terminal.

    `ran` are the commands that were run, `results` what they printed, `documents` their JSON by name.
    """

    stack: Stack
    home: Path
    ran: set[str] = field(default_factory=set)
    results: list[CommandResult] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)

    def run(self, *words: str, typed: str = "") -> CommandResult:
        """One command, piped."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        ways = {"SHUTTERPOST_DEPLOYMENT": str(self.home / "running.json"), "SHUTTERPOST_PERSONA": PERSONA}
        path = os.pathsep.join((str(ROOT / "layers" / "core" / "python"), str(ROOT)))
        ended = subprocess.run(
            [sys.executable, "-m", "shutterpost.console", *words],
            input=typed,
            capture_output=True,
            text=True,
            env={**kept, **ways, "PYTHONPATH": path, "XDG_STATE_HOME": str(self.home), "COLUMNS": "200"},
            cwd=self.home,
            timeout=120,
            check=False,
        )
        known = commands()
        self.ran |= {name for name in known if " ".join(words).startswith(name)}
        self.results.append(CommandResult(ended.returncode, ended.stdout, ended.stderr))
        return self.results[-1]

    def schedule(self, post_id: str) -> dict[str, Any]:
        """The post's first schedule, as the API has it now."""
        result: dict[str, Any] = self.stack.api("GET", f"/posts/{post_id}")["schedules"][0]
        return result

    def synced(self, post_id: str) -> dict[str, Any]:
        """The same after a sync of the persona."""
        self.stack.api("POST", f"/personas/{self.documents['persona']['persona_id']}/sync")
        return self.schedule(post_id)

    def statuses_synced(self, post_id: str) -> set[str]:
        """The states of all its schedules after a sync, which is how a post at Buffer ends."""
        self.synced(post_id)
        return {each["status"] for each in self.stack.api("GET", f"/posts/{post_id}")["schedules"]}

    def synced_later(self, post_id: str, *, minutes: int) -> dict[str, Any]:
        """The same, `minutes` later if its outcome is still unknown."""
        if (before := self.schedule(post_id))["status"] == "unknown":
            pass_time(self.stack, before, minutes)
        return self.synced(post_id)


@pytest.fixture(scope="module")
def operator(travelled: Travelled, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """An operator who has walked the whole way; each step's answer by its name."""
    home = tmp_path_factory.mktemp("operator")
    description = home / "running.json"
    description.write_text(json.dumps(travelled.stack.description()))
    walking = Operator(travelled.stack, home)
    _people(walking)
    _photos(walking)
    _plans(walking)
    _on_their_way(walking)
    _suggested(walking)
    _moved_over(walking)
    _gone_wrong(walking)
    _at_a_glance(walking)
    return walking


def _people(me: Operator) -> None:
    simulators = me.stack.simulators
    me.documents["cleared"] = me.run("clear-state").document
    me.documents["rules"] = me.run("personas", "rules").document
    simulators.add_instagram_account(TOKEN, kind="facebook", ig_user_id=ACCOUNT, username="cote")
    organization, channel = simulators.add_buffer_channel(KEY, name="cote")
    zone = next(zone for zone in ZONES if datetime.now(ZoneInfo(zone)).hour in range(5, 17))
    me.documents["persona"] = me.run("personas", "add", PERSONA, "--zone", zone, "--slot", "23:59").document
    me.documents["personas"] = me.run("personas", "list").document
    me.documents["updated"] = me.run("personas", "update", PERSONA, "--hashtag", "sea", "--caption", SENTENCE).document
    me.documents["shown"] = me.run("personas", "show", PERSONA).document
    instagram = ("connections", "add", "instagram", ACCOUNT, "--login", "facebook", "--name", "cote")
    buffer = ("connections", "add", "buffer", channel, "--organization", organization)
    me.documents["instagram"] = me.run(*instagram, typed=f"{TOKEN}\n").document
    me.documents["buffer"] = me.run(*buffer, typed=f"{KEY}\n").document
    me.documents["checked"] = me.run("connections", "check").document
    me.documents["removed"] = me.run("connections", "remove", "buffer").document
    me.documents["buffer again"] = me.run(*buffer, typed=f"{KEY}\n").document
    me.documents["connections"] = me.run("connections", "list").document
    me.documents["channels"] = me.run("connections", "channels").document["channels"]
    me.run("personas", "grant", PERSONA, "role/Assistant", "author")
    me.documents["grants"] = me.run("personas", "grants", PERSONA).document["grants"]
    me.run("personas", "revoke", PERSONA, "role/Assistant")
    me.documents["no grants"] = me.run("personas", "grants", PERSONA).document["grants"]
    me.documents["reset"] = me.run("connections", "reset", "buffer").document
    _webhook(me)
    fault = ("demo", "faults", "add", "buffer", "deletePost", "--kind", "slow", "--after", "1000")
    me.documents["fault"] = me.run(*fault).document
    me.documents["faults"] = me.run("demo", "faults", "list").document
    me.documents["no faults"] = me.run("demo", "faults", "clear").document


def _webhook(me: Operator) -> None:
    me.documents["webhook set"] = me.run("webhooks", "set", "https://127.0.0.1:9/hook").document
    me.documents["webhook"] = me.run("webhooks", "show").document
    me.documents["deliveries"] = me.run("webhooks", "log").document
    me.documents["replayed"] = me.run("webhooks", "replay", "20260301T120000Z-0123456789abcdef")
    me.documents["webhook removed"] = me.run("webhooks", "remove").document


def _photos(me: Operator) -> None:
    folder = me.home / "photos"
    analyses = create_sample_photos(folder, count=12)
    for file in sorted(folder.iterdir())[:4]:
        # The journey's persona has these, and a persona's library is its own.
        file.rename(file.with_stem(f"blue {file.stem}"))
    (folder / "notes.jpg").write_text("These are words.")
    me.documents["imported"] = me.run("photos", "import", str(folder)).document
    me.documents["imported again"] = me.run("photos", "import", str(folder)).document
    captions = me.home / "captions.csv"
    names = sorted(file.name for file in folder.iterdir() if file.suffix == ".jpg")
    captions.write_text("file,caption\n" + f"{names[0]},CommandResult by hand.\n")
    me.documents["annotated"] = me.run("photos", "annotate", str(captions)).document
    me.stack.drop(analyses, f"analyses/{me.documents['persona']['persona_id']}/{analyses.name}")
    path = f"/personas/{me.documents['persona']['persona_id']}/photos"
    eventually(lambda: {"CommandResult by hand."} <= {item["caption"] for item in me.stack.pages(path, "photos")})
    eventually(lambda: not any(item["provisional"] for item in me.stack.pages(path, "photos")))
    me.documents["photos"] = me.run("photos", "list", "--unposted").document["photos"]
    me.documents["photo"] = me.run("photos", "show", me.documents["photos"][0]["names"][0]).document
    me.documents["link"] = me.run("photos", "open", me.documents["photos"][0]["names"][0]).document
    me.documents["rejected"] = me.run("photos", "rejected").document
    me.documents["themes"] = me.run("photos", "cluster", "--count", "2", "--dry-run")
    me.documents["duplicates"] = me.run("photos", "duplicates").document
    me.documents["similar"] = me.run("photos", "similar", me.documents["photos"][0]["names"][0])
    me.documents["exported"] = me.run("photos", "export").out
    me.documents["remade"] = me.run("photos", "remake").document


def _plans(me: Operator) -> None:
    me.documents["foreseen"] = me.run("pick", "--dry-run").document
    me.documents["picked"] = me.run("pick").document
    me.documents["plan"] = me.run("plan", "--days", "3").document
    me.documents["exported plan"] = me.run("plan", "export", str(me.home / "plan.csv"))
    me.documents["imported plan"] = me.run("plan", "import", str(me.home / "plan.csv"), "--dry-run")
    me.documents["week"] = me.run("calendar", "--on", me.documents["picked"]["wall_time"][:10]).document
    me.documents["month"] = me.run("calendar", "--month", "--no-json").out
    me.documents["explained"] = me.run("explain", me.documents["photos"][-1]["photo_id"][:10]).document
    me.documents["runway"] = me.run("runway").document
    me.run("personas", "update", PERSONA, "--set", "approval=approval")
    waiting = me.run("pick").document
    me.documents["rejected pick"] = me.run("post", "reject", waiting["post_id"], "Not this one.").document
    me.documents["approved"] = me.run("post", "approve", me.documents["rejected pick"]["replacement_id"]).document
    me.run("personas", "update", PERSONA, "--set", "approval=auto")


def _on_their_way(me: Operator) -> None:
    photos = [photo["photo_id"] for photo in me.run("photos", "list", "--unposted").document["photos"]]
    scheduled = me.run("post", "schedule", photos[0], "--at", "tomorrow 12:00", "-c", "buffer").document
    post_id = scheduled["post_id"]
    eventually(lambda: me.schedule(post_id)["step"] == "handed_over")
    me.documents["scheduled"] = scheduled
    me.documents["moved"] = me.run("post", "move", post_id, "--at", "tomorrow 18:00").document
    before = scheduled["schedules"][0]["run_at"]
    eventually(lambda: me.schedule(post_id)["run_at"] != before, 90)
    eventually(lambda: me.schedule(post_id)["step"] == "handed_over", 90)
    me.documents["cancelled"] = me.run("post", "cancel", post_id[:9]).document
    eventually(lambda: me.schedule(post_id)["status"] == "cancelled")
    me.documents["archived"] = me.run("post", "archive", post_id).document
    waiting = me.run("post", "schedule", photos[1], "--at", "sat 09:00", "-c", "instagram").document
    drafted = me.run("post", "draft", photos[3], "-c", "instagram").document["post_id"]
    me.documents["planned"] = me.run("post", "reschedule", drafted, "--at", "mon 09:00").document
    me.documents["changed"] = me.run("post", "reroute", drafted, "buffer").document
    written = me.run("post", "draft", "-c", "instagram", "--caption", "Without a picture.").document["post_id"]
    me.documents["written"] = me.run("post", "write", written, "--channel", "bluesky", "--text", SENTENCE).document
    me.documents["previewed"] = me.run("post", "preview", written).document
    me.run("post", "delete", written)
    me.documents["deleted"] = me.run("post", "show", written)
    me.documents["edited"] = me.run("post", "edit", waiting["post_id"], "--caption", "Other words.").document
    me.documents["skipped"] = me.run("post", "skip", waiting["post_id"], "--reason", "Not this week.").document
    me.documents["retried"] = me.run("post", "retry", waiting["post_id"], "--at", "sun 09:00").document
    live = me.run("post", "now", photos[2], "-c", "cote", "--caption", SENTENCE).document["post_id"]
    eventually(lambda: me.schedule(live)["status"] == "success", 90)
    me.documents["live"] = me.run("post", "show", live).document
    me.documents["taken down"] = me.run("post", "remove", live).document


def _suggested(me: Operator) -> None:
    """Texts that are proposed for three channels; one of each of two channels is accepted and goes out."""
    me.documents["template"] = me.run(
        "templates", "add", "walk", "{{caption}} From {{persona}}.", "--tone", "calm"
    ).document
    me.run("templates", "change", "walk", "--description", "Of walks.")
    me.documents["templates"] = me.run("templates", "list").document
    photo = me.run("photos", "list", "--unposted").document["photos"][-1]["photo_id"]
    me.documents["filled"] = me.run("templates", "fill", "walk", "--photo", photo).document
    given = ("--photo", photo, "--template", "walk", "--tone", "calm", "--per-channel", "2")
    channels = [part for channel in ("instagram", "buffer", "bluesky") for part in ("--channel", channel)]
    session = me.run("suggest", "new", "Announce the walk.", *given, *channels).document
    me.documents["session"] = session
    me.documents["session shown"] = me.run("suggest", "show", session["session_id"]).document
    me.documents["accepted"] = [
        me.run("suggest", "accept", session["session_id"], suggestion).document
        for suggestion in ("instagram-1", "buffer-2")
    ]
    post_id = me.documents["accepted"][0]["post"]["post_id"]
    me.run("post", "reschedule", post_id, "-c", "instagram", "-c", "buffer")
    eventually(lambda: me.statuses_synced(post_id) == {"success"}, 120)
    unwanted = me.run("suggest", "new", "Not this one.", "--channel", "x", "--no-wait").document["session_id"]
    me.documents["aborted"] = me.run("suggest", "abort", unwanted, "Not needed.").document
    me.documents["sessions"] = me.run("suggest", "list").document["sessions"]
    me.run("templates", "show", "walk")
    me.documents["template removed"] = me.run("templates", "remove", "walk").document


def _moved_over(me: Operator) -> None:
    """The best photo that is left went out elsewhere, and the next best is better than was thought."""
    first, second = me.run("photos", "list", "--unposted").document["photos"][:2]
    out, better = first["names"][0], second["photo_id"]
    posted, analyses = me.home / "posted.csv", me.home / "photo_analyses.csv"
    posted.write_text(f"path,status,posted_at\n/old/{out},posted,2025-10-03 09:00:00\n")
    analyses.write_text(f"sha256,aesthetic_score,caption\n{better},9.75,Better than thought.\n")
    me.documents["history"] = me.run("photos", "history", str(posted), "-c", "cote").document
    me.documents["refused"] = me.run("post", "now", out, "-c", "cote")
    me.documents["analyses"] = me.run("photos", "analyses", str(analyses)).document
    path = f"/personas/{me.documents['persona']['persona_id']}/photos/{better}"
    eventually(lambda: me.stack.api("GET", path)["score"] == 9.75)


def _gone_wrong(me: Operator) -> None:
    """A post whose outcome nobody knows, said by a person not to be live, and tried again."""
    photo = me.run("photos", "list", "--unposted").document["photos"][-1]["photo_id"]
    me.stack.simulators.add_fault("instagram", "media_publish", "drop_before")
    lost = me.run("post", "now", photo, "-c", "instagram", "--caption", "Lost on its way.").document["post_id"]
    eventually(lambda: me.schedule(lost)["status"] == "unknown", 90)
    me.documents["resolved"] = me.run("post", "resolve", lost, "--not-live").document
    me.documents["synced"] = me.run("sync", "--persona", PERSONA).document
    # An absent post counts at the second look, once five minutes have passed since the request.
    eventually(lambda: me.synced_later(lost, minutes=6)["status"] == "failed", 90)
    me.documents["lost"] = me.run("post", "list", "--status", "failed").document
    me.documents["tried again"] = me.run("post", "retry", lost).document
    eventually(lambda: me.schedule(lost)["status"] == "success", 90)


def _at_a_glance(me: Operator) -> None:
    me.documents["paused"] = me.run("pause", "Trying the switch.").document
    me.documents["status"] = me.run("status", "--persona", PERSONA).document
    me.documents["resumed"] = me.run("resume").document
    me.documents["everything"] = me.run("status", "--no-json").out
    me.documents["examined"] = json.loads(me.run("doctor").out)
    me.documents["watched"] = [
        json.loads(line) for line in me.run("watch", "--since", "1h", "--hours", "1").out.splitlines()
    ]


def test_every_command_is_run_once_at_least(operator: Operator) -> None:
    assert operator.ran == set(commands())


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
    assert f"files of {PERSONA}" in needs
    assert operator.documents["resumed"]["paused"] is False
    assert "Needs you" in operator.documents["everything"]
