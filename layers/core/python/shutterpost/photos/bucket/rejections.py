"""The reason file that is written beside a rejected file, and the list of rejected files."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import ClientError
from pydantic import Field

from shutterpost.photos.bucket.keys import REASON_SUFFIX, REJECTED, Place, place_of
from shutterpost.photos.unusable import Reason
from shutterpost.runtime.clients import client
from shutterpost.runtime.clock import iso
from shutterpost.runtime.pages import page_limit
from shutterpost.runtime.values import Value

MAX_REPORTED_LINES = 1000


@dataclass(frozen=True)
class LineError:
    """An error in one line (or item) of a file of analyses."""

    line: int
    field: str
    detail: str


@dataclass(frozen=True)
class Rejection:
    """Why an object is rejected; `errors` are the first `MAX_REPORTED_LINES` invalid lines; `kind` names the file."""

    place: Place
    reason: Reason
    detail: str
    what_to_do: str
    errors: tuple[LineError, ...] = ()
    kind: str = ""
    byte_size: int | None = None


def reason_file(rejection: Rejection, now: datetime) -> bytes:
    """The JSON document that says why a file is rejected and what to do."""
    document: dict[str, Any] = {
        "key": rejection.place.key,
        "reason": rejection.reason,
        "kind": rejection.kind,
        "byte_size": rejection.byte_size,
        "detail": rejection.detail,
        "what_to_do": rejection.what_to_do,
        "at": iso(now),
    }
    if rejection.errors:
        document["lines"] = [asdict(error) for error in rejection.errors]
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


class RejectedLine(Value):
    """An error in one line of a file of analyses."""

    line: int
    field: str
    detail: str


class RejectedFile(Value):
    """A rejected file, or a file with invalid lines.

    `key` is its upload key, `rejected_key` its present one. `kind` and `byte_size` describe the file, where known;
    `summary` is one sentence with all of it. `errors` counts invalid lines, `lines` are the first ones. `at` is UTC.
    """

    key: str
    rejected_key: str
    reason: str
    detail: str
    what_to_do: str
    at: datetime
    kind: str = ""
    byte_size: int | None = None
    summary: str = ""
    errors: int = 0
    lines: tuple[RejectedLine, ...] = Field(default=())


def summary_of(rejected: RejectedFile) -> str:
    """Name, kind, size, cause and remedy of a rejected file in one sentence."""
    size = "" if rejected.byte_size is None else _size(rejected.byte_size)
    facts = ", ".join(filter(None, (rejected.kind, size)))
    name = rejected.key.rpartition("/")[2] + (f" ({facts})" if facts else "")
    return f"{name}: {_small(rejected.detail)}; {_small(rejected.what_to_do)}."


def _small(sentence: str) -> str:
    text = sentence.strip().removesuffix(".")
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _size(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"


def same_but(rejected: RejectedFile, detail: str, what_to_do: str) -> Rejection:
    place = place_of(rejected.key)
    if place is None:
        raise ValueError(f"{rejected.key} is no key of an upload.")
    errors = tuple(LineError(**line.model_dump()) for line in rejected.lines)
    return Rejection(place, Reason(rejected.reason), detail, what_to_do, errors, rejected.kind, rejected.byte_size)


class RejectedPage(Value):
    """A page of rejected files by key, and the `cursor` of the next page."""

    rejected: tuple[RejectedFile, ...]
    cursor: str | None = None


def read_rejected(s3: Any, bucket: str, rejected_key: str) -> RejectedFile | None:
    """The rejected file at `rejected_key` by its reason; `None` without one."""
    try:
        document = json.loads(s3.get_object(Bucket=bucket, Key=rejected_key + REASON_SUFFIX)["Body"].read())
    except ClientError as error:
        # Who may list one prefix only is answered 403 for what is not there.
        if error.response["Error"]["Code"] in {"NoSuchKey", "AccessDenied"}:
            return None
        raise
    rejected = RejectedFile.model_validate({**document, "rejected_key": rejected_key})
    return rejected.model_copy(update={"summary": summary_of(rejected)})


class Rejections:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def page(self, persona_id: str, limit: int = 50, cursor: str | None = None) -> RejectedPage:
        """One page of a persona's rejected files, by key, behind `cursor`."""
        limit = page_limit(limit)
        folder = f"{REJECTED}{persona_id}/"
        keys: list[str] = []
        for key in self._reasons(folder, folder + (cursor or "")):
            keys.append(key)
            if len(keys) > limit:
                break
        last = keys[limit - 1].removeprefix(folder) if len(keys) > limit else None
        files = (self._rejected(key.removesuffix(REASON_SUFFIX)) for key in keys[:limit])
        return RejectedPage(rejected=tuple(file for file in files if file is not None), cursor=last)

    def of(self, persona_id: str, rejected_key: str) -> RejectedFile | None:
        return self._rejected(rejected_key) if rejected_key.startswith(f"{REJECTED}{persona_id}/") else None

    def forget(self, file: RejectedFile) -> None:
        """Delete the file in the rejected area, and its reason. A file that stayed in its place is left there."""
        # The reason goes last, so that each rejected file has one.
        for key in (file.rejected_key, file.rejected_key + REASON_SUFFIX):
            client("s3").delete_object(Bucket=self._bucket, Key=key)

    def count(self, persona_id: str, limit: int) -> int:
        """How many files of the persona are rejected, counted up to `limit`."""
        folder = f"{REJECTED}{persona_id}/"
        return sum(1 for _ in islice(self._reasons(folder, folder), limit))

    def count_since(self, persona_id: str, since: datetime, limit: int) -> int:
        """How many files of the persona were rejected after `since`, counted up to `limit` without reading one."""
        folder = f"{REJECTED}{persona_id}/"
        recent = (item for item in self._listed(folder, folder) if item["LastModified"] > since)
        return sum(1 for _ in islice(recent, limit))

    def _reasons(self, folder: str, after: str) -> Iterator[str]:
        return (item["Key"] for item in self._listed(folder, after))

    def _listed(self, folder: str, after: str) -> Iterator[Any]:
        pages = client("s3").get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._bucket, Prefix=folder, StartAfter=after):
            yield from (item for item in page.get("Contents", ()) if item["Key"].endswith(REASON_SUFFIX))

    def _rejected(self, rejected_key: str) -> RejectedFile | None:
        return read_rejected(client("s3"), self._bucket, rejected_key)
