"""An import continues after Ctrl-C and after a kill, and uploads nothing twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from shutterpost.console.imports.importing import WORKERS
from tests.support.folders import Deployed, paint_folder
from tests.support.local_server import serving

ROOT = Path(__file__).parents[2]
PHOTOS = 400

pytestmark = pytest.mark.timeout(300)


def wait_for_uploads(world: Deployed, count: int, console: subprocess.Popen[str]) -> None:
    """Wait until the bucket has `count` uploads; fails if the console exits."""
    while len(world.puts) < count:
        assert console.poll() is None, console.communicate()
        time.sleep(0.01)


def test_import_continues_after_an_interrupt_and_a_kill(world: Deployed, tmp_path) -> None:
    paint_folder(tmp_path / "photos", PHOTOS, size=(320, 168))
    world.twice = False
    description = tmp_path / "running.json"
    ways = {"SHUTTERPOST_DEPLOYMENT": str(description), "XDG_STATE_HOME": str(tmp_path / "state")}
    environment = {**os.environ, **ways, "PYTHONPATH": str(ROOT / "layers" / "core" / "python")}

    def importing() -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "shutterpost.console", "photos", "import", str(tmp_path / "photos")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            # A background job and some CI runners ignore SIGINT, which a child inherits.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    with serving(world) as deployment:
        description.write_text(json.dumps(asdict(deployment)))
        interrupted = importing()
        wait_for_uploads(world, 50, interrupted)
        interrupted.send_signal(signal.SIGINT)
        _, errors = interrupted.communicate(timeout=60)
        assert interrupted.returncode == 130
        assert "the same command continues from here" in errors
        assert "Traceback" not in errors
        sent = len(world.puts)
        assert sent < PHOTOS

        killed = importing()
        wait_for_uploads(world, sent + 60, killed)
        killed.kill()
        killed.communicate(timeout=60)

        ended = importing()
        out, errors = ended.communicate(timeout=250)
    document = json.loads(out)
    assert (ended.returncode, document["files"], document["waiting"], document["rejected"]) == (0, PHOTOS, 0, 0), errors
    assert document["sent"] < PHOTOS - sent - 40
    # What was on its way when the kill came may be sent again; what had come to the bucket is not.
    assert len(world.puts) <= PHOTOS + WORKERS
    photos = list(world.pages(f"/personas/{world.persona_id}/photos", "photos"))
    assert Counter(len(photo["keys"]) for photo in photos) == {1: PHOTOS}
