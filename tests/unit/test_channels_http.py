"""The HTTP client: whether a request was sent, and what logs omit."""

import logging
from collections.abc import Iterator

import httpx
import pytest
import respx
from pydantic import SecretStr

from shutterpost.channels import http
from shutterpost.channels.http import DEADLINE, MAX_BYTES, Answer, NoAnswer

URL = "https://graph.example/v25.0/me"
TOKEN = SecretStr("EAAG-secret")


@pytest.fixture(autouse=True)
def new_client():
    http.client.cache_clear()
    yield
    http.client().close()
    http.client.cache_clear()


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError]
)
@respx.mock
def test_an_error_before_the_first_byte_means_not_sent(error):
    respx.post(URL).mock(side_effect=error)

    assert http.send("POST", URL, token=TOKEN) == NoAnswer(sent=False, reason=error.__name__)


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError]
)
@respx.mock
def test_an_error_after_it_means_that_it_may_have_had_an_effect(error):
    respx.post(URL).mock(side_effect=error)

    assert http.send("POST", URL, token=TOKEN) == NoAnswer(sent=True, reason=error.__name__)


@respx.mock
def test_a_request_is_sent_once_with_the_token_in_the_header_and_our_own_agent():
    route = respx.post(URL).mock(side_effect=httpx.ReadTimeout)

    http.send("POST", URL, token=TOKEN, form={"creation_id": "1"})

    assert route.call_count == 1
    request = route.calls.last.request
    assert request.headers["authorization"] == "Bearer EAAG-secret"
    assert "Shutterpost" in request.headers["user-agent"]
    assert request.content == b"creation_id=1"
    assert "EAAG" not in str(request.url)


@respx.mock
def test_a_redirect_is_an_answer_and_not_followed():
    respx.get(URL).mock(return_value=httpx.Response(302, headers={"Location": "https://elsewhere.example"}))
    elsewhere = respx.get("https://elsewhere.example")

    answer = http.send("GET", URL, token=TOKEN)

    assert isinstance(answer, Answer)
    assert answer.status == 302
    assert not elsewhere.called


@respx.mock
def test_an_answer_that_is_no_json_keeps_its_text():
    respx.get(URL).mock(return_value=httpx.Response(502, content=b"\xff<html>bad gateway"))

    answer = http.send("GET", URL)

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body) == (502, None)
    assert "bad gateway" in answer.text


@pytest.mark.parametrize("token", ["line\nbreak", "tökén"])
def test_a_token_that_is_no_header_raises_nothing_that_holds_it(token):
    lost = http.send("GET", "http://127.0.0.1:9/", token=SecretStr(token))

    assert isinstance(lost, NoAnswer)
    assert token not in repr(lost)


@respx.mock
def test_addresses_stay_out_of_the_log(caplog):
    respx.get(URL).mock(return_value=httpx.Response(200, json={}))
    caplog.set_level(logging.INFO)

    http.send("GET", URL, params={"access_token": "EAAG-secret"})

    assert "EAAG-secret" not in caplog.text
    assert URL not in caplog.text


def test_every_wait_has_an_end():
    timeout = http.client().timeout

    assert (timeout.connect, timeout.read, timeout.write, timeout.pool) == (3.0, 10.0, 10.0, 3.0)


class Endless(httpx.SyncByteStream):
    """A body without an end, which counts the bytes read."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.read += 65_536
            yield b"x" * 65_536


@respx.mock
def test_a_body_is_read_up_to_a_limit_and_not_parsed_beyond_it():
    body = Endless()
    respx.get(URL).mock(return_value=httpx.Response(502, stream=body))

    answer = http.send("GET", URL)

    assert isinstance(answer, Answer)
    assert (answer.status, answer.body, len(answer.text)) == (502, None, MAX_BYTES)
    assert body.read <= MAX_BYTES + 65_536


class Dripping(httpx.SyncByteStream):
    """A body that comes byte by byte, each seven seconds after the other on a clock of its own."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __iter__(self) -> Iterator[bytes]:
        while self.seconds < 3_600:
            self.seconds += 7
            yield b"1"


@respx.mock
def test_a_body_that_drips_is_given_up(monkeypatch):
    body = Dripping()
    monkeypatch.setattr("shutterpost.channels.http.time.monotonic", lambda: body.seconds)
    respx.get(URL).mock(return_value=httpx.Response(200, stream=body))

    answer = http.send("GET", URL)

    assert isinstance(answer, Answer)
    assert answer.body is None
    assert body.seconds <= DEADLINE + 7
