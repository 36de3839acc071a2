"""A person at a terminal who runs every command of the console as a process, from the first persona to `resolve`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.emulator import ROOT
from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack
from tests.e2e.journey import pass_time
from tests.support.consoles import CommandResult, commands
from tests.support.waiting import eventually

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
    persona: str = PERSONA
    ran: set[str] = field(default_factory=set)
    results: list[CommandResult] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)

    def run(self, *words: str, typed: str = "", answer: Callable[[str], str] | None = None) -> CommandResult:
        """One command, piped. `answer` gives what is typed for the line of standard error that asks for it."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        ways = {"SHUTTERPOST_DEPLOYMENT": str(self.home / "running.json"), "SHUTTERPOST_PERSONA": self.persona}
        path = os.pathsep.join((str(ROOT / "layers" / "core" / "python"), str(ROOT)))
        command = subprocess.Popen(
            [sys.executable, "-m", "shutterpost.console", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**kept, **ways, "PYTHONPATH": path, "XDG_STATE_HOME": str(self.home), "COLUMNS": "200"},
            cwd=self.home,
        )
        question = ""
        with command:
            try:
                while answer and not typed and (line := command.stderr.readline() if command.stderr else ""):
                    question, typed = question + line, answer(line)
                printed, errors = command.communicate(typed, timeout=120)
            finally:
                command.kill()
        known = commands()
        self.ran |= {name for name in known if words[: name.count(" ") + 1] == tuple(name.split())}
        self.results.append(CommandResult(command.returncode, printed, question + errors))
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


def walked(stack: Stack, home: Path) -> Operator:
    """An operator who has walked the whole way; each step's answer by its name."""
    description = home / "running.json"
    description.write_text(json.dumps(stack.description()))
    walking = Operator(stack, home)
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
    me.documents["connection"] = me.run("connections", "show", "buffer").document
    me.run("connections", "budget", "buffer")
    me.documents["account posts"] = me.run("connections", "recent", "cote").document
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
    [before] = me.documents["rejected"]["rejected"]
    me.documents["unusable"] = me.run("status").document
    me.run("photos", "retry", "notes.jpg")
    eventually(lambda: me.run("photos", "rejected").document["rejected"][0]["at"] > before["at"])
    me.documents["forgotten"] = me.run("photos", "forget", "notes.jpg").document
    me.documents["themes"] = me.run("photos", "cluster", "--count", "2", "--dry-run")
    me.documents["duplicates"] = me.run("photos", "duplicates").document
    me.documents["similar"] = me.run("photos", "similar", me.documents["photos"][0]["names"][0])
    me.documents["exported"] = me.run("photos", "export").out
    me.documents["remade"] = me.run("photos", "remake").document
    name = me.documents["photos"][-1]["names"][0]
    me.documents["kept out"] = me.run("photos", "keep-out", name, "--reason", "Not mine.").document
    me.run("photos", "keep-out", name, "--undo")
    me.documents["edited photo"] = me.run("photos", "edit", name, "--keyword", "walk").document


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
    for _ in range(2):
        # There and back.
        me.documents["swapped"] = me.run("post", "swap", waiting["post_id"], drafted).document
    me.documents["changed"] = me.run("post", "reroute", drafted, "buffer").document
    written = me.run("post", "draft", "-c", "instagram", "--caption", "Without a picture.").document["post_id"]
    me.documents["written"] = me.run("post", "write", written, "--channel", "bluesky", "--text", SENTENCE).document
    me.documents["previewed"] = me.run("post", "preview", written).document
    me.run("post", "delete", written)
    me.documents["deleted"] = me.run("post", "show", written)
    me.documents["carousel"] = me.run("post", "carousel", waiting["post_id"], "--with", photos[4]).document
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
