"""What a request of the page names and brings."""

from urllib.parse import unquote

from starlette.requests import Request


def segments_below(prefix: str, request: Request) -> list[str] | None:
    """The decoded segments of the path below `prefix`; `None` if one could be read as another path."""
    raw = request.scope["raw_path"].decode("ascii").partition("?")[0].removeprefix(f"{prefix}/")
    segments = [unquote(segment) for segment in raw.split("/")]
    if any(segment in {"", ".", ".."} or "/" in segment or "\\" in segment for segment in segments):
        return None
    return segments


async def body_of(request: Request, most: int) -> bytes | None:
    """The request's body; `None` if it has more than `most` bytes."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            return None
    return bytes(content)
