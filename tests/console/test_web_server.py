"""The loopback server refuses what another page, name or process sends."""

import asyncio
import socket
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx
from moto import mock_aws

from shutterpost.console.client.deployment import Deployment
from shutterpost.console.web.account_pictures import AccountPictures
from shutterpost.console.web.forwarding import MAX_BODY, Forwarder, Operations
from shutterpost.console.web.guard import SECURITY_HEADERS
from shutterpost.console.web.pictures import FRESH_SECONDS, Pictures
from shutterpost.console.web.server import WebServer, hand_over, listen, serve
from shutterpost.console.web.session import ONCE_LIVES, WebSession
from shutterpost.console.web.uploads import PageUploads
from tests.support.consoles import HttpxApiClient

PORT = 8420
HERE = f"http://127.0.0.1:{PORT}"
API = "https://api.test"
KEYS = {"access_key_id": "key", "secret_access_key": "secret"}
PATHS = {"/personas": ["get", "post"], "/personas/{persona_id}": ["get", "patch"], "/schedules/{s}/retry": ["post"]}
PHOTO = "ab" * 32
PICTURE = f"/media/nature/{PHOTO}/feed.jpg"
UPLOAD = "/uploads/nature/dunes.jpg?size=6&modified=1"


@pytest.fixture
def server(tmp_path: Path) -> WebServer:
    page = tmp_path / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Shutterpost</title>")
    (page / "assets" / "page-1.js").write_text("1")
    (page / "secret").write_text("outside")
    api = HttpxApiClient(Deployment(api_url=API, bucket="library", **KEYS))
    account_pictures = AccountPictures(tmp_path / "account-pictures")
    forwarder = Forwarder(api, Operations(PATHS, read_only=False), account_pictures)
    uploads = PageUploads(api, tmp_path / "uploads", read_only=False)
    return WebServer(
        page, PORT, forwarder, Pictures(api, tmp_path / "pictures"), WebSession(datetime.now(UTC)), uploads
    )


def ask(server: WebServer, method: str, path: str, **request: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=server.app())
        async with httpx.AsyncClient(transport=transport, base_url=HERE) as client:
            return await client.request(method, path, **request)

    return asyncio.run(send())


def outcome(response: httpx.Response) -> tuple[int, str]:
    """The status, and the name of the problem."""
    return response.status_code, response.json()["type"].removeprefix("urn:shutterpost:problem:")


def token(server: WebServer) -> dict[str, str]:
    return {"x-shutterpost": server.session.token}


def cookie(server: WebServer) -> dict[str, str]:
    return {"cookie": f"shutterpost-{PORT}={server.session.cookie}"}


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"0.0.0.0:{PORT}", ""]
)
def test_other_names_of_this_machine_are_refused(server: WebServer, host: str) -> None:
    response = ask(server, "GET", "/", headers={"host": host})
    assert outcome(response) == (421, "host-unknown")


