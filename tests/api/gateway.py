"""API Gateway as a WSGI application: HTTP requests become events of the caller named in a header."""

import base64
import gzip
from collections.abc import Callable, Iterable
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl

from tests.api.calling import Caller, invoke

CALLER = "X-Test-Caller"
StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def gateway(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request as the stage does; the header `CALLER` holds the ARN that IAM would have found."""
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    caller = Caller(headers.pop(CALLER.lower(), None))
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    event = caller.event(environ["REQUEST_METHOD"], path, headers=headers)
    query: dict[str, str] = {}
    for name, value in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    if query:
        event |= {"rawQueryString": environ["QUERY_STRING"], "queryStringParameters": query}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if body:
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    answer = invoke(event)
    content = base64.b64decode(answer["body"]) if answer.get("isBase64Encoded") else answer["body"].encode()
    if answer["headers"].get("Content-Encoding") == "gzip":
        # As every HTTP client does; WSGI clients of tests do not.
        content = gzip.decompress(content)
        del answer["headers"]["Content-Encoding"]
    start_response(
        f"{answer['statusCode']} {responses[answer['statusCode']]}", [(k, str(v)) for k, v in answer["headers"].items()]
    )
    return [content]
