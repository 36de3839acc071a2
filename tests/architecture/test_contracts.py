"""Every import contract in pyproject.toml fails when an import that it forbids is added to the sources."""

import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("layers/core/python/shutterpost", "functions", "infra", "tests")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the linter says of a copy of the sources with each forbidden import planted alone."""
    copy = tmp_path_factory.mktemp("sources")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        for source in (ROOT / package).rglob("*.py"):
            target = copy / source.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    script = Path(__file__).parent / "plant_imports.py"
    finished = subprocess.run([sys.executable, script], cwd=copy, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    results: list[Any] = json.loads(finished.stdout.splitlines()[-1])
    return results


@pytest.mark.xdist_group("contracts")
@pytest.mark.parametrize("name", [contract["name"] for contract in CONTRACTS])
def test_contract_refuses_each_planted_import_and_nothing_else(name: str, planted: list[Any]) -> None:
    [unchanged, *imports] = [result[1:] for result in planted if result[0] == name]
    assert unchanged == ["", "", False]
    assert imports
    assert [(importer, imported) for importer, imported, refused in imports if not refused] == []
