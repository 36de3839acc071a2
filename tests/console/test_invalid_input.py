"""Invalid values of every argument and option of every command: an error with a cause, never an internal error."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.simulators.client import running_simulators
from shutterpost.console import app
from shutterpost.console.client.exit_codes import ExitCode
from tests.support.consoles import commands, in_process_client
from tests.support.folders import Deployed, deployed

TEXTS = ("", " ", "-", "Ω💥\udcff", "9" * 400, "../../x", "%00%2f?#&=", "[red]\x1b[0m", "2026-02-30T25:61", "PST")
NUMBERS = ("", "x", "nan", "inf", "-1", "1e999", "9" * 40, "0x10", "١٢")
# Past and short, so that no command waits.
FAST = {
    "watch": ("--since", "1h", "--hours", "0.5"),
    "photos import": ("--patience", "0"),
    "suggest new": ("--no-wait",),
}
# A photo that nobody wants.
NEGATIVE = {("rating", "-1")}
# How many commands have a parameter of that name.
SHARED = Counter(param.name for command in commands().values() for param in command.params)
VALID = {
    "url": "https://203.0.113.7/shutterpost",
    "delivery": "20260301T120000Z-0123456789abcdef",
    "channel": "instagram",
    "account_id": "17841400000000001",
    "body": "New: {{subject}}",
    "name": "nature",
    "names": "fog.jpg",
    "files": "fog.txt",
    "photo": "fog.jpg",
    "platform": "instagram",
    "operation": "createPost",
    "to": "buffer",
    "which": "instagram",
    "zone": "Europe/Paris",
    "session": "s20260301T120000-0123456789abcdef",
    "role": "viewer",
    "suggestion": "s20260301T120000-0123456789abcdef-buffer-1",
    "principal": "111122223333/role/helper",
}


@pytest.fixture(scope="module")
def world() -> Iterator[Deployed]:
    with deployed() as world:
        world.twice, world.deaf = False, True
        for channel in ("instagram", "buffer"):
            world.world.connection(world.caller, world.persona_id, channel)
        world.world.photo(world.persona_id, "fog.jpg")
        yield world


@pytest.fixture(scope="module")
def platforms_url() -> Iterator[str]:
    with running_simulators() as simulators:
        yield simulators.base_url


@pytest.fixture
def run(world: Deployed, platforms_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys) -> Any:
    """Runs a command; returns its exit code and standard error."""
    client = in_process_client(world)
    api = replace(client, deployment=replace(client.deployment, platforms_url=platforms_url))
    monkeypatch.setattr(app.DeploymentChoice, "api", lambda _: api)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("photo,posted_at\nfog.jpg,2025-01-01\n")
    (tmp_path / "photos").mkdir()

    def running(*words: str) -> tuple[int, str]:
        code = app.run(words)
        return code, capsys.readouterr().err

    return running


def is_number(param: Any) -> bool:
    return param.type_descriptor.annotation in {int, float, int | None}


def values_of(param: Any, name: str) -> tuple[str, ...]:
    """Invalid values for a parameter of the command `name`, or values at the edge of what a text may be.

    The commands that share a parameter also share its parsing, so they take turns with its values.
    """
    values = NUMBERS if is_number(param) else TEXTS
    if SHARED[param.name] <= len(values):
        return values
    first = sorted(commands()).index(name)
    return tuple(values[(first + more) % len(values)] for more in range(3))


def arguments_of(command: Any, post: str) -> dict[str, str]:
    """A valid value for each required argument and option."""
    valid = {**VALID, "post": post, "other": post, "file": "table.csv", "folder": "photos"}
    return {param.name: valid[param.name] for param in command.params if param.required}


def words_of(command: Any, given: dict[str, str]) -> list[str]:
    """The values as options and arguments."""
    params = [param for param in command.params if param.name in given]
    options = [param for param in params if param.param_type_name == "option"]
    return [
        *(f"{max(option.opts, key=len)}={given[option.name]}" for option in options),
        "--",
        *(given[param.name] for param in params if param not in options),
    ]


@pytest.mark.parametrize("name", sorted(commands()))
def test_an_invalid_value_of_any_parameter_has_a_cause(run: Any, world: Deployed, name: str) -> None:
    command = commands()[name]
    post = world.caller.get(f"/personas/{world.persona_id}/posts").body["posts"]
    required = arguments_of(command, post[0]["post_id"] if post else "p0123456789abcdef")
    for param in command.params:
        if getattr(param, "is_flag", False):
            continue
        for value in values_of(param, name):
            words = [*name.split(), *FAST.get(name, ()), *words_of(command, {**required, param.name: value})]
            code, message = run(*words)
            assert code not in {ExitCode.INTERNAL_ERROR, ExitCode.UNAVAILABLE, ExitCode.FORBIDDEN}, (words, message)
            if is_number(param) and (param.name, value) not in NEGATIVE:
                assert code == ExitCode.USAGE, (words, message)
            if code in {ExitCode.USAGE, ExitCode.NOT_FOUND}:
                assert "error: " in message, (words, message)


@pytest.mark.parametrize("option", ["--stage", "--profile", "--region", "--deployment"])
def test_an_invalid_deployment_option_has_a_cause(monkeypatch, tmp_path: Path, capsys, option: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    (tmp_path / "table.csv").write_bytes(b"\xff\xd8")
    for value in (*TEXTS, "table.csv"):
        code = app.run([option, value, "pause"])
        assert code in {ExitCode.USAGE, ExitCode.UNAVAILABLE, ExitCode.FORBIDDEN}, (option, value)
        assert "error: " in capsys.readouterr().err
