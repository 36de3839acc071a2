"""What is known of a Bluesky post before it exists: its record's key and its blobs, as a `ref`. Pure."""

import base64
import hashlib
import re
from datetime import timedelta
from typing import Self

from shutterpost.channels.ports import Message
from shutterpost.runtime.values import Value

_SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"
_REF = re.compile(r"([2-7a-j][2-7a-z]{12})/(\d)((?:/\w+\.\d+\.\d+x\d+)*)")
# Markers of a JPEG, and of its frame header in each kind of encoding.
_MARKER, _FRAMES = 0xFF, frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HOUR = timedelta(hours=1) // timedelta(microseconds=1)
_CLOCKS = 1 << 10


class BlueskyBlob(Value):
    cid: str
    size: int
    width: int
    height: int


class BlueskySubmission(Value):
    """The key of the record, which the same post has in all attempts, and the blobs uploaded so far, of `count`."""

    rkey: str
    count: int
    blobs: tuple[BlueskyBlob, ...] = ()

    @classmethod
    def of_message(cls, message: Message) -> Self:
        return cls(rkey=record_key(message), count=len(message.pictures))

    @classmethod
    def of(cls, ref: str) -> Self | None:
        """The submission that `ref` names; `None` for any other text."""
        match = _REF.fullmatch(ref)
        if match is None:
            return None
        parts = [part.split(".") for part in match[3].split("/")[1:]]
        sizes = [(cid, int(size), *map(int, pixels.split("x"))) for cid, size, pixels in parts]
        blobs = tuple(BlueskyBlob(cid=cid, size=size, width=width, height=height) for cid, size, width, height in sizes)
        return cls(rkey=match[1], count=int(match[2]), blobs=blobs)

    @property
    def ref(self) -> str:
        parts = [f"{blob.cid}.{blob.size}.{blob.width}x{blob.height}" for blob in self.blobs]
        return "/".join([self.rkey, str(self.count), *parts])

    @property
    def is_whole(self) -> bool:
        return len(self.blobs) == self.count

    def with_blob(self, blob: BlueskyBlob) -> "BlueskySubmission":
        return self.model_copy(update={"blobs": (*self.blobs, blob)})


def record_key(message: Message) -> str:
    """A TID in the hour in which the post was planned; the rest of it is a hash of the post's key."""
    number = int.from_bytes(hashlib.sha256(message.key.encode()).digest()[:12])
    planned = (message.planned_at or message.run_at).timestamp()
    microseconds = int(planned) // 3_600 * _HOUR + number // _CLOCKS % _HOUR
    value = microseconds << 10 | number % _CLOCKS
    return "".join(_SORTABLE[value >> shift & 31] for shift in range(60, -1, -5))


def blob_cid(content: bytes) -> str:
    """The id that the server gives to `content`: a CID of raw bytes, hashed by SHA-256."""
    digest = hashlib.sha256(content).digest()
    return "b" + base64.b32encode(b"\x01\x55\x12\x20" + digest).decode().lower().rstrip("=")


def jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a JPEG, from its frame header; `None` without one."""
    place = 2
    while place + 9 <= len(content) and content[place] == _MARKER:
        if content[place + 1] in _FRAMES:
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            return int.from_bytes(width), int.from_bytes(height)
        place += 2 + int.from_bytes(content[place + 2 : place + 4])
    return None
