"""Pictures of the page: what is kept of them on the disk, and for how long."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from shutterpost.console.client.deployment import Deployment
from shutterpost.console.web.pictures import FRESH_SECONDS, Pictures
from shutterpost.console.web.server import WebServer
from tests.console.test_web_server import API, KEYS, PHOTO, PICTURE, ask, cookie, outcome, server
from tests.support.consoles import HttpxApiClient

__all__ = ["server"]
KEY = f"renditions/nature/{PHOTO}/feed.jpg"


@pytest.fixture
def bucket(server: WebServer) -> Iterator[Any]:
    with mock_aws():
        s3 = server.pictures.api.client("s3")
        s3.create_bucket(Bucket="library")
        yield s3


def test_the_cache_drops_what_was_not_seen_for_longest(bucket: Any, tmp_path: Path) -> None:
    api = HttpxApiClient(Deployment(api_url=API, bucket="library", **KEYS))
    pictures = Pictures(api, tmp_path, limit=25)
    for photo in ("a", "b", "c"):
        bucket.put_object(Bucket="library", Key=f"renditions/nature/{photo * 64}/feed.jpg", Body=b"0123456789")
    kept = [pictures.find("nature", photo * 64, "feed.jpg") for photo in ("a", "b", "a", "c")]
    assert [path.is_file() for path in kept if path] == [True, False, True, True]


def test_the_cache_is_counted_once_while_there_is_room(
    server: WebServer, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    look = Path.rglob

    def count(folder: Path, pattern: str) -> Iterator[Path]:
        counted.append(pattern)
        return look(folder, pattern)

    monkeypatch.setattr(Path, "rglob", count)
    for photo in ("a", "b", "c"):
        bucket.put_object(Bucket="library", Key=f"renditions/nature/{photo * 64}/feed.jpg", Body=b"picture")
        assert server.pictures.find("nature", photo * 64, "feed.jpg")
    assert len(counted) == 1


def test_a_picture_that_was_made_again_is_shown_within_an_hour(server: WebServer, bucket: Any) -> None:
    def shown() -> bytes:
        return ask(server, "GET", PICTURE, headers=cookie(server)).content

    bucket.put_object(Bucket="library", Key=KEY, Body=b"before")
    assert shown() == b"before"
    bucket.put_object(Bucket="library", Key=KEY, Body=b"after")
    assert shown() == b"before"
    [kept] = server.pictures.folder.rglob("*.jpg")
    read_at = time.time() - FRESH_SECONDS - 1
    os.utime(kept, (read_at, read_at))
    assert shown() == b"after"


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ExpiredToken"}}, "GetObject"),
        EndpointConnectionError(endpoint_url="https://s3.test"),
    ],
)
def test_a_bucket_that_does_not_answer_is_no_missing_picture(
    server: WebServer, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(_: HttpxApiClient, _service: str) -> Any:
        raise error

    monkeypatch.setattr(HttpxApiClient, "client", refuse)
    assert outcome(ask(server, "GET", PICTURE, headers=cookie(server))) == (502, "picture-unread")


def test_an_older_copy_is_shown_while_the_bucket_does_not_answer(
    server: WebServer, bucket: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put_object(Bucket="library", Key=KEY, Body=b"picture")
    assert ask(server, "GET", PICTURE, headers=cookie(server)).status_code == 200
    [kept] = server.pictures.folder.rglob("*.jpg")
    os.utime(kept, (1, 1))

    def refuse(_: HttpxApiClient, _service: str) -> Any:
        raise EndpointConnectionError(endpoint_url="https://s3.test")

    monkeypatch.setattr(HttpxApiClient, "client", refuse)
    assert ask(server, "GET", PICTURE, headers=cookie(server)).content == b"picture"
