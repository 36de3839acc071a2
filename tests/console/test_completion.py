"""Shell completion of names, by a process as the shell calls it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.support.folders import Deployed
from tests.support.local_server import serving

ROOT = Path(__file__).parents[2]


@pytest.fixture
def complete(world: Deployed, tmp_path: Path):
    """Completes the last word of a command line."""
    world.world.connection(world.caller, world.persona_id)
    world.world.photo(world.persona_id, "fog.jpg")
    with serving(world) as deployment:
        (tmp_path / "deployment.json").write_text(json.dumps(asdict(deployment)))

        def completing(*words: str, file: str = "deployment.json") -> list[str]:
            request = {
                "_SHUTTERPOST_COMPLETE": "complete_bash",
                "COMP_WORDS": " ".join(("shutterpost", *words)),
                "COMP_CWORD": str(len(words)),
                "SHUTTERPOST_DEPLOYMENT": str(tmp_path / file),
                "PYTHONPATH": str(ROOT / "layers" / "core" / "python"),
            }
            done = subprocess.run(
                [sys.executable, "-m", "shutterpost.console"],
                env={**os.environ, **request},
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert "Traceback" not in done.stderr
            return done.stdout.split("\n")[:-1] if done.stdout.strip() else []

        yield completing


def test_names_of_the_deployment_are_completed(complete: Callable[..., list[str]]) -> None:
    assert complete("personas", "show", "Nat") == ["Nature Explorer"]
    assert complete("status", "--persona", "Nat") == ["Nature Explorer"]
    assert complete("post", "now", "fo") == ["fog.jpg"]
    assert complete("post", "now", "fog.jpg", "--connection", "insta") == ["instagram-1"]


def test_nothing_is_completed_without_a_deployment(complete: Callable[..., list[str]]) -> None:
    assert complete("personas", "show", "Nat", file="missing.json") == []
