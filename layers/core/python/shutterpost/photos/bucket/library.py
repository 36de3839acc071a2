"""Reads uploads, stores renditions and moves rejected files in the library bucket."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from shutterpost.photos.analyses.analysis import MAX_LINE_BYTES
from shutterpost.photos.bucket.keys import REASON_SUFFIX, Place, marked, rejected_key
from shutterpost.photos.bucket.rejections import RejectedFile, Rejection, read_rejected, reason_file, same_but
from shutterpost.photos.formats.foreign import foreign
from shutterpost.photos.formats.signatures import HEAD_BYTES, sniff
from shutterpost.photos.unusable import Reason, Unusable

# A Lambda's /tmp has 512 MB unless more is paid for.
MAX_PHOTO_BYTES = 300_000_000
MAX_JSON_BYTES = 8_000_000
_CHUNK = 1 << 20
_LARGEST_COPY = 5 * 1024**3
_MISSING = {"NoSuchKey", "404", "NotFound"}
_CHANGED = {"PreconditionFailed", "412"}


class ObjectGone(Exception):
    """The object was deleted or moved since its event."""


@dataclass(frozen=True)
class FetchedFile:
    """An object's bytes in a temporary file at `path`, with their SHA-256 (hex)."""

    path: Path
    sha256: str

    @property
    def is_picture(self) -> bool:
        """Whether its content is a picture; its name does not matter."""
        return sniff(self.head(HEAD_BYTES)) is not None

    @property
    def kind(self) -> str:
        """What the file is by its content, such as `HEIC picture` or `Canon raw`; empty if unknown."""
        head = self.head(HEAD_BYTES)
        known, other = sniff(head), foreign(head)
        if known:
            return f"{known.upper()} picture"
        return re.sub(r"^(a|an) ", "", other.what) if other else ""

    def head(self, count: int) -> bytes:
        with self.path.open("rb") as file:
            return file.read(count)


