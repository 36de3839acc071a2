"""The SDK of the layers makes the same calls as the whole one, for every operation of every service it keeps."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.layers import ROOT, Target, build_layers
from infra.local.emulator import lambda_python
from infra.python_runtime import find_lambda_python
from infra.sdk import SERVICES
from tests.infra.every_operation import ANSWERS, REGIONS

pytestmark = pytest.mark.xdist_group("layers")
SCRIPT = Path(__file__).with_name("every_operation.py")


def calls_with(folder: Path, interpreter: list[str]) -> dict[str, Any]:
    """Every call that the botocore in `folder` makes."""
    done = subprocess.run(
        [*interpreter, str(SCRIPT), *SERVICES],
        env={"PYTHONPATH": str(folder), "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert Path(result["data"]).is_relative_to(folder)
    return result


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    return calls_with(Path(boto3.__file__).parents[1], [sys.executable, "-S", "-s"])


def test_every_operation_is_called_as_with_the_whole_sdk(whole: dict[str, Any]) -> None:
    compiler = find_lambda_python()
    layers = build_layers(Target.AWS, byte_code=compiler is not None)
    trimmed = calls_with(layers["dependencies"] / "python", [str(compiler or sys.executable), "-S", "-s"])
    assert trimmed["botocore"] == whole["botocore"]
    differing = [name for name, call in whole["calls"].items() if trimmed["calls"].get(name) != call]
    assert differing == []
    assert set(trimmed["calls"]) == set(whole["calls"])


def test_the_comparison_reaches_every_operation(whole: dict[str, Any]) -> None:
    sent = [name for name, call in whole["calls"].items() if name.split()[-1] in ANSWERS and call["sent"]]
    session = boto3.Session(region_name=REGIONS[0])
    operations = {service: session.client(service).meta.service_model.operation_names for service in SERVICES}  # type: ignore[call-overload] # the stubs want literal names
    assert len(sent) == sum(map(len, operations.values())) * len(REGIONS) * len(ANSWERS)


def services_in_code() -> set[str]:
    """Names given to `client(…)` and `boto3.client(…)` in what is deployed, and PynamoDB's service."""
    package = ROOT / "layers/core/python/shutterpost"
    files = [file for file in package.rglob("*.py") if file.relative_to(package).parts[0] != "console"]
    files += (ROOT / "functions").rglob("*.py")
    named = {"dynamodb"}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"client", "boto3.client", "session.client"}:
                named |= {str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return named


def test_the_services_that_the_code_calls_are_kept_and_no_others() -> None:
    assert services_in_code() == set(SERVICES)


def test_a_service_that_is_not_kept_fails(tmp_path: Path) -> None:
    code = "import boto3; boto3.client('kms', region_name='us-east-1')"
    starter = lambda_python(tmp_path)
    code = f"import sys; sys.path.insert(0, {str(build_layers(Target.LOCAL)['dependencies'] / 'python')!r})\n{code}"
    done = subprocess.run([starter, "-c", code], capture_output=True, text=True, check=False)
    assert "UnknownServiceError: Unknown service: 'kms'" in done.stderr
