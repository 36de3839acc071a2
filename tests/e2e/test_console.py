"""Every command of the console as a process, on the embedded AWS: a stranger's way from persona to resolve."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra.local.emulator import ROOT
from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack
from tests.e2e.travelling import Travelled, eventually
from tests.support.consoles import CommandResult, commands

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(900)]

TOKEN, KEY = "token-typed-at-the-prompt-EAAB", "key-typed-at-the-prompt-1"
ACCOUNT = "17841400000000077"
PERSONA = "Côte d'Azur"
SENTENCE = "Out of the console."


@dataclass
class Operator:
    """Somebody at a terminal; `ran` are the commands that were run, `said` all that came back."""

    stack: Stack
    home: Path
    ran: set[str] = field(default_factory=set)
    said: list[CommandResult] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)

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
        self.said.append(CommandResult(ended.returncode, ended.stdout, ended.stderr))
        return self.said[-1]

    def schedule(self, post_id: str) -> dict[str, Any]:
        """The post's first schedule, as the API has it now."""
        found: dict[str, Any] = self.stack.api("GET", f"/posts/{post_id}")["schedules"][0]
        return found

    def synced(self, post_id: str) -> dict[str, Any]:
        """The same after a sync of the persona."""
        self.stack.api("POST", f"/personas/{self.told['persona']['persona_id']}/sync")
        return self.schedule(post_id)


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
    _moved_over(walking)
    _gone_wrong(walking)
    _at_a_glance(walking)
    return walking


def _people(me: Operator) -> None:
    simulators = me.stack.simulators
    me.told["cleared"] = me.run("clear-state").document
    me.told["rules"] = me.run("personas", "rules").document
    simulators.add_instagram_account(TOKEN, kind="facebook", ig_user_id=ACCOUNT, username="cote")
    organization, channel = simulators.add_buffer_channel(KEY, name="cote")
    me.told["persona"] = me.run("personas", "add", PERSONA, "--zone", "Europe/Paris", "--slot", "23:59").document
    me.told["personas"] = me.run("personas", "list").document
    me.told["updated"] = me.run("personas", "update", PERSONA, "--hashtag", "sea", "--caption", SENTENCE).document
    me.told["shown"] = me.run("personas", "show", PERSONA).document
    instagram = ("connections", "add", "instagram", ACCOUNT, "--login", "facebook", "--name", "cote")
    buffer = ("connections", "add", "buffer", channel, "--organization", organization)
    me.told["instagram"] = me.run(*instagram, typed=f"{TOKEN}\n").document
    me.told["buffer"] = me.run(*buffer, typed=f"{KEY}\n").document
    me.told["checked"] = me.run("connections", "check").document
    me.told["removed"] = me.run("connections", "remove", "buffer").document
    me.told["buffer again"] = me.run(*buffer, typed=f"{KEY}\n").document
    me.told["connections"] = me.run("connections", "list").document


def _photos(me: Operator) -> None:
    folder = me.home / "photos"
    analyses = create_sample_photos(folder, count=12)
    for file in sorted(folder.iterdir())[:4]:
        # The journey's persona has these, and a persona's library is its own.
        file.rename(file.with_stem(f"blue {file.stem}"))
    (folder / "notes.jpg").write_text("These are words.")
    me.told["imported"] = me.run("photos", "import", str(folder)).document
    me.told["imported again"] = me.run("photos", "import", str(folder)).document
    captions = me.home / "captions.csv"
    names = sorted(file.name for file in folder.iterdir() if file.suffix == ".jpg")
    captions.write_text("file,caption\n" + f"{names[0]},CommandResult by hand.\n")
    me.told["annotated"] = me.run("photos", "annotate", str(captions)).document
    me.stack.drop(analyses, f"analyses/{me.told['persona']['persona_id']}/{analyses.name}")
    path = f"/personas/{me.told['persona']['persona_id']}/photos"
    eventually(lambda: {"CommandResult by hand."} <= {one["caption"] for one in me.stack.pages(path, "photos")})
    eventually(lambda: not any(one["provisional"] for one in me.stack.pages(path, "photos")))
    me.told["photos"] = me.run("photos", "list", "--unposted").document["photos"]
    me.told["photo"] = me.run("photos", "show", me.told["photos"][0]["names"][0]).document
    me.told["rejected"] = me.run("photos", "rejected").document
    me.told["themes"] = me.run("photos", "cluster", "--count", "2", "--dry-run")
    me.told["duplicates"] = me.run("photos", "duplicates").document
    me.told["exported"] = me.run("photos", "export").out
    me.told["remade"] = me.run("photos", "remake").document


