"""Uploads files to a persona's library, each only if the bucket does not have its bytes."""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

_CHUNK = 1 << 20
# Files that state facts of a photo beside them, and become none themselves.
SIDECARS = {".txt", ".xmp", ".json", ".jsonl"}
_IGNORED = {".ds_store", "thumbs.db", "desktop.ini"}


class Bucket(Protocol):
    def put_object(self, **request: Any) -> Any: ...

    def get_paginator(self, name: Any) -> Any: ...


@dataclass(frozen=True)
class FileDigests:
    sha256: str
    md5: str


@dataclass(frozen=True)
class LibraryUploads:
    """Uploads to the library of `persona_id` in the bucket named `bucket_name`."""

    bucket: Bucket
    bucket_name: str
    persona_id: str

    def key(self, path: str) -> str:
        """The key of a file in the bucket; in NFC, so that it is the same on every machine."""
        return f"photos/{self.persona_id}/{unicodedata.normalize('NFC', path)}"

    def existing(self, path: str = "") -> dict[str, str]:
        """The MD5 digests of the bucket's objects whose key begins as that of `path`, by key.

        S3's ETag of a single upload is the MD5 digest.
        """
        pages = self.bucket.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=self.key(path))
        return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", ())}

    def send(self, path: str, file: Path, digests: FileDigests, existing: dict[str, str]) -> bool:
        """Upload `file` as `path`; `False` if the bucket has it, as listed by `existing`."""
        if existing.get(self.key(path)) == digests.md5:
            return False
        with file.open("rb") as body:
            self.bucket.put_object(Bucket=self.bucket_name, Key=self.key(path), Body=body)
        return True


def is_ignored(path: PurePosixPath) -> bool:
    """Whether a file is hidden, or one of operating systems, and so no part of a library."""
    return path.name.lower() in _IGNORED or any(part.startswith(".") for part in path.parts)


def digests_of(file: Path) -> FileDigests:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    return FileDigests(sha256.hexdigest(), md5.hexdigest())
