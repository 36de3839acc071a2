"""The simulated X against what its documentation says; the client here is written apart from the product's."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from infra.local.simulators import Simulators
from infra.local.simulators.x.posts import weight_of
from tests.support.picture_host import jpeg
from tests.support.platform_clients import HTTP, NOON

APP, USER = "app-of-anna", "7300000000000000001"
BACK = "http://127.0.0.1/"
VERIFIER = "a" * 43
SCOPES = "tweet.read tweet.write users.read media.write offline.access"


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    add(server)
    return server


def add(sim: Simulators, **more: Any) -> None:
    settings = {"access_token": "at-anna", "refresh_token": "rt-anna", "client_id": APP, **more}
    sim.add_x_account(user_id=USER, username="anna", **settings)


def call(sim: Simulators, method: str, path: str, access: str = "at-anna", **more: Any) -> httpx.Response:
    return HTTP.request(method, f"{sim.x_url}{path}", headers={"Authorization": f"Bearer {access}"}, **more)


def upload(sim: Simulators) -> dict[str, Any]:
    files = {"media": ("photo.jpg", jpeg(), "image/jpeg")}
    answer = call(sim, "POST", "/2/media/upload", data={"media_category": "tweet_image"}, files=files)
    data: dict[str, Any] = answer.raise_for_status().json()["data"]
    return data


def post(sim: Simulators, text: str, *ids: str) -> httpx.Response:
    return call(sim, "POST", "/2/tweets", json={"text": text} | ({"media": {"media_ids": list(ids)}} if ids else {}))


def token(sim: Simulators, **form: str) -> httpx.Response:
    return HTTP.post(f"{sim.x_url}/2/oauth2/token", data={"client_id": APP, **form})


def agreed(sim: Simulators, **more: str) -> str:
    """The code of a person who agreed."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    query = {"response_type": "code", "client_id": APP, "redirect_uri": BACK, "scope": SCOPES, "state": "s1"}
    query |= {"code_challenge": challenge, "code_challenge_method": "S256", **more}
    back = sim.agree(f"{sim.x_url}/i/oauth2/authorize?{urlencode(query)}", "anna")
    return parse_qs(urlsplit(back).query)["code"][0]


def exchanged(sim: Simulators, code: str, **more: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER}
    return token(sim, **{**form, **more})


def test_a_code_is_exchanged_once_and_needs_its_verifier(sim):
    assert exchanged(sim, agreed(sim), code_verifier="b" * 43).status_code == 400
    code = agreed(sim)
    first, again = exchanged(sim, code), exchanged(sim, code)

    assert first.json()["expires_in"] == 7_200
    assert set(first.json()["scope"].split()) == set(SCOPES.split())
    assert call(sim, "GET", "/2/users/me", first.json()["access_token"]).json()["data"]["id"] == USER
    assert (again.status_code, again.json()["error"]) == (400, "invalid_request")


def test_a_refresh_token_is_good_once_and_gives_the_next(sim):
    refreshed = token(sim, grant_type="refresh_token", refresh_token="rt-anna").json()
    again = token(sim, grant_type="refresh_token", refresh_token="rt-anna")
    onward = token(sim, grant_type="refresh_token", refresh_token=refreshed["refresh_token"])

    assert (again.status_code, again.json()["error_description"]) == (400, "Value passed for the token was invalid.")
    assert onward.status_code == 200
    assert call(sim, "GET", "/2/users/me", onward.json()["access_token"]).status_code == 200


def test_without_offline_access_no_refresh_token_is_given(sim):
    assert "refresh_token" not in exchanged(sim, agreed(sim, scope="tweet.read users.read")).json()


def test_an_access_token_ends_after_two_hours_and_when_it_is_revoked(sim):
    sim.advance(7_200)
    ended = call(sim, "GET", "/2/users/me")
    add(sim, access_token="at-2", refresh_token="rt-2")
    HTTP.post(f"{sim.x_url}/2/oauth2/revoke", data={"token": "rt-2", "client_id": APP})

    assert (ended.status_code, ended.json()["title"]) == (401, "Unauthorized")
    assert call(sim, "GET", "/2/users/me", "at-2").status_code == 401
    assert token(sim, grant_type="refresh_token", refresh_token="rt-2").status_code == 400


