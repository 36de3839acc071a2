"""Closing a connection without a response, for which ASGI has no message."""

import asyncio
from typing import ClassVar
from weakref import WeakValueDictionary

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[tuple[str, int | None] | None, tuple[str, int] | None]


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP protocol with a registry of open connections."""

    open: ClassVar["WeakValueDictionary[Ends, DroppableProtocol]"] = WeakValueDictionary()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        super().connection_made(transport)
        self.open[(self.server, self.client)] = self

    @classmethod
    def drop(cls, scope: Scope) -> None:
        """Close the connection of `scope`; raises `KeyError` with another protocol."""
        cls.open[(tuple(scope["server"]), tuple(scope["client"]))].transport.close()


class ClosedConnection(Response):
    """A response that closes the connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        DroppableProtocol.drop(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


def gateway_page(status: int) -> Response:
    """The page of a load balancer whose backend does not answer."""
    return PlainTextResponse("upstream connect error or disconnect before headers", status_code=status)
