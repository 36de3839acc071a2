"""Renditions for the page, from the bucket through a cache on the disk."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.bucket import list_keys
from shutterpost.console.web.disk_cache import DiskCache

CACHE_BYTES = 500_000_000
# A rendition that is made again has the key of the one before.
FRESH_SECONDS = 3600
# Twice as many as a browser opens to one server.
CONNECTIONS = 16
_PERSONA = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_PHOTO = re.compile(r"[0-9a-f]{12,64}")
_FILE = re.compile(r"[a-z]{1,20}\.(jpg|webp|png)")
_WHOLE = 64
_MISSING = {"404", "NoSuchKey", "403"}
TYPES = {".jpg": "image/jpeg", ".webp": "image/webp", ".png": "image/png", ".gif": "image/gif"}


@dataclass
class Pictures:
    api: ApiClient
    folder: Path
    limit: int = CACHE_BYTES

    def find(self, persona_id: str, photo_id: str, file: str) -> Path | None:
        """The rendition `file` of a photo, by at least 12 digits of its id; `None` if there is none."""
        from botocore.exceptions import BotoCoreError, ClientError

        if not (_PERSONA.fullmatch(persona_id) and _PHOTO.fullmatch(photo_id) and _FILE.fullmatch(file)):
            return None
        name = f"{persona_id}/{photo_id}-{file}"
        if path := self._cache.find(name, FRESH_SECONDS):
            return path
        try:
            content = self._fetch(persona_id, photo_id, file)
        except (BotoCoreError, ClientError):
            if path := self._cache.find(name):
                return path
            raise
        return None if content is None else self._cache.keep(name, content)

    @cached_property
    def _cache(self) -> DiskCache:
        return DiskCache(self.folder, self.limit)

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
