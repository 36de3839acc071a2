"""A deployment per test, and the console on it."""

import io
import sys
from collections.abc import Iterator

import pytest

from shutterpost.console import app
from tests.support.consoles import CommandResult, Console, in_process_client
from tests.support.folders import Deployed, deployed


@pytest.fixture
def world() -> Iterator[Deployed]:
    with deployed() as world:
        yield world


@pytest.fixture
def shutterpost(world: Deployed, monkeypatch: pytest.MonkeyPatch, tmp_path, capsys) -> Console:
    """Runs a command; `typed` is its standard input."""
    api = in_process_client(world)
    monkeypatch.setattr(app.DeploymentChoice, "api", lambda _: api)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def running(*words: str, typed: str = "") -> CommandResult:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        capsys.readouterr()
        code = app.run(words)
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return CommandResult(int(code), out, err)

    return running