def test_a_picture_is_uploaded_described_and_posted(sim):
    media = upload(sim)
    described = {"id": media["id"], "metadata": {"alt_text": {"text": "A lake"}}}
    assert call(sim, "POST", "/2/media/metadata", json=described).status_code == 200
    made = post(sim, "A calm lake.", media["id"])

    assert media["expires_after_secs"] == 86_400
    assert made.status_code == 201
    query = {"expansions": "attachments.media_keys", "max_results": "5"}
    [listed] = call(sim, "GET", f"/2/users/{USER}/tweets", params=query).json()["data"]
    assert listed["id"] == made.json()["data"]["id"]
    assert listed["attachments"]["media_keys"] == [media["media_key"]]
    [shown] = sim.x_posts("A calm lake.")
    assert shown["alt_texts"] == ["A lake"]


def test_a_picture_in_chunks_is_ready_once_it_is_processed(sim):
    sim.add_fault("x", "process_media", "slow", seconds=5)
    media_id = call(sim, "POST", "/2/media/upload/initialize", json={}).json()["data"]["id"]
    content = jpeg()
    for number, part in enumerate((content[:100], content[100:])):
        files = {"media": ("part", part, "application/octet-stream")}
        call(sim, "POST", f"/2/media/upload/{media_id}/append", data={"segment_index": str(number)}, files=files)
    finalized = call(sim, "POST", f"/2/media/upload/{media_id}/finalize").json()["data"]
    sim.advance(6)
    status = call(sim, "GET", "/2/media/upload", params={"command": "STATUS", "media_id": media_id}).json()["data"]

    assert finalized["processing_info"] == {"state": "pending", "check_after_secs": 1}
    assert status["processing_info"] == {"state": "succeeded"}
    assert post(sim, "In chunks.", media_id).status_code == 201


def test_an_upload_is_gone_after_a_day(sim):
    media = upload(sim)
    sim.advance(86_400)
    add(sim, access_token="at-anna", refresh_token="rt-2")

    assert post(sim, "Too late.", media["id"]).status_code == 400


def test_equal_texts_are_refused_unless_the_account_allows_them(sim):
    post(sim, "Twice.")
    refused = post(sim, "Twice.")
    add(sim, refuses_duplicates=False)

    assert refused.status_code == 403
    assert refused.json()["detail"] == "You are not allowed to create a Tweet with duplicate content."
    assert post(sim, "Twice.").status_code == 201


def test_the_rate_limit_names_its_reset(sim):
    answers = [post(sim, f"Post {number}") for number in range(101)]

    assert answers[0].headers["x-rate-limit-remaining"] == "99"
    assert (answers[-1].status_code, answers[-1].json()["errors"][0]["code"]) == (429, 88)
    assert int(answers[-1].headers["x-rate-limit-reset"]) == int(NOON.timestamp()) + 900


def test_the_monthly_cap_of_the_app_has_its_own_problem(sim):
    add(sim, monthly_cap=1)
    post(sim, "The first.")
    capped = post(sim, "The second.")

    assert (capped.status_code, capped.json()["title"]) == (429, "UsageCapExceeded")
    assert capped.json()["type"] == "https://api.twitter.com/2/problems/usage-capped"


def test_a_deleted_post_is_not_found_and_not_listed(sim):
    post_id = post(sim, "Short-lived.").json()["data"]["id"]
    deleted = call(sim, "DELETE", f"/2/tweets/{post_id}")

    assert deleted.json() == {"data": {"deleted": True}}
    assert call(sim, "GET", f"/2/tweets/{post_id}").status_code == 404
    assert call(sim, "GET", f"/2/users/{USER}/tweets").json() == {"meta": {"result_count": 0}}


def test_a_listing_has_pages_and_a_window(sim):
    for number in range(7):
        post(sim, f"Post {number}")
        sim.advance(60)
    window = {"start_time": "2026-11-21T12:01:00Z", "max_results": "5"}
    first = call(sim, "GET", f"/2/users/{USER}/tweets", params=window).json()
    second = call(
        sim, "GET", f"/2/users/{USER}/tweets", params=window | {"pagination_token": first["meta"]["next_token"]}
    ).json()

    assert [item["text"] for item in first["data"] + second["data"]] == [f"Post {number}" for number in range(6, 0, -1)]


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("abc", 3),
        ("Lüneburg", 8),
        ("湖", 2),
        ("👩‍👩‍👧", 2),
        ("see https://example.com/a/very/long/path/that/counts/23", 27),
        ("1", 1),
    ],
)
def test_a_text_weighs_what_the_documentation_says(text, weight):
    assert weight_of(text) == weight


def test_a_text_over_the_limit_is_refused_and_noted(sim):
    assert post(sim, "湖" * 141).status_code == 403
    assert [each["what"] for each in sim.violations()] == ["create_post: sent a text over the limit"]
