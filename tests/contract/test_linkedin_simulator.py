"""The simulated LinkedIn against the documentation and reports about the real one."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from infra.local.simulators import Simulators
from infra.local.simulators.linkedin.accounts import LinkedInAppSetup
from infra.local.simulators.linkedin.state import shown_text
from tests.support.picture_host import jpeg
from tests.support.platform_clients import HTTP, NOON

ANNA, STUDIO = "urn:li:person:An-na1", "urn:li:organization:555"
REDIRECT = "https://photos.example/signed-in"
APP = LinkedInAppSetup(client_id="77client", client_secret="app-secret", redirect_urls=[REDIRECT])
HEADERS = {"LinkedIn-Version": "202607", "X-Restli-Protocol-Version": "2.0.0"}


class Rest:
    """One token, as a plain HTTP client."""

    def __init__(self, sim: Simulators, token: str, author: str) -> None:
        self.sim, self.token, self.author = sim, token, author

    def call(self, method: str, path: str, *, headers: dict[str, str] = HEADERS, **options: Any) -> httpx.Response:
        known = {"Authorization": f"Bearer {self.token}"} | headers
        return HTTP.request(method, f"{self.sim.linkedin_url}{path}", headers=known, **options)

    def initialized(self) -> dict[str, str]:
        request = {"initializeUploadRequest": {"owner": self.author}}
        answer = self.call("POST", "/rest/images?action=initializeUpload", json=request)
        value: dict[str, str] = answer.raise_for_status().json()["value"]
        return value

    def image(self, content: bytes | None = None) -> str:
        value = self.initialized()
        sent = HTTP.put(
            value["uploadUrl"], content=content or jpeg(), headers={"Authorization": f"Bearer {self.token}"}
        )
        assert sent.status_code == 201
        self.sim.advance(1)
        return value["image"]

    def image_status(self, urn: str) -> str:
        return str(self.call("GET", f"/rest/images/{quote(urn, safe='')}").json()["status"])

    def post(self, text: str, *images: str, **changes: Any) -> httpx.Response:
        listed = [{"id": urn, "altText": "a hill"} for urn in images]
        content = {"media": listed[0]} if len(listed) == 1 else {"multiImage": {"images": listed}}
        document = {
            "author": self.author,
            "commentary": text,
            "visibility": "PUBLIC",
            "distribution": {"feedDistribution": "MAIN_FEED"},
            "lifecycleState": "PUBLISHED",
            "content": content if listed else {},
        }
        return self.call("POST", "/rest/posts", json=document | changes)

    def read(self, urn: str) -> httpx.Response:
        return self.call("GET", f"/rest/posts/{quote(urn, safe='')}")

    def delete(self, urn: str) -> httpx.Response:
        return self.call("DELETE", f"/rest/posts/{quote(urn, safe='')}")

    def listed(self, **query: Any) -> httpx.Response:
        return self.call("GET", "/rest/posts", params={"q": "author", "author": self.author} | query)


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    server.add_linkedin_member("li-anna", member_id="An-na1", name="Anna", organizations=["555"])
    server.add_linkedin_app(APP)
    return server


@pytest.fixture
def anna(sim: Simulators) -> Rest:
    return Rest(sim, "li-anna", ANNA)


@pytest.fixture
def studio(sim: Simulators) -> Rest:
    return Rest(sim, "li-anna", STUDIO)


def test_image_is_waited_for_and_then_becomes_one_post(sim, studio):
    value = studio.initialized()
    assert studio.image_status(value["image"]) == "WAITING_UPLOAD"
    HTTP.put(value["uploadUrl"], content=jpeg(), headers={"Authorization": "Bearer li-anna"})
    assert studio.image_status(value["image"]) == "PROCESSING"
    sim.advance(1)
    assert studio.image_status(value["image"]) == "AVAILABLE"
    made = studio.post("dawn #light", value["image"])
    assert (made.status_code, made.content) == (201, b"")
    urn = made.headers["x-restli-id"]
    assert urn.startswith("urn:li:share:")
    [listed] = studio.listed().json()["elements"]
    assert listed == studio.read(urn).json()
    assert (listed["id"], listed["content"]["media"]) == (urn, {"id": value["image"], "altText": "a hill"})
    assert datetime.fromtimestamp(listed["createdAt"] / 1_000, UTC) == sim.now()


def test_several_images_keep_their_order(sim, studio):
    images = [studio.image(jpeg(400, 400 + number)) for number in range(3)]
    assert studio.post("three", *images).status_code == 201
    [post] = sim.linkedin_posts()
    assert (len(set(post["pictures"])), post["alt_texts"]) == (3, ["a hill"] * 3)


def test_bytes_that_are_no_picture_fail_in_processing(studio):
    assert studio.image_status(studio.image(b"no picture")) == "PROCESSING_FAILED"


@pytest.mark.parametrize("version", ["", "202507", "202510", "202611", "26"])
def test_version_that_is_missing_sunset_or_not_out_is_426(studio, version):
    answer = studio.call("GET", "/rest/posts?q=author", headers=HEADERS | {"LinkedIn-Version": version})
    assert (answer.status_code, answer.json()["code"]) == (426, "NONEXISTENT_VERSION")


@pytest.mark.parametrize(("at", "status"), [("2027-01-14", 200), ("2027-01-15", 426)])
def test_version_answers_for_a_year_and_some_days(sim, studio, at, status):
    sim.set_clock(datetime.fromisoformat(f"{at}T12:00:00+00:00"), frozen=True)
    sim.add_linkedin_member("li-anna", member_id="An-na1", organizations=["555"])
    answer = studio.call(
        "GET", f"/rest/posts?q=author&author={STUDIO}", headers=HEADERS | {"LinkedIn-Version": "202601"}
    )
    assert answer.status_code == status


def test_urn_in_a_path_is_encoded_and_the_protocol_named(sim, studio):
    urn = studio.image()
    assert studio.call("GET", f"/rest/images/{urn}").status_code == 400
    assert studio.call("GET", "/rest/posts", headers={"LinkedIn-Version": "202607"}).status_code == 400
    assert len(sim.violations()) == 2


def test_same_text_again_is_422_with_the_earlier_post(sim, studio, anna):
    first = studio.post("dawn", studio.image()).headers["x-restli-id"]
    again = studio.post("dawn", studio.image())
    assert again.status_code == 422
    assert again.json() == {
        "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]},
        "message": f"Content is a duplicate of {first}",
        "status": 422,
    }
    assert anna.post("dawn", anna.image()).status_code == 201
    assert len(sim.linkedin_posts("dawn")) == 2


def test_duplicate_may_name_a_post_that_is_not_there(studio):
    first = studio.post("dawn", studio.image()).headers["x-restli-id"]
    assert [studio.delete(first).status_code for _ in range(2)] == [204, 204]
    assert first in studio.post("dawn", studio.image()).json()["message"]
    assert studio.read(first).status_code == 404


@pytest.mark.parametrize("path", ["read", "listed"])
def test_posts_of_a_member_are_closed_to_apps(anna, path):
    urn = anna.post("dawn", anna.image()).headers["x-restli-id"]
    answer = anna.read(urn) if path == "read" else anna.listed()
    assert (answer.status_code, answer.json()["code"]) == (403, "ACCESS_DENIED")


def test_only_those_who_post_for_an_organization_may(sim, studio):
    stranger = Rest(sim, "li-anna", "urn:li:organization:556")
    assert stranger.post("dawn").status_code == 403
    sim.add_linkedin_member("member-only", member_id="An-na1", scopes=["w_member_social"])
    assert Rest(sim, "member-only", STUDIO).post("dawn").status_code == 403


def test_list_goes_from_the_newest_in_pages(sim, studio):
    for number in range(12):
        studio.post(f"dawn {number}")
        sim.advance(60)
    texts = [post["commentary"] for post in studio.listed(count=5, start=10).json()["elements"]]
    assert texts == ["dawn 1", "dawn 0"]
    assert studio.listed(start=12).json()["elements"] == []
    assert len(studio.listed().json()["elements"]) == 10


@pytest.mark.parametrize(
    ("token", "code"),
    [("nobody", "INVALID_ACCESS_TOKEN"), ("revoked", "REVOKED_ACCESS_TOKEN"), ("old", "EXPIRED_ACCESS_TOKEN")],
)
def test_token_that_is_unknown_revoked_or_expired_is_401(sim, token, code):
    sim.add_linkedin_member("revoked", member_id="An-na1")
    sim.revoke_linkedin_token("revoked")
    sim.add_linkedin_member("old", member_id="An-na1", expires_at=NOON)
    answer = Rest(sim, token, ANNA).call("GET", "/v2/userinfo")
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (401, code, 401)


def test_limit_of_a_day_ends_at_midnight_utc(sim, studio):
    sim.add_linkedin_member("li-anna", member_id="An-na1", organizations=["555"], posts_per_day=1)
    assert studio.post("one").status_code == 201
    refused = studio.post("two")
    assert (refused.status_code, "retry-after" in refused.headers) == (429, False)
    sim.set_clock(NOON + timedelta(hours=12), frozen=True)
    assert studio.post("two").status_code == 201


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (r"a \(b\) \#c \_d \\", r"a (b) #c _d \ ".strip()),
        ("dawn #light\nand (more)", "dawn #light\nand "),
        (r"{hashtag|\#|light} by @[Studio](urn:li:organization:555)", "#light by @[Studio](urn:li:organization:555)"),
    ],
)
def test_text_ends_at_a_reserved_character_that_is_not_escaped(sent, shown):
    assert shown_text(sent) == shown


def authorized(sim: Simulators, member: str = "An-na1", **changes: str) -> dict[str, list[str]]:
    query = {
        "response_type": "code",
        "client_id": APP.client_id,
        "redirect_uri": REDIRECT,
        "scope": "openid profile w_member_social",
        "state": "s1",
    } | changes
    address = str(httpx.URL(f"{sim.linkedin_url}/oauth/v2/authorization", params=query))
    return parse_qs(urlsplit(sim.agree(address, member)).query)


def exchanged(sim: Simulators, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "client_id": APP.client_id,
        "client_secret": APP.client_secret,
        "redirect_uri": REDIRECT,
    } | changes
    return HTTP.post(f"{sim.linkedin_url}/oauth/v2/accessToken", data=form)


def test_code_is_exchanged_once_for_a_token_of_sixty_days_without_refresh(sim):
    answer = authorized(sim)
    assert answer["state"] == ["s1"]
    token = exchanged(sim, code=answer["code"][0]).json()
    assert (token["expires_in"], "refresh_token" in token) == (60 * 86_400, False)
    profile = Rest(sim, token["access_token"], ANNA).call("GET", "/v2/userinfo").json()
    assert (profile["sub"], profile["name"]) == ("An-na1", "Anna")
    assert exchanged(sim, code=answer["code"][0]).status_code == 400


@pytest.mark.parametrize("change", [{"client_secret": "x"}, {"redirect_uri": "https://else.example/"}, {"code": "x"}])
def test_wrong_secret_address_or_code_gives_no_token(sim, change):
    answer = exchanged(sim, **{"code": authorized(sim)["code"][0], **change})
    assert (answer.status_code, "error" in answer.json()) == (400, True)


def test_person_who_does_not_agree_gives_no_code(sim):
    assert authorized(sim, "nobody")["error"] == ["user_cancelled_login"]
    assert authorized(sim, scope="r_ads")["error"] == ["unauthorized_scope_error"]
