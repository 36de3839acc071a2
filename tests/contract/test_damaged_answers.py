"""Damaged answers of Bluesky, Mastodon, Pixelfed, Threads, Pages and X: nothing raises, and nothing untrue follows."""

from typing import Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from shutterpost.channels import Cause, Failure, FailureClass, NoMatch, TokenFacts, Unreadable
from tests.support.answer_mutations import TOKEN, Case, encode, status_of
from tests.support.good_answers import ACCOUNT_IDS, CASES, DID
from tests.support.mutated_answers import account_of, adapter_of, run

NEW = ("bluesky", "mastodon", "pixelfed", "threads", "facebook_page", "x")
HALF = "\ud800"
SESSION = {"accessJwt": "an-access-token", "refreshJwt": "a-refresh-token", "did": DID, "handle": "nature.test"}


def case_of(channel: str, name: str) -> Case:
    return next(case for case in CASES[channel] if case.name == name)


def answer_to(channel: str, name: str, *bodies: Any, statuses: tuple[int, ...] = ()) -> Any:
    """What the adapter makes of these answers to the case's calls, the last of them repeated."""
    left = [
        httpx.Response(statuses[place] if place < len(statuses) else status_of(body), content=encode(body))
        for place, body in enumerate(bodies)
    ]
    with respx.mock as router:
        router.route().mock(side_effect=lambda _: left.pop(0) if len(left) > 1 else left[0])
        return case_of(channel, name).call(adapter_of(channel), account_of(channel))


@pytest.mark.slow
@pytest.mark.parametrize("channel", NEW)
def test_mutated_answers_raise_nothing_and_prove_nothing_untrue(channel: str) -> None:
    assert run(400, seed=2027, channels=[channel]).findings() == []


@pytest.mark.parametrize("channel", NEW)
def test_a_good_answer_is_taken(channel: str) -> None:
    for case in CASES[channel]:
        result = answer_to(channel, case.name, *case.bodies)
        assert isinstance(result, Failure) == (case.name in {"refused", "throttled"}), case.name


@pytest.mark.parametrize(("channel", "field"), [("bluesky", "handle"), ("mastodon", "acct"), ("pixelfed", "acct")])
def test_a_name_with_half_a_character_can_be_stored(channel: str, field: str) -> None:
    bodies = case_of(channel, "facts").bodies
    facts = answer_to(channel, "facts", *bodies[:-1], {**bodies[-1], field: f"nature{HALF}"})
    assert facts == TokenFacts(account_name="nature?")
    assert "nature?" in facts.model_dump_json()


def test_a_session_with_half_a_character_is_sent_and_refused() -> None:
    refusal = {"error": "InvalidToken", "message": "Token could not be verified"}
    unwell = answer_to("bluesky", "health", {**SESSION, "accessJwt": f"a{HALF}"}, refusal)
    assert isinstance(unwell, Failure)


@pytest.mark.parametrize("status", [201, 400, 429, 502])
def test_no_part_of_a_sessions_answer_is_kept(status: int) -> None:
    failure = answer_to("bluesky", "health", SESSION, statuses=(status,))
    assert isinstance(failure, Failure)
    assert failure.raw == ""
    assert "a-refresh-token" not in failure.model_dump_json()


@pytest.mark.parametrize("status", [418, 599, 999])
def test_a_status_that_nobody_knows_says_nothing_of_a_picture(status: int) -> None:
    unread = answer_to("mastodon", "status", *case_of("mastodon", "status").bodies, statuses=(status,))
    assert isinstance(unread, Failure)
    assert unread.failure_class is FailureClass.RETRYABLE


@pytest.mark.parametrize(
    "damage", [{"text": None}, {"createdAt": None}, {"createdAt": "soon"}, {"uri": None}, {"uri": "x" * 5_000}]
)
def test_an_incomplete_list_of_bluesky_is_no_proof_of_absence(damage: dict[str, Any]) -> None:
    page, last = case_of("bluesky", "find by text").bodies
    other, own = page["records"]
    where = "uri" if "uri" in damage else "value"
    damaged = {**own, **damage} if where == "uri" else {**own, "value": {**own["value"], **damage}}
    assert isinstance(answer_to("bluesky", "find by text", {"records": [other, damaged]}, last), Unreadable)
    assert answer_to("bluesky", "find by text", {"records": [other]}, last) == NoMatch()


@pytest.mark.parametrize(
    "attachments",
    [
        None,
        {"data": None},
        {"data": [{"target": None}]},
        {"data": [{"target": {"id": "9"}, "subattachments": None}]},
        {"data": [{"subattachments": {"data": [{"target": {"id": None}}]}}]},
    ],
)
def test_a_post_of_a_page_whose_photos_are_not_listed_is_no_proof_of_absence(attachments: Any) -> None:
    [post] = case_of("facebook_page", "find").bodies[1]["data"]
    listed = {"data": [{**post, "attachments": attachments}], "paging": {"cursors": {}}}
    assert isinstance(answer_to("facebook_page", "find by photo", listed, {"id": "110"}), Unreadable)


@pytest.mark.parametrize("photo", [{"id": "110", "page_story_id": None}, {"id": "999"}, {}])
def test_a_photo_that_may_name_a_post_is_no_proof_of_absence(photo: dict[str, Any]) -> None:
    none: dict[str, Any] = {"data": []}
    assert isinstance(answer_to("facebook_page", "find by photo", none, photo), Unreadable)
    assert answer_to("facebook_page", "find by photo", none, {"id": "110"}) == NoMatch()


@pytest.mark.parametrize(
    "damage",
    [
        {"errors": [{"title": "Not Found Error"}]},
        {"meta": {"result_count": 2}},
        {"data": [{"id": "8"}]},
        {"meta": {"result_count": 1, "next_token": {}}},
    ],
)
def test_an_incomplete_list_of_x_is_no_proof_of_absence(damage: dict[str, Any]) -> None:
    page = {**case_of("x", "find").bodies[0], "meta": {"result_count": 1}}
    assert isinstance(answer_to("x", "find", {**page, **damage}, page), Unreadable)
    assert answer_to("x", "find", page) == NoMatch()


def test_a_rate_limit_of_x_in_its_older_form_is_one() -> None:
    limited = answer_to("x", "describe", {"errors": [{"code": 88, "message": "Rate limit exceeded"}]}, statuses=(429,))
    assert isinstance(limited, Failure)
    assert (limited.failure_class, limited.cause) == (FailureClass.RETRYABLE, Cause.QUOTA)


def test_a_deletion_at_x_counts_where_x_says_so() -> None:
    assert isinstance(answer_to("x", "remove", {"data": {"deleted": False}}), Failure)


def test_each_channel_has_an_account_of_its_own() -> None:
    assert {account_of(channel).connection.channel for channel in CASES} == set(CASES)
    assert set(ACCOUNT_IDS) < set(CASES)
    assert account_of("threads").token == SecretStr(TOKEN)
