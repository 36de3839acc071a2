"""The console on a terminal: hidden prompt and tables."""

import fcntl
import json
import os
import pty
import subprocess
import sys
import termios
from dataclasses import asdict
from pathlib import Path

from tests.api.world import TOKEN
from tests.support.folders import Deployed
from tests.support.local_server import serving

ROOT = Path(__file__).parents[2]


def read_until(terminal: int, text: str) -> str:
    """The terminal's output up to `text` or its end."""
    shown = b""
    while text.encode() not in shown:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more
    return shown.decode()


def test_a_typed_token_is_not_echoed(world: Deployed, tmp_path) -> None:
    description = tmp_path / "running.json"
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, b"\x28\x00\xa0\x00\x00\x00\x00\x00")
    with serving(world) as deployment:
        description.write_text(json.dumps(asdict(deployment)))
        ways = {"SHUTTERPOST_DEPLOYMENT": str(description), "PYTHONPATH": str(ROOT / "layers" / "core" / "python")}
        words = ["connections", "add", "instagram", "17841400000000001", "--login", "instagram", "--name", "cote"]
        console = subprocess.Popen(
            [sys.executable, "-m", "shutterpost.console", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **ways, "TERM": "xterm"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - getpass asks the terminal
        )
        os.close(slave)
        output = read_until(master, "(hidden): ")
        os.write(master, f"{TOKEN}\n".encode())
        answered = read_until(master, "\0")
        assert console.wait(timeout=60) == 0
        os.close(master)
    assert output.endswith("instagram token (hidden): ")
    assert TOKEN not in output + answered
    assert "token ends in" in answered
    assert "cote" in answered
    [made] = world.caller.get(f"/personas/{world.persona_id}/connections").body["connections"]
    assert made["status"] == "connected"
