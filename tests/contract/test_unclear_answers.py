"""Answers that are incomplete, foreign or contradicted are not read as absence, refusal or a lost account."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from shutterpost.channels import (
    Account,
    Attempt,
    Cause,
    Channel,
    Connection,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NoMatch,
    Picture,
    Published,
    RemoteState,
    Status,
    Submitted,
    Unreadable,
    adapters,
)
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.settings import PlatformSettings
from tests.support.answer_mutations import StoppedClock
from tests.support.mutated_answers import run
from tests.support.platform_tools import tools

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEXT = "A calm lake."
ATTEMPT = Attempt(text=TEXT, run_at=NOON, attempted_at=NOON, ref="178")
MESSAGE = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg"),), run_at=NOON)
PERMANENT, RETRYABLE, AMBIGUOUS = FailureClass.PERMANENT, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS
HTML = "<html><title>403 Forbidden</title>Request blocked</html>"
POST = {
    "id": "a" * 24,
    "status": "scheduled",
    "text": TEXT,
    "channelId": "c1",
    "dueAt": "2026-11-21T12:00:00.000Z",
    "sentAt": None,
    "externalLink": None,
    "error": None,
}
LAST_PAGE = {"hasNextPage": False, "endCursor": None}
MEDIA = {
    "id": "3",
    "caption": TEXT,
    "timestamp": "2026-11-21T12:00:05+0000",
    "permalink": "https://www.instagram.com/p/3/",
}
PAGING = {"cursors": {"before": "a", "after": "b"}}


@pytest.fixture
def platform() -> Iterator[respx.Router]:
    with respx.mock as router:
        yield router


def channel(name: str) -> Channel:
    return adapters(tools(PlatformSettings(stage="test"), StoppedClock()))(name)


def account(name: str, login: Any = None) -> Account:
    connection = Connection(
        connection_id="c0",
        persona_id="nature",
        owner="owner",
        channel=name,
        display_name="nature",
        account_id="c1" if name == "buffer" else "17841400000000001",
        login=login or (None if name == "buffer" else "facebook"),
        organization_id="o1" if name == "buffer" else None,
        created_at=NOON,
        updated_at=NOON,
    )
    return Account(connection=connection, token=SecretStr("EAAG-secret"))


def find(name: str) -> Any:
    return channel(name).find(account(name), ATTEMPT)


def graph_error(code: int, subcode: int | None = None, message: str = "Fatal", status: int = 400) -> httpx.Response:
    error = {"message": message, "type": "OAuthException", "code": code}
    return httpx.Response(status, json={"error": error | ({} if subcode is None else {"error_subcode": subcode})})


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"posts": None}},
        {"data": {}},
        {"data": {"posts": {"edges": None, "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [None], "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [{"node": None}], "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [{"node": {**POST, "text": None}}], "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [{"node": {**POST, "dueAt": None}}], "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [{"node": {**POST, "id": None}}], "pageInfo": LAST_PAGE}}},
        {"data": {"posts": {"edges": [], "pageInfo": None}}},
        {"data": {"posts": {"edges": [], "pageInfo": {"hasNextPage": None, "endCursor": None}}}},
        {"data": {"posts": {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": None}}}},
        {"data": {"posts": {"edges": [], "pageInfo": LAST_PAGE}}, "errors": [{"message": "A shard did not answer"}]},
        {"data": {"posts": {"edges": [], "pageInfo": LAST_PAGE}}, "errors": {}},
    ],
)
def test_an_incomplete_list_of_buffer_is_no_proof_of_absence(platform, body):
    platform.post("https://api.buffer.com").respond(json=body)

    unreadable = find("buffer")

    assert isinstance(unreadable, Unreadable)
    assert unreadable.failure.failure_class is RETRYABLE


@pytest.mark.parametrize(
    "body",
    [
        {"data": None},
        {},
        {"data": [None], "paging": PAGING},
        {"data": [{**MEDIA, "id": None}], "paging": PAGING},
        {"data": [{**MEDIA, "timestamp": None}], "paging": PAGING},
        {"data": [{**MEDIA, "caption": None}], "paging": PAGING},
        {"data": [{**MEDIA, "caption": "Another."}]},
        {"data": [{**MEDIA, "caption": "Another."}], "paging": None},
        {"data": [], "paging": {"next": "https://graph.example/more"}},
        {"data": [], "paging": {**PAGING, "next": None}},
    ],
)
def test_an_incomplete_list_of_instagram_is_no_proof_of_absence(platform, body):
    platform.get(url__regex=r".*/media\?.*").respond(json=body)

    unreadable = find("instagram")

    assert isinstance(unreadable, Unreadable)
    assert unreadable.failure.failure_class is RETRYABLE


@pytest.mark.parametrize("sent", [f"  {TEXT}\r\nAt dawn.\n", f"{TEXT}\nAt dawn."])
@pytest.mark.parametrize("listed", [f"{TEXT}\nAt dawn.", f"{TEXT}\r\nAt dawn. "])
def test_line_breaks_and_surrounding_blanks_hide_no_post(platform, sent, listed):
    attempt = ATTEMPT.model_copy(update={"text": sent})
    platform.get(url__regex=r".*/media\?.*").respond(json={"data": [{**MEDIA, "caption": listed}], "paging": PAGING})
    edges = [{"node": {**POST, "text": listed}}]
    platform.post("https://api.buffer.com").respond(json={"data": {"posts": {"edges": edges, "pageInfo": LAST_PAGE}}})

    assert all(isinstance(channel(name).find(account(name), attempt), Matches) for name in ("instagram", "buffer"))


@pytest.mark.parametrize("item", [{**MEDIA, "caption": "Another."}, {key: MEDIA[key] for key in ("id", "timestamp")}])
def test_a_whole_list_without_the_post_is_its_absence(platform, item):
    platform.get(url__regex=r".*/media\?.*").respond(json={"data": [item], "paging": PAGING})
    listed = {"posts": {"edges": [{"node": {**POST, "text": "Another."}}], "pageInfo": LAST_PAGE}}
    platform.post("https://api.buffer.com").respond(json={"data": listed})

    assert find("instagram") == find("buffer") == NoMatch()


@pytest.mark.parametrize(
    "body", [{"data": {"post": None}}, {"data": {"post": {**POST, "status": None}}}, {"data": None}]
)
def test_a_post_that_buffer_leaves_out_is_not_gone(platform, body):
    platform.post("https://api.buffer.com").respond(json=body)

    status = channel("buffer").status(account("buffer"), "a" * 24)

    assert isinstance(status, Failure)
    assert status.failure_class is RETRYABLE


def test_a_container_without_a_status_is_unreadable(platform):
    platform.get(url__regex=r".*/178\?.*").respond(json={"id": "178", "status_code": None})

    status = channel("instagram").status(account("instagram"), "178")

    assert isinstance(status, Failure)
    assert (status.failure_class, status.code) == (RETRYABLE, "unreadable")


@pytest.mark.parametrize(
    "refusal", [graph_error(10, status=403), graph_error(200), graph_error(9007, 2207027), graph_error(24, 2207008)]
)
def test_a_refused_publish_is_not_believed_while_the_container_reads_published(platform, refusal):
    platform.post(url__regex=r".*/media_publish").mock(return_value=refusal)
    platform.get(url__regex=r".*/178\?.*").respond(json={"id": "178", "status_code": "PUBLISHED"})

    unclear = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(unclear, Failure)
    assert (unclear.failure_class, unclear.cause, unclear.resubmit) == (AMBIGUOUS, Cause.PLATFORM, False)
    assert "reads as published" in unclear.message


@pytest.mark.parametrize("status_code", ["FINISHED", "ERROR", "EXPIRED"])
def test_a_refused_publish_is_believed_where_the_container_was_not_published(platform, status_code):
    platform.post(url__regex=r".*/media_publish").mock(return_value=graph_error(10, status=403))
    platform.get(url__regex=r".*/178\?.*").respond(json={"id": "178", "status_code": status_code})

    refused = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (PERMANENT, Cause.TOKEN)


@pytest.mark.parametrize("status", [graph_error(100, 33), httpx.Response(403, text=HTML), httpx.Response(200, json={})])
def test_a_refused_publish_stays_open_while_the_container_cannot_be_read(platform, status):
    platform.post(url__regex=r".*/media_publish").mock(return_value=graph_error(10, status=403))
    platform.get(url__regex=r".*/178\?.*").mock(return_value=status)

    unclear = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(unclear, Failure)
    assert unclear.failure_class is AMBIGUOUS


def test_a_token_that_is_refused_at_publish_and_at_the_status_did_not_publish(platform):
    platform.route().mock(return_value=graph_error(190, 463))

    refused = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (PERMANENT, Cause.TOKEN)


@pytest.mark.parametrize(("code", "subcode"), [(24, 2207006), (24, 2207008), (-2, 2207020)])
def test_a_missing_container_needs_a_new_submission(platform, code, subcode):
    platform.post(url__regex=r".*/media_publish").mock(return_value=graph_error(code, subcode))
    platform.get(url__regex=r".*/178\?.*").respond(json={"id": "178", "status_code": "EXPIRED"})

    refused = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.resubmit) == (RETRYABLE, True)


@pytest.mark.parametrize(
    ("text", "failure_class", "code"),
    [
        ("Error: Media upload has failed with error code 2207083", PERMANENT, "container/2207083"),
        ("Error: Media upload has failed with error code 2207052", RETRYABLE, "container/2207052"),
        ("Error: something else", RETRYABLE, "container"),
        (None, RETRYABLE, "container"),
    ],
)
def test_a_broken_container_has_the_class_of_the_subcode_in_its_text(platform, text, failure_class, code):
    platform.get(url__regex=r".*/178\?.*").respond(json={"id": "178", "status_code": "ERROR", "status": text})

    status = channel("instagram").status(account("instagram"), "178")

    assert isinstance(status, Status)
    assert status.state is RemoteState.FAILED
    assert status.failure is not None
    assert (status.failure.failure_class, status.failure.code) == (failure_class, code)


@pytest.mark.parametrize("name", ["instagram", "buffer"])
@pytest.mark.parametrize("status", [401, 403, 404, 451])
def test_a_page_of_a_firewall_at_health_fails_nothing_for_good_and_blames_no_token(platform, name, status):
    platform.route().respond(status, text=HTML)

    unwell = channel(name).health(account(name))

    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.cause, unwell.code) == (RETRYABLE, Cause.PLATFORM, f"http-{status}")
    assert "not the platform's own" in unwell.message


@pytest.mark.parametrize("body", [{"data": None}, {"data": [None]}, {"status": "log in to this network"}])
def test_an_account_whose_quota_cannot_be_read_is_not_healthy(platform, body):
    platform.route().respond(json=body)

    unwell = channel("instagram").health(account("instagram"))

    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.code) == (RETRYABLE, "unreadable")


def test_an_id_may_be_a_number(platform):
    platform.route().respond(content=b'{"id": 17889455560051444}')

    assert channel("instagram").publish(account("instagram"), "178", MESSAGE) == Published(
        external_id="17889455560051444"
    )


@pytest.mark.parametrize(("name", "status"), [("instagram", 429), ("buffer", 429), ("buffer", 401)])
@pytest.mark.parametrize("code", [None, "ODD"])
def test_the_status_decides_where_the_platform_names_no_known_code(platform, name, status, code):
    error = {"message": "Slow down", "code": 555, "extensions": {"code": code}}
    platform.route().respond(status, json={"error": error, "errors": [error]})

    refused = channel(name).health(account(name))

    assert isinstance(refused, Failure)
    treated = (RETRYABLE, Cause.QUOTA) if status == 429 else (PERMANENT, Cause.TOKEN)
    assert (refused.failure_class, refused.cause) == treated


@pytest.mark.parametrize("body", [{"message": "Forbidden"}, ["no"], "no", {"error": {"message": "odd"}}])
def test_json_outside_the_platforms_envelope_has_no_cause_of_ours(platform, body):
    platform.route().respond(403, json=body)

    unwell = channel("instagram").health(account("instagram"))

    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.cause) == (RETRYABLE, Cause.PLATFORM)


def test_the_wait_that_buffer_names_in_the_body_is_kept(platform):
    extensions = {"code": "RATE_LIMIT_EXCEEDED", "limitType": "CLIENT_ACCOUNT", "retryAfter": 900}
    errors = [{"message": "Too many requests from this client.", "extensions": extensions}]
    platform.post("https://api.buffer.com").respond(429, json={"errors": errors})

    throttled = channel("buffer").submit(account("buffer"), MESSAGE)

    assert isinstance(throttled, Failure)
    assert (throttled.failure_class, throttled.cause, throttled.retry_after) == (RETRYABLE, Cause.QUOTA, 900)


@pytest.mark.parametrize("message", ["Not authorized", "Unauthorized to access this channel"])
def test_an_error_of_buffer_without_a_code_is_known_by_its_message(platform, message):
    platform.post("https://api.buffer.com").respond(json={"data": None, "errors": [{"message": message}]})

    refused = channel("buffer").health(account("buffer"))

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (PERMANENT, Cause.TOKEN)


def test_a_post_that_buffer_created_beside_errors_is_created(platform):
    payload = {"__typename": "PostActionSuccess", "post": {"id": "a" * 24, "status": None}}
    errors = [{"message": "status failed", "extensions": {"code": "FORBIDDEN"}}]
    platform.post("https://api.buffer.com").respond(json={"data": {"createPost": payload}, "errors": errors})

    assert channel("buffer").submit(account("buffer"), MESSAGE) == Submitted(ref="a" * 24, handed_over=True)


@pytest.mark.parametrize("post", [None, {}, {"id": None}])
def test_a_creation_without_a_post_id_is_ambiguous(platform, post):
    payload = {"__typename": "PostActionSuccess", "post": post}
    errors = [{"message": "post failed", "extensions": {"code": "FORBIDDEN"}}]
    platform.post("https://api.buffer.com").respond(json={"data": {"createPost": payload}, "errors": errors})

    unclear = channel("buffer").submit(account("buffer"), MESSAGE)

    assert isinstance(unclear, Failure)
    assert unclear.failure_class is AMBIGUOUS


@pytest.mark.parametrize("limit", [{}, {"limit": 50, "sent": None, "scheduled": 0}, {"limit": "many"}])
def test_a_limit_that_buffer_leaves_out_is_not_known(platform, limit):
    data = {"channels": [{"id": "c1"}], "dailyPostingLimits": [{"channelId": "c1", **limit}]}
    platform.post("https://api.buffer.com").respond(json={"data": data})

    assert channel("buffer").health(account("buffer")) == Healthy(remaining=None)


@pytest.mark.parametrize(
    "content", [b"[" * 1_000_000, b'{"id": ' + b"9" * 10_000 + b"}", b"\xff\xfe\x00", b'{"id": NaN}']
)
def test_json_that_cannot_be_read_is_a_failure(platform, content):
    platform.route().respond(200, content=content)

    unclear = channel("instagram").publish(account("instagram"), "178", MESSAGE)

    assert isinstance(unclear, Failure)
    assert unclear.failure_class is AMBIGUOUS


@pytest.mark.slow
def test_mutated_answers_raise_nothing_and_prove_nothing_untrue():
    assert run(1_500, seed=2026).findings() == []


def test_a_sentence_about_an_expired_token_reaches_the_owner_as_it_was_written(platform):
    sentence = "Error validating access token: Session has expired on Friday, 20-Nov-26 10:00:00 PST."
    platform.route().mock(return_value=graph_error(190, 463, sentence))

    lost = channel("instagram").health(account("instagram"))

    assert isinstance(lost, Failure)
    assert sentence in lost.message


def test_a_described_post_leaves_out_what_is_no_address(platform):
    platform.route().respond(json={"id": "3", "permalink": 7, "timestamp": "0001-01-01T00:00:00+23:59"})

    described = adapters(tools(PlatformSettings(stage="test"), SystemClock()))("instagram").describe(
        account("instagram"), "3"
    )

    assert described == Published(external_id="3")