def _plans(me: Operator) -> None:
    me.told["foreseen"] = me.run("pick", "--dry-run").document
    me.told["picked"] = me.run("pick").document
    me.told["plan"] = me.run("plan", "--days", "3").document
    me.told["week"] = me.run("calendar", "--on", me.told["picked"]["wall_time"][:10]).document
    me.told["month"] = me.run("calendar", "--month", "--no-json").out
    me.told["explained"] = me.run("explain", me.told["photos"][-1]["photo_id"][:10]).document
    me.told["runway"] = me.run("runway").document
    me.run("personas", "update", PERSONA, "--set", "approval=approval")
    waiting = me.run("pick").document
    me.told["rejected pick"] = me.run("post", "reject", waiting["post_id"], "Not this one.").document
    me.told["approved"] = me.run("post", "approve", me.told["rejected pick"]["replacement_id"]).document
    me.run("personas", "update", PERSONA, "--set", "approval=auto")


def _on_their_way(me: Operator) -> None:
    photos = [one["photo_id"] for one in me.run("photos", "list", "--unposted").document["photos"]]
    scheduled = me.run("post", "schedule", photos[0], "--at", "tomorrow 12:00", "-c", "buffer").document
    post_id = scheduled["post_id"]
    eventually(lambda: me.schedule(post_id)["step"] == "handed_over")
    me.told["scheduled"] = scheduled
    me.told["moved"] = me.run("post", "move", post_id, "--at", "tomorrow 18:00").document
    before = scheduled["schedules"][0]["run_at"]
    eventually(lambda: me.synced(post_id)["run_at"] != before, 90)
    # Sync starts a moved post at its new time, and no cron runs here.
    eventually(lambda: me.synced(post_id)["step"] == "handed_over", 90)
    me.told["cancelled"] = me.run("post", "cancel", post_id[:9]).document
    eventually(lambda: me.schedule(post_id)["status"] == "cancelled")
    me.told["archived"] = me.run("post", "archive", post_id).document
    waiting = me.run("post", "schedule", photos[1], "--at", "sat 09:00", "-c", "instagram").document
    drafted = me.run("post", "draft", photos[3], "-c", "instagram").document["post_id"]
    me.told["planned"] = me.run("post", "reschedule", drafted, "--at", "mon 09:00").document
    me.told["changed"] = me.run("post", "reroute", drafted, "buffer").document
    me.told["edited"] = me.run("post", "edit", waiting["post_id"], "--caption", "Other words.").document
    me.told["skipped"] = me.run("post", "skip", waiting["post_id"], "--reason", "Not this week.").document
    me.told["retried"] = me.run("post", "retry", waiting["post_id"], "--at", "sun 09:00").document
    live = me.run("post", "now", photos[2], "-c", "cote", "--caption", SENTENCE).document["post_id"]
    eventually(lambda: me.schedule(live)["status"] == "success", 90)
    me.told["live"] = me.run("post", "show", live).document
    me.told["taken down"] = me.run("post", "remove", live).document


