"""What an import of a folder has done, on this machine's disk: a killed import goes on where it was."""

import json
import threading
from pathlib import Path
from typing import Any, Self

from shutterpost.runtime.values import Value


class UploadedFile(Value):
    """A file as it was when it was sent: its path in the folder, bytes, modification time (ns) and digests (hex)."""

    path: str
    size: int
    modified: int
    sha256: str
    md5: str


class UploadManifest:
    """Entries by path, one JSON line each, written when S3 has the file. A line cut off by a kill is left out."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._known: dict[str, UploadedFile] = {}

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._known = {entry.path: entry for entry in self._read()}
        # A new line first, so that a line cut off before is not continued.
        self._out = self._file.open("a")
        self._out.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def known(self, path: str, size: int, modified: int) -> UploadedFile | None:
        """The entry of a file that has not changed since."""
        entry = self._known.get(path)
        return entry if entry and (entry.size, entry.modified) == (size, modified) else None

    def note(self, entry: UploadedFile) -> None:
        """Write `entry` down, at once."""
        with self._lock:
            self._out.write(entry.model_dump_json() + "\n")
            self._out.flush()

    def _read(self) -> list[UploadedFile]:
        if not self._file.exists():
            return []
        entries = []
        for line in self._file.read_text().splitlines():
            try:
                told: Any = json.loads(line)
                entries.append(UploadedFile.model_validate(told))
            except ValueError:
                continue
        return entries
