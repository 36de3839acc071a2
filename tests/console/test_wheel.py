"""The wheel installs a working `shutterpost` command."""

import os
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest

from shutterpost.console.client.exit_codes import ExitCode

ROOT = Path(__file__).parents[2]
OFFLINE = {**{name: value for name, value in os.environ.items() if name != "PYTHONPATH"}, "UV_OFFLINE": "1"}


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`shutterpost` in a new environment that has the wheel, and sees the test environment's libraries."""
    home = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).with_name("uv")
    run(uv, "build", "--wheel", "--no-config", "--out-dir", home, ROOT)
    venv.create(home / "env", with_pip=False)
    [wheel] = home.glob("*.whl")
    python = home / "env" / "bin" / "python"
    run(uv, "pip", "install", "--no-config", "--no-deps", "--python", python, wheel)
    [site] = (home / "env" / "lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(str(metadata.distribution("typer").locate_file("")))
    return home / "env" / "bin" / "shutterpost"


def run(*words: str | Path) -> str:
    done = subprocess.run(list(map(str, words)), env=OFFLINE, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == ExitCode.OK, done.stderr
    return done.stdout


def test_the_installed_command_prints_the_project_s_version(command: Path) -> None:
    assert run(command, "--version") == "shutterpost 0.1.0\n"


@pytest.mark.parametrize("words", [("--help",), ("post", "schedule", "--help")])
def test_the_installed_command_prints_help(command: Path, words: tuple[str, ...]) -> None:
    assert "Usage: shutterpost" in run(command, *words)


def test_the_installed_command_runs_its_own_code(command: Path) -> None:
    script = "import shutterpost.console; print(shutterpost.console.__file__)"
    assert str(command.parents[1]) in run(command.with_name("python"), "-c", script)


def test_the_layers_have_the_wheel_s_dependencies_without_the_console_s() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    dependencies, core = set(project["project"]["dependencies"]), set(project["dependency-groups"]["core"])
    assert {name.partition(">")[0] for name in dependencies - core} == {"rich", "typer"}
    assert core < dependencies
