"""The checkout's version covers the deployed files only."""

from pathlib import Path

import pytest

from shutterpost.console.client.version import ROOT, version_of


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in (
        "layers/core/python/shutterpost/flows/syncing/sync.py",
        "layers/core/python/shutterpost/console/app.py",
        "functions/api.py",
        "infra/app.py",
        "infra/local/demo.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    for name in ("requirements-core.txt", "requirements-imaging.txt"):
        (tmp_path / name).write_text("one")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "changes"),
    [
        ("layers/core/python/shutterpost/flows/syncing/sync.py", True),
        ("functions/api.py", True),
        ("infra/app.py", True),
        ("requirements-core.txt", True),
        ("layers/core/python/shutterpost/console/app.py", False),
        ("infra/local/demo.py", False),
        ("functions/__pycache__/api.pyc", False),
        ("README.md", False),
    ],
)
def test_version_changes_with_deployed_files(checkout: Path, file: str, *, changes: bool) -> None:
    before = version_of(checkout)
    version_of.cache_clear()
    (checkout / file).parent.mkdir(exist_ok=True)
    (checkout / file).write_text("two")
    assert (version_of(checkout) != before) is changes


def test_root_is_the_checkout() -> None:
    assert (ROOT / "functions").is_dir()
    assert len(version_of()) == 12
