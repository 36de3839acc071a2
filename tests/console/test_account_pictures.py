"""Pictures of what accounts show: addresses of the API's answers alone, public hosts, and pictures only."""

import asyncio
import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from shutterpost.console.client.deployment import Deployment
from shutterpost.console.web.account_pictures import MAX_BYTES, AccountPictures
from shutterpost.console.web.forwarding import Forwarder, Operations
from shutterpost.console.web.guard import SECURITY_HEADERS
from shutterpost.console.web.pictures import Pictures
from shutterpost.console.web.server import WebServer
from shutterpost.console.web.session import WebSession
from shutterpost.console.web.uploads import PageUploads
from tests.api.world import BY_HAND
from tests.support.consoles import HttpxApiClient
from tests.support.picture_host import jpeg, png, running_picture_host

PORT = 8420
API = "https://api.test"
KEYS = {"access_key_id": "key", "secret_access_key": "secret"}
RECENT = "/personas/nature/connections/c1/recent"
PATHS = {"/personas/{persona_id}/connections/{connection_id}/recent": ["get"], "/personas/{persona_id}": ["get"]}
PUBLIC = "151.101.1.1"
HERE = f"https://{PUBLIC}"
SHOWN = "https://pictures.example/a.jpg?sig=1"
JPEG = jpeg(40, 30)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of hosts, which no name server is asked for."""
    known = {"pictures.example": [PUBLIC]}

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in known.get(host, [host])]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return known


@pytest.fixture
def router() -> Iterator[respx.Router]:
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
def server(tmp_path: Path) -> WebServer:
    api = HttpxApiClient(Deployment(api_url=API, bucket="library", **KEYS))
    forwarder = Forwarder(api, Operations(PATHS, read_only=True), AccountPictures(tmp_path / "account-pictures"))
    uploads = PageUploads(api, tmp_path / "uploads", read_only=True)
    pictures = Pictures(api, tmp_path / "pictures")
    return WebServer(tmp_path, PORT, forwarder, pictures, WebSession(datetime.now(UTC)), uploads)


def ask(server: WebServer, path: str, headers: dict[str, str]) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=server.app())
        async with httpx.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{PORT}") as client:
            return await client.get(path, headers=headers)

    return asyncio.run(send())


def listed(server: WebServer, router: respx.Router, address: str | None, external_id: str = "1") -> None:
    """Let the page read a list with a post whose picture has the address."""
    post = {**BY_HAND, "external_id": external_id, "picture_url": address}
    router.get(f"{API}{RECENT}").respond(json={"state": "listed", "posts": [post], "cursor": None})
    assert ask(server, f"/api{RECENT}", {"x-shutterpost": server.session.token}).status_code == 200


def picture(server: WebServer, external_id: str = "1", query: str = "") -> httpx.Response:
    cookie = {"cookie": f"shutterpost-{PORT}={server.session.cookie}"}
    return ask(server, f"/media/accounts/nature/c1/{external_id}{query}", cookie)


def refused(server: WebServer, router: respx.Router, address: str) -> bool:
    """Whether the picture at the address is not given; a list of a new post has it."""
    external_id = str(len(router.calls))
    listed(server, router, address, external_id)
    return picture(server, external_id).status_code == 404


@pytest.mark.usefixtures("names")
def test_the_picture_of_a_listed_post_is_given_and_kept(server: WebServer, router: respx.Router) -> None:
    fetched = router.get(f"{HERE}/a.jpg?sig=1").respond(content=JPEG, headers={"content-type": "text/html"})
    listed(server, router, SHOWN, "at://did:plc:abc/app.bsky.feed.post/3k")
    for _ in range(2):
        given = picture(server, "at%3A%2F%2Fdid%3Aplc%3Aabc%2Fapp.bsky.feed.post%2F3k")
        assert (given.status_code, given.content, given.headers["content-type"]) == (200, JPEG, "image/jpeg")
        assert SECURITY_HEADERS.items() <= dict(given.headers).items()
        assert "immutable" in given.headers["cache-control"]
    assert fetched.call_count == 1
    sent = fetched.calls.last.request
    assert sent.headers["host"] == "pictures.example"
    assert sent.extensions["sni_hostname"] == "pictures.example"
    assert not {"authorization", "cookie"} & set(sent.headers)


@pytest.mark.usefixtures("names")
def test_an_address_of_the_browser_is_never_fetched(server: WebServer, router: respx.Router) -> None:
    listed(server, router, None)
    assert picture(server).status_code == 404
    for external_id in ("2", SHOWN, "https%3A%2F%2Fpictures.example%2Fa.jpg"):
        assert picture(server, external_id, f"?picture_url={SHOWN}").status_code == 404
    # Only the API's list of this connection names addresses.
    router.get(f"{API}/personas/nature").respond(json={"posts": [{**BY_HAND, "picture_url": SHOWN}]})
    ask(server, "/api/personas/nature", {"x-shutterpost": server.session.token})
    assert picture(server, BY_HAND["external_id"] or "").status_code == 404
    assert {call.request.url.host for call in router.calls} == {"api.test"}


def test_a_picture_needs_the_cookie_of_this_run(server: WebServer) -> None:
    for headers in ({}, {"cookie": f"shutterpost-{PORT}=x"}, {"x-shutterpost": server.session.token}):
        assert ask(server, "/media/accounts/nature/c1/1", headers).status_code == 401
    foreign = {"cookie": f"shutterpost-{PORT}={server.session.cookie}", "sec-fetch-site": "same-site"}
    assert ask(server, "/media/accounts/nature/c1/1", foreign).status_code == 403


@pytest.mark.parametrize(
    "address",
    [
        "http://pictures.example/a.jpg",
        "ftp://pictures.example/a.jpg",
        "file:///etc/passwd",
        "https://user:secret@pictures.example/a.jpg",
        "https:///a.jpg",
        "https://[::bad/a.jpg",
    ],
)
def test_only_https_is_fetched(
    server: WebServer, router: respx.Router, names: dict[str, list[str]], address: str
) -> None:
    assert names
    router.get(url__startswith=f"http://{PUBLIC}").respond(content=JPEG)
    router.get(url__startswith=HERE).respond(content=JPEG)
    assert refused(server, router, address)
    assert {call.request.url.host for call in router.calls} == {"api.test"}


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["::1"],
        ["fd00::1"],
        ["::ffff:192.168.0.1"],
        [PUBLIC, "10.0.0.7"],
    ],
)
def test_only_public_hosts_are_called(
    server: WebServer, router: respx.Router, names: dict[str, list[str]], addresses: list[str]
) -> None:
    names["pictures.example"] = addresses
    router.get(url__regex=r"https://(?!api)").respond(content=JPEG)
    assert refused(server, router, SHOWN)
    assert {call.request.url.host for call in router.calls} == {"api.test"}


@pytest.mark.parametrize(
    ("target", "given"),
    [
        ("https://cdn.example/b.jpg", True),
        ("/b.jpg", True),
        ("http://cdn.example/b.jpg", False),
        ("https://inside.example/b.jpg", False),
        ("https://169.254.169.254/latest", False),
    ],
)
def test_a_redirect_is_followed_to_what_may_be_called_itself(
    server: WebServer, router: respx.Router, names: dict[str, list[str]], target: str, given: bool
) -> None:
    names |= {"cdn.example": ["151.101.1.2"], "inside.example": ["10.0.0.7"]}
    router.get(f"{HERE}/a.jpg").respond(302, headers={"location": target})
    router.get(url__regex=r".*/(b\.jpg|latest)").respond(content=JPEG)
    assert refused(server, router, SHOWN) is not given


@pytest.mark.usefixtures("names")
def test_redirects_end(server: WebServer, router: respx.Router) -> None:
    loop = router.get(f"{HERE}/a.jpg").respond(302, headers={"location": SHOWN})
    assert refused(server, router, SHOWN)
    assert loop.call_count == 4


def test_this_machine_is_called_in_a_demo_alone(tmp_path: Path) -> None:
    with running_picture_host() as host:
        address = host.put("/a.jpg", JPEG)
        for allow_loopback in (False, True):
            pictures = AccountPictures(tmp_path / str(allow_loopback), allow_loopback=allow_loopback)
            post = {"external_id": "1", "picture_url": address}
            pictures.note(RECENT.strip("/").split("/"), json.dumps({"posts": [post]}).encode())
            path = pictures.find("nature", "c1", "1")
            assert (path is not None and path.read_bytes() == JPEG) is allow_loopback


@pytest.mark.usefixtures("names")
def test_other_hosts_are_called_by_https_in_a_demo_too(tmp_path: Path, router: respx.Router) -> None:
    router.get(url__startswith="http").respond(content=JPEG)
    pictures = AccountPictures(tmp_path, allow_loopback=True)
    for address, given in (("http://pictures.example/a.jpg", False), (SHOWN, True)):
        post = {"external_id": address, "picture_url": address}
        pictures.note(RECENT.strip("/").split("/"), json.dumps({"posts": [post]}).encode())
        assert (pictures.find("nature", "c1", address) is not None) is given


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(4, 4), "image/png"),
        (b"RIFF\x04\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x04\x00\x00\x00WAVEfmt ", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"<html>", None),
        (b"", None),
    ],
)
def test_only_pictures_are_given_by_what_they_are(
    server: WebServer, router: respx.Router, content: bytes, kind: str | None
) -> None:
    router.get(f"{HERE}/a.jpg").respond(content=content, headers={"content-type": "image/jpeg"})
    listed(server, router, SHOWN)
    given = picture(server)
    assert given.headers["content-type"] == (kind or "application/problem+json")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(("size", "given"), [(MAX_BYTES, True), (MAX_BYTES + 1, False)])
def test_a_picture_has_a_largest_size(server: WebServer, router: respx.Router, size: int, given: bool) -> None:
    router.get(f"{HERE}/a.jpg").respond(content=JPEG.ljust(size, b"\0"))
    assert refused(server, router, SHOWN) is not given


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("status", [403, 404, 500])
def test_what_is_gone_is_not_found_and_asked_for_again(server: WebServer, router: respx.Router, status: int) -> None:
    answers = router.get(f"{HERE}/a.jpg").mock(
        side_effect=[httpx.Response(each, content=JPEG) for each in (status, 200)]
    )
    listed(server, router, SHOWN)
    assert [picture(server).status_code for _ in range(2)] == [404, 200]
    assert answers.call_count == 2


@pytest.mark.usefixtures("names")
def test_a_host_that_does_not_answer_has_no_picture(server: WebServer, router: respx.Router) -> None:
    router.get(f"{HERE}/a.jpg").mock(side_effect=httpx.ConnectTimeout)
    assert refused(server, router, SHOWN)
