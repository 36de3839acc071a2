"""A deployment in this process, and folders of small pictures that are imported into it."""

import itertools
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from PIL import Image

from shutterpost.channels import ConnectionStore
from shutterpost.console.imports.importing import FolderImport
from shutterpost.console.imports.upload_manifest import UploadManifest
from shutterpost.flows.importing.import_photo import ImportPhoto, Kind
from shutterpost.personas import Personas
from shutterpost.photos import Library, Photos
from tests.api.calling import Caller
from tests.api.world import World, standing_world
from tests.support.aws import BUCKET
from tests.support.builders import StillClock


class Killed(BaseException):
    """What a kill is to the code that it meets: nothing it can catch."""


@dataclass
class Deployed:
    """The bucket that imports what is put into it, by a thread; and the API."""

    world: World
    caller: Caller
    persona_id: str
    importing: ImportPhoto
    puts: list[str] = field(default_factory=list)
    ends: list[Kind] = field(default_factory=list)
    kill_after: int | None = None
    deaf: bool = False
    twice: int = 1
    # moto's tables are dictionaries and bear no two callers at once.
    turn: Any = field(default_factory=threading.RLock)
    _waiting: "queue.Queue[str | None]" = field(default_factory=queue.Queue)

    def put_object(self, **request: Any) -> Any:
        """S3's, whose notification follows; after `kill_after` uploads the process is killed."""
        if self.kill_after is not None and len(self.puts) >= self.kill_after:
            raise Killed
        with self.turn:
            answer = self.world.s3.put_object(**request)
        self.puts.append(request["Key"])
        if not self.deaf:
            self._waiting.put(request["Key"])
        return answer

    def get_object(self, **request: Any) -> Any:
        """S3's."""
        return self.world.s3.get_object(**request)

    def delete_object(self, **request: Any) -> Any:
        """S3's."""
        with self.turn:
            return self.world.s3.delete_object(**request)

    def head_object(self, **request: Any) -> Any:
        """S3's."""
        return self.world.s3.head_object(**request)

    def generate_presigned_url(self, *request: Any, **options: Any) -> str:
        """S3's."""
        return str(self.world.s3.generate_presigned_url(*request, **options))

    def get_paginator(self, name: Any) -> Any:
        """S3's."""
        return self.world.s3.get_paginator(name)

    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]:
        """Everything the API lists at `path`."""
        cursor: dict[str, str] = {}
        while True:
            page = self.page(path, {**query, "limit": "100", **cursor})
            yield from page[items]
            if page["cursor"] is None:
                return
            cursor = {"cursor": page["cursor"]}

    def page(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        """One page of what the API lists."""
        with self.turn:
            answer = self.caller.get(path, **query)
        assert answer.status == HTTPStatus.OK, answer
        page: dict[str, Any] = answer.body
        return page

    def work(self) -> None:
        """Import what is notified of; every `twice`th key twice (0: none), as a queue may deliver it."""
        for number in itertools.count(1):
            key = self._waiting.get()
            if key is None:
                return
            for _ in range(2 if self.twice and number % self.twice == 0 else 1):
                with self.turn:
                    self.ends.append(self.importing(key).kind)

    def stop(self) -> None:
        """End `work`."""
        self._waiting.put(None)

    def folder_import(self, folder: Path, state: Path, **options: Any) -> FolderImport:
        """An import of `folder` that keeps its journal at `state`."""
        return FolderImport(
            bucket=self,
            bucket_name=BUCKET,
            api=self,
            persona_id=self.persona_id,
            folder=folder,
            manifest=UploadManifest(state),
            **{"workers": 4, "sleep": lambda _: time.sleep(0.05), **options},
        )


@contextmanager
def deployed() -> Iterator[Deployed]:
    """A fresh deployment with one persona, and its import at work."""
    with standing_world() as world:
        caller = Caller()
        importing = ImportPhoto(
            connections=ConnectionStore(),
            personas=Personas(),
            photos=Photos(),
            library=Library(BUCKET, world.s3),
            clock=StillClock(),
        )
        standing = Deployed(world, caller, world.persona(caller), importing)
        worker = threading.Thread(target=standing.work, daemon=True)
        worker.start()
        try:
            yield standing
        finally:
            standing.stop()
            worker.join()


def paint_folder(
    folder: Path, count: int, *, rejects: int = 0, twins: int = 0, size: tuple[int, int] = (320, 200)
) -> None:
    """`count` small pictures of different bytes in folders of a hundred; the last `rejects` are no pictures, the first
    `twins` have the same bytes."""
    for number in range(count):
        path = folder / f"{number // 100:03}" / f"{number:05}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        if number >= count - rejects:
            path.write_bytes(f"not a picture, {number}".encode())
            continue
        shade = 0 if number < twins else number
        picture = Image.new("RGB", size, (shade % 251, shade // 251 % 251, 90))
        picture.save(path, "JPEG", quality=60, comment=str(shade))
