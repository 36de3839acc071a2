"""Answers of LinkedIn that are incomplete or foreign are not read as absence, success or a lost account."""

from typing import Any

import httpx
import pytest

from shutterpost.channels import Account, Cause, Failure, Message, Picture, RemoteState, Unreadable, adapters
from shutterpost.runtime.settings import PlatformSettings
from tests.support.answer_mutations import StoppedClock
from tests.support.platform_tools import KeptPictures, tools
from tests.support.stubbed_answers import AMBIGUOUS, NOON, RETRYABLE, TEXT, account
from tests.support.stubbed_answers import ATTEMPT as ANY_ATTEMPT

REF = "C4E10AQ1/1@1795262400"
ATTEMPT = ANY_ATTEMPT.model_copy(update={"ref": REF})
MESSAGE = Message(text=TEXT, pictures=(Picture(rendition="lake"),), run_at=NOON)
AT = int(NOON.timestamp() * 1_000)
POST = {
    "id": "urn:li:share:1",
    "commentary": TEXT,
    "content": {"media": {"id": "urn:li:image:C4E10AQ1"}},
    "createdAt": AT,
    "lastModifiedAt": AT,
    "lifecycleState": "PUBLISHED",
}
LIST, IMAGES = r".*/rest/posts\?.*", r".*/rest/images\?.*"
BOTH = ("organization", "member")


def linkedin() -> Any:
    kept = KeptPictures({"lake": b"jpeg"})
    return adapters(tools(PlatformSettings(stage="test"), StoppedClock(), pictures=kept))("linkedin")


def answer_with(posts: list[Any]) -> httpx.Response:
    return httpx.Response(200, json={"elements": posts})


def acting_as(login: str) -> Account:
    return account("linkedin", login)


@pytest.mark.parametrize(
    "change",
    [
        {"content": None},
        {"content": {"media": None}},
        {"content": {"media": {"id": None}}},
        {"content": {"multiImage": None}},
        {"content": {"multiImage": {"images": None}}},
        {"content": {"multiImage": {"images": [{"id": 7}]}}},
        {"id": None},
        {"lastModifiedAt": None},
        {"commentary": None},
    ],
)
def test_incomplete_list_is_no_proof_of_absence(platform, change):
    platform.get(url__regex=LIST).respond(json={"elements": [POST | change]})
    answer = linkedin().find(acting_as("organization"), ATTEMPT)
    assert isinstance(answer, Unreadable)
    assert answer.failure.failure_class is RETRYABLE


def test_list_that_does_not_end_is_no_proof_of_absence(platform):
    other = POST | {"content": {"article": {"source": "https://a.example"}}}
    platform.get(url__regex=LIST).respond(json={"elements": [other]})
    answer = linkedin().find(acting_as("organization"), ATTEMPT)
    assert isinstance(answer, Unreadable)
    assert answer.failure.code == "listing-too-long"


@pytest.mark.parametrize("state", ["DRAFT", "PUBLISH_FAILED", None])
def test_post_that_is_listed_in_another_state_is_not_live(platform, state):
    listed = [answer_with([POST | {"lifecycleState": state}]), answer_with([])]
    platform.get(url__regex=LIST).mock(side_effect=listed * 2)
    status = linkedin().status(acting_as("organization"), REF)
    assert isinstance(status, Failure)
    assert (status.failure_class, status.code) == (RETRYABLE, "not-published")
    assert isinstance(linkedin().find(acting_as("organization"), ATTEMPT), Unreadable)


@pytest.mark.parametrize("body", [{"status": "log in to this network"}, {"elements": [None]}, {"sub": None}])
@pytest.mark.parametrize("login", BOTH)
def test_page_of_a_network_makes_no_account_healthy_and_blames_no_token(platform, login, body):
    platform.route().respond(json=body)
    unwell = linkedin().health(acting_as(login))
    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.cause) == (RETRYABLE, Cause.PLATFORM)


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429])
@pytest.mark.parametrize("login", BOTH)
def test_page_of_a_firewall_is_unclear_at_the_post_and_blames_nobody(platform, login, status):
    platform.route().respond(status, text="<html>blocked</html>")
    unclear = linkedin().publish(acting_as(login), REF, MESSAGE)
    assert isinstance(unclear, Failure)
    assert (unclear.failure_class, unclear.cause) == (AMBIGUOUS, Cause.PLATFORM)


@pytest.mark.parametrize("headers", [{}, {"x-restli-id": "urn:li:person:1"}, {"x-restli-id": ""}])
def test_created_without_an_id_is_unclear(platform, headers):
    platform.post(url__regex=r".*/rest/posts$").respond(201, headers=headers)
    unclear = linkedin().publish(acting_as("organization"), REF, MESSAGE)
    assert isinstance(unclear, Failure)
    assert (unclear.failure_class, unclear.code) == (AMBIGUOUS, "unreadable")


@pytest.mark.parametrize(
    "address",
    ["https://linkedin.com.example/upload", "http://www.linkedin.com/upload", "https://linkedin.com@x.example/"],
)
def test_token_goes_to_no_other_host_for_an_upload(platform, address):
    value = {"uploadUrl": address, "image": "urn:li:image:C4E10AQ1"}
    platform.post(url__regex=IMAGES).respond(json={"value": value})
    answer = linkedin().submit(acting_as("member"), MESSAGE)
    assert isinstance(answer, Failure)
    assert (answer.failure_class, answer.code) == (RETRYABLE, "unreadable")


def test_upload_goes_to_another_host_of_linkedin(platform):
    value = {"uploadUrl": "https://www.linkedin.com/dms-uploads/1", "image": "urn:li:image:C4E10AQ1"}
    platform.post(url__regex=IMAGES).respond(json={"value": value})
    sent = platform.put("https://www.linkedin.com/dms-uploads/1").respond(201)
    assert linkedin().submit(acting_as("member"), MESSAGE).ref.startswith("C4E10AQ1/1@")
    assert sent.calls.last.request.content == b"jpeg"


def test_image_in_an_unknown_state_is_waited_for(platform):
    platform.get(url__regex=r".*/rest/images/.*").respond(json={"status": "SOMETHING_NEW"})
    assert linkedin().status(acting_as("member"), REF).state is RemoteState.WORKING


def test_wait_that_linkedin_states_goes_before_midnight(platform):
    body = {"status": 429, "message": "Throttled", "code": "TOO_MANY_REQUESTS"}
    platform.route().respond(429, json=body, headers={"retry-after": "90"})
    throttled = linkedin().health(acting_as("member"))
    assert isinstance(throttled, Failure)
    assert throttled.retry_after == 90


@pytest.mark.parametrize(
    "written",
    [f"{{hashtag|\\#|lake}} {TEXT}", f"{{hashtag|#|lake}} {TEXT}\r\n", f"#lake {TEXT}"],
)
def test_listed_text_is_compared_as_people_read_it(platform, written):
    attempt = ANY_ATTEMPT.model_copy(update={"text": f"#lake {TEXT}", "ref": None})
    platform.get(url__regex=LIST).mock(side_effect=[answer_with([POST | {"commentary": written}]), answer_with([])])
    [match] = linkedin().find(acting_as("organization"), attempt).statuses
    assert match.external_id == "urn:li:share:1"
