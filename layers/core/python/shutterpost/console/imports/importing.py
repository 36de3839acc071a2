"""Imports a folder: uploads in parallel, then waits for the result of each file. Repeatable without a second upload."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from shutterpost.console.client.uploading import SIDECARS, Bucket, LibraryUploads, digests_of, is_ignored
from shutterpost.console.imports.upload_manifest import UploadedFile, UploadManifest

WORKERS = 16
_FIRST_PAUSE, _MAX_PAUSE = 1.0, 30.0
# Pause this many times as long as a poll takes, which lists the whole library.
_PAUSE_FACTOR = 5


class ListClient(Protocol):
    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]: ...


class FileOutcome(StrEnum):
    """The outcome of a file; `waiting` if it is not known yet."""

    IMPORTED = "imported"
    ALREADY_THERE = "already there"
    SIDECAR = "sidecar"
    REJECTED = "rejected"
    WAITING = "waiting"


@dataclass
class ImportReport:
    """Files by outcome, rejected files with reason and advice, and the uploads of this run."""

    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, dict[str, Any]] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    sent: int = 0
    seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        reasons = Counter(file["reason"] for file in self.rejected.values())
        return {
            "files": sum(self.outcomes.values()),
            **{outcome.value.replace(" ", "_"): self.outcomes[outcome] for outcome in FileOutcome},
            "sent": self.sent,
            "seconds": round(self.seconds, 1),
            "rejected_by_reason": dict(sorted(reasons.items())),
            "rejected_files": [
                {"file": path, **{name: file[name] for name in ("reason", "what_to_do", "summary")}}
                for path, file in sorted(self.rejected.items())
            ],
            "waiting_files": self.waiting,
        }


@dataclass(frozen=True, kw_only=True)
class FolderImport:
    """Imports `folder` into the library of `persona_id`; calls `progress(done, total)` after every file."""

    bucket: Bucket
    bucket_name: str
    api: ListClient
    persona_id: str
    folder: Path
    manifest: UploadManifest
    progress: Callable[[int, int], None] = lambda _done, _total: None
    patience: float = 900.0
    sleep: Callable[[float], None] = time.sleep
    workers: int = WORKERS

    def __call__(self) -> ImportReport:
        """Upload what is missing, then wait until each file is imported or rejected, or until `patience` (seconds)
        pass without a result."""
        began = time.monotonic()
        files = files_in(self.folder)
        report = ImportReport()
        existing = self._uploads.existing()
        imported_before = {(key, photo["photo_id"]) for photo in self._photos() for key in photo["keys"]}
        with self.manifest:
            entries = dict(self._upload(files, existing, report))
        self._wait(entries, imported_before, report)
        report.seconds = time.monotonic() - began
        return report

    @cached_property
    def _uploads(self) -> LibraryUploads:
        return LibraryUploads(self.bucket, self.bucket_name, self.persona_id)

    def _upload(
        self, files: list[str], existing: dict[str, str], report: ImportReport
    ) -> Iterator[tuple[str, UploadedFile]]:
        done = 0
        with ThreadPoolExecutor(self.workers) as pool:
            pending: set[Future[tuple[UploadedFile, bool]]] = set()
            try:
                for path in [*files, None]:
                    if path is not None:
                        pending.add(pool.submit(self._upload_one, path, existing))
                    while pending and (path is None or len(pending) >= 2 * self.workers):
                        completed, pending = wait(pending, return_when=FIRST_COMPLETED)
                        for future in completed:
                            entry, sent = future.result()
                            report.sent += sent
                            done += 1
                            self.progress(done, len(files))
                            yield entry.path, entry
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _upload_one(self, path: str, existing: dict[str, str]) -> tuple[UploadedFile, bool]:
        file = self.folder / path
        stat = file.stat()
        entry = self.manifest.find(path, stat.st_size, stat.st_mtime_ns)
        if entry is not None:
            return entry, False
        digests = digests_of(file)
        entry = UploadedFile(path=path, size=stat.st_size, modified=stat.st_mtime_ns, **asdict(digests))
        sent = self._uploads.send(path, file, digests, existing)
        self.manifest.add(entry)
        return entry, sent

    def _wait(
        self, entries: dict[str, UploadedFile], imported_before: set[tuple[str, str]], report: ImportReport
    ) -> None:
        open_ = {self._uploads.key(path): path for path in entries}
        for key, path in list(open_.items()):
            if (key, entries[path].sha256) in imported_before:
                report.outcomes[FileOutcome.ALREADY_THERE] += 1
                del open_[key]
            elif Path(path).suffix.lower() in SIDECARS:
                report.outcomes[FileOutcome.SIDECAR] += 1
                del open_[key]
        pause, last_result = _FIRST_PAUSE, time.monotonic()
        while True:
            before, began = len(open_), time.monotonic()
            self._poll(open_, entries, report)
            if not open_:
                return
            if len(open_) < before:
                last_result = time.monotonic()
                pause = min(_MAX_PAUSE, max(_FIRST_PAUSE, _PAUSE_FACTOR * (last_result - began)))
            elif time.monotonic() - last_result > self.patience:
                report.outcomes[FileOutcome.WAITING] = len(open_)
                report.waiting = sorted(open_.values())
                return
            self.sleep(pause)
            pause = min(_MAX_PAUSE, pause * 1.5)

    def _poll(self, open_: dict[str, str], entries: dict[str, UploadedFile], report: ImportReport) -> None:
        for photo in self._photos():
            for key in photo["keys"]:
                if key in open_ and entries[open_[key]].sha256 == photo["photo_id"]:
                    report.outcomes[FileOutcome.IMPORTED] += 1
                    del open_[key]
        if not open_:
            return
        for rejection in self.api.pages(f"/personas/{self.persona_id}/rejected", "rejected"):
            path = open_.pop(rejection["key"], None)
            if path is not None:
                report.outcomes[FileOutcome.REJECTED] += 1
                report.rejected[path] = rejection

    def _photos(self) -> Iterator[dict[str, Any]]:
        return self.api.pages(f"/personas/{self.persona_id}/photos", "photos")


def files_in(folder: Path) -> list[str]:
    """The sorted paths in `folder` of all files but hidden ones and those of operating systems."""
    paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in paths if not is_ignored(PurePosixPath(path.as_posix())))
