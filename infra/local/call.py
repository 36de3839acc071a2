"""Sends a signed request to a running demo (`make demo KEEP=1`):

    python -m infra.local.call GET /personas
    python -m infra.local.call POST /personas/ID/posts '{"photo": "dunes.jpg"}'
    python -m infra.local.call DROP dunes.jpg

DROP uploads files to the persona's library. The body goes to standard output, the status to standard error.
"""

import json
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from infra.local.emulator import REGION, ROOT

RUNNING: Final = ROOT / "demo" / "running.json"
"""The description of the running demo; deleted when it stops."""


def main(words: Sequence[str]) -> int:
    """Send the request; returns 0 on success, 1 on an error response, 2 for invalid arguments."""
    try:
        running = json.loads(RUNNING.read_text())
    except FileNotFoundError:
        print("No demo is running; start one with: make demo KEEP=1", file=sys.stderr)
        return 2
    match list(words):
        case ["DROP", _, *_]:
            return _drop(running, [Path(name) for name in words[1:]])
        case [method, path, *rest] if path.startswith("/") and len(rest) <= 1:
            return _ask(running, method.upper(), path, rest[0] if rest else "")
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def _ask(running: dict[str, Any], method: str, path: str, body: str) -> int:
    headers = {"content-type": "application/json", "idempotency-key": str(uuid.uuid4())}
    url = running["api_url"] + path
    request = AWSRequest(method, url, data=body.encode(), headers=headers)
    SigV4Auth(_keys(running), "execute-api", REGION).add_auth(request)
    answer = httpx.request(method, url, content=body.encode(), headers=dict(request.headers.items()), timeout=60)
    print(f"HTTP {answer.status_code}", file=sys.stderr)
    print(json.dumps(answer.json(), ensure_ascii=False, indent=2) if answer.content else "")
    return 0 if answer.is_success else 1


def _drop(running: dict[str, Any], files: Sequence[Path]) -> int:
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        print(f"There is no file {', '.join(missing)}.", file=sys.stderr)
        return 2
    keys = _keys(running)
    s3 = boto3.client(
        "s3",
        endpoint_url=running["endpoint_url"],
        region_name=REGION,
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    for file in files:
        kind = "analyses" if file.suffix in {".json", ".jsonl"} else "photos"
        key = f"{kind}/{running['persona_id']}/{file.name}"
        s3.put_object(Bucket=running["bucket"], Key=key, Body=file.read_bytes())
        print(f"s3://{running['bucket']}/{key}")
    return 0


def _keys(running: dict[str, Any]) -> Credentials:
    return Credentials(running["access_key_id"], running["secret_access_key"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