def _moved_over(me: Operator) -> None:
    """The best photo that is left went out elsewhere, and the next best is better than was thought."""
    first, second = me.run("photos", "list", "--unposted").document["photos"][:2]
    out, better = first["names"][0], second["photo_id"]
    posted, analyses = me.home / "posted.csv", me.home / "photo_analyses.csv"
    posted.write_text(f"path,status,posted_at\n/old/{out},posted,2025-10-03 09:00:00\n")
    analyses.write_text(f"sha256,aesthetic_score,caption\n{better},9.75,Better than thought.\n")
    me.told["history"] = me.run("photos", "history", str(posted), "-c", "cote").document
    me.told["refused"] = me.run("post", "now", out, "-c", "cote")
    me.told["analyses"] = me.run("photos", "analyses", str(analyses)).document
    path = f"/personas/{me.told['persona']['persona_id']}/photos/{better}"
    eventually(lambda: me.stack.api("GET", path)["score"] == 9.75)


def _gone_wrong(me: Operator) -> None:
    """A post whose outcome nobody knows, said by a person not to be live, and tried again."""
    photo = me.run("photos", "list", "--unposted").document["photos"][-1]["photo_id"]
    me.stack.simulators.add_fault("instagram", "media_publish", "drop_before")
    lost = me.run("post", "now", photo, "-c", "instagram", "--caption", "Lost on its way.").document["post_id"]
    eventually(lambda: me.schedule(lost)["status"] == "unknown", 90)
    me.told["resolved"] = me.run("post", "resolve", lost, "--not-live").document
    me.told["synced"] = me.run("sync", "--persona", PERSONA).document
    # An absent post counts once five minutes have passed since the request.
    eventually(lambda: me.synced(lost)["status"] == "failed", 420)
    me.told["lost"] = me.run("post", "list", "--status", "failed").document
    me.told["tried again"] = me.run("post", "retry", lost).document
    eventually(lambda: me.schedule(lost)["status"] == "success", 90)


def _at_a_glance(me: Operator) -> None:
    me.told["paused"] = me.run("pause", "Trying the switch.").document
    me.told["status"] = me.run("status", "--persona", PERSONA).document
    me.told["resumed"] = me.run("resume").document
    me.told["everything"] = me.run("status", "--no-json").out
    me.told["examined"] = json.loads(me.run("doctor").out)
    me.told["watched"] = [
        json.loads(line) for line in me.run("watch", "--since", "1h", "--hours", "1").out.splitlines()
    ]


def test_every_command_is_run_once_at_least(operator: Operator) -> None:
    assert operator.ran == set(commands())


def test_a_draft_is_planned_and_then_sent_by_another_connection(operator: Operator) -> None:
    [planned], [changed] = operator.told["planned"]["schedules"], operator.told["changed"]["schedules"]
    assert (planned["channel"], changed["channel"]) == ("instagram", "buffer")
    assert planned["run_at"] == changed["run_at"]


def test_no_traceback_and_no_token_reaches_anybody(operator: Operator) -> None:
    everything = "".join(said.out + said.err for said in operator.said)
    for never in ("Traceback", TOKEN, KEY, operator.stack.caller.secret_key):
        assert never not in everything
    written = [file.read_text("utf-8") for file in operator.home.rglob("*.jsonl") if "import-" in file.name]
    assert written
    assert not any(TOKEN in text for text in written)


def test_a_persona_and_its_accounts_are_as_they_were_asked_for(operator: Operator) -> None:
    told = operator.told
    assert PERSONA in {one["name"] for one in told["personas"]["personas"]}
    assert (told["shown"]["hashtags"], told["shown"]["default_caption"]) == (["sea"], SENTENCE)
    assert [one["works"] for one in told["checked"]["checked"]] == [True, True]
    assert "late_grace" in json.dumps(told["rules"])
    assert told["cleared"]["deleted"] == []
    assert told["removed"]["status"] == "revoked"
    assert told["buffer again"]["connection_id"] == told["removed"]["connection_id"]
    assert {one["status"] for one in told["connections"]["connections"]} == {"connected"}


