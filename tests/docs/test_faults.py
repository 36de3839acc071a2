"""The guide to faults: its commands, what they showed on a demo, and the operations that it names."""

import json
import re
import shlex
from pathlib import Path

import pytest

from infra.local.simulators.buffer import api as buffer_api
from infra.local.simulators.client import running_simulators
from infra.local.simulators.instagram import api as instagram_api
from infra.local.simulators.instagram.accounts import AccountSetup
from shutterpost.console import app
from tests.console.faults_guide import FAULTS, recorded
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs" / "break-it-and-mend-it.md").read_text("utf-8")
SOURCES = {module.__name__: ROOT / f"{module.__name__.replace('.', '/')}.py" for module in (instagram_api, buffer_api)}


# What a reader must see in the record of each fault.
SEEN = {
    "refused": ("held because", "retried", "success"),
    "down": ("its posts are held until", "shutterpost connections reset", "its posts were held until", "started"),
    "token": ("190/463", "--login instagram --name second", "scheduled"),
    "lost": ("unknown", "success"),
    "paused": ("held because posting is paused", "started"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_record_of_a_fault_has_its_commands_and_what_they_show(name: str) -> None:
    record = recorded(name)
    printed = [line.removeprefix("$ ") for line in record.splitlines() if line.startswith("$ ")]
    pattern = {re.escape("{photo}"): r"\S+", re.escape("{post}"): r"p[0-9a-f]{16}"}
    expected = [re.escape(command) for command in FAULTS[name] if not command.startswith("[")]
    for mark, form in pattern.items():
        expected = [command.replace(mark, form) for command in expected]
    assert len(printed) == len(expected)
    assert all(re.fullmatch(form, line) for form, line in zip(expected, printed, strict=True))
    places = [record.find(text) for text in SEEN[name]]
    assert -1 not in places, dict(zip(SEEN[name], places, strict=True))
    assert "internal error" not in record.lower()


def test_every_fault_of_the_guide_is_accepted_by_the_simulators(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [command for commands in FAULTS.values() for command in commands if "faults add" in command]
    with running_simulators() as simulators:
        description = {"api_url": "http://127.0.0.1:9", "bucket": "b", "platforms_url": simulators.base_url}
        (tmp_path / "running.json").write_text(json.dumps(description))
        monkeypatch.setenv("SHUTTERPOST_DEPLOYMENT", str(tmp_path / "running.json"))
        codes = [app.run(shlex.split(line)[1:]) for line in lines]
        assert (codes, len(simulators.faults())) == ([0] * 4, 4), capsys.readouterr().err


def test_every_operation_that_the_guide_lists_exists() -> None:
    listed = re.findall(r"`([a-z]+_[a-z]+|createPost|posts|deletePost)`", PAGE.partition("## 1.")[0])
    sources = "".join(path.read_text("utf-8") for path in SOURCES.values())

    assert {"create_container", "media_publish", "createPost"} <= set(listed)
    assert all(f'"{operation}"' in sources for operation in listed)


def test_account_of_the_guide_is_accepted() -> None:
    [body] = re.findall(r"instagram/accounts -d '(.*?)'", PAGE)
    assert AccountSetup.model_validate(json.loads(body)).username == "second"
