"""A deployment on a port of this machine, for consoles that are processes of their own."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from urllib.parse import parse_qs, unquote
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from xml.sax.saxutils import escape

from shutterpost.console.client.deployment import Deployment
from tests.api.gateway import StartResponse
from tests.support.aws import BUCKET
from tests.support.consoles import signed_gateway
from tests.support.folders import Deployed

_API = "/api"


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


def _bucket(world: Deployed, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The part of S3 that the console uses, path style: PUT, HEAD, and a listing in one page."""
    key = unquote(environ["PATH_INFO"].encode("latin-1").decode()).removeprefix(f"/{BUCKET}").lstrip("/")
    if environ["REQUEST_METHOD"] == "PUT":
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        etag = world.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"]
        start_response("200 OK", [("ETag", etag), ("Content-Length", "0")])
        return [b""]
    prefix = parse_qs(environ["QUERY_STRING"]).get("prefix", [""])[0]
    if environ["REQUEST_METHOD"] == "HEAD":
        world.head_object(Bucket=BUCKET, Key=key)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]
    pages = world.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    items = "".join(
        f"<Contents><Key>{escape(item['Key'])}</Key><ETag>{escape(item['ETag'])}</ETag></Contents>"
        for page in pages
        for item in page.get("Contents", ())
    )
    body = f"<ListBucketResult><Name>{BUCKET}</Name><IsTruncated>false</IsTruncated>{items}</ListBucketResult>".encode()
    start_response("200 OK", [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
    return [body]


@contextmanager
def serving(world: Deployed) -> Iterator[Deployment]:
    """`world` on a free port of 127.0.0.1: its API and its bucket; how a console reaches it."""
    one_at_a_time = threading.Lock()

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(f"{_API}/"):
            return _bucket(world, environ, start_response)
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(_API)
        # A function answers one request at a time, and its logger knows only one.
        with one_at_a_time:
            return signed_gateway(environ, start_response)

    app: Callable[..., Iterable[bytes]] = answer
    server = make_server("127.0.0.1", 0, app, server_class=_Server, handler_class=_Quiet)
    address = f"http://127.0.0.1:{server.server_port}"
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield Deployment(
            api_url=address + _API,
            bucket=BUCKET,
            endpoint_url=address,
            access_key_id="key",
            secret_access_key="secret",
            region="eu-central-1",
        )
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
