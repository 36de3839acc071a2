"""Answers that are incomplete, foreign or contradicted are not read as absence, refusal or a lost account."""

import httpx
import pytest

from shutterpost.channels import (
    Cause,
    Failure,
    Matches,
    NoMatch,
    RemoteState,
    Status,
    Unreadable,
)
from tests.support.stubbed_answers import (
    AMBIGUOUS,
    ATTEMPT,
    HTML,
    LAST_PAGE,
    MEDIA,
    MESSAGE,
    PAGING,
    PERMANENT,
    POST,
    RETRYABLE,
    TEXT,
    account,
    channel,
    find,
    graph_error,
)


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