@pytest.mark.parametrize("host", [f"127.0.0.1:{PORT}", f"localhost:{PORT}"])
def test_its_own_names_are_served(server: WebServer, host: str) -> None:
    assert ask(server, "GET", "/", headers={"host": host, "origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://evil.example"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"origin": f"http://localhost:{PORT}"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/session", "/api/personas", PICTURE, UPLOAD])
def test_other_origins_are_refused(server: WebServer, path: str, headers: dict[str, str]) -> None:
    response = ask(server, "GET", path, headers={**headers, **token(server), **cookie(server)})
    assert outcome(response) == (403, "origin-foreign")
    assert "access-control-allow-origin" not in response.headers


def test_only_the_document_opens_without_a_page_before_it(server: WebServer) -> None:
    headers = {"sec-fetch-site": "none", **token(server)}
    assert ask(server, "GET", "/", headers=headers).status_code == 200
    assert ask(server, "GET", "/api/personas", headers=headers).status_code == 403


@respx.mock
def test_calls_need_the_token_of_this_run(server: WebServer) -> None:
    api = respx.get(f"{API}/personas?zone=Europe%2FParis").respond(json={"personas": []}, headers={"etag": '"1"'})
    for headers in ({}, {"x-shutterpost": "x"}, {"x-shutterpost": WebSession(datetime.now(UTC)).token}, cookie(server)):
        assert outcome(ask(server, "GET", "/api/personas", headers=headers)) == (401, "session-ended")
    assert not api.called
    given = {**token(server), "if-none-match": '"0"', "cookie": "secret", "x-other": "1"}
    response = ask(server, "GET", "/api/personas?zone=Europe/Paris", headers=given)
    assert (response.json(), response.headers["etag"]) == ({"personas": []}, '"1"')
    sent = api.calls.last.request.headers
    assert sent["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")
    assert sent["if-none-match"] == '"0"'
    assert not {"cookie", "x-other", "x-shutterpost"} & set(sent)


def test_the_code_opens_the_session_once(server: WebServer) -> None:
    once = server.session.once
    assert once
    assert ask(server, "POST", "/session", content="wrong").status_code == 401
    opened = ask(server, "POST", "/session", content=once)
    assert opened.json()["token"] == server.session.token
    assert ask(server, "POST", "/session", content=once).status_code == 401
    given = opened.headers["set-cookie"].lower()
    assert all(part in given for part in (f"shutterpost-{PORT}=", "httponly", "samesite=strict", "path=/media"))


def test_the_code_lives_for_a_minute(server: WebServer) -> None:
    session, once = server.session, server.session.once
    assert once
    assert session.exchange(once, session.started_at + ONCE_LIVES + timedelta(seconds=1)) is None
    assert session.exchange(once, session.started_at + ONCE_LIVES) == session.token


def test_the_secrets_of_a_run_are_in_no_text_of_it(server: WebServer, tmp_path: Path) -> None:
    file = hand_over(server, tmp_path / "state")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert f"{HERE}/#once={server.session.once}" in file.read_text()
    secrets = {server.session.token, server.session.cookie, server.session.once or ""}
    assert not any(secret in repr(server.session) + repr(server) for secret in secrets)


@mock_aws
def test_pictures_need_their_cookie(server: WebServer) -> None:
    s3 = server.pictures.api.client("s3")
    s3.create_bucket(Bucket="library")
    s3.put_object(Bucket="library", Key=f"renditions/nature/{PHOTO}/feed.jpg", Body=b"picture")
    assert outcome(ask(server, "GET", PICTURE, headers=token(server))) == (401, "session-ended")
    for path in (PICTURE, f"/media/nature/{PHOTO[:12]}/feed.jpg"):
        response = ask(server, "GET", path, headers=cookie(server))
        assert (response.content, response.headers["content-type"]) == (b"picture", "image/jpeg")
        assert response.headers["cache-control"] == f"private, max-age={FRESH_SECONDS}"
    assert outcome(ask(server, "GET", "/api/personas", headers=cookie(server))) == (401, "session-ended")
    s3.delete_object(Bucket="library", Key=f"renditions/nature/{PHOTO}/feed.jpg")
    assert ask(server, "GET", PICTURE, headers=cookie(server)).content == b"picture"
    assert ask(server, "GET", PICTURE.replace("feed", "thumb"), headers=cookie(server)).status_code == 404


@pytest.mark.parametrize(
    "path", [f"a/{PHOTO}/..%2fx.jpg", f"../{PHOTO}/feed.jpg", "nature/abc/feed.jpg", f"N/{PHOTO}/a.svg"]
)
def test_pictures_are_renditions_alone(server: WebServer, path: str) -> None:
    assert ask(server, "GET", f"/media/{path}", headers=cookie(server)).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "PUT"])
@pytest.mark.parametrize(
    "path",
    [
        "/api/unknown",
        "/api/personas/",
        "/api/personas/%2e%2e",
        "/api/personas/a%2fb",
        "/api/personas/a%5cb",
        "/api//personas",
        "/api/personas/a/retry",
    ],
)
def test_only_operations_of_the_api_are_forwarded(server: WebServer, method: str, path: str) -> None:
    response = ask(server, method, path, headers=token(server))
    assert outcome(response) == (404, "route-unknown")


def test_large_bodies_are_refused(server: WebServer) -> None:
    response = ask(server, "POST", "/api/personas", content=b"x" * (MAX_BODY + 1), headers=token(server))
    assert outcome(response) == (413, "body-too-large")


