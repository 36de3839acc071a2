"""The handlers in the shape of Lambda, with an old and a new SDK as the runtime's, and without a file of a layer."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from infra.layers import Target, build_functions, build_layers
from infra.local.emulator import RUNTIME_PACKAGES, lambda_worker
from infra.local.runtime_sdk import LOCKS, install_sdk
from tests.benchmarks.coldstart import STARTS, Start

pytestmark = [pytest.mark.xdist_group("layers"), pytest.mark.slow]

LOADED = "import sys; print(*[module.__file__ for module in sys.modules.values() if getattr(module, '__file__', None)])"
MEGABYTES = "1769"


@pytest.fixture(scope="module", params=LOCKS)
def runtime_sdk(request: pytest.FixtureRequest) -> Path:
    """An SDK from before Lambda's Python 3.13, or one that is newer than the layers'."""
    return install_sdk(request.param)


def run_in_shape(
    start: Start, home: Path, *, sdk: Path | None = None, without: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Import a handler and make what its first event makes, in a worker of the embedded AWS; prints the loaded files.

    `sdk` is put in the place of the runtime's, `without` is a file below /opt that is taken away.
    """
    starter = lambda_worker(home, sdk)
    layers = []
    for name, layer in build_layers(Target.LOCAL).items():
        if name in start.layers:
            layers.append(shutil.copytree(layer, home / "layers" / name, copy_function=os.link))
    if without:
        (home / "layers" / without).unlink()
    task = home / "task"
    shutil.copytree(build_functions(Target.LOCAL) / start.folder, task / start.folder)
    worker = home / "worker"
    worker.mkdir()
    (worker / "worker.py").write_text(f"{start.code}\n{LOADED}\n")
    prelude = f"import os; os.environ.update({start.environment()})"
    (worker / "worker.py").write_text(f"{prelude}\n{start.code}\n{LOADED}\n")
    environment = {
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": MEGABYTES,
        "LAMBDA_TASK_ROOT": str(task),
        "_LAMBDA_LAYERS_DIRS": os.pathsep.join(map(str, layers)),
    }
    command = [starter, worker / "worker.py"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def loaded_by(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The files that a worker loaded."""
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.handler)
def test_a_handler_runs_on_the_sdk_of_its_layers_whatever_the_runtime_brings(
    start: Start, runtime_sdk: Path, tmp_path: Path
) -> None:
    files = loaded_by(run_in_shape(start, tmp_path, sdk=runtime_sdk))
    assert {name for name in RUNTIME_PACKAGES if any(f"/opt/python/{name}" in file for file in files)} >= {"botocore"}
    assert [file for file in files if Path(file).is_relative_to(tmp_path / "runtime")] == []


def test_the_sdks_of_the_runtime_are_older_and_newer_than_that_of_the_layers(runtime_sdk: Path) -> None:
    code = "import boto3; boto3.client('s3', region_name='us-east-1'); print(boto3.__version__)"
    command = [sys.executable, "-S", "-s", "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(runtime_sdk)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    theirs, ours = ([int(part) for part in version.split(".")] for version in (done.stdout, boto3.__version__))
    assert theirs < ours if runtime_sdk.name.startswith("oldest") else theirs > ours


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_without_a_file_of_our_layer_fails(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    start = chance.choice(STARTS)
    files = loaded_by(run_in_shape(start, tmp_path / "whole"))
    # A package without its __init__.py can still be imported, as a namespace.
    ours = [file for file in files if "/opt/python/shutterpost/" in file and not file.endswith("__init__.py")]
    missing = chance.choice(ours).rpartition("/opt/")[2]
    broken = run_in_shape(start, tmp_path / "broken", without=Path("core", missing))
    assert broken.returncode != 0, missing
    assert "ModuleNotFoundError" in broken.stderr or "ImportError" in broken.stderr, missing
