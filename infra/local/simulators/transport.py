"""Closing a connection without a word: the one thing that ASGI has no message for."""

import asyncio
from typing import ClassVar
from weakref import WeakValueDictionary

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

Ends = tuple[tuple[str, int | None] | None, tuple[str, int] | None]


class DroppableProtocol(H11Protocol):
    """uvicorn's HTTP protocol, which also remembers each open connection by its two ends."""

    open: ClassVar["WeakValueDictionary[Ends, DroppableProtocol]"] = WeakValueDictionary()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """Keep the connection findable while it lives."""
        super().connection_made(transport)
        self.open[(self.server, self.client)] = self

    @classmethod
    def drop(cls, scope: Scope) -> None:
        """Close the connection that `scope` came over; raises `KeyError` when the server runs another protocol."""
        cls.open[(tuple(scope["server"]), tuple(scope["client"]))].transport.close()


class ClosedConnection(Response):
    """No answer: the client sees the connection end after it sent its request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        """Close, and stay until the server knows."""
        DroppableProtocol.drop(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


def gateway_page(status: int) -> Response:
    """What a load balancer says when the platform behind it does not answer."""
    return PlainTextResponse("upstream connect error or disconnect before headers", status_code=status)
