"""`shutterpost web` as a process: it serves the page until it is interrupted."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx

from shutterpost.console.client.exit_codes import ExitCode

PATIENCE = 60


def test_the_page_is_served_until_it_is_interrupted(tmp_path: Path) -> None:
    described = tmp_path / "deployment.json"
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    described.write_text(json.dumps({"api_url": "http://127.0.0.1:9", "bucket": "library", **keys}))
    command = [sys.executable, "-m", "shutterpost.console", "--deployment", str(described), "web", "--no-open"]
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as served:
        try:
            assert served.stderr is not None
            line = served.stderr.readline()
            address, opens = re.search(r"(http://127\.0\.0\.1:\d+/).*(file://\S+)", line).groups()  # type: ignore[union-attr]
            file = Path(url2pathname(urlsplit(opens).path))
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
