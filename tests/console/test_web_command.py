"""`shutterpost web` as a process: it serves the page until it is interrupted."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx
import pytest

from infra.local.demo import served_page
from shutterpost.console.client.exit_codes import ExitCode

PATIENCE = 60


def described(folder: Path) -> Path:
    """A file that describes a deployment without an API."""
    file = folder / "deployment.json"
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    file.write_text(json.dumps({"api_url": "http://127.0.0.1:9", "bucket": "library", **keys}))
    return file


def places(line: str) -> tuple[str, Path]:
    """The address of the page, and the file that opens it, of the first line."""
    match = re.search(r"(http://127\.0\.0\.1:\d+/).*(file://\S+)", line)
    assert match, line
    return match[1], Path(url2pathname(urlsplit(match[2]).path))


def test_the_page_is_served_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "shutterpost.console",
        "--deployment",
        str(described(tmp_path)),
        "web",
        "--no-open",
    ]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as served:
        try:
            assert served.stderr is not None
            address, file = places(served.stderr.readline())
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
            once = re.search(r"#once=([\w-]+)", file.read_text())
            assert once
            assert "<title>Shutterpost</title>" in httpx.get(address, timeout=PATIENCE).text
            opened = httpx.post(f"{address}session", content=once[1], timeout=PATIENCE)
            token = {"x-shutterpost": opened.json()["token"]}
            assert httpx.get(f"{address}api/unknown", headers=token, timeout=PATIENCE).status_code == 404
        finally:
            served.send_signal(signal.SIGINT)
            code = served.wait(PATIENCE)
    assert code in {ExitCode.OK, ExitCode.INTERRUPTED}
    assert not file.exists()


def test_a_demo_serves_the_page_and_prints_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    # The next free port after 8420 may be another test's as soon as this page ends.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with served_page(described(tmp_path), tmp_path / "page.log", port) as line:
        address, file = places(line)
        assert f"{address}#once=" in file.read_text()
        assert httpx.get(f"{address}api/personas", timeout=PATIENCE).status_code == 401
    assert not file.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
