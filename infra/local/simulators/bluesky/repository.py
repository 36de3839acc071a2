"""An account's records and blobs, with the checks that the server makes, and those that it leaves out."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import regex

from infra.local.simulators.bluesky.errors import BlueskyRefusal, bad_record, internal, invalid

POST = "app.bsky.feed.post"
MAX_BLOB, MAX_UPLOAD = 1_000_000, 5 * 1024 * 1024
# A blob that no record uses is dropped after this.
UNUSED_LIFE = timedelta(hours=1)
_TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_SNIFFED = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif"}

Json = dict[str, Any]


@dataclass
class Blob:
    cid: str
    mime_type: str
    size: int
    uploaded_at: datetime


@dataclass
class Record:
    cid: str
    value: Json
    written_at: datetime
    hidden: bool = False


@dataclass
class Repository:
    """The records of one account by collection and key."""

    blobs: dict[str, Blob] = field(default_factory=dict)
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    commits: int = 0
    # How many posts there ever were, by text.
    created: dict[str, int] = field(default_factory=dict)

    def upload(self, content: bytes, content_type: str, now: datetime) -> Json:
        if not content_type:
            raise invalid("Request encoding (Content-Type) required but not provided")
        if len(content) > MAX_UPLOAD:
            raise BlueskyRefusal(413, "PayloadTooLarge", "request entity too large", violation=True)
        sniffed = next((kind for head, kind in _SNIFFED.items() if content.startswith(head)), content_type)
        cid = blob_cid(content)
        self.blobs[cid] = Blob(cid, sniffed, len(content), now)
        reference = {"$type": "blob", "ref": {"$link": cid}, "mimeType": sniffed, "size": len(content)}
        return {"blob": reference}

    def get(self, collection: str, rkey: str) -> Record | None:
        record = self.records.get(collection, {}).get(rkey)
        return None if record is None or record.hidden else record

    def put(self, collection: str, rkey: str, value: Json, swap: Json, now: datetime) -> tuple[Record, bool]:
        """Write a record unless `swap` names another one than is there; gives it, and whether it was written now."""
        self.check(collection, rkey, value)
        there = self.records.get(collection, {}).get(rkey)
        cid = record_cid(value)
        if there is not None and there.cid == cid:
            return there, False
        if "swapRecord" in swap and swap["swapRecord"] != (there.cid if there else None):
            at = there.cid if there else "null"
            raise BlueskyRefusal(400, "InvalidSwap", f"Record was at {at}")
        self._find_blobs(value, now)
        record = Record(cid, value, now)
        self.records.setdefault(collection, {})[rkey] = record
        self.commits += 1
        if collection == POST and there is None:
            self.created[value["text"]] = self.created.get(value["text"], 0) + 1
        return record, True

    def create(self, collection: str, rkey: str, value: Json, now: datetime) -> Record:
        """As `put`, but a key that is used looks like an outage."""
        self.check(collection, rkey, value)
        if rkey in self.records.get(collection, {}):
            raise internal()
        return self.put(collection, rkey, value, {"swapRecord": None}, now)[0]

    def delete(self, collection: str, rkey: str) -> bool:
        """Whether there was a record; its blobs go with it."""
        gone = self.records.get(collection, {}).pop(rkey, None)
        if gone is None:
            return False
        self.commits += 1
        for cid in set(blobs_of(gone.value)) - self._used():
            self.blobs.pop(cid, None)
        return True

    def check(self, collection: str, rkey: str, value: Json) -> None:
        """Raise `BlueskyRefusal` where the server refuses the record by its schema."""
        if collection != POST:
            return
        if not _TID.fullmatch(rkey):
            raise invalid(f'Invalid record key for {POST}: Invalid TID string (got "{rkey}") at $')
        text = value.get("text")
        if not isinstance(text, str):
            raise bad_record('Missing required key "text"', "$")
        _at_most(len(text.encode()), 3_000, "string", "$.record.text")
        _at_most(len(regex.findall(r"\X", text)), 300, "grapheme", "$.record.text")
        if not isinstance(value.get("createdAt"), str) or not _INSTANT.fullmatch(value["createdAt"]):
            raise bad_record(f'Invalid datetime (got "{value.get("createdAt")}")', "$.record.createdAt")
        _at_most(len(value.get("langs", [])), 3, "array", "$.record.langs")
        images = value.get("embed", {}).get("images", [])
        _at_most(len(images), 4, "array", "$.record.embed.images")
        for place, image in enumerate(images):
            _check_image(image, f"$.record.embed.images[{place}]")

    def _find_blobs(self, value: Json, now: datetime) -> None:
        used = self._used()
        self.blobs = {
            cid: blob for cid, blob in self.blobs.items() if cid in used or blob.uploaded_at > now - UNUSED_LIFE
        }
        for image in value.get("embed", {}).get("images", []):
            cid, size = image["image"]["ref"]["$link"], image["image"]["size"]
            blob = self.blobs.get(cid)
            if blob is None:
                raise BlueskyRefusal(400, "BlobNotFound", f"Could not find blob: {cid}")
            if cid not in used and blob.size != size:
                message = f"Referenced Size does not match stored blob. Expected: {blob.size}, Got: {size}"
                raise BlueskyRefusal(400, "InvalidSize", message, violation=True)

    def _used(self) -> set[str]:
        posts = self.records.get(POST, {}).values()
        return {cid for post in posts for cid in blobs_of(post.value)}


def blobs_of(value: Json) -> list[str]:
    return [image["image"]["ref"]["$link"] for image in value.get("embed", {}).get("images", [])]


def blob_cid(content: bytes) -> str:
    return _cid(b"\x01\x55\x12\x20", hashlib.sha256(content).digest())


def record_cid(value: Json) -> str:
    """An id of the content; the real one hashes another encoding of it."""
    return _cid(b"\x01\x71\x12\x20", hashlib.sha256(json.dumps(value, sort_keys=True).encode()).digest())


def _cid(prefix: bytes, digest: bytes) -> str:
    return "b" + base64.b32encode(prefix + digest).decode().lower().rstrip("=")


def _check_image(image: Json, path: str) -> None:
    if "alt" not in image:
        raise bad_record('Missing required key "alt"', path)
    blob = image.get("image", {})
    if not str(blob.get("mimeType", "")).startswith("image/"):
        raise bad_record(f'Expected "image/*" (got "{blob.get("mimeType")}")', f"{path}.image.mimeType")
    _at_most(blob.get("size", 0), MAX_BLOB, "blob", f"{path}.image")


def _at_most(value: int, limit: int, what: str, path: str) -> None:
    if value > limit:
        raise bad_record(f"{what} too big (maximum {limit}, got {value})", path)
