"""Records the faults of docs/break-it-and-mend-it.md on a running demo: `python -m tests.console.faults_guide`."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from infra.local.call import RUNNING
from infra.local.simulators.client import Simulators
from tests.support.terminals import run_on_terminal

PAGE = Path(__file__).parents[2] / "docs" / "break-it-and-mend-it.md"
WIDTH = 118
USER, NAME = "17841400000000002", "second"
TOKEN = "IGQ-second"
CONNECT = "echo IGQ-second | shutterpost connections add instagram 17841400000000002 --login instagram --name second"
_SETTLED = {"posted", "failed"}
# The commands of each fault; {photo} is the next unposted photo, {post} the post that was created last. A line in
# brackets is not printed: it waits until the post is in that state, at most twelve minutes, and syncs meanwhile.
FAULTS: dict[str, tuple[str, ...]] = {
    "refused": (
        "shutterpost demo faults add instagram create_container --kind throttle --count 2",
        "shutterpost post now {photo} --connection second",
        "[held]",
        "shutterpost post show {post}",
        "[success]",
        "shutterpost post show {post} --json | jq -r '.events[] | .outcome, .error_code'",
    ),
    "down": (
        "shutterpost demo faults add instagram create_container --kind throttle --count 15",
        "shutterpost post now {photo} --connection second",
        "shutterpost post now {photo} --connection second",
        "shutterpost post now {photo} --connection second",
        "[circuit]",
        "shutterpost status",
        "shutterpost demo faults clear",
        "shutterpost connections check second",
        "[settled]",
    ),
    "token": (
        "shutterpost demo faults add instagram publishing_limit --kind refuse --code 190 --subcode 463",
        "shutterpost post now {photo} --connection second",
        "[failed]",
        "shutterpost status",
        CONNECT,
        "shutterpost post retry {post}",
        "[success]",
    ),
    "lost": (
        "shutterpost demo faults add instagram media_publish --kind effect_then_drop",
        "shutterpost post now {photo} --connection second",
        "[unknown]",
        "shutterpost post show {post}",
        "[success]",
        "shutterpost post show {post}",
    ),
    "paused": (
        "shutterpost pause 'Trying it out.'",
        "shutterpost post now {photo} --connection second",
        "shutterpost resume",
        "[success]",
    ),
}


def block(name: str) -> tuple[str, str]:
    """What is before and after the record of a fault."""
    return f"<!-- fault {name} -->\n```console\n", "```\n<!-- end -->"


def recorded(name: str) -> str:
    """The record of a fault on the page."""
    begin, end = block(name)
    return PAGE.read_text("utf-8").partition(begin)[2].partition(end)[0]


def record(commands: tuple[str, ...]) -> str:
    """Run the commands; returns what a terminal shows."""
    shown, post = [], ""
    for command in commands:
        if command.startswith("["):
            _wait(command.strip("[]"), post)
            continue
        line = command.replace("{post}", post).replace("{photo}", _next_photo() if "{photo}" in command else "")
        output = run_on_terminal(["/bin/sh", "-c", line], os.environ, WIDTH)
        match = re.search(r"^Post (p[0-9a-f]{16})$", output, re.MULTILINE)
        post = match[1] if match else post
        shown.append(f"$ {line}\n{output}")
    return "".join(shown)


def _wait(state: str, post: str) -> None:
    """Until the post is in the state."""
    for _ in range(72):
        if _is_in(state, post):
            return
        time.sleep(10)
        _json("sync")
    raise TimeoutError(f"{post} is not {state}")


def _is_in(state: str, post: str) -> bool:
    if state == "settled":
        return all(each["status"] in _SETTLED for each in _json(f"post list --connection {NAME}")["posts"])
    if state == "circuit":
        return any(each["circuit"] for each in _json("connections list")["connections"])
    schedule = _schedule(post)
    return bool(schedule["held"]) if state == "held" else schedule["status"] == state


def _schedule(post: str) -> dict[str, Any]:
    schedule: dict[str, Any] = _json(f"post show {post}")["schedules"][0]
    return schedule


def _next_photo() -> str:
    return str(_json("photos list --unposted --limit 1")["photos"][0]["names"][0])


def _json(words: str) -> dict[str, Any]:
    result = subprocess.run(["shutterpost", *words.split()], capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def main() -> None:
    """Write the records of the named faults, by default of all, into the page, each as soon as it is made."""
    Simulators(json.loads(RUNNING.read_text())["platforms_url"]).add_instagram_account(
        TOKEN, kind="instagram", ig_user_id=USER, username=NAME
    )
    subprocess.run(["/bin/sh", "-c", CONNECT], check=True, stdout=subprocess.DEVNULL)
    for name in sys.argv[1:] or FAULTS:
        begin, end = block(name)
        made = record(FAULTS[name])
        before, mark, after = PAGE.read_text("utf-8").partition(begin)
        PAGE.write_text(before + mark + made + end + after.partition(end)[2], "utf-8")


if __name__ == "__main__":
    main()
