"""Pictures of what accounts show, from the addresses that the API gave, through a cache on the disk."""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from shutterpost.console.web.disk_cache import DiskCache
from shutterpost.runtime.network.addresses import is_loopback, resolve

if TYPE_CHECKING:
    import httpx

CACHE_BYTES = 200_000_000
MAX_BYTES = 8_000_000
# Seconds for a whole picture: a server that sends a byte now and then never reaches the read timeout.
DEADLINE = 15.0
# A server may have its pictures elsewhere.
_HOPS = 4
_ROUTE = ("personas", "connections", "recent")
_HTTPS_PORT, _HTTP_PORT = 443, 80
_FORMATS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}
_WEBP = slice(8, 12)


@dataclass
class AccountPictures:
    """`allow_loopback` lets pictures come from this machine too, where a demo's platforms are."""

    folder: Path
    allow_loopback: bool = False
    _addresses: dict[tuple[str, str, str], str] = field(default_factory=dict, repr=False)

    def note(self, segments: Sequence[str], content: bytes) -> None:
        """Keep the addresses in the API's answer to a call of the path `segments`, if they are of its posts."""
        if tuple(segments[0::2]) != _ROUTE:
            return
        persona_id, connection_id = segments[1], segments[3]
        for post in json.loads(content)["posts"]:
            if post["picture_url"] is not None:
                self._addresses[persona_id, connection_id, post["external_id"]] = post["picture_url"]

    def find(self, persona_id: str, connection_id: str, external_id: str) -> Path | None:
        """The first picture of a post that the API listed; `None` if it has none that may be shown."""
        identity = persona_id, connection_id, external_id
        address = self._addresses.get(identity)
        if address is None:
            return None
        name = hashlib.sha256("\n".join(identity).encode()).hexdigest()
        kept = next((path for ending in _FORMATS.values() if (path := self._cache.find(name + ending))), None)
        return kept or self._keep(name, self._fetch(address))

    @cached_property
    def _cache(self) -> DiskCache:
        return DiskCache(self.folder, CACHE_BYTES)

    def _keep(self, name: str, content: bytes | None) -> Path | None:
        ending = None if content is None else ending_of(content)
        return None if content is None or ending is None else self._cache.keep(name + ending, content)

    def _fetch(self, address: str) -> bytes | None:
        import httpx

        ends_at = time.monotonic() + DEADLINE
        try:
            for _ in range(_HOPS):
                request = self._request(address)
                if request is None:
                    return None
                with (
                    httpx.Client(timeout=DEADLINE, follow_redirects=False, trust_env=False) as client,
                    client.stream(**request) as answer,
                ):
                    if not answer.has_redirect_location:
                        return _content(answer, ends_at)
                    address = urljoin(address, answer.headers["location"])
        except (OSError, ValueError, httpx.HTTPError, httpx.InvalidURL):
            return None
        return None

    def _request(self, address: str) -> dict[str, Any] | None:
        """The request to an address that may be called, at one of its host's IP addresses; else `None`."""
        import httpx

        parts = urlsplit(address)
        host, local = parts.hostname or "", self.allow_loopback and parts.scheme == "http"
        if not (parts.scheme == "https" or local) or not host or parts.username is not None:
            return None
        port = parts.port or (_HTTP_PORT if local else _HTTPS_PORT)
        resolved = resolve(host, port, allow_loopback=self.allow_loopback)
        if resolved is None or (local and not is_loopback(resolved)):
            return None
        headers = {"host": parts.netloc, "accept": "image/*"}
        url = httpx.URL(address).copy_with(host=resolved)
        return {"method": "GET", "url": url, "headers": headers, "extensions": {"sni_hostname": host}}


def ending_of(content: bytes) -> str | None:
    """The ending of the picture's format; `None` for what is no picture, whatever its sender calls it."""
    ending = next((ending for start, ending in _FORMATS.items() if content.startswith(start)), None)
    return None if ending == ".webp" and content[_WEBP] != b"WEBP" else ending


def _content(answer: "httpx.Response", ends_at: float) -> bytes | None:
    if answer.status_code != HTTPStatus.OK:
        return None
    content = bytearray()
    for chunk in answer.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES or time.monotonic() > ends_at:
            return None
    return bytes(content)
