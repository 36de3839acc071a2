"""The simulated Mastodon's media and statuses against the documentation and the source of the real one."""

import json
from datetime import datetime, timedelta

import httpx
import pytest

from infra.local.simulators import Simulators
from tests.support.picture_host import jpeg
from tests.support.platform_clients import HTTP, NOON, Instance
from tests.support.waiting import eventually

DOMAIN = "photos.example"


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


def uploaded(client: Instance) -> str:
    answer = client.upload(jpeg(), description="a lake")
    assert answer.status_code in {200, 202}, answer.text
    return str(answer.json()["id"])


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_limits_are_the_servers(sim):
    anna = instance(sim, max_characters=5, max_media_attachments=1, description_limit=3, image_size_limit=2_000)
    shown = HTTP.get(f"{anna.base}/api/v2/instance").json()
    assert shown["configuration"]["statuses"] == {
        "max_characters": 5,
        "max_media_attachments": 1,
        "characters_reserved_per_url": 23,
    }
    assert shown["configuration"]["media_attachments"]["description_limit"] == 3
    assert (shown["version"], shown["api_versions"]) == ("4.7.0", {"mastodon": 6})
    first, second = (str(anna.upload(jpeg(40, 40)).json()["id"]) for _ in range(2))
    assert refusal(anna.post("123456", first))[1] == "Validation failed: Text character limit of 5 exceeded"
    assert refusal(anna.post("1", first, second))[1] == "Cannot attach more than 1 files"
    assert anna.upload(jpeg(40, 40), description="long").status_code == 422
    assert anna.upload(jpeg(40, 40) + b"\0" * 2_000).status_code == 422
    assert len(sim.violations()) == 4


def test_text_is_counted_in_graphemes_with_links_and_remote_mentions(sim):
    anna = instance(sim, max_characters=30)
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert anna.post(family * 30).status_code == 200
    assert anna.post("https://example.com/" + "a" * 200 + " " + "b" * 6).status_code == 200
    assert anna.post("https://a.b " + "b" * 7).status_code == 422
    assert anna.post("@bert@far.away.example " + "b" * 24).status_code == 200
    assert anna.post("a" * 29, spoiler_text="bb").status_code == 422


@pytest.mark.parametrize("content", [b"<html>no picture</html>", jpeg()[:300], b""])
def test_what_is_no_picture_is_refused(anna, content):
    assert refusal(anna.upload(content))[1] == "Validation failed: File content type is invalid, File is invalid"


def test_too_many_pixels_are_refused(sim):
    anna = instance(sim, image_matrix_limit=400 * 399)
    assert refusal(anna.upload(jpeg(400, 400)))[1] == "400x400 images are not supported"


def test_picture_has_description_and_focus_and_is_posted_once(sim, anna):
    media = anna.upload(jpeg(), description="a lake", focus="-0.42,0.69").json()
    assert media["url"].startswith("https://files.photos.example/")
    assert (media["description"], media["meta"]["focus"]) == ("a lake", {"x": -0.42, "y": 0.69})
    assert anna.media(media["id"]) == 200
    status = anna.post("dawn #light", media["id"], visibility="unlisted", language="de", sensitive="true").json()
    assert status["url"] == f"https://photos.example/@anna/{status['id']}"
    assert (status["visibility"], status["language"], status["sensitive"]) == ("unlisted", "de", True)
    assert [item["id"] for item in status["media_attachments"]] == [media["id"]]
    assert anna.media(media["id"]) == 404
    again = anna.post("dawn again", media["id"])
    assert refusal(again) == (422, f"Media {media['id']} not found or already attached to another post")
    assert [item["media"][0]["focus"] for item in sim.statuses()] == [[-0.42, 0.69]]
    assert [violation["what"] for violation in sim.violations()] == ["attached media that are gone or attached"]


def test_pictures_keep_the_order_of_the_request(anna):
    ids = [uploaded(anna) for _ in range(3)][::-1]
    assert [item["id"] for item in anna.post("three", *ids).json()["media_attachments"]] == ids


def test_picture_may_still_be_processed(sim):
    anna = instance(sim, processing=True)
    answer = anna.upload(jpeg())
    assert (answer.status_code, answer.json()["url"]) == (202, None)
    media = answer.json()["id"]
    assert anna.media(media) == 206
    assert anna.post("early", media).status_code == 422
    sim.advance(1)
    assert anna.media(media) == 200
    sim.add_fault("mastodon", "process_media", "refuse")
    broken = anna.upload(jpeg()).json()["id"]
    sim.advance(1)
    assert anna.media(broken) == 422


def test_unattached_picture_is_gone_after_a_day(sim, anna):
    media = uploaded(anna)
    sim.advance(86_399)
    assert anna.media(media) == 200
    sim.advance(1)
    assert anna.media(media) == 404


def test_pictures_are_deleted_from_4_4_on_unless_in_use(sim):
    anna = instance(sim, version="4.4.0")
    free, used = uploaded(anna), uploaded(anna)
    anna.post("used", used)
    assert anna.call("DELETE", f"/api/v1/media/{free}").status_code == 200
    assert anna.media(free) == 404
    in_use = (422, "Media attachment is currently used by a status")
    assert refusal(anna.call("DELETE", f"/api/v1/media/{used}")) == in_use
    older = instance(sim, version="4.3.9")
    assert older.call("DELETE", f"/api/v1/media/{uploaded(older)}").status_code == 404