def test_a_reading_server_forwards_get_alone(server: WebServer) -> None:
    server.forwarder = replace(server.forwarder, operations=Operations(PATHS, read_only=True))
    with respx.mock:
        respx.get(f"{API}/personas").respond(json={"personas": []})
        assert ask(server, "GET", "/api/personas", headers=token(server)).status_code == 200
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert outcome(ask(server, method, "/api/personas", headers=token(server))) == (403, "read-only")


def test_every_response_has_the_security_headers(server: WebServer) -> None:
    for path in ("/", "/assets/page-1.js", "/session", "/api/personas", "/media/a/b/c", "/none"):
        assert SECURITY_HEADERS.items() <= dict(ask(server, "GET", path).headers).items(), path
    assert "unsafe" not in SECURITY_HEADERS["content-security-policy"]
    refused = ask(server, "GET", "/", headers={"host": "evil.example"})
    assert refused.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["secret", "..%2fsecret", "%2e%2e%2fsecret", "none.js", "a" * 300])
def test_only_files_of_the_page_are_served(server: WebServer, name: str) -> None:
    assert ask(server, "GET", f"/assets/{name}").status_code == 404


def test_ended_credentials_are_told_as_such(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    with respx.mock:
        respx.get(f"{API}/personas").respond(403, json={"message": "Forbidden"})
        response = ask(server, "GET", "/api/personas", headers=token(server))
    assert outcome(response) == (401, "credentials-missing")
    with monkeypatch.context() as patched:
        patched.setattr(HttpxApiClient, "_credentials", None)
        anybody = HttpxApiClient(Deployment(api_url=API, bucket="library"))
        server.forwarder = replace(server.forwarder, api=anybody)
        assert outcome(ask(server, "GET", "/api/personas", headers=token(server))) == (401, "credentials-missing")


@respx.mock
def test_a_refusal_of_the_api_passes_as_it_is(server: WebServer) -> None:
    refused = {"type": "urn:shutterpost:problem:forbidden", "detail": "You may only read."}
    content_type = {"content-type": "application/problem+json"}
    respx.post(f"{API}/personas").respond(403, json=refused, headers=content_type)
    response = ask(server, "POST", "/api/personas", json={"name": "x"}, headers=token(server))
    assert (response.status_code, response.json()) == (403, refused)


@respx.mock
def test_a_missing_answer_is_told_as_such(server: WebServer) -> None:
    respx.post(f"{API}/personas").mock(side_effect=httpx.ReadTimeout)
    assert outcome(ask(server, "POST", "/api/personas", headers=token(server))) == (502, "no-answer")


def test_an_idle_server_ends(server: WebServer) -> None:
    listening = listen(None)
    assert listening.getsockname()[0] == "127.0.0.1"
    server.last_seen = time.monotonic() - 10
    serve(server, listening, idle_seconds=5)


def test_a_request_that_never_ends_does_not_keep_the_server(server: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutterpost.console.web.server._PATIENCE", 0.1)
    listening = listen(None)
    server.port = listening.getsockname()[1]
    server.last_seen = time.monotonic()
    head = f"POST /session HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 10\r\n\r\nx"
    with socket.create_connection(listening.getsockname()) as client:
        client.sendall(head.encode())
        serving = threading.Thread(target=serve, args=(server, listening, 0.3), daemon=True)
        serving.start()
        serving.join(20)
        assert not serving.is_alive()


def test_only_requests_of_this_run_postpone_the_end(server: WebServer) -> None:
    server.last_seen = 0
    for path in ("/", "/none", "/api/personas", PICTURE, UPLOAD):
        ask(server, "GET", path, headers={"x-shutterpost": "x"})
    ask(server, "POST", "/session", content="wrong")
    assert server.last_seen == 0
    for path, headers in (("/api/none", token(server)), ("/uploads/", token(server)), ("/media/a/b/c", cookie(server))):
        server.last_seen = 0
        ask(server, "GET", path, headers=headers)
        assert server.last_seen > 0, path


def test_a_taken_port_leads_to_the_next(server: WebServer) -> None:
    with listen(None) as first, listen(None) as second:
        assert first.getsockname() != second.getsockname()
        with pytest.raises(OSError, match=r"[Aa]ddress"):
            listen(first.getsockname()[1])
