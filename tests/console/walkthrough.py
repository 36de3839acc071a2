"""Records the README's walk-through on a running demo: `python -m tests.console.walkthrough`."""

import json
import os
import re
import subprocess
from pathlib import Path

from tests.support.terminals import run_on_terminal

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- walk-through -->\n```console\n", "```\n<!-- end -->"
WIDTH = 118
# The photo and the post come from the output of earlier commands.
COMMANDS = (
    "shutterpost personas list",
    "shutterpost photos list --persona nature --unposted --limit 3",
    "shutterpost post schedule {photo} --persona nature --at 'tomorrow 18:30' --caption 'A stunning mountain vista.'",
    "shutterpost post schedule {photo} --persona nature --at 'sat 09:00'",
    "shutterpost sync --persona nature",
    "shutterpost post show {post} --json | jq -r '.events[].external_id'",
)


def written_down() -> str:
    """The recorded text."""
    _, _, after = README.read_text("utf-8").partition(BEGIN)
    return after.partition(END)[0]


def commands_written_down() -> list[str]:
    """The commands of the README, in order."""
    return [line.removeprefix("$ ") for line in written_down().splitlines() if line.startswith("$ ")]


def record() -> str:
    """Every command with its output on a terminal."""
    listed = json.loads(_run(COMMANDS[1], piped=True))["photos"]
    facts = {"photo": listed[0]["names"][0], "post": ""}
    collected = []
    for command in COMMANDS:
        line = command.replace("{photo}", facts["photo"]).replace("{post}", facts["post"])
        output = _run(line)
        match = re.search(r"\bp[0-9a-f]{16}\b", output)
        facts["post"] = facts["post"] or (match[0] if match else "")
        collected.append(f"$ {line}\n{output}")
    return "".join(collected)


def _run(line: str, *, piped: bool = False) -> str:
    """The line's output on a terminal, or in a pipe."""
    path = f"{ROOT / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path}
    words = ["/bin/sh", "-c", line]
    if piped:
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout
    return run_on_terminal(words, environment, WIDTH)


def main() -> None:
    """Write the record into the README."""
    before, _, after = README.read_text("utf-8").partition(BEGIN)
    _, _, rest = after.partition(END)
    README.write_text(before + BEGIN + record() + END + rest, "utf-8")


if __name__ == "__main__":
    main()
