"""Answers outside a platform's own form blame neither token nor account, and leave out what cannot be read."""

import pytest

from shutterpost.channels import (
    Cause,
    Failure,
    Healthy,
    Published,
    Submitted,
    adapters,
)
from shutterpost.runtime.clock import SystemClock
from shutterpost.runtime.settings import PlatformSettings
from tests.support.mutated_answers import run
from tests.support.platform_tools import tools
from tests.support.stubbed_answers import AMBIGUOUS, HTML, MESSAGE, PERMANENT, RETRYABLE, account, channel, graph_error


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

    assert channel("buffer").health(account("buffer")) == Healthy()


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
    assert run(2_000, seed=2026).findings() == []


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
