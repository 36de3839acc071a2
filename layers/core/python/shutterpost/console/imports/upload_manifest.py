"""The uploaded files of a folder import, kept on disk so that an interrupted import can continue."""

import json
import threading
from pathlib import Path
from typing import Any, Self

from shutterpost.runtime.values import Value


class UploadedFile(Value):
    """An uploaded file: path in the folder, size (bytes), modification time (ns) and digests (hex)."""

    path: str
    size: int
    modified: int
    sha256: str
    md5: str


class UploadManifest:
    """Uploaded files by path, one JSON line each. A line cut off by a kill is ignored."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._entries: dict[str, UploadedFile] = {}

    def __enter__(self) -> Self:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._entries = {entry.path: entry for entry in self._read()}
        # The file may end in a line that was cut off.
        self._out = self._file.open("a")
        self._out.write("\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def find(self, path: str, size: int, modified: int) -> UploadedFile | None:
        """The entry of a file that has not changed since its upload."""
        entry = self._entries.get(path)
        return entry if entry and (entry.size, entry.modified) == (size, modified) else None

    def add(self, entry: UploadedFile) -> None:
        with self._lock:
            self._out.write(entry.model_dump_json() + "\n")
            self._out.flush()

    def _read(self) -> list[UploadedFile]:
        if not self._file.exists():
            return []
        entries = []
        for line in self._file.read_text().splitlines():
            try:
                content: Any = json.loads(line)
                entries.append(UploadedFile.model_validate(content))
            except ValueError:
                continue
        return entries
