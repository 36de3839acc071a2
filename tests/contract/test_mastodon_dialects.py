"""The simulated Mastodon's app registration and tokens, and the simulated Pixelfed, against the real ones."""

import html
import re
from urllib.parse import urlencode

import httpx
import pytest

from infra.local.simulators import Simulators
from infra.local.simulators.mastodon.oauth import challenge_of
from tests.support.picture_host import jpeg
from tests.support.platform_clients import HTTP, NOON, Instance

DOMAIN, PIXELS = "photos.example", "pixels.example"
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
SCOPES = "profile read:statuses write:statuses write:media"


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    return server


def instance(sim: Simulators, **options: object) -> Instance:
    ids = sim.add_mastodon_server(DOMAIN, {"anna": "token-anna"}, **options)
    return Instance(sim, DOMAIN, "token-anna", ids["anna"])


@pytest.fixture
def anna(sim: Simulators) -> Instance:
    return instance(sim)


@pytest.fixture
def pixels(sim: Simulators) -> Instance:
    options = {"software": "pixelfed", "version": "0.12.6", "image_size_limit": 15_000 * 1024}
    ids = sim.add_mastodon_server(PIXELS, {"anna": "token-pixels"}, **options)
    return Instance(sim, PIXELS, "token-pixels", ids["anna"])


def uploaded(client: Instance) -> str:
    return str(client.upload(jpeg(), description="a lake").json()["id"])


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def registered(anna: Instance, **changes: str) -> httpx.Response:
    form = {"client_name": "Shutterpost", "redirect_uris": OUT_OF_BAND, "scopes": SCOPES}
    return HTTP.post(f"{anna.base}/api/v1/apps", data=form | changes)


def agreed(sim: Simulators, anna: Instance, app: dict[str, str], **changes: str) -> str:
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": SCOPES}
    page = sim.agree(f"{anna.base}/oauth/authorize?{urlencode(query | changes)}", "anna")
    shown = re.search(r'value="([^"]+)"', page)
    assert shown is not None, page
    return html.unescape(shown[1])


def exchanged(anna: Instance, app: dict[str, str], code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": OUT_OF_BAND}
    form |= {name: app[name] for name in ("client_id", "client_secret")}
    return HTTP.post(f"{anna.base}/oauth/token", data=form | changes)


def test_app_is_registered_and_its_code_gives_one_token(sim, anna):
    app = registered(anna).json()
    code = agreed(sim, anna, app, code_challenge=challenge_of("verifier"), code_challenge_method="S256")
    assert refusal(exchanged(anna, app, code)) == (400, "invalid_grant")
    token = exchanged(anna, app, code, code_verifier="verifier").json()
    assert token | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "scope": SCOPES,
        "created_at": int(NOON.timestamp()),
    }
    assert refusal(exchanged(anna, app, code, code_verifier="verifier")) == (400, "invalid_grant")
    account = Instance(sim, DOMAIN, token["access_token"]).call("GET", "/api/v1/accounts/verify_credentials").json()
    assert (account["id"], account["acct"]) == (anna.account_id, "anna")


def test_codes_expire_and_belong_to_their_app(sim, anna):
    app, other = registered(anna).json(), registered(anna).json()
    code = agreed(sim, anna, app)
    assert refusal(exchanged(anna, other, code)) == (400, "invalid_grant")
    wrong = exchanged(anna, app | {"client_secret": "wrong"}, code)
    assert refusal(wrong) == (401, "invalid_client")
    assert "unknown client" in wrong.json()["error_description"]
    sim.advance(600)
    assert refusal(exchanged(anna, app, code)) == (400, "invalid_grant")


def test_registration_is_checked_and_limited(anna):
    assert refusal(registered(anna, redirect_uris="nowhere"))[1].endswith("Redirect URI must be an absolute URI.")
    assert registered(anna, scopes="read unheard").status_code == 422
    assert [registered(anna).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_scope_beyond_the_app_and_a_foreign_redirect_are_refused(sim, anna):
    app = registered(anna, scopes="read:statuses").json()
    query = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OUT_OF_BAND, "scope": "write"}
    assert "invalid_scope" in sim.agree(f"{anna.base}/oauth/authorize?{urlencode(query)}", "anna")
    query |= {"redirect_uri": "https://elsewhere.example", "scope": "read:statuses"}
    assert "invalid_redirect_uri" in sim.agree(f"{anna.base}/oauth/authorize?{urlencode(query)}", "anna")
    query |= {"redirect_uri": OUT_OF_BAND}
    assert sim.agree(f"{anna.base}/oauth/authorize?{urlencode(query)}", "nobody") == "/auth/sign_in"


