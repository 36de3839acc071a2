"""The tables of error codes, and what becomes of an answer (platform-apis.md §1.3, §2.3, §3.2)."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from shutterpost.channels import Cause, FailureClass
from shutterpost.channels.errors import BUFFER_PROXY, GRAPH, graph_rule
from shutterpost.channels.failures import Call, graph_failure, retry_after, scrubbed, unanswered, unexplained
from shutterpost.channels.http import Answer, NoAnswer

TOKEN = SecretStr("EAAG-secret")
RETRYABLE, PERMANENT, AMBIGUOUS = FailureClass.RETRYABLE, FailureClass.PERMANENT, FailureClass.AMBIGUOUS
SURELY_REFUSED_AT_PUBLISH = {
    (-2, 2207020),
    (9, 2207042),
    (24, 2207006),
    (24, 2207008),
    (9007, 2207027),
}


def graph_answer(
    code: int, subcode: int | None = None, *, status: int = 400, headers: dict[str, str] | None = None, **more: Any
) -> Answer:
    error: dict[str, Any] = {"message": "Fatal", "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    body = {"error": error}
    return Answer(status, headers or {}, body, json.dumps(body))


@pytest.mark.parametrize(
    ("code", "subcode", "at_create", "at_publish", "cause"),
    [
        (4, 2207051, RETRYABLE, AMBIGUOUS, Cause.ACCOUNT),
        (4, None, RETRYABLE, AMBIGUOUS, Cause.QUOTA),
        (80002, None, RETRYABLE, AMBIGUOUS, Cause.QUOTA),
        (-1, 2207001, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (-1, None, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (-1, 2207085, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (-2, 2207003, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (1, None, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (2, 99, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (9, 2207042, RETRYABLE, RETRYABLE, Cause.QUOTA),
        (9007, 2207027, RETRYABLE, RETRYABLE, Cause.PLATFORM),
        (24, 2207008, RETRYABLE, RETRYABLE, Cause.PLATFORM),
        (190, None, PERMANENT, PERMANENT, Cause.TOKEN),
        (190, 463, PERMANENT, PERMANENT, Cause.TOKEN),
        (190, 999, PERMANENT, PERMANENT, Cause.TOKEN),
        (102, None, PERMANENT, PERMANENT, Cause.TOKEN),
        (10, None, PERMANENT, PERMANENT, Cause.TOKEN),
        (299, None, PERMANENT, PERMANENT, Cause.TOKEN),
        (25, 2207050, PERMANENT, PERMANENT, Cause.ACCOUNT),
        (36000, 2207004, PERMANENT, PERMANENT, Cause.PHOTO),
        (36003, 2207009, PERMANENT, PERMANENT, Cause.PHOTO),
        (36004, 2207010, PERMANENT, PERMANENT, Cause.TEXT),
        (9004, 2207052, RETRYABLE, AMBIGUOUS, Cause.PHOTO),
        (100, 33, PERMANENT, AMBIGUOUS, Cause.ACCOUNT),
        (506, None, PERMANENT, AMBIGUOUS, Cause.PHOTO),
        (123456, 2207082, RETRYABLE, AMBIGUOUS, Cause.PLATFORM),
        (123456, None, PERMANENT, AMBIGUOUS, Cause.PLATFORM),
    ],
)
def test_a_graph_code_has_a_class_for_containers_and_one_for_publish(code, subcode, at_create, at_publish, cause):
    answer = graph_answer(code, subcode)
    created, published = (graph_failure(answer, call, TOKEN) for call in (Call.REPEATABLE, Call.POSTING))

    assert (created.failure_class, published.failure_class) == (at_create, at_publish)
    assert created.cause is published.cause is cause
    assert created.code == (str(code) if subcode is None else f"{code}/{subcode}")


def test_only_what_is_surely_refused_may_be_published_again():
    assert {key for key, rule in GRAPH.items() if rule.posting is RETRYABLE} == SURELY_REFUSED_AT_PUBLISH


def test_the_most_specific_row_decides():
    assert graph_rule(4, 2207051) is GRAPH[4, 2207051]
    assert graph_rule(4, 1) is GRAPH[4, None]
    assert graph_rule(7, 2207082) is GRAPH[None, 2207082]
    assert graph_rule(555, None) is None


def test_a_code_without_a_row_that_says_it_passes_is_retried_where_that_is_harmless():
    transient = graph_answer(555, is_transient=True)

    assert graph_failure(transient, Call.REPEATABLE, TOKEN).failure_class is RETRYABLE
    assert graph_failure(transient, Call.POSTING, TOKEN).failure_class is AMBIGUOUS


def test_the_localized_sentences_decide_nothing():
    thai = graph_answer(9007, 2207027, error_user_msg="\u0e2a\u0e37\u0e48\u0e2d", error_user_title="429 rate limit 190")

    assert graph_failure(thai, Call.POSTING, TOKEN).failure_class is RETRYABLE


@pytest.mark.parametrize(
    ("code", "failure_class", "cause"),
    [
        (429, RETRYABLE, Cause.QUOTA),
        (1000, AMBIGUOUS, Cause.PLATFORM),
        (1001, PERMANENT, Cause.TOKEN),
        (1003, PERMANENT, Cause.PLATFORM),
        (1010, PERMANENT, Cause.ACCOUNT),
        (1020, PERMANENT, Cause.ACCOUNT),
        (1022, AMBIGUOUS, Cause.PLATFORM),
        (1023, RETRYABLE, Cause.QUOTA),
        (1025, AMBIGUOUS, Cause.PHOTO),
        (1030, PERMANENT, Cause.PHOTO),
        (1051, PERMANENT, Cause.TOKEN),
    ],
)
def test_buffers_older_codes_have_a_class_for_a_create(code, failure_class, cause):
    assert (BUFFER_PROXY[code].posting, BUFFER_PROXY[code].cause) == (failure_class, cause)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "90"}, 90.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sat, 21 Nov 2026 12:02:00 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, 120.0),
        ({"x-business-use-case-usage": '{"178":[{"estimated_time_to_regain_access":5},{"call_count":3}]}'}, 300.0),
        ({"x-business-use-case-usage": '{"178":[{"estimated_time_to_regain_access":0}]}'}, None),
        ({"x-business-use-case-usage": "not json"}, None),
        ({"ratelimit": '"15m";r=0;t=300, "24h";r=12;t=4000'}, 300.0),
        ({"ratelimit": '"15m";r=3;t=300'}, None),
    ],
)
def test_the_time_to_wait_is_read_from_the_headers(headers, seconds):
    assert retry_after(headers) == seconds


def test_the_longer_of_the_platforms_and_the_tables_time_is_kept():
    spam = graph_answer(4, 2207051, headers={"retry-after": "60"})
    dead = graph_answer(190, 463, headers={"retry-after": "60"})

    assert graph_failure(spam, Call.POSTING, TOKEN).retry_after == 4 * 3_600
    assert graph_failure(dead, Call.POSTING, TOKEN).retry_after is None


@pytest.mark.parametrize(
    ("status", "at_create", "at_publish"),
    [
        (200, RETRYABLE, AMBIGUOUS),
        (302, RETRYABLE, AMBIGUOUS),
        (400, PERMANENT, AMBIGUOUS),
        (401, PERMANENT, PERMANENT),
        (403, PERMANENT, AMBIGUOUS),
        (429, RETRYABLE, AMBIGUOUS),
        (500, RETRYABLE, AMBIGUOUS),
        (504, RETRYABLE, AMBIGUOUS),
    ],
)
def test_an_answer_in_nobodys_words_is_unclear_where_a_post_is_made(status, at_create, at_publish):
    answer = Answer(status, {}, None, "<html>busy</html>")

    assert unexplained(answer, Call.REPEATABLE, TOKEN).failure_class is at_create
    assert unexplained(answer, Call.POSTING, TOKEN).failure_class is at_publish


def test_only_a_request_that_left_can_be_ambiguous():
    assert unanswered(NoAnswer(sent=True, reason="ReadTimeout"), Call.POSTING).failure_class is AMBIGUOUS
    assert unanswered(NoAnswer(sent=True, reason="ReadTimeout"), Call.REPEATABLE).failure_class is RETRYABLE
    assert unanswered(NoAnswer(sent=False, reason="ConnectError"), Call.POSTING).failure_class is RETRYABLE


@pytest.mark.parametrize(
    "text",
    [
        "https://graph.example/x?access_token=EAAG-secret&y=1",
        '{"access_token": "IGQV-new-one", "expires_in": 1}',
        "Authorization: Bearer EAAG-secret",
        "refresh_token=IGQV-new-one",
    ],
)
def test_a_raw_answer_is_free_of_secrets(text):
    kept = scrubbed(text, TOKEN)

    assert "EAAG-secret" not in kept
    assert "IGQV-new-one" not in kept
    assert "***" in kept


def test_a_raw_answer_is_trimmed():
    assert len(scrubbed("x" * 5_000, TOKEN)) == 1_000