def test_deleted_status_frees_its_pictures_for_a_day(sim, anna):
    kept, dropped = uploaded(anna), uploaded(anna)
    first, second = anna.post("one", kept).json()["id"], anna.post("two", dropped).json()["id"]
    assert anna.call("DELETE", f"/api/v1/statuses/{first}").json()["text"] == "one"
    assert anna.call("DELETE", f"/api/v1/statuses/{second}?delete_media=true").status_code == 200
    assert (anna.media(kept), anna.media(dropped)) == (200, 404)
    assert refusal(anna.call("DELETE", f"/api/v1/statuses/{first}")) == (404, "Record not found")
    sim.advance(86_400)
    assert anna.media(kept) == 404


def test_key_returns_the_first_status_for_an_hour(sim, anna):
    media = uploaded(anna)
    first = anna.post("once", media, key="k").json()["id"]
    assert anna.post("once", media, key="k").json()["id"] == first
    assert anna.post("once", "gone", key="k").json()["id"] == first
    sim.advance(3_600)
    assert anna.post("once", media, key="k").status_code == 422
    assert len(sim.statuses()) == 1


@pytest.mark.parametrize(("version", "status"), [("4.5.9", 200), ("4.6.0", 500), ("4.6.4", 500), ("4.7.0", 200)])
def test_repeat_of_a_key_fails_in_4_6_although_the_status_exists(sim, version, status):
    anna = instance(sim, version=version)
    media = uploaded(anna)
    assert anna.post("once", media, key="k").status_code == 200
    assert anna.post("once", media, key="k").status_code == status
    assert (len(sim.statuses()), anna.media(media)) == (1, 404)


@pytest.mark.parametrize(("version", "status"), [("4.2.13", 200), ("4.5.9", 422), ("4.7.0", 503)])
def test_parallel_repeat_depends_on_the_version(sim, version, status):
    anna = instance(sim, version=version)
    media = uploaded(anna)
    sim.add_fault("mastodon", "create_status", "slow", seconds=60)
    with pytest.raises(httpx.ReadTimeout):
        HTTP.post(
            f"{anna.base}/api/v1/statuses",
            data={"status": "once", "media_ids[]": [media]},
            headers={"Authorization": "Bearer token-anna", "Idempotency-Key": "k"},
            timeout=0.3,
        )
    eventually(lambda: len(sim.statuses()) == 1)
    assert anna.post("once", media, key="k").status_code == status
    lost = [violation["what"] for violation in sim.violations()]
    assert lost == {200: ["posted a text without its pictures"], 422: ["attached media that are gone or attached"]}.get(
        status, []
    )


def test_late_repeat_before_4_3_posts_the_text_without_its_picture(sim):
    anna = instance(sim, version="4.2.13")
    media = uploaded(anna)
    anna.post("once", media, key="k")
    sim.advance(3_600)
    assert anna.post("once", media, key="k").json()["media_attachments"] == []
    assert len(sim.statuses("once")) == 2


def test_key_can_be_lost_after_the_status_was_saved(sim, anna):
    media = uploaded(anna)
    sim.add_fault("mastodon", "store_key", "refuse")
    anna.post("once", media, key="k")
    assert anna.post("once", media, key="k").status_code == 422


def test_spam_filter_names_a_status_that_does_not_exist(sim, anna):
    media = uploaded(anna)
    sim.add_fault("mastodon", "keep_status", "refuse")
    ghost = anna.post("hello @bert", media).json()["id"]
    assert anna.call("GET", f"/api/v1/statuses/{ghost}").status_code == 404
    assert anna.media(media) == 200


def test_statuses_are_listed_in_windows_of_their_ids(sim, anna):
    ids = []
    for number in range(5):
        ids.append(anna.post(f"{number}", uploaded(anna)).json()["id"])
        sim.advance(60)
    anna.post("without a picture")
    window = (int(NOON.timestamp()) + 30) * 1_000 << 16
    page = anna.listed(only_media="true", exclude_reblogs="true", min_id=window, limit=2)
    assert [item["id"] for item in page] == [ids[2], ids[1]]
    assert [item["id"] for item in anna.listed(only_media="true", min_id=ids[2])] == [ids[4], ids[3]]
    assert [item["id"] for item in anna.listed(only_media="true", max_id=ids[1])] == [ids[0]]
    some = anna.call("GET", "/api/v1/statuses", params={"id[]": [ids[0], "1"]}).json()
    assert [item["id"] for item in some] == [ids[0]]


def test_rate_headers_name_the_reset_in_iso_8601(sim):
    anna = instance(sim, rate_limits={"media": 2})
    answer = anna.upload(jpeg())
    assert (answer.headers["X-RateLimit-Limit"], answer.headers["X-RateLimit-Remaining"]) == ("2", "1")
    assert answer.headers["X-RateLimit-Reset"] == "2026-11-21T12:30:00.000000Z"
    anna.upload(jpeg())
    over = anna.upload(jpeg())
    assert refusal(over) == (429, "Too many requests")
    assert "Retry-After" not in over.headers
    assert datetime.fromisoformat(over.headers["X-RateLimit-Reset"]) == NOON + timedelta(minutes=30)
    sim.advance(1_800)
    assert anna.upload(jpeg()).status_code == 200


def test_validation_errors_speak_the_accounts_language(sim):
    anna = instance(sim, account={"locale": "de"})
    assert refusal(anna.post("x" * 501)) == (422, "Gültigkeitsprüfung gescheitert: Text hat mehr als 500 Zeichen")
    assert refusal(anna.call("GET", "/api/v1/media/1")) == (404, "Record not found")


def test_silenced_account_posts_unlisted(sim):
    anna = instance(sim, account={"silenced": True})
    assert anna.post("hello", visibility="public").json()["visibility"] == "unlisted"


def test_state_and_journal_never_hold_a_token(sim, anna):
    media = uploaded(anna)
    anna.post("hello", media)
    assert "token-anna" not in json.dumps([sim.state(), sim.journal()])
    assert [entry["operation"] for entry in sim.journal("mastodon")] == ["create_media", "create_status"]
