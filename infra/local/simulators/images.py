"""Fetching and checking pictures as Meta's platforms do."""

import asyncio
import io
import ssl
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import httpx
from PIL import Image, ImageCms, UnidentifiedImageError
from pydantic import BaseModel

MAX_BYTES = 8 * 1024 * 1024
MIN_WIDTH = 320
MIN_ASPECT = 4 / 5
MAX_ASPECT = 1.91
ASPECT_SLACK = 0.005  # rounding to whole pixels
ORIENTATION_TAG = 0x0112
GPS_TAG = 0x8825
DOWNLOAD_LIMIT = 64 * 1024 * 1024

Flaw = Literal["timeout", "unreachable", "not_an_image", "format", "too_large", "width", "aspect"]
Judge = Callable[["Fetched"], Flaw | None]


class Fetched(BaseModel):
    """A fetched picture, and its violation of Instagram's rules, if any.

    `srgb` is true also without a profile; `metadata` names `exif`, `gps`, `xmp`, `iptc`, `comment`.
    """

    url: str
    status: int | None = None
    content_type: str | None = None
    size: int = 0
    format: str | None = None
    width: int = 0
    height: int = 0
    mode: str | None = None
    orientation: int | None = None
    icc_profile: str | None = None
    srgb: bool = False
    metadata: list[str] = []
    flaw: Flaw | None = None


def profile_name(profile: bytes) -> str:
    """The description in an ICC profile, or `unreadable`."""
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"


def metadata_kinds(image: Image.Image) -> list[str]:
    exif = image.getexif()
    present = {
        "exif": bool(exif),
        "gps": GPS_TAG in exif,
        "xmp": "xmp" in image.info,
        "iptc": "photoshop" in image.info,
        "comment": "comment" in image.info,
    }
    return [kind for kind, there in present.items() if there]


def flaw_of(facts: Fetched) -> Flaw | None:
    if facts.format != "JPEG":
        return "format"
    if facts.size > MAX_BYTES:
        return "too_large"
    if facts.width < MIN_WIDTH:
        return "width"
    aspect = facts.width / facts.height
    return None if MIN_ASPECT - ASPECT_SLACK <= aspect <= MAX_ASPECT + ASPECT_SLACK else "aspect"


def inspect(facts: Fetched, body: bytes, judge: Judge) -> Fetched:
    """Complete `facts` from the content; name and Content-Type are ignored."""
    try:
        with Image.open(io.BytesIO(body)) as image:
            image.load()
            profile = image.info.get("icc_profile")
            facts.format, facts.mode = image.format, image.mode
            facts.width, facts.height = image.size
            facts.orientation = image.getexif().get(ORIENTATION_TAG)
            facts.icc_profile = profile_name(profile) if profile else None
            facts.srgb = facts.icc_profile is None or "srgb" in facts.icc_profile.lower()
            facts.metadata = metadata_kinds(image)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        facts.flaw = "not_an_image"
        return facts
    facts.flaw = judge(facts)
    return facts


@cache
def tls() -> ssl.SSLContext:
    """One TLS context for all fetches, because creating it is slow."""
    return ssl.create_default_context()


class Fetcher:
    """Fetches pictures and records each fetch; hosts in `host_map` are redirected to another base URL."""

    def __init__(self) -> None:
        self.host_map: dict[str, str] = {}
        self.timeout = 5.0
        self.counts: Counter[str] = Counter()
        self.fetched: list[Fetched] = []

    def reset(self) -> None:
        self.host_map, self.timeout = {}, 5.0
        self.counts.clear()
        self.fetched.clear()

    async def fetch(self, url: str, judge: Judge = flaw_of) -> Fetched:
        """Fetch and check `url` by the rules of `judge`; failures are flaws, never exceptions."""
        self.counts[url] += 1
        facts = Fetched(url=url)
        try:
            async with asyncio.timeout(self.timeout):
                body = await self._download(url, facts)
        except (TimeoutError, httpx.TimeoutException):
            facts.flaw = "timeout"
        except (httpx.HTTPError, httpx.InvalidURL):
            facts.flaw = "unreachable"
        else:
            if facts.status == httpx.codes.OK:
                await asyncio.to_thread(inspect, facts, body, judge)
            else:
                facts.flaw = "unreachable"
        self.fetched.append(facts)
        return facts

    async def _download(self, url: str, facts: Fetched) -> bytes:
        target, headers = self._route(url)
        body = bytearray()
        # The platforms reach the public URL only, never through a proxy of this machine.
        async with (
            httpx.AsyncClient(follow_redirects=True, trust_env=False, verify=tls(), timeout=self.timeout) as client,
            client.stream("GET", target, headers=headers) as answer,
        ):
            facts.status = answer.status_code
            facts.content_type = answer.headers.get("content-type")
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > DOWNLOAD_LIMIT:
                    break
        facts.size = len(body)
        return bytes(body)

    def _route(self, url: str) -> tuple[str, dict[str, str]]:
        parts = urlsplit(url)
        base = self.host_map.get(parts.hostname or "")
        if base is None:
            return url, {}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return base.rstrip("/") + path, {"Host": parts.netloc, "X-Forwarded-Proto": parts.scheme}
