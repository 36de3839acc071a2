"""`photos open`: a signed link, and a browser on a terminal only."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.aws import BUCKET
from tests.support.consoles import Console
from tests.support.folders import Deployed
from tests.support.local_server import serving
from tests.support.pictures import jpeg
from tests.support.terminals import run_on_terminal

ROOT = Path(__file__).parents[2]
OPEN = [sys.executable, "-m", "shutterpost.console", "photos", "open", "fog.jpg"]


@pytest.fixture
def visited(tmp_path: Path) -> Path:
    """Where the browser of the tests writes what it opens."""
    return tmp_path / "visited"


def rendered(world: Deployed) -> str:
    """The key of a new photo's rendition, which is in the bucket."""
    key = next(iter(world.world.photo(world.persona_id, "fog.jpg").renditions.values()))
    world.world.s3.put_object(Bucket=BUCKET, Key=key, Body=jpeg())
    return key


@pytest.fixture
def environment(world: Deployed, tmp_path: Path, visited: Path) -> Iterator[dict[str, str]]:
    rendered(world)
    description, browser = tmp_path / "running.json", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {visited}\n')
    browser.chmod(0o700)
    with serving(world) as deployment:
        description.write_text(json.dumps(asdict(deployment)))
        own = {"SHUTTERPOST_DEPLOYMENT": str(description), "PYTHONPATH": str(ROOT / "layers" / "core" / "python")}
        yield {**os.environ, **own, "BROWSER": f"{browser} %s", "DISPLAY": ":9"}


def test_link_is_signed_for_the_rendition_and_expires(shutterpost: Console, world: Deployed) -> None:
    key = rendered(world)
    parts = urlsplit(shutterpost("photos", "open", "fog.jpg").document["url"])
    query = parse_qs(parts.query)
    assert parts.path.endswith(key)
    assert any(name.endswith("Signature") for name in query)
    assert any(name.endswith("Expires") for name in query)


def test_photo_without_a_rendition_is_refused(shutterpost: Console, world: Deployed) -> None:
    world.world.photo(world.persona_id, "fog.jpg", renditions={}, made_for={})
    result = shutterpost("photos", "open", "fog.jpg")
    assert (result.code, "[photo-has-no-rendition]" in result.err) == (1, True)


def test_link_to_a_rendition_that_is_gone_is_not_given(shutterpost: Console, world: Deployed) -> None:
    world.world.photo(world.persona_id, "fog.jpg")
    result = shutterpost("photos", "open", "fog.jpg")
    assert (result.code, result.out) == (1, "")
    assert "no longer in the bucket" in result.err


def test_browser_opens_on_a_terminal(environment: dict[str, str], visited: Path) -> None:
    assert run_on_terminal(OPEN, environment, 100) == ""
    assert visited.read_text().startswith("http")


@pytest.mark.parametrize("options", [["--link"], ["--json"]])
def test_link_is_printed_where_that_is_requested(
    environment: dict[str, str], visited: Path, options: list[str]
) -> None:
    assert "http" in run_on_terminal([*OPEN, *options], environment, 100)
    assert not visited.exists()


def test_no_browser_opens_without_a_terminal(environment: dict[str, str], visited: Path) -> None:
    piped = subprocess.run(OPEN, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(piped.stdout)["url"].startswith("http")
    assert not visited.exists()
