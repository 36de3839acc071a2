"""The loopback server: routes, its socket, its end, and how the browser gets the first page."""

import asyncio
import html
import os
import socket
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from shutterpost.console.web.forwarding import PREFIX, Forwarder, body_of
from shutterpost.console.web.guard import NAMES, Guard
from shutterpost.console.web.pictures import CONNECTIONS, TYPES, Pictures
from shutterpost.console.web.problems import problem
from shutterpost.console.web.session import WebSession

FIRST_PORT = 8420
IDLE_SECONDS = 8 * 3600
CALL_HEADER = "x-shutterpost"
_TRIED_PORTS, _CHECKED_EVERY = 20, 60
_UNAUTHORIZED, _NOT_FOUND = 401, 404
_KEPT = "private, max-age=31536000, immutable"
_NOT_KEPT = {"cache-control": "no-store"}
_ENDED = "This page's session has ended; close it, and open the page with: shutterpost web"


@dataclass
class WebServer:
    """Serves the files of `page` and what `forwarder` and `pictures` give, on `port` of 127.0.0.1."""

    page: Path
    port: int
    forwarder: Forwarder
    pictures: Pictures
    session: WebSession
    facts: Mapping[str, object] = field(default_factory=dict)
    last_seen: float = field(default_factory=time.monotonic)
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS), repr=False)

    def app(self) -> Guard:
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        routes = [
            Route("/", self._document),
            Route("/assets/{name}", self._asset),
            Route("/session", self._begin, methods=["POST"]),
            Route("/media/{persona_id}/{photo_id}/{file}", self._picture),
            Route(f"{PREFIX}/{{path:path}}", self._call, methods=methods),
        ]
        return Guard(Starlette(routes=routes), self.port, self._seen)

    @property
    def address(self) -> str:
        return f"http://{NAMES[0]}:{self.port}/"

    def _seen(self) -> None:
        self.last_seen = time.monotonic()

    async def _document(self, _: Request) -> Response:
        return FileResponse(self.page / "index.html", headers=_NOT_KEPT)

    async def _asset(self, request: Request) -> Response:
        path = self.page / "assets" / request.path_params["name"]
        if not path.is_file():
            return problem(_NOT_FOUND, "not-found", "The page has no such file.")
        return FileResponse(path, headers={"cache-control": _KEPT})

    async def _begin(self, request: Request) -> Response:
        """The token for the code of the first page, and the cookie that opens pictures."""
        content = await body_of(request) or b""
        token = self.session.exchange(content.decode(errors="replace"), datetime.now(UTC))
        if token is None:
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        response = JSONResponse({"token": token, **self.facts}, headers=_NOT_KEPT)
        response.set_cookie(self._cookie, self.session.cookie, path="/media", httponly=True, samesite="strict")
        return response

    async def _call(self, request: Request) -> Response:
        if not self.session.may_call(request.headers.get(CALL_HEADER)):
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        return await self.forwarder(request)

    async def _picture(self, request: Request) -> Response:
        if not self.session.may_see_pictures(request.cookies.get(self._cookie)):
            return problem(_UNAUTHORIZED, "session-ended", _ENDED)
        async with self._reading:
            path = await run_in_threadpool(self.pictures.find, **request.path_params)
        if path is None:
            return problem(
                _NOT_FOUND, "not-found", "There is no such rendition; make it with: shutterpost photos remake"
            )
        return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": _KEPT})

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
    """Serve until interrupted, or until no request came for `idle_seconds`."""
    config = uvicorn.Config(server.app(), log_config=None, access_log=False, server_header=False, lifespan="off")
    asyncio.run(_serve(uvicorn.Server(config), server, listening, idle_seconds))


async def _serve(running: uvicorn.Server, server: WebServer, listening: socket.socket, idle_seconds: float) -> None:
    async def end_when_idle() -> None:
        while time.monotonic() < server.last_seen + idle_seconds:
            await asyncio.sleep(min(idle_seconds, _CHECKED_EVERY))
        running.should_exit = True

    idle = asyncio.create_task(end_when_idle())
    await running.serve(sockets=[listening])
    idle.cancel()
