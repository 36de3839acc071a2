"""Failures from answers: waits, texts without secrets, foreign and unknown answers."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from shutterpost.channels import Cause, FailureClass
from shutterpost.channels.answers.book import AnswerBook
from shutterpost.channels.answers.known import Operation, PlatformError
from shutterpost.channels.answers.scrubbing import scrub
from shutterpost.channels.answers.unknown import log_unknown
from shutterpost.channels.answers.waits import retry_after
from shutterpost.channels.http import Answer, NoAnswer
from shutterpost.channels.instagram.answers import ROWS
from shutterpost.channels.meta.responses import graph_error

TOKEN = SecretStr("EAAG-secret")
RETRYABLE, PERMANENT, AMBIGUOUS = FailureClass.RETRYABLE, FailureClass.PERMANENT, FailureClass.AMBIGUOUS


@pytest.fixture
def unknown():
    return []


@pytest.fixture
def book(unknown):
    def report(platform, operation, error):
        unknown.append((platform, operation, error))

    return AnswerBook("instagram", ROWS, Operation.PUBLISH, report)


def graph_answer(code: Any, subcode: int | None = None, *, status: int = 400, headers=None, **more: Any) -> Answer:
    error = {"message": "Fatal", "code": code, **({} if subcode is None else {"error_subcode": subcode}), **more}
    body = {"error": error}
    return Answer(status, headers or {}, body, json.dumps(body))


def failure(book: AnswerBook, answer: Answer, operation: Operation, **more: Any):
    error = graph_error(answer)
    assert error is not None
    return book.of_error(error, operation, answer, TOKEN, **more)


def test_the_localized_sentences_decide_nothing(book):
    thai = graph_answer(9007, 2207027, error_user_msg="\u0e2a\u0e37\u0e48\u0e2d", error_user_title="429 rate limit 190")

    assert failure(book, thai, Operation.PUBLISH).failure_class is RETRYABLE


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "90"}, 90.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "\u00b2"}, None),
        ({"retry-after": "999999999999"}, 30 * 86_400.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:02:00 GMT", "date": "Sat, 21 Nov 2026 12:00:00 GMT"}, 120.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:02:00 GMT"}, None),
        ({"x-business-use-case-usage": '{"178":[{"estimated_time_to_regain_access":5},{"call_count":3}]}'}, 300.0),
        ({"x-business-use-case-usage": '{"178":[{"estimated_time_to_regain_access":0}]}'}, None),
        ({"x-business-use-case-usage": '{"178":[{"estimated_time_to_regain_access":1e999}]}'}, None),
        ({"x-business-use-case-usage": '{"178":null,"179":[null,7]}'}, None),
        ({"x-business-use-case-usage": "[" * 100_000}, None),
        ({"ratelimit": '"15m";r=0;t=300, "24h";r=12;t=4000'}, 300.0),
        ({"ratelimit": '"15m";r=3;t=300'}, None),
        (
            {
                "ratelimit-remaining": "0",
                "ratelimit-reset": "2026-11-21T12:15:00.000Z",
                "date": "Sat, 21 Nov 2026 12:00:00 GMT",
            },
            900.0,
        ),
    ],
)
def test_the_time_to_wait_is_read_from_the_headers(headers, seconds):
    assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"errors": [{"extensions": {"code": "RATE_LIMIT_EXCEEDED", "retryAfter": 900}}]}, 900.0),
        ({"errors": [{"extensions": {"retryAfter": "60"}}, {"extensions": {"retryAfter": 30}}]}, 60.0),
        ({"errors": [{"extensions": {"retryAfter": None}}, None, {"extensions": []}]}, None),
        ({"errors": [{"extensions": {"retryAfter": 10**400}}]}, None),
        ({"errors": "none"}, None),
        ([], None),
    ],
)
def test_the_time_to_wait_is_read_from_the_body(body, seconds):
    assert retry_after({}, body) == seconds


def test_the_longer_of_the_platforms_and_the_tables_time_is_kept(book):
    spam = graph_answer(4, 2207051, headers={"retry-after": "60"})
    dead = graph_answer(190, 463, headers={"retry-after": "60"})

    assert failure(book, spam, Operation.PUBLISH).retry_after == 4 * 3_600
    assert failure(book, dead, Operation.PUBLISH).retry_after is None


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 429, 500, 504])
def test_an_answer_of_another_server_is_retried_without_a_cause_of_ours(book, unknown, status):
    page = Answer(status, {"retry-after": "7"}, None, "<html>blocked</html>")

    read, posted = book.foreign(Operation.READ, page, TOKEN), book.foreign(Operation.PUBLISH, page, TOKEN)

    assert (read.failure_class, posted.failure_class) == (RETRYABLE, AMBIGUOUS)
    assert read.cause is posted.cause is Cause.PLATFORM
    assert (read.code, read.retry_after, read.raw) == (f"http-{status}", 7, "<html>blocked</html>")
    assert unknown == []


@pytest.mark.parametrize(
    ("answer", "passing", "at_submit"),
    [
        (graph_answer(555), False, PERMANENT),
        (graph_answer(555), True, RETRYABLE),
        (graph_answer(555, status=500), False, RETRYABLE),
        (graph_answer(100, 7_777), False, PERMANENT),
    ],
)
def test_an_unknown_code_is_reported_and_ambiguous_where_a_post_is_created(book, unknown, answer, passing, at_submit):
    created = failure(book, answer, Operation.SUBMIT, passing=passing)
    posted = failure(book, answer, Operation.PUBLISH, passing=passing)

    assert (created.failure_class, posted.failure_class) == (at_submit, AMBIGUOUS)
    assert [operation for _, operation, _ in unknown] == [Operation.SUBMIT, Operation.PUBLISH]
    assert unknown[0][2] == graph_error(answer)


def test_a_code_is_reported_short_and_without_the_token(book, unknown):
    answer = Answer(400, {}, {}, "")
    book.of_error(PlatformError(400, f"{TOKEN.get_secret_value()} {'x' * 5_000}"), Operation.READ, answer, TOKEN)

    code = unknown[0][2].code
    assert code.startswith("*** x")
    assert len(code) == 80


def test_a_known_code_is_not_reported(book, unknown):
    failure(book, graph_answer(190, 463), Operation.READ)

    assert unknown == []


def test_an_unknown_answer_is_logged_with_its_codes_and_counted(capsys, caplog):
    log_unknown("test")("buffer", Operation.READ, PlatformError(200, "ODD", 7, "Something new"))

    logged = vars(caplog.records[0])
    counted = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"platform": "buffer", "code": "ODD", "subcode": 7, "status": 200}.items() <= logged.items()
    assert (counted["UnknownAnswers"], counted["platform"], counted["stage"]) == ([1.0], "buffer", "test")


def test_only_a_request_that_left_can_be_ambiguous(book):
    lost, unsent = NoAnswer(sent=True, reason="ReadTimeout"), NoAnswer(sent=False, reason="ConnectError")

    assert book.no_answer(lost, Operation.PUBLISH).failure_class is AMBIGUOUS
    assert book.no_answer(lost, Operation.READ).failure_class is RETRYABLE
    assert book.no_answer(unsent, Operation.PUBLISH).failure_class is RETRYABLE


@pytest.mark.parametrize(
    "text",
    [
        "https://graph.example/x?access_token=EAAG-secret&y=1",
        '{"access_token": "IGQV-new-one", "expires_in": 1}',
        r"{\"access_token\":\"IGQV-new-one\"}",
        "Authorization: Bearer EAAG-secret",
        "Authorization: Bearer IGQV-new-one-7",
        "refresh_token=IGQV-new-one",
        "leaked EAABsbCS1iHgBAKZCnQ7ZAZBnew here",
        "Malformed access token IGQVJXnewtokenofsomebody0",
        "eyJhbGciOiJIUzI1NiJ9.eyJuZXciOjF9.c2lnbmF0dXJl-new",
    ],
)
def test_a_raw_answer_is_free_of_secrets(text):
    kept = scrub(text, TOKEN)

    assert "secret" not in kept
    assert "new" not in kept
    assert "***" in kept


@pytest.mark.parametrize(
    "sentence",
    [
        "Error validating access token: Session has expired on Friday, 20-Nov-26 10:00:00 PST.",
        "Error validating access token: The user has not authorized application 178414.",
        "Invalid OAuth access token - Cannot parse access token",
        "An authentication JWT or Access Token is required",
        "Missing bearer authentication in the header",
    ],
)
def test_a_sentence_about_a_token_stays_readable(sentence):
    assert scrub(sentence, TOKEN) == sentence


def test_a_raw_answer_is_cut_before_it_is_searched_and_shows_no_part_of_the_token():
    token = SecretStr("t0ken" * 40)
    text = token.get_secret_value() * 100

    kept = scrub(text, token)

    assert "t0ken" not in kept
    assert len(scrub("x" * 5_000_000, token)) == 1_000


def test_a_raw_answer_holds_no_half_characters():
    assert scrub("\ud800 odd") == "? odd"