@dataclass(frozen=True)
class BucketObject:
    """An object's version: `etag` identifies its bytes, `stored_at` is UTC. Its body can be read once."""

    key: str
    etag: str
    byte_size: int
    stored_at: datetime
    body: Any

    @contextmanager
    def fetched(self) -> Iterator[FetchedFile]:
        """Stream the bytes to a temporary file. Raises `Unusable` for an empty or too large file."""
        self._refuse_beyond(MAX_PHOTO_BYTES)
        with tempfile.NamedTemporaryFile(prefix="drop-") as file:
            digest = hashlib.sha256()
            for chunk in self.body.iter_chunks(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            yield FetchedFile(Path(file.name), digest.hexdigest())

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Stream non-blank lines with numbers (from 1), cut behind `MAX_LINE_BYTES`. Raises `Unusable` if empty."""
        self._refuse_beyond(None)
        return _numbered(self.body)

    def document(self) -> bytes:
        self._refuse_beyond(MAX_JSON_BYTES, "; a .jsonl file with one analysis per line may have any size")
        data: bytes = self.body.read()
        return data

    def _refuse_beyond(self, limit: int | None, advice: str = "") -> None:
        if self.byte_size == 0:
            raise Unusable(Reason.EMPTY_FILE, "The file has no bytes.")
        if limit is not None and self.byte_size > limit:
            detail = f"The file has {self.byte_size:,} bytes; at most {limit:,} are read{advice}."
            raise Unusable(Reason.TOO_LARGE_FILE, detail)


class Library:
    def __init__(self, bucket: str, s3: Any) -> None:
        self._bucket = bucket
        self._s3 = s3

    @contextmanager
    def open(self, key: str) -> Iterator[BucketObject]:
        """Open the object at `key`. Raises `ObjectGone`."""
        with _gone_where_missing(key):
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        body = answer["Body"]
        try:
            yield BucketObject(
                key, answer["ETag"], answer["ContentLength"], answer["LastModified"].astimezone(UTC), body
            )
        finally:
            body.close()

    def etag(self, key: str) -> str:
        with _gone_where_missing(key):
            return str(self._s3.head_object(Bucket=self._bucket, Key=key)["ETag"])

    def keep_rendition(self, key: str, data: bytes) -> None:
        kind = "image/webp" if key.endswith(".webp") else "image/jpeg"
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=kind)

    def reject(self, rejection: Rejection, etag: str, now: datetime) -> str:
        """Move the version `etag` to `rejected/` with its reason; returns the new key. Raises `ObjectGone`."""
        source = rejection.place.key
        target = self._free(rejected_key(rejection.place), etag)
        with _gone_where_missing(source):
            self._copy(source, target, etag)
            # The reason is written before the removal, so that each rejected file has one.
            self._explain(target, rejection, now)
            self._s3.delete_object(Bucket=self._bucket, Key=source, IfMatch=etag)
        return target

    def report(self, rejection: Rejection, now: datetime) -> str:
        """Store a report on a file that stays in place; returns the report's key."""
        return self._explain(rejected_key(rejection.place), rejection, now)

    def rejected(self, key: str) -> RejectedFile | None:
        """The rejected file at `key` in `rejected/`; `None` without a reason."""
        return read_rejected(self._s3, self._bucket, key)

    def restore(self, rejected: RejectedFile) -> bool:
        """Copy the file back to its upload key; False if other bytes are there by now.

        A file that was reported on, and stayed, is in its place.
        """
        etag = self._etag_if_any(rejected.rejected_key)
        if etag is None:
            return True
        there = self._etag_if_any(rejected.key)
        if there is None:
            self._copy(rejected.rejected_key, rejected.key, etag)
        return there in {None, etag}

    def explain_again(self, rejected: RejectedFile, detail: str, what_to_do: str, now: datetime) -> None:
        self._explain(rejected.rejected_key, same_but(rejected, detail, what_to_do), now)

    def delete_rejected(self, key: str) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=key)

    def clear_report(self, place: Place) -> None:
        self._s3.delete_object(Bucket=self._bucket, Key=rejected_key(place) + REASON_SUFFIX)

    def _copy(self, source: str, target: str, etag: str) -> None:
        from boto3.s3.transfer import TransferConfig

        self._s3.copy(
            {"Bucket": self._bucket, "Key": source},
            self._bucket,
            target,
            ExtraArgs={"CopySourceIfMatch": etag},
            Config=TransferConfig(multipart_threshold=_LARGEST_COPY, use_threads=False),
        )

    def _free(self, target: str, etag: str) -> str:
        return target if self._etag_if_any(target) in {None, etag} else marked(target, etag)

    def _etag_if_any(self, key: str) -> str | None:
        try:
            return self.etag(key)
        except ObjectGone:
            return None

    def _explain(self, target: str, rejection: Rejection, now: datetime) -> str:
        key = target + REASON_SUFFIX
        body = reason_file(rejection, now)
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return key


@contextmanager
def _gone_where_missing(key: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _MISSING | _CHANGED:
            raise ObjectGone(key) from error
        raise


def _numbered(body: Any) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; of an endless line only as much is held as shows that it is too long."""
    number, pending = 1, bytearray()
    for chunk in body.iter_chunks(_CHUNK):
        *ended, last = chunk.split(b"\n")
        for piece in ended:
            yield from _unless_blank(number, _extended(pending, piece))
            number, pending = number + 1, bytearray()
        _extended(pending, last)
    yield from _unless_blank(number, pending)


def _extended(line: bytearray, piece: bytes) -> bytearray:
    line += piece[: max(0, MAX_LINE_BYTES + 1 - len(line))]
    return line


def _unless_blank(number: int, line: bytearray) -> Iterator[tuple[int, bytes]]:
    text = bytes(line).removeprefix(b"\xef\xbb\xbf").strip()
    if text:
        yield number, text