def test_a_folder_is_in_the_library_once(operator: Operator) -> None:
    told = operator.told
    assert (told["imported"]["imported"], told["imported"]["rejected"]) == (12, 1)
    assert (told["imported again"]["sent"], told["imported again"]["already_there"]) == (0, 12)
    assert [one["reason"] for one in told["rejected"]["rejected"]] == ["not-an-image"]
    assert len(told["exported"].splitlines()) == 12
    assert told["remade"]["asked_for"] == 12
    assert told["photo"]["renditions"]
    assert told["duplicates"]["compared"] == 12
    # It finds themes where scikit-learn is installed, which the console does without elsewhere.
    assert told["themes"].code == 0 or "scikit-learn" in told["themes"].err


def test_what_was_foreseen_was_picked_and_stands_in_the_calendar(operator: Operator) -> None:
    told = operator.told
    assert told["foreseen"]["photo_id"] == told["picked"]["photo_id"]
    assert told["picked"]["post_id"] in {one["post_id"] for one in told["week"]["entries"]}
    assert told["plan"]["slots"][0]["post_id"] == told["picked"]["post_id"]
    assert "23:59" in told["month"]
    assert told["explained"]["because"]
    assert told["runway"]["whole"]["photos"] > 0


def test_a_pick_waits_for_a_person_s_word(operator: Operator) -> None:
    rejected, approved = operator.told["rejected pick"], operator.told["approved"]
    assert {one["status"] for one in rejected["rejected"]["schedules"]} == {"skipped"}
    assert approved["post_id"] == rejected["replacement_id"]
    assert {one["status"] for one in approved["schedules"]} == {"queued"}


def test_posts_go_where_they_are_sent(operator: Operator) -> None:
    told = operator.told
    assert told["cancelled"]["refused"] == []
    assert told["archived"]["archived"] is True
    assert told["edited"]["base_caption"] == "Other words."
    assert told["skipped"]["schedules"][0]["status"] == "skipped"
    assert told["retried"]["schedules"][0]["status"] == "queued"
    assert told["live"]["schedules"][0]["external_url"].startswith("https://")
    assert told["taken down"]["removals"][0]["removed"] is True


def test_what_was_lost_went_out_once(operator: Operator) -> None:
    told = operator.told
    assert told["resolved"]["schedules"][0]["told"] == "not_live"
    codes = {one["post_id"]: one["schedules"][0]["error_code"] for one in told["lost"]["posts"]}
    assert codes[told["resolved"]["post_id"]] == "not-live"
    shown = operator.stack.simulators.state()["instagram"]["posts_per_caption"]
    assert sum(count for text, count in shown.items() if text.startswith("Lost on its way.")) == 1


def test_what_went_out_elsewhere_goes_out_no_more(operator: Operator) -> None:
    told = operator.told
    assert (told["history"]["recorded"], told["history"]["refused"]) == (1, [])
    assert told["refused"].code == 1
    assert told["refused"].err.rstrip().endswith("[photo-already-posted]")
    assert told["analyses"]["recorded"] == 1


def test_the_doctor_sees_the_deployment_that_stands(operator: Operator) -> None:
    found = {one["check"]: one["level"] for one in operator.told["examined"]["findings"]}
    for check in ("credentials", "clock", "stack", "version", "job Sync", "alarm Overdue", f"slots of {PERSONA}"):
        assert found[check] == "green", check
    assert "red" not in found.values()


def test_the_watch_saw_what_went_out(operator: Operator) -> None:
    *facts, last = operator.told["watched"]
    assert {one["key"] for one in facts if one["state"] == "success"} >= {
        operator.told["live"]["schedules"][0]["schedule_id"]
    }
    assert last["event"] == "end"


def test_status_says_what_needs_a_person(operator: Operator) -> None:
    needs = {one["what"]: one["do"] for one in operator.told["status"]["needs_you"]}
    assert needs["everything"] == "shutterpost resume"
    assert f"files of {PERSONA}" in needs
    assert operator.told["resumed"]["paused"] is False
    assert "Needs you" in operator.told["everything"]
