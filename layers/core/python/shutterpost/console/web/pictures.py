"""Renditions for the page, from the bucket through a cache on the disk."""

import os
import re
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.bucket import list_keys

CACHE_BYTES = 500_000_000
# Twice as many as a browser opens to one server.
CONNECTIONS = 16
_PERSONA = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_PHOTO = re.compile(r"[0-9a-f]{12,64}")
_FILE = re.compile(r"[a-z]{1,20}\.(jpg|webp|png)")
_WHOLE = 64
_MISSING = {"404", "NoSuchKey", "403"}
TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png"}


@dataclass
class Pictures:
    """`folder` holds at most `limit` bytes; what was not read for longest goes first."""

    api: ApiClient
    folder: Path
    limit: int = CACHE_BYTES
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, persona_id: str, photo_id: str, file: str) -> Path | None:
        """The rendition `file` of a photo, by at least 12 digits of its id; `None` if there is none."""
        if not (_PERSONA.fullmatch(persona_id) and _PHOTO.fullmatch(photo_id) and _FILE.fullmatch(file)):
            return None
        path = self.folder / persona_id / f"{photo_id}-{file}"
        try:
            os.utime(path)
        except FileNotFoundError:
            content = self._fetch(persona_id, photo_id, file)
            if content is None:
                return None
            self._keep(path, content)
        return path

    def _fetch(self, persona_id: str, photo_id: str, file: str) -> bytes | None:
        from botocore.exceptions import ClientError

        key = self._key(persona_id, photo_id, file)
        if key is None:
            return None
        try:
            response = self.api.client("s3").get_object(Bucket=self.api.deployment.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        content: bytes = response["Body"].read()
        return content

    def _key(self, persona_id: str, photo_id: str, file: str) -> str | None:
        beginning = f"renditions/{persona_id}/{photo_id}"
        if len(photo_id) == _WHOLE:
            return f"{beginning}/{file}"
        keys = list_keys(self.api, self.api.deployment.bucket, beginning)
        return next((key for key in keys if key.endswith(f"/{file}")), None)

    def _keep(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
        with self._lock:
            self._make_room()

    def _make_room(self) -> None:
        files = [(path.stat(), path) for path in self.folder.rglob("*.*")]
        surplus = sum(stat.st_size for stat, _ in files) - self.limit
        for stat, path in sorted(files, key=lambda each: each[0].st_mtime_ns):
            if surplus <= 0:
                return
            path.unlink(missing_ok=True)
            surplus -= stat.st_size
