"""The simulators' server: one application on one loopback port."""

import argparse
import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from infra.local.simulators.bluesky.api import BlueskyApi
from infra.local.simulators.buffer.api import BufferApi
from infra.local.simulators.control import Control
from infra.local.simulators.facebook_page.api import FacebookPageApi
from infra.local.simulators.instagram.api import InstagramApi
from infra.local.simulators.linkedin.api import LinkedInApi
from infra.local.simulators.mastodon.api import MastodonApi
from infra.local.simulators.threads.api import ThreadsApi
from infra.local.simulators.transport import DroppableProtocol
from infra.local.simulators.world import World
from infra.local.simulators.x.api import XApi

LOOPBACK = "127.0.0.1"
# Longer than a busy machine lets a test pause: a connection closed just as it is used again is a lost answer.
KEEP_ALIVE_SECONDS = 600
GRACE_SECONDS = 2


def build_app() -> Starlette:
    """Buffer at `/` and `/graphql`, Instagram under `/facebook` and `/instagram`, Mastodon under
    `/mastodon/{domain}`, the others under their names. Requires `DroppableProtocol`."""
    world = World()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        passing = asyncio.create_task(world.run())
        yield
        passing.cancel()
        await world.background.stop()

    graph = (InstagramApi(world), ThreadsApi(world), FacebookPageApi(world))
    others = (BufferApi(world), MastodonApi(world), BlueskyApi(world), XApi(world), LinkedInApi(world))
    apis = (Control(world), *graph, *others)
    routes = [route for api in apis for route in api.routes()]
    return Starlette(routes=routes, lifespan=lifespan)


def listening_socket(port: int = 0) -> socket.socket:
    """A loopback socket that already queues connections; port 0 takes a free one."""
    # asyncio switches Nagle's delay off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((LOOPBACK, port))
    listener.listen(128)
    return listener


def build_server() -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            build_app(),
            http=DroppableProtocol,
            ws="none",
            lifespan="on",
            log_level="error",
            date_header=False,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The base URL of a server in a thread on a free port."""
    listener = listening_socket()
    server = build_server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulators", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; the port is written to a file that lives as long as the server."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.simulators", description="Local platform simulators.")
    parser.add_argument("--port", type=int, default=0, help="0 (default) takes a free port")
    parser.add_argument("--port-file", type=Path, help="where to write the port")
    options = parser.parse_args(arguments)
    for caught in (signal.SIGTERM, signal.SIGINT):
        signal.signal(caught, _leave)
    listener = listening_socket(options.port)
    port = listener.getsockname()[1]
    try:
        if options.port_file:
            half_written = options.port_file.with_suffix(".part")
            half_written.write_text(str(port))
            half_written.replace(options.port_file)
        print(f"simulators at http://{LOOPBACK}:{port}", flush=True)
        build_server().run(sockets=[listener])
    finally:
        if options.port_file:
            options.port_file.unlink(missing_ok=True)
        listener.close()
