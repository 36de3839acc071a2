"""The loopback server: routes, its socket, its end, and how the browser gets the first page."""

import asyncio
import html
import os
import socket
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from shutterpost.console.web.forwarding import MAX_BODY, PREFIX, Forwarder
from shutterpost.console.web.guard import NAMES, Guard
from shutterpost.console.web.pictures import CONNECTIONS, FRESH_SECONDS, TYPES, Pictures
from shutterpost.console.web.problems import problem
from shutterpost.console.web.requests import body_of
from shutterpost.console.web.session import WebSession
from shutterpost.console.web.uploads import PREFIX as UPLOADS
from shutterpost.console.web.uploads import PageUploads

FIRST_PORT = 8420
IDLE_SECONDS = 8 * 3600
CALL_HEADER = "x-shutterpost"
_TRIED_PORTS, _CHECKED_EVERY, _PATIENCE = 20, 60, 5
_UNAUTHORIZED, _NOT_FOUND, _BAD_GATEWAY = 401, 404, 502
_KEPT = "private, max-age=31536000, immutable"
_KEPT_FRESH = f"private, max-age={FRESH_SECONDS}"
_UNREAD = "The bucket does not give the picture; the page tries again once the API answers."
_NOT_KEPT = {"cache-control": "no-store"}
_NO_RENDITION = "There is no such rendition; make it with: shutterpost photos remake"
_NO_PICTURE = "The account lists no such post, or its picture cannot be shown."
_ENDED = "This page's session has ended; close it, and open the page with: shutterpost web"


@dataclass
class WebServer:
    """Serves the files of `page` and what `forwarder`, `pictures` and `uploads` give, on `port` of 127.0.0.1."""

    page: Path
    port: int
    forwarder: Forwarder
    pictures: Pictures
    session: WebSession
    uploads: PageUploads
    facts: Mapping[str, object] = field(default_factory=dict)
    last_seen: float = field(default_factory=time.monotonic)
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS), repr=False)

    def app(self) -> Guard:
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        routes = [
            Route("/", self._document),
            Route("/assets/{name}", self._asset),
            Route("/session", self._begin, methods=["POST"]),
            Route("/media/{persona_id}/{photo_id}/{file}", self._rendition),
            Route("/media/accounts/{persona_id}/{connection_id}/{external_id:path}", self._account_picture),
            Route(f"{PREFIX}/{{path:path}}", self._call, methods=methods),
            Route(f"{UPLOADS}/{{path:path}}", self._upload, methods=["GET", "PUT"]),
        ]
        return Guard(Starlette(routes=routes), self.port)

    @property
    def address(self) -> str:
        return f"http://{NAMES[0]}:{self.port}/"

    def _seen(self) -> None:
        self.last_seen = time.monotonic()

    async def _document(self, _: Request) -> Response:
        return FileResponse(self.page / "index.html", headers=_NOT_KEPT)

    async def _asset(self, request: Request) -> Response:
        files = {path.name: path for path in (self.page / "assets").iterdir()}
        path = files.get(request.path_params["name"])
        if path is None:
            return problem(_NOT_FOUND, "not-found", "The page has no such file.")
        return FileResponse(path, headers={"cache-control": _KEPT})

    async def _begin(self, request: Request) -> Response:
        """The token for the code of the first page, and the cookie that opens pictures."""
        content = await body_of(request, MAX_BODY) or b""
        token = self.session.exchange(content.decode(errors="replace"), datetime.now(UTC))
        if token is None:
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        self._seen()
        response = JSONResponse({"token": token, **self.facts}, headers=_NOT_KEPT)
        response.set_cookie(self._cookie, self.session.cookie, path="/media", httponly=True, samesite="strict")
        return response

    async def _call(self, request: Request) -> Response:
        if not self.session.may_call(request.headers.get(CALL_HEADER)):
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        self._seen()
        return await self.forwarder(request)

    async def _upload(self, request: Request) -> Response:
        if not self.session.may_call(request.headers.get(CALL_HEADER)):
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        self._seen()
        return await self.uploads(request)

    async def _rendition(self, request: Request) -> Response:
        return await self._picture(request, self.pictures.find, _NO_RENDITION, _KEPT_FRESH)

    async def _account_picture(self, request: Request) -> Response:
        return await self._picture(request, self.forwarder.account_pictures.find, _NO_PICTURE, _KEPT)

    async def _picture(self, request: Request, find: Callable[..., Path | None], missing: str, kept: str) -> Response:
        if not self.session.may_see_pictures(request.cookies.get(self._cookie)):
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        from botocore.exceptions import BotoCoreError, ClientError

        self._seen()
        try:
            async with self._reading:
                path = await run_in_threadpool(find, **request.path_params)
        except (BotoCoreError, ClientError):
            return problem(_BAD_GATEWAY, "picture-unread", _UNREAD)
        if path is None:
            return problem(_NOT_FOUND, "not-found", missing)
        return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": kept})

    @property
    def _cookie(self) -> str:
        # Two servers on one machine would overwrite each other's, because cookies ignore ports.
        return f"shutterpost-{self.port}"


def listen(port: int | None) -> socket.socket:
    """A socket on `port` of 127.0.0.1, or on the first free one from `FIRST_PORT` on. Raises OSError."""
    candidates = [port] if port else [*range(FIRST_PORT, FIRST_PORT + _TRIED_PORTS), 0]
    for candidate in candidates[:-1]:
        try:
            return socket.create_server((NAMES[0], candidate))
        except OSError:
            continue
    return socket.create_server((NAMES[0], candidates[-1]))


def hand_over(server: WebServer, folder: Path) -> Path:
    """A file for this user alone that opens the page with the code, so that no process has the code as an argument."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = html.escape(f"{server.address}#once={server.session.once}")
    descriptor, name = tempfile.mkstemp(suffix=".html", prefix="open-", dir=folder)
    with os.fdopen(descriptor, "w") as file:
        file.write(f'<!doctype html><meta http-equiv="refresh" content="0; url={target}"><title>Shutterpost</title>')
    return Path(name)


def serve(server: WebServer, listening: socket.socket, idle_seconds: float = IDLE_SECONDS) -> None:
    """Serve until interrupted, or until no request with this run's token or cookie came for `idle_seconds`."""
    config = uvicorn.Config(
        server.app(),
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        # A client that never ends its request does not keep the server.
        timeout_graceful_shutdown=_PATIENCE,
    )
    asyncio.run(_serve(uvicorn.Server(config), server, listening, idle_seconds))


async def _serve(running: uvicorn.Server, server: WebServer, listening: socket.socket, idle_seconds: float) -> None:
    async def end_when_idle() -> None:
        while time.monotonic() < server.last_seen + idle_seconds:
            await asyncio.sleep(min(idle_seconds, _CHECKED_EVERY))
        running.should_exit = True

    idle = asyncio.create_task(end_when_idle())
    await running.serve(sockets=[listening])
    idle.cancel()
