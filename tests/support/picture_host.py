"""A loopback web server for pictures painted in memory."""

import contextlib
import io
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, ImageCms


@cache
def jpeg(width: int = 400, height: int = 400, **options: Any) -> bytes:
    """A plain JPEG of that size; `options` go to Pillow's writer."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(file, "JPEG", **options)
    return file.getvalue()


def png(width: int = 400, height: int = 400) -> bytes:
    """A plain PNG of that size."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (180, 90, 40)).save(file, "PNG")
    return file.getvalue()


def mpo() -> bytes:
    """A multi-picture file, which begins like a JPEG."""
    file = io.BytesIO()
    frames = [Image.new("RGB", (400, 400), colour) for colour in ("red", "blue")]
    frames[0].save(file, "MPO", save_all=True, append_images=frames[1:])
    return file.getvalue()


def srgb_profile() -> bytes:
    """An sRGB ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


class PictureHost:
    """What the server gives: bodies by path, and the `Host` headers it was asked with."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.bodies: dict[str, bytes] = {}
        self.hosts_asked: list[str] = []
        self.closed_doors: set[str] = set()
        self.opened = threading.Event()

    def put(self, path: str, body: bytes) -> str:
        """Serve `body` at `path`; gives its URL."""
        self.bodies[path] = body
        return self.base_url + path

    def hold(self, path: str, body: bytes) -> str:
        """As `put`, but without an answer until `opened` is set."""
        self.closed_doors.add(path)
        return self.put(path, body)


@contextlib.contextmanager
def running_picture_host() -> Iterator[PictureHost]:
    """A picture host on a free port, stopped on leaving."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            body = host.bodies.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()

        def do_GET(self) -> None:
            host.hosts_asked.append(self.headers["Host"])
            if self.path in host.closed_doors:
                host.opened.wait(timeout=20)
            body = host.bodies.get(self.path)
            with contextlib.suppress(ConnectionError):
                self.send_response(200 if body is not None else 404)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = PictureHost(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.opened.set()
        server.shutdown()
        server.server_close()
        thread.join()
