"""Files that are dropped onto the page reach the library once, in pieces, and nothing else does."""

import os
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest
import respx
from botocore.exceptions import ClientError
from moto import mock_aws

from shutterpost.console.web.server import WebServer
from shutterpost.console.web.uploads import KEPT_SECONDS, MAX_PIECE, PageUploads
from shutterpost.photos.bucket.library import MAX_PHOTO_BYTES
from tests.console.test_web_server import API, UPLOAD, ask, cookie, outcome, server, token
from tests.support.consoles import HttpxApiClient

__all__ = ["server"]
CONTENT = b"abcdef"
VERSION = {"size": len(CONTENT), "modified": 1}


@pytest.fixture(autouse=True)
def bucket(server: WebServer) -> Iterator[Any]:
    """The library's bucket, and an API that knows one persona."""
    with mock_aws(), respx.mock(assert_all_called=False) as api:
        api.get(f"{API}/personas/nature").respond(json={"persona_id": "nature"})
        missing = {"type": "urn:shutterpost:problem:persona-not-found", "detail": "There is no such persona."}
        content_type = {"content-type": "application/problem+json"}
        api.get(f"{API}/personas/another").respond(404, json=missing, headers=content_type)
        s3 = server.uploads.api.client("s3")
        s3.create_bucket(Bucket="library")
        yield s3


def put(server: WebServer, piece: bytes, path: str = "dunes.jpg", **query: Any) -> httpx.Response:
    """Send a piece of a file."""
    return ask(
        server, "PUT", f"/uploads/nature/{path}", content=piece, params={**VERSION, **query}, headers=token(server)
    )


def keys(bucket: Any) -> list[str]:
    return [item["Key"] for item in bucket.list_objects_v2(Bucket="library").get("Contents", ())]


def test_a_file_arrives_in_pieces_under_its_key(server: WebServer, bucket: Any) -> None:
    path = "sub/Gl\u0075\u0308ck%20(1).jpg"
    assert put(server, CONTENT[:4], path).json() == {"offset": 4}
    assert keys(bucket) == []
    answer = put(server, CONTENT[4:], path, offset=4).json()
    key = "photos/nature/sub/Glück (1).jpg"
    assert answer == {"offset": 6, "photo_id": sha256(CONTENT).hexdigest(), "key": key, "sent": True}
    assert bucket.get_object(Bucket="library", Key=key)["Body"].read() == CONTENT
    assert list(server.uploads.folder.iterdir()) == []


def test_a_file_goes_on_where_it_stopped_also_after_the_server_ended(server: WebServer, bucket: Any) -> None:
    put(server, CONTENT[:2])
    server.uploads = PageUploads(server.uploads.api, server.uploads.folder, read_only=False)
    assert ask(server, "GET", UPLOAD, headers=token(server)).json() == {"offset": 2}
    for offset in (0, 3):
        assert outcome(put(server, CONTENT[offset:], offset=offset)) == (409, "upload-offset")
    assert outcome(put(server, CONTENT[2:], offset=2, modified=2)) == (409, "upload-offset")
    assert put(server, CONTENT[2:], offset=2).json()["sent"] is True
    assert bucket.get_object(Bucket="library", Key="photos/nature/dunes.jpg")["Body"].read() == CONTENT


def test_what_the_bucket_has_is_sent_once(server: WebServer, bucket: Any) -> None:
    sent = [put(server, CONTENT, modified=modified).json()["sent"] for modified in (1, 1, 2)]
    assert sent == [True, False, False]
    assert put(server, b"fedcba", modified=3).json()["sent"] is True
    assert keys(bucket) == ["photos/nature/dunes.jpg"]


def test_a_sidecar_becomes_no_photo(server: WebServer, bucket: Any) -> None:
    answer = put(server, CONTENT, "dunes.jpg.TXT").json()
    assert (answer["photo_id"], answer["sent"]) == (None, True)


def test_uploads_need_the_token_of_this_run(server: WebServer, bucket: Any) -> None:
    for headers in ({}, {"x-shutterpost": "x"}, cookie(server)):
        for method in ("GET", "PUT"):
            assert outcome(ask(server, method, UPLOAD, content=CONTENT, headers=headers)) == (401, "session-ended")
    assert keys(bucket) == []


def test_a_reading_server_takes_no_files(server: WebServer, bucket: Any) -> None:
    server.uploads = PageUploads(server.uploads.api, server.uploads.folder, read_only=True)
    assert outcome(put(server, CONTENT)) == (403, "read-only")
    assert keys(bucket) == []


def test_pieces_and_files_have_a_limit(server: WebServer, bucket: Any) -> None:
    assert outcome(put(server, b"x" * (MAX_PIECE + 1), size=MAX_PIECE + 1)) == (413, "body-too-large")
    assert outcome(put(server, CONTENT, size=MAX_PHOTO_BYTES + 1)) == (413, "too-large-file")
    assert outcome(put(server, CONTENT, size=5)) == (409, "upload-offset")
    assert keys(bucket) == []


@pytest.mark.parametrize(
    "path",
    ["..%2fother/a.jpg", "%2e%2e/a.jpg", "a/%2e%2e/b.jpg", ".git/a.jpg", "a%5cb.jpg", "sub%2fa.jpg", "", "Thumbs.db"],
)
def test_only_files_of_a_library_are_taken(server: WebServer, bucket: Any, path: str) -> None:
    assert put(server, CONTENT, path).status_code in {404, 422}
    assert keys(bucket) == []


@pytest.mark.parametrize(
    "query", [{"size": "six"}, {"modified": ""}, {"offset": -1}, {"size": "9" * 17}, {"size": "٦"}]
)
def test_a_file_states_its_size_and_time(server: WebServer, query: dict[str, Any]) -> None:
    assert outcome(put(server, CONTENT, **query)) == (422, "upload-invalid")


def test_another_persona_is_refused_as_the_api_does(server: WebServer, bucket: Any) -> None:
    response = ask(server, "PUT", UPLOAD.replace("nature", "another"), content=CONTENT, headers=token(server))
    assert outcome(response) == (404, "persona-not-found")
    assert keys(bucket) == []


def test_pieces_that_nobody_completed_are_deleted(server: WebServer) -> None:
    put(server, CONTENT[:2], "old.jpg")
    [old] = server.uploads.folder.iterdir()
    before = time.time() - KEPT_SECONDS - 60
    os.utime(old, (before, before))
    put(server, CONTENT[:2], "new.jpg")
    assert old not in set(server.uploads.folder.iterdir())


@pytest.mark.parametrize(
    ("code", "expected"), [("AccessDenied", (403, "upload-refused")), ("ExpiredToken", (401, "credentials-missing"))]
)
def test_a_refusal_of_the_bucket_keeps_the_file(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, code: str, expected: tuple[int, str]
) -> None:
    def refuse(_: HttpxApiClient, _service: str) -> Any:
        raise ClientError({"Error": {"Code": code}}, "PutObject")

    with monkeypatch.context() as patched:
        patched.setattr(HttpxApiClient, "client", refuse)
        assert outcome(put(server, CONTENT)) == expected
    assert put(server, b"", offset=6).json()["sent"] is True
