"""Files that are dropped onto the page: collected in pieces, then uploaded to the library as the operator."""

import hashlib
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.exit_codes import ApiRefused, ApiUnreachable, CredentialsMissing
from shutterpost.console.client.uploading import SIDECARS, LibraryUploads, digests_of, is_ignored
from shutterpost.console.web.problems import READ_ONLY, problem
from shutterpost.console.web.requests import body_of, segments_below
from shutterpost.photos.bucket.library import MAX_PHOTO_BYTES

PREFIX = "/uploads"
MAX_PIECE = 8_000_000
# Pieces of a file that nobody completed are deleted after two days.
KEPT_SECONDS = 2 * 24 * 3600
_READ = "GET"
_LONGEST_PATH, _LONGEST_NUMBER = 500, 16
_UNAUTHORIZED, _FORBIDDEN, _CONFLICT, _TOO_LARGE, _INVALID, _BAD_GATEWAY = 401, 403, 409, 413, 422, 502
_REFUSED = {"AccessDenied", "AllAccessDisabled"}
_KEPT_NOWHERE = {"cache-control": "no-store"}


class UploadInvalid(Exception):
    """The request names no file that can be uploaded."""


class OffsetWrong(Exception):
    """The server has another number of the file's bytes."""


@dataclass(frozen=True)
class DroppedFile:
    """A file of the browser: its path below what was dropped, its size (bytes) and its time of change (ms)."""

    persona_id: str
    path: str
    size: int
    modified: int

    @property
    def name(self) -> str:
        """The name of its pieces on disk; another version of the file has another."""
        text = "\n".join((self.persona_id, self.path, str(self.size), str(self.modified)))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class PageUploads:
    """Collects pieces in `folder`; a file that is complete goes to the bucket, unless the bucket has it already."""

    api: ApiClient
    folder: Path
    read_only: bool
    _known: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    async def __call__(self, request: Request) -> Response:
        """How many bytes of a file are here; for a PUT, once its body is added at `offset`."""
        if self.read_only:
            return problem(_FORBIDDEN, *READ_ONLY)
        try:
            file, offset = _file_of(request), _count(request, "offset", 0)
        except UploadInvalid as invalid:
            return problem(_INVALID, "upload-invalid", str(invalid))
        if file.size > MAX_PHOTO_BYTES:
            detail = f"The file has {file.size:,} bytes; at most {MAX_PHOTO_BYTES:,} are read."
            return problem(_TOO_LARGE, "too-large-file", detail)
        piece = b"" if request.method == _READ else await body_of(request, MAX_PIECE)
        if piece is None:
            return problem(_TOO_LARGE, "body-too-large", f"The request has more than {MAX_PIECE} bytes.")
        return await run_in_threadpool(self._answer, file, None if request.method == _READ else offset, piece)

    def _answer(self, file: DroppedFile, offset: int | None, piece: bytes) -> Response:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._check_persona(file.persona_id)
            if offset is None:
                return _answered({"offset": self._received(file)})
            return _answered(self._add(file, offset, piece))
        except OffsetWrong:
            return problem(_CONFLICT, "upload-offset", "The server has another part of this file; read its offset.")
        except CredentialsMissing as error:
            return problem(_UNAUTHORIZED, error.kind, error.detail)
        except ApiRefused as refused:
            return problem(refused.status, refused.problem, refused.detail)
        except ApiUnreachable as error:
            return problem(_BAD_GATEWAY, error.kind, error.detail)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _REFUSED:
                return problem(
                    _FORBIDDEN, "upload-refused", f"AWS refused {error.operation_name}; allow it for your role."
                )
            return problem(_UNAUTHORIZED, CredentialsMissing.kind, f"AWS refused {error.operation_name} ({code}).")
        except BotoCoreError as error:
            return problem(_BAD_GATEWAY, ApiUnreachable.kind, f"{error} The file is kept; drop it again.")

    @cached_property
    def _s3(self) -> Any:
        with self._lock:
            return self.api.client("s3")

    def _check_persona(self, persona_id: str) -> None:
        if persona_id not in self._known:
            self.api.get(f"/personas/{segment(persona_id)}")
            self._known.add(persona_id)

    def _received(self, file: DroppedFile) -> int:
        try:
            return (self.folder / file.name).stat().st_size
        except FileNotFoundError:
            return 0

    def _add(self, file: DroppedFile, offset: int, piece: bytes) -> dict[str, Any]:
        pieces = self.folder / file.name
        with self._lock:
            have = self._received(file)
            if offset != have or have + len(piece) > file.size:
                raise OffsetWrong
            if not have:
                self._make_room()
            with pieces.open("ab") as out:
                out.write(piece)
        if have + len(piece) < file.size:
            return {"offset": have + len(piece)}
        uploads = LibraryUploads(self._s3, self.api.deployment.bucket, file.persona_id)
        digests = digests_of(pieces)
        sent = uploads.send(file.path, pieces, digests, uploads.existing(file.path))
        pieces.unlink(missing_ok=True)
        photo_id = None if PurePosixPath(file.path).suffix.lower() in SIDECARS else digests.sha256
        return {"offset": file.size, "photo_id": photo_id, "key": uploads.key(file.path), "sent": sent}

    def _make_room(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for pieces in self.folder.iterdir():
            if pieces.stat().st_mtime < time.time() - KEPT_SECONDS:
                pieces.unlink(missing_ok=True)


def _file_of(request: Request) -> DroppedFile:
    segments = segments_below(PREFIX, request)
    if segments is None or len(segments) < 2:  # noqa: PLR2004 - a persona and a file
        raise UploadInvalid("The path names a persona and a file below it.")
    persona_id, *parts = segments
    path = "/".join(parts)
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise UploadInvalid(f"A file's path has at most {_LONGEST_PATH} printable characters.")
    if is_ignored(PurePosixPath(path)):
        raise UploadInvalid("Hidden files, and those of operating systems, are left out.")
    return DroppedFile(persona_id, path, _count(request, "size"), _count(request, "modified"))


def _count(request: Request, name: str, default: int | None = None) -> int:
    given = request.query_params.get(name, "" if default is None else str(default))
    if not (given.isascii() and given.isdigit()) or len(given) > _LONGEST_NUMBER:
        raise UploadInvalid(f"{name} is a number.")
    return int(given)


def _answered(content: dict[str, Any]) -> JSONResponse:
    return JSONResponse(content, headers=_KEPT_NOWHERE)
