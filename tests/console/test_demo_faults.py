"""`shutterpost demo faults` on simulated platforms."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.simulators.client import Simulators
from shutterpost.console.app import run
from tests.support.consoles import CommandResult

Run = Callable[..., CommandResult]
FAULT = ("add", "instagram", "media_publish", "--kind", "refuse", "--code", "190", "--subcode", "463", "--count", "2")


@pytest.fixture
def faults(server: Simulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Run:
    """Runs a command on a demo with the simulators."""
    server.reset()
    description = {"api_url": "http://127.0.0.1:9", "bucket": "b", "platforms_url": server.base_url}
    file = tmp_path / "running.json"
    file.write_text(json.dumps(description))
    monkeypatch.setenv("SHUTTERPOST_DEPLOYMENT", str(file))

    def running(*words: str) -> CommandResult:
        code = run(("demo", "faults", *words))
        out, err = capsys.readouterr()
        return CommandResult(int(code), out, err)

    return running


def test_fault_is_added_listed_and_cleared(faults: Run, server: Simulators) -> None:
    [added] = faults(*FAULT).document["faults"]
    expected = {"platform": "instagram", "operation": "media_publish", "kind": "refuse", "count": 2}
    assert (expected | {"code": 190, "subcode": 463}).items() <= added.items()
    assert server.faults() == faults("list").document["faults"] == [added]
    assert "media_publish" in faults("list", "--no-json").out
    assert faults("clear").document["faults"] == server.faults() == []
    assert faults("list", "--no-json").out.strip() == "There is no fault."


@pytest.mark.parametrize("words", [("instagram", "createPost"), ("instagram", "*", "--kind", "melt"), ("x", "*")])
def test_fault_that_no_platform_can_have_is_refused(faults: Run, words: tuple[str, ...]) -> None:
    result = faults("add", *words)
    assert (result.code, result.out) == (2, "")
    assert faults("list").document["faults"] == []


def test_only_a_running_demo_has_faults(faults: Run, tmp_path: Path) -> None:
    file = tmp_path / "running.json"
    file.write_text(json.dumps({"api_url": "http://127.0.0.1:9", "bucket": "b"}))
    assert faults("list").code == 5
    file.write_text(json.dumps({"api_url": "http://127.0.0.1:9", "bucket": "b", "platforms_url": "http://127.0.0.1:9"}))
    assert faults("list").code == 5
