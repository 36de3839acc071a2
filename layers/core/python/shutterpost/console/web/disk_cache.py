"""Pictures of the page on the disk."""

import os
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

# A process has one folder of each kind.
_FILLED_AGAIN = 0.9
_lock = threading.Lock()


@dataclass
class DiskCache:
    """`folder` holds at most `limit` bytes; what was not read for longest goes first."""

    folder: Path
    limit: int
    _size: int | None = None

    def find(self, name: str, seconds: float | None = None) -> Path | None:
        """The file `name`, if it was kept within the last `seconds`, where given."""
        path, now = self.folder / name, time.time()
        try:
            kept_at = path.stat().st_mtime
            # The time of access is that of the last use, the time of change that of `keep`.
            os.utime(path, (now, kept_at))
        except FileNotFoundError:
            return None
        return path if seconds is None or now < kept_at + seconds else None

    def keep(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
        with _lock:
            self._make_room(len(content))
        return path

    def _make_room(self, added: int) -> None:
        self._size = None if self._size is None else self._size + added
        if self._size is not None and self._size <= self.limit:
            return
        files = [(path.stat(), path) for path in self.folder.rglob("*.*")]
        self._size = sum(stat.st_size for stat, _ in files)
        if self._size <= self.limit:
            return
        for stat, path in sorted(files, key=lambda each: each[0].st_atime_ns):
            if self._size <= self.limit * _FILLED_AGAIN:
                return
            path.unlink(missing_ok=True)
            self._size -= stat.st_size
