"""A function imports everything from its layers, and fails if a file of them is missing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.layers import Target, build_functions, build_layers
from infra.local.emulator import lambda_python
from tests.benchmarks.coldstart import STARTS, Start

pytestmark = pytest.mark.xdist_group("layers")
LOADED = "import sys; print(*[module.__file__ for module in sys.modules.values() if getattr(module, '__file__', None)])"


def started(start: Start, layers: dict[str, Path], home: Path) -> subprocess.CompletedProcess[str]:
    """Import a handler and make what its first event makes, with these layers; prints the files that were loaded."""
    path = [build_functions(Target.LOCAL), *(layers[name] / "python" for name in start.layers)]
    region = {"AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1", "PATH": os.defpath}
    code = f"import sys; sys.path[:0] = {[str(part) for part in path]}\n{start.code}\n{LOADED}"
    return subprocess.run(
        [lambda_python(home), "-B", "-c", code],
        env={**start.environment(), **region},
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )


def without(layers: dict[str, Path], missing: Path, home: Path) -> dict[str, Path]:
    """The same layers without the file or folder `missing`, which is in one of them."""
    (name,) = (name for name, layer in layers.items() if missing.is_relative_to(layer))
    copy = home / name
    shutil.copytree(layers[name], copy, copy_function=os.link)
    lost = copy / missing.relative_to(layers[name])
    shutil.rmtree(lost) if lost.is_dir() else lost.unlink()
    return {**layers, name: copy}


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.handler)
def test_a_function_without_one_file_of_a_layer_fails(start: Start, tmp_path: Path) -> None:
    layers = build_layers(Target.LOCAL)
    whole = started(start, layers, tmp_path)
    assert whole.returncode == 0, whole.stderr
    files = [Path(file) for file in whole.stdout.split()]
    # A package without its __init__.py can still be imported, as a namespace.
    ours = [file for file in files if file.is_relative_to(layers["core"]) and file.name != "__init__.py"]
    # Some packages do without some of their own modules, so theirs is one that each function needs.
    for missing in (ours[len(ours) // 2], layers["dependencies"] / "python/pydantic/main.py"):
        assert missing in files
        broken = started(start, without(layers, missing, tmp_path), tmp_path)
        assert broken.returncode != 0
        assert "ModuleNotFoundError" in broken.stderr or "ImportError" in broken.stderr


SELDOM = {
    "import_photos.handler": ("flows/p", "flows/syncing", "flows/operating", "flows/notifying", "httpx"),
    "post_next_best.handler": ("flows/syncing", "flows/publishing", "flows/notifying", "boto3", "httpx"),
    "schedule_post.steps": ("flows/syncing", "flows/operating", "flows/picking", "flows/notifying", "boto3", "httpx"),
    "schedule_post.suggestions": (
        "flows/pi",
        "flows/pu",
        "flows/pl",
        "flows/syncing",
        "flows/operating",
        "flows/notifying",
        "boto3",
        "httpx",
    ),
    "sync_status.handler": ("flows/picking", "flows/operating", "notifying/notifier", "boto3", "httpx"),
    "schedule_post.api": ("syncing/sync.py", "syncing/actions", "publishing/steps", "boto3", "httpx", "jsonschema"),
}
"""What a function does without until an event needs it, as part of a path."""


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.handler)
def test_a_function_loads_no_flow_that_its_usual_event_does_not_run(start: Start, tmp_path: Path) -> None:
    done = started(start, build_layers(Target.LOCAL), tmp_path)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert any("/shutterpost/flows/" in file for file in loaded)
    assert [file for file in loaded for part in SELDOM[start.handler] if f"/{part}" in file] == []


def test_a_function_without_the_description_of_a_service_fails(tmp_path: Path) -> None:
    layers = build_layers(Target.LOCAL)
    (start,) = (item for item in STARTS if item.folder == "import_photos")
    missing = layers["dependencies"] / "python/botocore/data/s3"
    assert "UnknownServiceError" in started(start, without(layers, missing, tmp_path), tmp_path).stderr
