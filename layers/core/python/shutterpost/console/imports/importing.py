"""A folder into a persona's library: uploaded in parallel, resumed after a kill, and waited for to the last file.

What lies in the bucket with the same bytes is not sent again, so repeating it at any point sends nothing twice; the
import itself is idempotent besides. Memory holds a few texts per file and one upload per worker.
"""

import hashlib
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from shutterpost.console.imports.upload_manifest import UploadedFile, UploadManifest

WORKERS = 16
_CHUNK = 1 << 20
_FIRST_LOOK, _LONGEST_PAUSE = 1.0, 30.0
_REST = 5
_SIDECARS = {".txt", ".xmp", ".json", ".jsonl"}
_LEFT_ALONE = {".ds_store", "thumbs.db", "desktop.ini"}


class Bucket(Protocol):
    """What of an S3 client is used."""

    def put_object(self, **request: Any) -> Any: ...

    def get_paginator(self, name: Any) -> Any: ...


class Listing(Protocol):
    """Lists what the API lists: `pages(path, items)`."""

    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]: ...


class FileOutcome(StrEnum):
    """What became of a file; `waiting` is not known yet."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    SIDECAR = "sidecar"
    REJECTED = "rejected"
    WAITING = "waiting"


@dataclass
class Report:
    """How an import ended: files by end, rejected ones with their reasons, and what was sent by this run."""

    ends: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    sent: int = 0
    seconds: float = 0.0

    def told(self) -> dict[str, Any]:
        """The report as plain data."""
        reasons = Counter(reason for reason, _ in self.rejected.values())
        return {
            "files": sum(self.ends.values()),
            **{end.value.replace(" ", "_"): self.ends[end] for end in FileOutcome},
            "sent": self.sent,
            "seconds": round(self.seconds, 1),
            "rejected_by_reason": dict(sorted(reasons.items())),
            "rejected_files": [
                {"file": path, "reason": reason, "what_to_do": advice}
                for path, (reason, advice) in sorted(self.rejected.items())
            ],
            "waiting_files": self.waiting,
        }


@dataclass(frozen=True, kw_only=True)
class FolderImport:
    """Imports `folder` into the library of `persona_id`; `progress(done, total)` is told of every file sent."""

    bucket: Bucket
    bucket_name: str
    listing: Listing
    persona_id: str
    folder: Path
    journal: UploadManifest
    progress: Callable[[int, int], None] = lambda _done, _total: None
    patience: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    workers: int = WORKERS

    def __call__(self) -> Report:
        """Send what is not there, and wait until each file is in the library or rejected, or `patience` (seconds) ends
        without any news."""
        began = time.monotonic()
        files = files_in(self.folder)
        report = Report()
        there = self._there()
        known_before = {(key, photo["photo_id"]) for photo in self._photos() for key in photo["keys"]}
        with self.journal:
            entries = dict(self._send(files, there, report))
        self._wait(entries, known_before, report)
        report.seconds = time.monotonic() - began
        return report

    def key(self, path: str) -> str:
        """Where a file of the folder lies in the bucket; names are in NFC, so that every machine gives the same."""
        return f"photos/{self.persona_id}/{unicodedata.normalize('NFC', path)}"

    def _there(self) -> dict[str, str]:
        """The digests (MD5, as S3's ETag of a single upload is) of what lies in the bucket, by key."""
        pages = self.bucket.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket_name, Prefix=f"photos/{self.persona_id}/"
        )
        return {item["Key"]: item["ETag"].strip('"') for page in pages for item in page.get("Contents", ())}

    def _send(self, files: list[str], there: dict[str, str], report: Report) -> Iterator[tuple[str, UploadedFile]]:
        """Each file's entry once the bucket has it; at most twice as many are under way as there are workers."""
        done = 0
        with ThreadPoolExecutor(self.workers) as pool:
            under_way: set[Future[tuple[UploadedFile, bool]]] = set()
            try:
                for path in [*files, None]:
                    if path is not None:
                        under_way.add(pool.submit(self._send_one, path, there))
                    while under_way and (path is None or len(under_way) >= 2 * self.workers):
                        ended, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                        for one in ended:
                            entry, sent = one.result()
                            report.sent += sent
                            done += 1
                            self.progress(done, len(files))
                            yield entry.path, entry
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _send_one(self, path: str, there: dict[str, str]) -> tuple[UploadedFile, bool]:
        file = self.folder / path
        stat = file.stat()
        entry = self.journal.known(path, stat.st_size, stat.st_mtime_ns)
        if entry is not None:
            return entry, False
        entry = UploadedFile(path=path, size=stat.st_size, modified=stat.st_mtime_ns, **_digests(file))
        sent = there.get(self.key(path)) != entry.md5
        if sent:
            with file.open("rb") as body:
                self.bucket.put_object(Bucket=self.bucket_name, Key=self.key(path), Body=body)
        self.journal.note(entry)
        return entry, sent

    def _wait(self, entries: dict[str, UploadedFile], known_before: set[tuple[str, str]], report: Report) -> None:
        open_ = {self.key(path): path for path in entries}
        for key, path in list(open_.items()):
            if (key, entries[path].sha256) in known_before:
                report.ends[FileOutcome.ALREADY_THERE] += 1
                del open_[key]
            elif Path(path).suffix.lower() in _SIDECARS:
                report.ends[FileOutcome.SIDECAR] += 1
                del open_[key]
        pause, last_news = _FIRST_LOOK, time.monotonic()
        while True:
            before, began = len(open_), time.monotonic()
            self._look(open_, entries, report)
            if not open_:
                return
            if len(open_) < before:
                last_news = time.monotonic()
                # A look lists the whole library: in a large one, most of the time goes to the import and not to looks.
                pause = min(_LONGEST_PAUSE, max(_FIRST_LOOK, _REST * (last_news - began)))
            elif time.monotonic() - last_news > self.patience:
                report.ends[FileOutcome.WAITING] = len(open_)
                report.waiting = sorted(open_.values())
                return
            self.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    def _look(self, open_: dict[str, str], entries: dict[str, UploadedFile], report: Report) -> None:
        """Strike off what has come to an end."""
        for photo in self._photos():
            for key in photo["keys"]:
                if key in open_ and entries[open_[key]].sha256 == photo["photo_id"]:
                    report.ends[FileOutcome.IMPORTED] += 1
                    del open_[key]
        if not open_:
            return
        for one in self.listing.pages(f"/personas/{self.persona_id}/rejected", "rejected"):
            path = open_.pop(one["key"], None)
            if path is not None:
                report.ends[FileOutcome.REJECTED] += 1
                report.rejected[path] = one["reason"], one["what_to_do"]

    def _photos(self) -> Iterator[dict[str, Any]]:
        return self.listing.pages(f"/personas/{self.persona_id}/photos", "photos")


def files_in(folder: Path) -> list[str]:
    """The paths in `folder` of all files worth sending, sorted; hidden ones and what systems leave behind are not."""
    found = (
        path.relative_to(folder)
        for path in folder.rglob("*")
        if path.is_file() and path.name.lower() not in _LEFT_ALONE
    )
    return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))


def _digests(file: Path) -> dict[str, str]:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            sha256.update(chunk)
            md5.update(chunk)
    return {"sha256": sha256.hexdigest(), "md5": md5.hexdigest()}
