"""Problem documents (RFC 9457) of the loopback server, in the form of the API's."""

from starlette.responses import JSONResponse

READ_ONLY = ("read-only", "This server was started with --read-only.")
_PREFIX = "urn:shutterpost:problem:"


def problem(status: int, kind: str, detail: str) -> JSONResponse:
    content = {"type": f"{_PREFIX}{kind}", "title": kind.replace("-", " ").capitalize(), "status": status}
    return JSONResponse({**content, "detail": detail}, status, media_type="application/problem+json")
