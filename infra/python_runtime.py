"""The Python version and environment of the functions, and their interpreter on this machine."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from uv import find_uv_bin

LAMBDA_PYTHON: Final = "3.13"
"""Lambda's python3.13 runs on Amazon Linux 2023, whose glibc is 2.34 (docs.aws.amazon.com/lambda, "Lambda runtimes").
The locks are resolved and the layers compiled for it, whatever Python runs the tests and the CDK app."""
START_CHEAPER: Final = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""The search for pydantic's plugins takes time in each cold start, and there are none."""


class LambdaPythonMissing(RuntimeError):
    """No interpreter of Lambda's version exists or could be downloaded."""


def find_lambda_python() -> Path | None:
    if ".".join(map(str, sys.version_info[:2])) == LAMBDA_PYTHON:
        return Path(sys.executable)
    done = _uv("find", LAMBDA_PYTHON)
    return Path(done.stdout.strip()) if done.returncode == 0 else None


def require_lambda_python() -> Path:
    """An interpreter of Lambda's version, downloaded with uv if needed. Raises LambdaPythonMissing."""
    if interpreter := find_lambda_python():
        return interpreter
    done = _uv("install", "--no-bin", LAMBDA_PYTHON)
    if interpreter := find_lambda_python():
        return interpreter
    raise LambdaPythonMissing(
        f"The functions run on Python {LAMBDA_PYTHON}, and a deploy compiles the layers with it. There is none on this "
        f"machine, and uv could not download one:\n{done.stderr.strip()}\n"
        f"Install Python {LAMBDA_PYTHON} (Debian 13: apt install python3; macOS: brew install python@{LAMBDA_PYTHON}; "
        f"or pyenv install {LAMBDA_PYTHON}), then deploy again."
    )


def _uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [find_uv_bin(), "python", *arguments, "--no-config"]
    if arguments[0] == "find":
        command += ["--system", "--no-python-downloads"]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments


def _environment() -> dict[str, str]:
    # uv stops at pyenv's shims of versions that are not installed, so the installed versions replace them.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    path = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder).name != "shims"]
    path += [str(version / "bin") for version in sorted(pyenv.glob(f"versions/{LAMBDA_PYTHON}*"), reverse=True)]
    return {**os.environ, "PATH": os.pathsep.join(path)}
