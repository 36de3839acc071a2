"""`shutterpost photos import` as a process, against a deployment that this process serves on loopback."""

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from xml.sax.saxutils import escape

from tests.api.calling import ROLE_ARN
from tests.api.gateway import StartResponse, gateway
from tests.support.aws import BUCKET
from tests.support.folders import Deployed
from tests.support.process_memory import peak_of

_API = "/api"
_ROOT = Path(__file__).parents[2]


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log nothing: clients are killed here."""


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Log nothing."""


@contextmanager
def serving(world: Deployed, home: Path) -> Iterator[Path]:
    """Serve `world`; yields the file in `home` that describes it to the console."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.set_app(_application(world))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    report = {"api_url": url + _API, "bucket": BUCKET, "endpoint_url": url, "region": "eu-central-1"}
    file = home / "deployment.json"
    file.write_text(json.dumps({**report, "access_key_id": "any", "secret_access_key": "any"}))
    try:
        yield file
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _application(world: Deployed) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(f"{_API}/"):
            environ |= {"PATH_INFO": path.removeprefix(_API), "HTTP_X_TEST_CALLER": ROLE_ARN}
            with world.turn:
                return gateway(environ, start_response)
        status, body = _bucket(world, environ)
        start_response(status, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _bucket(world: Deployed, environ: dict[str, Any]) -> tuple[str, bytes]:
    """S3's PutObject, which stores nothing of an upload that ends before its length, and ListObjectsV2."""
    if environ["REQUEST_METHOD"] == "PUT":
        length = int(environ["CONTENT_LENGTH"])
        body = environ["wsgi.input"].read(length)
        if len(body) == length:
            key = environ["PATH_INFO"].removeprefix(f"/{BUCKET}/").encode("latin-1").decode()
            world.put_object(Bucket=BUCKET, Key=key, Body=body)
        return "200 OK", b""
    query = parse_qs(environ["QUERY_STRING"])
    listed = {"Bucket": BUCKET, "Prefix": query["prefix"][0]}
    if "continuation-token" in query:
        listed["ContinuationToken"] = query["continuation-token"][0]
    with world.turn:
        page = world.world.s3.list_objects_v2(**listed)
    more = page.get("NextContinuationToken", "")
    collected = [
        f"<IsTruncated>{str(bool(more)).lower()}</IsTruncated><NextContinuationToken>{more}</NextContinuationToken>"
    ]
    collected += [
        f"<Contents><Key>{escape(item['Key'])}</Key><ETag>{escape(item['ETag'])}</ETag></Contents>"
        for item in page.get("Contents", ())
    ]
    return "200 OK", f"<ListBucketResult>{''.join(collected)}</ListBucketResult>".encode()


@dataclass(frozen=True)
class Ended:
    """How a process ended: its exit code (negative: the signal), its output, and its peak memory in MB."""

    code: int
    out: str
    peak: float


@dataclass(frozen=True, kw_only=True)
class Importer:
    """`shutterpost photos import FOLDER` as a process of its own."""

    world: Deployed
    deployment: Path
    folder: Path
    home: Path

    def run(self, *, kill_after: int | None = None) -> Ended:
        """Run to the end, or until SIGKILL once the bucket has received `kill_after` uploads in all."""
        command = [sys.executable, "-m", "shutterpost.console", "--deployment", str(self.deployment)]
        command += ["photos", "import", str(self.folder), "--persona", self.world.persona_id, "--json"]
        paths = {"PYTHONPATH": str(_ROOT / "layers/core/python"), "XDG_STATE_HOME": str(self.home / "state")}
        with (self.home / "out").open("w+") as out, (self.home / "err").open("w+") as err:
            process = subprocess.Popen(command, stdout=out, stderr=err, env={**os.environ, **paths})
            peak = ended = status = 0
            while not ended:
                if kill_after is not None and len(self.world.puts) >= kill_after:
                    process.send_signal(signal.SIGKILL)
                peak = max(peak, peak_of(process.pid))
                time.sleep(0.005)
                ended, status, _ = os.wait4(process.pid, os.WNOHANG)
            process.returncode = os.waitstatus_to_exitcode(status)
            if kill_after is not None and process.returncode != -signal.SIGKILL:
                raise RuntimeError(f"the import ended before its kill, with {process.returncode}")
            out.seek(0)
            return Ended(process.returncode, out.read(), peak / 1024)
