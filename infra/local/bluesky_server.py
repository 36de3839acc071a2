"""Bluesky's own server (`infra/local/pds`) on this machine, where its packages are installed."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

SCRIPT: Final = Path(__file__).with_name("pds") / "server.js"
# Where `make test` installs them.
INSTALLED: Final = Path(__file__).parents[2] / ".build" / "pds" / "node_modules"
MISSING: Final = "Bluesky's own server is not installed: 'make .build/pds/.ready' installs it"
MAIN_PASSWORD: Final = "the main password"  # noqa: S105 - of accounts that end with the server
JWT_SECRET: Final = "0123456789abcdef0123456789abcdef"  # noqa: S105 - signs sessions of this machine alone


class ServerNotStarted(RuntimeError):
    """The server ended or printed no address."""


def is_installed() -> bool:
    """Whether the server's packages are there, with its compiled database."""
    return (INSTALLED / "better-sqlite3/build/Release/better_sqlite3.node").is_file() and bool(shutil.which("node"))


@dataclass(frozen=True)
class CreatedAccount:
    """A new account of the server, and an app password of it."""

    did: str
    app_password: str


@dataclass(frozen=True)
class LocalBluesky:
    """The running server; `url` is its origin."""

    url: str
    http: httpx.Client

    def create_account(self, handle: str) -> CreatedAccount:
        """An account with an app password. Raises `httpx.HTTPStatusError`."""
        given = {"email": f"{handle}@example.test", "handle": handle, "password": MAIN_PASSWORD}
        created = self.xrpc("com.atproto.server.createAccount", document=given).raise_for_status().json()
        named, token = {"name": "shutterpost"}, created["accessJwt"]
        made = self.xrpc("com.atproto.server.createAppPassword", document=named, token=token).raise_for_status()
        return CreatedAccount(created["did"], made.json()["password"])

    def posts(self, did: str) -> list[dict[str, Any]]:
        """The account's records of posts, as anybody may read them."""
        query = {"repo": did, "collection": "app.bsky.feed.post", "limit": "100"}
        return list(self.xrpc("com.atproto.repo.listRecords", **query).json()["records"])

    def xrpc(self, name: str, *, document: Any = None, token: str | None = None, **query: Any) -> httpx.Response:
        """A call of a method: a query without a `document`."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        address = f"{self.url}/xrpc/{name}"
        if document is None:
            return self.http.get(address, params=query, headers=headers)
        return self.http.post(address, json=document, headers=headers)


@contextlib.contextmanager
def running_bluesky() -> Iterator[LocalBluesky]:
    """The server on a free port, until the block is left. Raises `ServerNotStarted`."""
    directory_port, port = _free_port(), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        # It ends when its input does, also where this process is killed.
        process = subprocess.Popen(
            [shutil.which("node") or "node", str(SCRIPT), str(directory_port), str(port), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PDS_JWT_SECRET": JWT_SECRET, "NODE_PATH": str(INSTALLED)},
            text=True,
        )
        try:
            if not any(line.startswith("up ") for line in process.stdout or ()):
                raise ServerNotStarted("Bluesky's own server did not start.")
            with httpx.Client(trust_env=False, timeout=30) as http:
                yield LocalBluesky(f"http://127.0.0.1:{port}", http)
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextlib.contextmanager
def running_if_installed() -> Iterator[LocalBluesky | None]:
    """The server until the block is left, or `None` where it is not installed."""
    if is_installed():
        with running_bluesky() as server:
            yield server
    else:
        yield None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
