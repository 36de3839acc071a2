"""The simulated Instagram against the documentation and recordings of the real one."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from infra.local.simulators import Simulators
from tests.support.picture_host import PictureHost, jpeg, mpo, png, running_picture_host, srgb_profile
from tests.support.platform_clients import ANNA, BERT, HTTP, NOON, Graph, code_of, finished

SECRETS = ("fb-anna", "ig-anna", "fb-bert")


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    server.add_instagram_account("fb-anna", kind="facebook", ig_user_id=ANNA, username="anna")
    server.add_instagram_account("ig-anna", kind="instagram", ig_user_id=ANNA, username="anna")
    server.add_instagram_account("fb-bert", kind="facebook", ig_user_id=BERT, username="bert")
    return server


@pytest.fixture
def pictures() -> Iterator[PictureHost]:
    with running_picture_host() as host:
        yield host


@pytest.fixture
def facebook(sim: Simulators) -> Graph:
    return Graph(sim.facebook_url, "fb-anna")


@pytest.fixture
def instagram(sim: Simulators) -> Graph:
    return Graph(sim.instagram_url, "ig-anna")


@pytest.fixture
def url(pictures: PictureHost) -> str:
    return pictures.put("/good.jpg", jpeg())


def test_each_host_names_its_own_account(sim, facebook, instagram):
    assert instagram.get("me", fields="user_id,username").json() | {"id": ""} == {
        "user_id": ANNA,
        "username": "anna",
        "id": "",
    }
    pages = facebook.get("me/accounts", fields="id,instagram_business_account").json()["data"]
    assert [page["instagram_business_account"]["id"] for page in pages] == [ANNA]
    assert code_of(instagram.get("me/accounts")) == (2500, None)
    assert facebook.get(ANNA, fields="username").json() == {"id": ANNA, "username": "anna"}


@pytest.mark.parametrize("host", ["facebook", "instagram"])
def test_container_becomes_finished_and_then_one_post(sim, url, host, request):
    graph: Graph = request.getfixturevalue(host)
    container = graph.create(url, caption="dawn #light", alt_text="a hill").json()["id"]
    assert graph.status(container) == "IN_PROGRESS"
    sim.advance(0.3)
    answer = graph.get(container, fields="status_code,status").json()
    assert answer["status_code"] == "FINISHED"
    assert answer["status"].startswith("Finished: Media has been uploaded")
    media = graph.publish(container).json()["id"]
    assert media != container
    assert graph.status(container) == "PUBLISHED"
    read = graph.get(media, fields="id,permalink,timestamp,media_type,like_count,comments_count").json()
    assert read["permalink"].startswith("https://www.instagram.com/p/")
    assert read["timestamp"] == "2026-11-21T12:00:00+0000"
    state = sim.state()
    assert state["instagram"]["posts_per_caption"] == {"dawn #light": 1}
    assert state["instagram"]["publishes_per_container"] == {container: 1}
    assert state["fetches"] == {url: 1}
    assert state["violations"] == []
    assert [item["alt_text"] for item in sim.live_media("dawn #light")] == ["a hill"]


def test_time_runs_by_itself_unless_frozen(sim, facebook, url):
    sim.set_clock()
    sim.configure(processing_seconds=0)
    container = facebook.create(url).json()["id"]
    before = sim.now()
    while facebook.status(container) == "IN_PROGRESS":
        pass
    assert facebook.status(container) == "FINISHED"
    assert sim.now() > before


def test_caption_is_read_on_the_facebook_host_only(sim, facebook, instagram, url):
    media = facebook.publish(finished(sim, facebook, url, "seen")).json()["id"]
    assert facebook.get(media, fields="caption").json()["caption"] == "seen"
    assert code_of(instagram.get(media, fields="caption")) == (100, None)
    assert facebook.get(f"{ANNA}/media", fields="id,caption").json()["data"] == [{"id": media, "caption": "seen"}]
    assert code_of(instagram.get(f"{ANNA}/media", fields="id,caption")) == (100, None)


@pytest.mark.parametrize(
    ("body", "subcode"),
    [
        (png(), 2207005),
        (mpo(), 2207005),
        (jpeg(300, 300), 2207005),
        (jpeg(400, 600), 2207009),
        (jpeg(800, 400), 2207009),
        (jpeg() + b"\0" * 8 * 1024 * 1024, 2207004),
        (b"<html>not a picture</html>", 2207052),
        (jpeg()[:500], 2207052),
    ],
    ids=["png", "mpo", "narrow", "tall", "wide", "heavy", "html", "torn"],
)
def test_unfit_picture_fails_its_container(sim, facebook, pictures, body, subcode):
    container = facebook.create(pictures.put("/named.jpg", body)).json()["id"]
    sim.advance(1)
    answer = facebook.get(container, fields="status_code,status").json()
    assert answer["status_code"] == "ERROR"
    assert answer["status"].endswith(str(subcode))
    assert code_of(facebook.publish(container)) == (-1, 2207032)
    assert [violation["what"] for violation in sim.violations()] == ["published a failed container"]


@pytest.mark.parametrize("size", [(400, 500), (764, 400)])
def test_extreme_aspect_ratios_still_pass(sim, facebook, pictures, size):
    finished(sim, facebook, pictures.put("/edge.jpg", jpeg(*size)))


def test_missing_picture_fails_its_container(sim, facebook, pictures):
    container = facebook.create(f"{pictures.base_url}/absent.jpg").json()["id"]
    sim.advance(1)
    assert facebook.get(container, fields="status").json()["status"].endswith("2207052")
    assert sim.state()["fetched"][0]["status"] == 404


def test_slow_picture_host_fails_its_container(sim, facebook, pictures):
    sim.configure(fetch_timeout=0.2)
    container = facebook.create(pictures.hold("/slow.jpg", jpeg())).json()["id"]
    sim.advance(1)
    assert facebook.get(container, fields="status").json()["status"].endswith("2207003")


def test_a_fetch_records_the_metadata_of_the_file(sim, facebook, pictures):
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    finished(sim, facebook, pictures.put("/full.jpg", jpeg(icc_profile=srgb_profile(), exif=exif, comment=b"made")))
    [facts] = sim.state()["fetched"]
    assert (facts["width"], facts["height"], facts["format"], facts["mode"]) == (400, 400, "JPEG", "RGB")
    assert facts["srgb"]
    assert "sRGB" in facts["icc_profile"]
    assert facts["orientation"] == 6
    assert facts["metadata"] == ["exif", "comment"]


def test_mapped_host_is_reached_at_the_emulator_under_its_own_name(sim, facebook, pictures):
    pictures.put("/public/x.jpg?v=1", jpeg())
    sim.configure(host_map={"d123.cloudfront.net": pictures.base_url})
    finished(sim, facebook, "https://d123.cloudfront.net/public/x.jpg?v=1")
    assert pictures.hosts_asked == ["d123.cloudfront.net"]
    assert sim.state()["fetches"] == {"https://d123.cloudfront.net/public/x.jpg?v=1": 1}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"caption": "x" * 2201}, (36004, 2207010)),
        ({"caption": "#a " * 31}, (36004, 2207010)),
        ({"caption": "@a " * 21}, (100, 2207040)),
        ({"alt_text": "x" * 1001}, (100, None)),
        ({"caption": "x", "is_carousel_item": "true"}, (100, None)),
        ({"image_url": "https://example.com/ö.jpg"}, (9004, 2207052)),
        ({"image_url": ""}, (100, None)),
        ({"media_type": "REELS"}, (100, None)),
    ],
)
def test_container_beyond_the_limits_is_refused_at_once(facebook, url, form, expected):
    assert code_of(facebook.create(**{"image_url": url} | form)) == expected


def test_longest_texts_are_accepted(facebook, url):
    tags = "#a " * 30 + "@b " * 20
    answer = facebook.create(url, caption=tags.ljust(2200, "x"), alt_text="x" * 1000)
    assert answer.status_code == 200


def test_carousel_publishes_its_children_as_one_post(sim, facebook, pictures):
    urls = [pictures.put(f"/{n}.jpg", jpeg()) for n in range(2)]
    children = [facebook.create(item, is_carousel_item="true").json()["id"] for item in urls]
    early = facebook.create(media_type="CAROUSEL", children=",".join(children), caption="two")
    assert code_of(early) == (9007, 2207027)
    sim.advance(1)
    parent = facebook.create(media_type="CAROUSEL", children=",".join(children), caption="two").json()["id"]
    assert facebook.status(parent) == "IN_PROGRESS"
    sim.advance(1)
    media = facebook.publish(parent).json()["id"]
    assert facebook.get(media, fields="media_type").json()["media_type"] == "CAROUSEL_ALBUM"
    assert [item["image_urls"] for item in sim.live_media()] == [urls]
    assert code_of(facebook.create(media_type="CAROUSEL", children=children[0])) == (100, 2207028)
    assert code_of(facebook.publish(children[0])) == (100, None)
    assert [violation["what"] for violation in sim.violations()] == [
        "made a carousel of containers that are not FINISHED",
        "published a carousel item by itself",
    ]


def test_publishing_too_early_is_refused_and_noted(sim, facebook, url):
    container = facebook.create(url).json()["id"]
    assert code_of(facebook.publish(container)) == (9007, 2207027)
    assert [violation["what"] for violation in sim.violations()] == ["published a container before it was FINISHED"]


def test_media_may_be_unready_for_some_calls_after_finished(sim, facebook, url):
    sim.configure(not_ready_after_finished=2)
    container = finished(sim, facebook, url)
    assert [code_of(facebook.publish(container)) for _ in range(2)] == [(9007, 2207027)] * 2
    assert facebook.publish(container).status_code == 200
    assert sim.violations() == []


def test_second_publish_is_refused_and_noted(sim, facebook, url):
    container = finished(sim, facebook, url)
    facebook.publish(container)
    assert code_of(facebook.publish(container)) == (9007, 2207027)
    assert [(violation["what"], violation["container_id"]) for violation in sim.violations()] == [
        ("published a container a second time", container)
    ]
    assert len(sim.live_media()) == 1


def test_container_expires_after_a_day(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.advance(86_400)
    assert facebook.status(container) == "EXPIRED"
    assert code_of(facebook.publish(container)) == (24, 2207008)
    assert code_of(facebook.publish("17889455560099999")) == (24, 2207008)


def test_quota_is_read_and_enforced_at_publish(sim, facebook, url):
    sim.add_instagram_account("fb-anna", kind="facebook", ig_user_id=ANNA, username="anna", quota_total=2, quota_used=1)
    limit = {"config": {"quota_total": 2, "quota_duration": 86_400}, "quota_usage": 1}
    answer = facebook.get(f"{ANNA}/content_publishing_limit", fields="config,quota_usage")
    assert answer.json() == {"data": [limit]}
    containers = [finished(sim, facebook, url), finished(sim, facebook, url)]
    assert facebook.publish(containers[0]).status_code == 200
    assert code_of(facebook.publish(containers[1])) == (9, 2207042)
    assert sim.violations() == []
    sim.advance(86_400)
    assert facebook.publish(finished(sim, facebook, url)).status_code == 200


def test_containers_are_capped_per_day(sim, facebook, url):
    sim.add_instagram_account("fb-anna", kind="facebook", ig_user_id=ANNA, username="anna", container_cap=2)
    assert [facebook.create(url).status_code for _ in range(3)] == [200, 200, 400]
    sim.advance(86_400)
    assert facebook.create(url).status_code == 200


def test_media_is_listed_newest_first_in_pages_and_windows(sim, facebook, url):
    ids = []
    for caption in ("one", "two", "three"):
        ids.append(facebook.publish(finished(sim, facebook, url, caption)).json()["id"])
        sim.advance(3600)
    first = facebook.get(f"{ANNA}/media", fields="id,caption", limit=2).json()
    assert [item["caption"] for item in first["data"]] == ["three", "two"]
    assert "fb-anna" not in first["paging"]["next"]
    following = HTTP.get(first["paging"]["next"], headers={"Authorization": "Bearer fb-anna"}).json()
    assert [item["caption"] for item in following["data"]] == ["one"]
    assert "next" not in following["paging"]
    since, until = int(NOON.timestamp()) + 1800, int(NOON.timestamp()) + 5400
    window = facebook.get(f"{ANNA}/media", fields="id,timestamp", since=since, until=until).json()
    assert [item["id"] for item in window["data"]] == [ids[1]]


def test_only_a_facebook_token_deletes(sim, facebook, instagram, url):
    media = facebook.publish(finished(sim, facebook, url)).json()["id"]
    assert code_of(instagram.delete(media)) == (100, 33)
    assert len(sim.live_media()) == 1
    assert facebook.delete(media).json() == {"success": True, "deleted_id": media}
    assert code_of(facebook.get(media)) == (100, 33)
    assert code_of(facebook.delete(media)) == (100, 33)
    assert facebook.get(f"{ANNA}/media").json()["data"] == []
    assert sim.state()["instagram"]["posts_per_caption"] == {"hello": 1}


def test_foreign_objects_stay_invisible(sim, facebook, url):
    bert = Graph(sim.facebook_url, "fb-bert", BERT)
    container = finished(sim, bert, url)
    assert code_of(facebook.get(container)) == (100, 33)
    assert code_of(facebook.publish(container)) == (24, 2207008)
    assert code_of(facebook.get(f"{BERT}/media")) == (100, 33)


def test_tokens_fail_in_their_own_ways(sim, facebook):
    sim.add_instagram_account(
        "old", kind="facebook", ig_user_id=ANNA, issued_at=NOON - timedelta(days=61), expires_at=NOON
    )
    sim.add_instagram_account("weak", kind="facebook", ig_user_id=ANNA, scopes=["instagram_basic"])
    base = sim.facebook_url
    assert code_of(HTTP.get(f"{base}/v25.0/me")) == (190, None)
    assert code_of(Graph(base, "nonsense").get("me")) == (190, None)
    assert code_of(Graph(base, "ig-anna").get("me")) == (190, None)
    assert code_of(Graph(base, "old").get("me")) == (190, 463)
    assert code_of(Graph(base, "weak").create("https://example.com/a.jpg")) == (10, None)
    assert Graph(base, "weak").get("me").status_code == 200


def test_token_is_refreshed_when_a_day_old_and_alive(sim, instagram):
    def refresh() -> httpx.Response:
        query = {"grant_type": "ig_refresh_token", "access_token": "ig-anna"}
        return HTTP.get(f"{sim.instagram_url}/refresh_access_token", params=query)

    assert code_of(refresh()) == (100, None)
    sim.advance(86_400)
    fresh = refresh().json()
    assert fresh["token_type"] == "bearer"
    assert fresh["expires_in"] == 60 * 86_400
    sim.advance(59 * 86_400)
    assert code_of(instagram.get("me")) == (190, 463)
    assert code_of(refresh()) == (190, 463)
    assert Graph(sim.instagram_url, fresh["access_token"]).get("me").status_code == 200


def test_error_envelope_speaks_the_accounts_language(sim, facebook, url):
    sim.add_instagram_account("fb-anna", kind="facebook", ig_user_id=ANNA, username="anna", locale="id_ID")
    error = facebook.publish(facebook.create(url).json()["id"]).json()["error"]
    assert error["message"] == "Media ID is not available"
    assert error["error_user_title"] == "Media belum siap"
    assert error["type"] == "OAuthException"
    assert error["is_transient"] is False
    assert error["fbtrace_id"]


def test_every_answer_carries_usage_headers(facebook):
    answer = facebook.get("me")
    assert json.loads(answer.headers["X-App-Usage"])["call_count"] == 0
    usage = json.loads(answer.headers["X-Business-Use-Case-Usage"])
    assert usage[ANNA][0]["estimated_time_to_regain_access"] == 0


def test_journal_and_state_never_hold_a_token(sim, facebook, url):
    facebook.publish(finished(sim, facebook, url))
    sim.add_fault("instagram", "me", "slow")
    text = json.dumps([sim.state(), sim.journal(), sim.faults()])
    assert not any(secret in text for secret in SECRETS)
    assert sim.count("instagram", "media_publish") == 1
    assert [entry["operation"] for entry in sim.journal("instagram")] == [
        "create_container",
        "read_container",
        "media_publish",
    ]
    assert sim.journal("instagram")[0]["ids"]["token_in"] == "form"


def test_control_calls_with_unknown_words_are_refused(sim):
    with pytest.raises(httpx.HTTPStatusError):
        sim.configure(procesing_seconds=1)
    assert sim._http.post("/_control/faults", json={"platform": "x"}).status_code == 422
