"""Bluesky's own server with one account, behind a proxy that loses, repeats and delays answers."""

import base64
import contextlib
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Literal

import httpx

from infra.local.bluesky_server import JWT_SECRET, MAIN_PASSWORD, LocalBluesky, running_bluesky
from infra.local.simulators.faults import FaultKind

_SHOWN = ("content-type", "date", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


@dataclass
class Trouble:
    """What happens to the next calls of a method, in the words of the simulators, or `twice` for a repeated one."""

    method: str
    kind: FaultKind | Literal["twice"]
    count: int = 1
    status: int | None = None
    seconds: float = 0

    @property
    def answer(self) -> tuple[int, dict[str, str], bytes] | None:
        """The answer in place of the server's own."""
        if self.kind == "throttle":
            # The proxy's time does not matter, only how far the two are apart.
            headers = {"date": "Sat, 21 Nov 2026 12:00:00 GMT", "ratelimit-remaining": "0"}
            reset = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp() + self.seconds)
            body = b'{"error":"RateLimitExceeded","message":"Rate Limit Exceeded"}'
            return 429, {**headers, "ratelimit-reset": str(reset), "content-type": "application/json"}, body
        if self.kind not in {"refuse", "effect_then_error"}:
            return None
        if self.status is not None:
            return self.status, {"content-type": "text/plain"}, b"upstream connect error"
        body = b'{"error":"InternalServerError","message":"Internal Server Error"}'
        return 500, {"content-type": "application/json"}, body


@dataclass
class ServerProxy:
    """Passes calls on to the server, and makes trouble; `calls` are the methods that came."""

    upstream: str
    troubles: list[Trouble] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def trouble(self, method: str) -> Trouble | None:
        """The trouble of a call that comes now."""
        with self.lock:
            self.calls.append(method)
            for trouble in self.troubles:
                if trouble.method in {method, "*"} and trouble.count:
                    trouble.count -= 1
                    return trouble
        return None


@dataclass
class BlueskyServer:
    """The account's server: `url` through the proxy, `direct` beside it."""

    url: str
    direct: LocalBluesky
    proxy: ServerProxy
    did: str = ""
    app_password: str = ""
    accounts: int = 0

    def renew(self) -> None:
        """Another account, with an app password of its own and nothing posted."""
        self.accounts += 1
        created = self.direct.create_account(f"nature{self.accounts}.test")
        self.did, self.app_password = created.did, created.app_password
        self.proxy.troubles.clear()
        self.proxy.calls.clear()

    def revoke(self) -> None:
        """Revoke the app password."""
        named = {"name": "shutterpost"}
        self.xrpc("com.atproto.server.revokeAppPassword", document=named, token=self.login()).raise_for_status()

    def xrpc(self, name: str, *, document: Any = None, token: str | None = None, **query: Any) -> httpx.Response:
        """A call beside the proxy."""
        return self.direct.xrpc(name, document=document, token=token, **query)

    def login(self, password: str = MAIN_PASSWORD) -> str:
        """An access token of the account."""
        given = {"identifier": self.did, "password": password}
        return str(self.xrpc("com.atproto.server.createSession", document=given).json()["accessJwt"])

    def posts(self) -> list[dict[str, Any]]:
        """The account's records of posts."""
        return self.direct.posts(self.did)

    def commits(self) -> str:
        """The revision of the account's repository, which each write changes."""
        return str(self.xrpc("com.atproto.sync.getLatestCommit", did=self.did).json()["rev"])

    def expired(self, token: str) -> str:
        """The token as it would be after its end: signed by the server's own secret."""
        head, claims, _ = token.split(".")
        past = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))) | {"iat": 1, "exp": 2}
        body = f"{head}.{_encoded(json.dumps(past).encode())}"
        return f"{body}.{_encoded(hmac.new(JWT_SECRET.encode(), body.encode(), hashlib.sha256).digest())}"

    def take_down(self, uri: str, cid: str) -> None:
        """Hide a post, as a moderator does."""
        subject = {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": cid}
        document = {"subject": subject, "takedown": {"applied": True, "ref": "1"}}
        self.direct.http.post(
            f"{self.direct.url}/xrpc/com.atproto.admin.updateSubjectStatus", json=document, auth=("admin", "admin")
        ).raise_for_status()

    def suspend(self, *, applied: bool) -> None:
        """Take the whole account down, or give it back."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": self.did}
        document = {"subject": subject, "takedown": {"applied": applied, "ref": "1"}}
        self.direct.http.post(
            f"{self.direct.url}/xrpc/com.atproto.admin.updateSubjectStatus", json=document, auth=("admin", "admin")
        ).raise_for_status()


@contextlib.contextmanager
def running_bluesky_server() -> Iterator[BlueskyServer]:
    """The server and its proxy on free ports, until the block is left."""
    with running_bluesky() as direct, _proxied(direct.url) as (url, proxy):
        yield BlueskyServer(url, direct, proxy)


@contextlib.contextmanager
def _proxied(upstream: str) -> Iterator[tuple[str, ServerProxy]]:
    proxy = ServerProxy(upstream)
    client = httpx.Client(base_url=upstream, trust_env=False, timeout=30)

    handler = _handler(proxy, client)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listener:
        thread = Thread(target=listener.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}", proxy
        finally:
            listener.shutdown()
            thread.join()
            client.close()


def _handler(proxy: ServerProxy, client: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
            """Print nothing."""

        def do_GET(self) -> None:
            """Pass a query on."""
            self._pass()

        def do_POST(self) -> None:
            """Pass a call on."""
            self._pass()

        def _pass(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            trouble = proxy.trouble(self.path.partition("?")[0].rpartition(".")[2])
            kind = trouble.kind if trouble else None
            made = trouble.answer if trouble else None
            if kind == "drop_before":
                self.close_connection = True
            elif made is not None and kind != "effect_then_error":
                self._send(*made)
            else:
                answer = _asked(client, self, body, times=2 if kind == "twice" else 1)
                if kind == "effect_then_drop":
                    self.close_connection = True
                else:
                    self._send(*(made or answer))

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _asked(
    client: httpx.Client, request: BaseHTTPRequestHandler, body: bytes, *, times: int
) -> tuple[int, dict[str, str], bytes]:
    """The server's last answer to a call that is made `times` times."""
    kept = {"authorization", "content-type"}
    headers = {name: value for name, value in request.headers.items() if name.lower() in kept}
    content = body or None
    answers = [client.request(request.command, request.path, content=content, headers=headers) for _ in range(times)]
    shown = {name: answers[-1].headers[name] for name in _SHOWN if name in answers[-1].headers}
    return answers[-1].status_code, shown, answers[-1].content


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
