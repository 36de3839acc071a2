"""Lambda layers and the functions' code, built without Docker from the hashed locks and the sources.

What is under `.build/layers/<target>/<name>` is rebuilt when its lock, its sources, the target or this code changes.
`aws` has wheels and byte code for Lambda, `local` for this machine. Without byte code a cold start takes twice as long.
"""

import fcntl
import functools
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from uv import find_uv_bin

from infra import python_runtime, sdk
from infra.python_runtime import LAMBDA_PYTHON, require_lambda_python

ROOT = Path(__file__).resolve().parent.parent
LAMBDA_PLATFORM = "aarch64-manylinux_2_28"
"""Wheels that need glibc 2.28 or less."""
SIZE_LIMIT_BYTES = 250 * 1024 * 1024
"""The maximum unpacked size of a function with its layers: docs.aws.amazon.com/lambda, "Lambda quotas"."""

_NEVER_IMPORTED = ("bin", "**/tests", "**/__pycache__", "**/*.pyi")
_INSTALLER_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "direct_url.json", "uv_build.json", "uv_cache.json")


class Target(StrEnum):
    AWS = "aws"
    LOCAL = "local"


class LayerBuildError(RuntimeError):
    """A layer could not be built; the message contains uv's output."""


def build_layers(target: Target, *, root: Path = ROOT, byte_code: bool = True) -> dict[str, Path]:
    """Build outdated layers; returns each layer's directory by name.

    Without `byte_code` Lambda's Python is not needed. Raises LayerBuildError and LambdaPythonMissing.
    """
    compiler = _compiler(target) if byte_code else None
    with _build_folder(target, root, byte_code=byte_code) as home:
        layers = {
            name: _ensure(
                home / name,
                _digest(target, (root / lock).read_bytes()),
                functools.partial(fill, root / lock, target=target),
                compiler,
            )
            for name, (lock, fill) in _INSTALLED.items()
        }
        layers["core"] = _ensure_copy(home / "core", target, _own_sources(root), compiler)
    return layers


def build_functions(target: Target, *, root: Path = ROOT, byte_code: bool = True) -> Path:
    """The directory with a folder per function, built anew if it is outdated; raises as `build_layers`."""
    compiler = _compiler(target) if byte_code else None
    sources = _sources_in(root / "functions")
    with _build_folder(target, root, byte_code=byte_code) as home:
        return _ensure_copy(home / "functions", target, sources, compiler) / "python"


def _compiler(target: Target) -> Path:
    return require_lambda_python() if target is Target.AWS else Path(sys.executable)


def _ensure_copy(into: Path, target: Target, sources: dict[str, Path], compiler: Path | None) -> Path:
    parts = (part for name, path in sources.items() for part in (name.encode(), path.read_bytes()))
    return _ensure(into, _digest(target, *parts), functools.partial(_copy, sources), compiler)


def _ensure(layer: Path, digest: str, fill: Callable[[Path], None], compiler: Path | None) -> Path:
    stamp = layer.with_suffix(".digest")
    if layer.is_dir() and stamp.exists() and stamp.read_text() == digest:
        return layer
    stamp.unlink(missing_ok=True)
    shutil.rmtree(layer, ignore_errors=True)
    python = layer / "python"
    python.mkdir(parents=True)
    fill(python)
    if compiler:
        _compile(python, compiler)
    stamp.write_text(digest)
    return layer


def _install(lock: Path, into: Path, *, target: Target) -> None:
    # The imaging lock leaves out what the dependencies layer has, so its closure is not complete: hence --no-deps.
    # pyvips comes as a source archive of pure Python; its compiled half is pyvips-binary's.
    command = [
        find_uv_bin(),
        "pip",
        "install",
        "--quiet",
        "--no-config",
        "--no-deps",
        "--require-hashes",
        "--requirement",
        str(lock),
    ]
    command += ["--only-binary", ":all:", "--no-binary", "pyvips", "--target", str(into)]
    if target is Target.AWS:
        command += ["--python-platform", LAMBDA_PLATFORM, "--python-version", LAMBDA_PYTHON]
    else:
        command += ["--python", sys.executable]
    # Without pkg-config pyvips cannot find a libvips of this machine to compile against.
    environment = {**os.environ, "PKG_CONFIG": "false"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        raise LayerBuildError(f"uv could not install {lock.name} for {target}:\n{done.stderr.strip()}")
    _prune(into)


def _install_dependencies(lock: Path, into: Path, *, target: Target) -> None:
    _install(lock, into, target=target)
    if (into / "botocore").is_dir():
        sdk.trim(into)


# By layer: its lock and the function that builds it.
_INSTALLED: dict[str, tuple[str, Callable[..., None]]] = {
    "dependencies": ("requirements-core.txt", _install_dependencies),
    "imaging": ("requirements-imaging.txt", _install),
}


def _prune(python: Path) -> None:
    for pattern in _NEVER_IMPORTED:
        for path in sorted(python.glob(pattern), reverse=True):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for notes in python.glob("*.dist-info"):
        for name in _INSTALLER_NOTES:
            (notes / name).unlink(missing_ok=True)
    (python / ".lock").unlink(missing_ok=True)


def _own_sources(root: Path) -> dict[str, Path]:
    package = root / "layers" / "core" / "python" / "shutterpost"
    return {
        str(Path("shutterpost") / name): path
        for name, path in _sources_in(package).items()
        if Path(name).parts[0] != "console"
    }


def _sources_in(folder: Path) -> dict[str, Path]:
    inside = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {str(name): path for name, path in inside.items() if "__pycache__" not in name.parts}


def _copy(sources: dict[str, Path], into: Path) -> None:
    for name, path in sources.items():
        copy = into / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _compile(python: Path, compiler: Path) -> None:
    # A worker unzips its layers, which resets file times: only unchecked byte code stays valid. A file
    # that no Python compiles (templates) is left as it is, hence no check.
    command = [str(compiler), "-I", "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", str(python)]
    subprocess.run(command, check=False)  # noqa: S603 - our own arguments


def _digest(target: Target, *parts: bytes) -> str:
    runs_on = (
        f"{LAMBDA_PYTHON} {LAMBDA_PLATFORM}"
        if target is Target.AWS
        else f"{sys.implementation.cache_tag} {platform.system()} {platform.machine()}"
    )
    digest = hashlib.sha256()
    builders = [Path(module).read_bytes() for module in (__file__, sdk.__file__, python_runtime.__file__)]
    for part in (runs_on.encode(), *builders, *parts):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


@contextmanager
def _build_folder(target: Target, root: Path, *, byte_code: bool) -> Iterator[Path]:
    """Hold a lock, so that two builds on one machine run one after the other."""
    home = root / ".build" / "layers" / (target if byte_code else f"{target}-without-byte-code")
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield home