def test_a_server_before_4_3_knows_no_profile_scope_and_no_pkce(sim):
    anna = instance(sim, version="4.2.13")
    assert registered(anna).status_code == 422
    scopes = SCOPES.replace("profile", "read:accounts")
    app = registered(anna, scopes=scopes).json()
    code = agreed(sim, anna, app, scope=scopes, code_challenge=challenge_of("v"), code_challenge_method="S256")
    assert exchanged(anna, app, code).status_code == 200


def test_tokens_fail_in_their_own_ways(sim, anna):
    app = registered(anna).json()
    token = exchanged(anna, app, agreed(sim, anna, app)).json()["access_token"]
    keys = {name: app[name] for name in ("client_id", "client_secret")}
    for _ in range(2):
        assert HTTP.post(f"{anna.base}/oauth/revoke", data=keys | {"token": token}).json() == {}
    verify = "/api/v1/accounts/verify_credentials"
    assert refusal(Instance(sim, DOMAIN, token).call("GET", verify)) == (401, "The access token was revoked")
    assert refusal(Instance(sim, DOMAIN, "nonsense").call("GET", verify)) == (401, "The access token is invalid")
    assert refusal(HTTP.get(anna.base + verify)) == (401, "This method requires an authenticated user")
    sim.add_mastodon_server(DOMAIN, {"anna": "weak"}, account={"scopes": ["profile"]})
    assert refusal(Instance(sim, DOMAIN, "weak").post("hello")) == (403, "This action is outside the authorized scopes")
    sim.add_mastodon_server(DOMAIN, {"anna": "token-anna"}, account={"disabled": True})
    assert refusal(anna.post("hello")) == (403, "Your login is currently disabled")


def test_pixelfed_names_other_limits(pixels):
    shown = HTTP.get(f"{pixels.base}/api/v2/instance").json()
    assert "description_limit" not in shown["configuration"]["media_attachments"]
    assert "api_versions" not in shown
    assert shown["source_url"] == "https://github.com/pixelfed/pixelfed"


def test_pixelfed_always_answers_202_and_shows_attached_media(sim, pixels):
    answer = pixels.upload(jpeg(), description="a lake")
    assert (answer.status_code, answer.json()["url"]) == (202, None)
    media = answer.json()["id"]
    status = pixels.post("dawn", media).json()
    assert status["url"] == f"https://pixels.example/p/anna/{status['id']}"
    assert pixels.media(media) == 200
    assert refusal(pixels.post("again", media)) == (400, "Invalid media_ids")
    assert [item["media_attachments"][0]["id"] for item in pixels.listed(only_media="true")] == [media]


def test_pixelfed_burns_the_key_before_it_looks(sim, pixels):
    assert refusal(pixels.post("no picture", key="k")) == (403, "Empty statuses are not allowed")
    media = uploaded(pixels)
    assert refusal(pixels.post("dawn", media, key="k")) == (400, "Duplicate idempotency key.")
    assert sim.statuses() == []
    sim.advance(3_600)
    assert pixels.post("dawn", media, key="k").status_code == 200


def test_pixelfed_makes_failed_checks_and_missing_rows_a_500(sim, pixels):
    answer = pixels.post("x" * 501, uploaded(pixels), key="k")
    assert (answer.status_code, list(answer.json()["errors"])) == (500, ["status"])
    assert pixels.upload(b"text").status_code == 500
    assert refusal(pixels.call("GET", "/api/v1/media/1"))[0] == 500
    assert pixels.call("GET", "/api/v1/statuses/1").status_code == 404
    assert pixels.call("DELETE", "/api/v1/statuses/1").status_code == 500


def test_pixelfed_answers_with_json_only_where_it_is_asked_for(pixels):
    html_answer = {"headers": {"Accept": "*/*"}}
    assert pixels.call("GET", "/api/v1/statuses/1", **html_answer).headers["content-type"].startswith("text/html")
    assert pixels.call("POST", "/api/v1/statuses", data={"status": "x" * 501}, **html_answer).status_code == 302


def test_pixelfed_lists_the_newest_after_a_minimum(sim, pixels):
    ids = []
    for number in range(3):
        ids.append(pixels.post(f"{number}", uploaded(pixels)).json()["id"])
        sim.advance(60)
    assert [item["id"] for item in pixels.listed(only_media="true", min_id="1", limit=1)] == [ids[2]]
    assert [item["id"] for item in pixels.listed(only_media="true", max_id=ids[2], limit=1)] == [ids[1]]


def test_pixelfed_has_a_limit_for_each_account(sim):
    options = {"software": "pixelfed", "account": {"storage_kilobytes": 1}}
    sim.add_mastodon_server(PIXELS, {"anna": "token-pixels"}, **options)
    pixels = Instance(sim, PIXELS, "token-pixels")
    uploaded(pixels)
    assert refusal(pixels.upload(jpeg())) == (403, "Account size limit reached.")
