"""Refuses requests of other names and origins, and adds the security headers to each response."""

from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shutterpost.console.web.problems import problem

NAMES = ("127.0.0.1", "localhost")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
DOCUMENT = "/"
_MISDIRECTED, _FORBIDDEN = 421, 403


@dataclass(frozen=True)
class Guard:
    """ASGI middleware for a server on `port`."""

    app: ASGIApp
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope["path"])

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY_HEADERS)
            await send(message)

        await (refusal or self.app)(scope, receive, secured)

    def _refusal(self, headers: Headers, path: str) -> Response | None:
        hosts, allowed = headers.getlist("host"), {f"{name}:{self.port}" for name in NAMES}
        if len(hosts) != 1 or hosts[0] not in allowed:
            # A name that another server's DNS points here.
            return problem(_MISDIRECTED, "host-unknown", f"This server is http://{NAMES[0]}:{self.port} alone.")
        sites = {"same-origin", "none"} if path == DOCUMENT else {"same-origin"}
        if not sites.issuperset(headers.getlist("sec-fetch-site")):
            return problem(_FORBIDDEN, "origin-foreign", "Another site sent this request; open the page itself.")
        if not {f"http://{hosts[0]}"}.issuperset(headers.getlist("origin")):
            return problem(_FORBIDDEN, "origin-foreign", "Another origin sent this request; open the page itself.")
        return None
