"""The simulated Threads against the documentation and reports about the real one."""

import json
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from infra.local.simulators import Simulators
from tests.support.picture_host import PictureHost, jpeg, png, running_picture_host
from tests.support.platform_clients import HTTP, NOON, ThreadsGraph, code_of

ANNA = "9700000000000001"
BERT = "9700000000000002"
NOT_FOUND = (24, 4279009)


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    server.add_threads_account("th-anna", user_id=ANNA, username="anna")
    server.add_threads_account("th-bert", user_id=BERT, username="bert")
    return server


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureHost]:
    with running_picture_host() as host:
        yield host


@pytest.fixture
def anna(sim: Simulators) -> ThreadsGraph:
    return ThreadsGraph(sim, "th-anna")


@pytest.fixture
def url(pictures: PictureHost) -> str:
    return pictures.put("/good.jpg", jpeg())


def finished(anna: ThreadsGraph, url: str, text: str = "dawn", **form: str) -> str:
    form |= {"media_type": "IMAGE", "image_url": url, "text": text}
    container = str(anna.create(**form).json()["id"])
    anna.sim.advance(1)
    assert anna.status(container) == "FINISHED"
    return container


def test_container_becomes_finished_and_then_one_post(sim, anna, url):
    container = anna.create(media_type="IMAGE", image_url=url, text="dawn #light", alt_text="a hill").json()["id"]
    assert anna.status(container) == "IN_PROGRESS"
    sim.advance(0.3)
    assert anna.get(container, fields="status,error_message").json() == {"id": container, "status": "FINISHED"}
    post = anna.publish(container).json()["id"]
    assert post != container
    assert anna.status(container) == "PUBLISHED"
    read = anna.get(post, fields="id,permalink,text,timestamp,media_type,alt_text").json()
    assert read["permalink"].startswith("https://www.threads.com/@anna/post/")
    assert (read["text"], read["alt_text"], read["media_type"]) == ("dawn #light", "a hill", "IMAGE")
    assert read["timestamp"] == "2026-11-21T12:00:00+0000"
    state = sim.state()
    assert state["threads"]["posts_per_text"] == {"dawn #light": 1}
    assert state["threads"]["publishes_per_container"] == {container: 1}
    assert state["violations"] == []


def test_post_has_no_status(anna, url):
    answer = anna.get(anna.publish(finished(anna, url)).json()["id"], fields="status")
    assert code_of(answer) == (100, None)
    assert "nonexisting field (status)" in answer.json()["error"]["message"]
    assert answer.json()["error"]["type"] == "THApiException"


def test_json_body_loses_its_optional_fields(sim, anna, url):
    answer = anna.create(json={"media_type": "IMAGE", "image_url": url, "text": "dawn", "alt_text": "a hill"})
    sim.advance(1)
    anna.publish(answer.json()["id"])
    [post] = sim.threads_posts()
    assert (post["text"], post["alt_texts"]) == ("", [""])


def test_container_may_be_not_found_right_after_finished(sim, anna, url):
    sim.configure(not_ready_after_finished=2)
    container = finished(anna, url)
    answers = [anna.publish(container) for _ in range(2)]
    assert [code_of(answer) for answer in answers] == [NOT_FOUND] * 2
    error = answers[0].json()["error"]
    assert error["message"] == "The requested resource does not exist"
    assert (error["is_transient"], error["error_user_title"]) == (False, "Media Not Found")
    assert error["error_user_msg"] == f"The media with id {container} cannot be found."
    assert anna.status(container) == "FINISHED"
    assert anna.publish(container).status_code == 200
    assert sim.violations() == []


def test_wrong_publish_calls_are_noted(sim, anna, url, pictures):
    early = anna.create(media_type="IMAGE", image_url=url).json()["id"]
    assert code_of(anna.publish(early)) == NOT_FOUND
    sim.advance(1)
    anna.publish(early)
    assert code_of(anna.publish(early)) == NOT_FOUND
    item, late = finished(anna, url, is_carousel_item="true"), finished(anna, url)
    assert code_of(anna.publish(item)) == NOT_FOUND
    torn = anna.create(media_type="IMAGE", image_url=pictures.put("/torn.jpg", jpeg()[:500])).json()["id"]
    sim.advance(1)
    assert code_of(anna.publish(torn)) == NOT_FOUND
    sim.advance(86_400)
    assert anna.status(late) == "EXPIRED"
    assert code_of(anna.publish(late)) == NOT_FOUND
    assert code_of(anna.publish("17")) == NOT_FOUND
    assert [violation["what"] for violation in sim.violations()] == [
        "published a container before it was FINISHED",
        "published a container a second time",
        "published a carousel item by itself",
        "published a failed container",
        "published an expired container",
    ]
    assert len(sim.threads_posts()) == 1


def test_carousel_is_one_post_with_its_children(sim, anna, pictures):
    urls = [pictures.put(f"/{number}.jpg", jpeg()) for number in range(2)]
    children = [
        anna.create(media_type="IMAGE", image_url=item, is_carousel_item="true", alt_text=f"alt {number}").json()["id"]
        for number, item in enumerate(urls)
    ]
    form = {"media_type": "CAROUSEL", "children": ",".join(children), "text": "two"}
    assert code_of(anna.create(**form)) == (24, 4279004)
    sim.advance(1)
    parent = anna.create(**form).json()["id"]
    assert anna.status(parent) == "IN_PROGRESS"
    sim.advance(1)
    post = anna.publish(parent).json()["id"]
    read = anna.get(post, fields="media_type,children").json()
    assert read["media_type"] == "CAROUSEL_ALBUM"
    assert [child["id"] for child in read["children"]["data"]] == children
    [shown] = sim.threads_posts("two")
    assert (shown["image_urls"], shown["alt_texts"]) == (urls, ["alt 0", "alt 1"])
    assert code_of(anna.create(media_type="CAROUSEL", children=children[0])) == (100, None)
    assert code_of(anna.create(media_type="CAROUSEL", children=f"{children[0]},{parent}")) == (24, 4279004)
    assert [violation["what"] for violation in sim.violations()] == [
        "made a carousel of containers that are not FINISHED"
    ]


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"text": "x" * 501}, "at most 500 characters"),
        ({"text": "\U0001f305" * 125 + "x"}, "at most 500 characters"),
        ({"text": " ".join(f"https://example.com/{n}" for n in range(6))}, "THREADS_API__LINK_LIMIT_EXCEEDED"),
        ({"alt_text": "x" * 1_001}, "alt_text"),
        ({"media_type": "REELS"}, "media_type"),
        ({"media_type": "TEXT"}, "text is required"),
        ({"image_url": "https://example.com/\u00f6.jpg"}, "image_url"),
    ],
)
def test_container_beyond_the_limits_is_refused_at_once(anna, url, form, message):
    answer = anna.create(**{"media_type": "IMAGE", "image_url": url} | form)
    assert code_of(answer) == (100, None)
    assert message in answer.json()["error"]["message"]


def test_longest_texts_are_accepted(anna, url):
    links = "https://example.com/1 " * 9 + " ".join(f"https://example.com/{n}" for n in range(2, 6))
    for text in ("x" * 500, "\U0001f305" * 125, links):
        answer = anna.create(media_type="IMAGE", image_url=url, text=text, alt_text="x" * 1_000)
        assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>", "could not be fetched"),
        (jpeg(2_200, 200), "INVALID_ASPEC_RATIO"),
        (jpeg() + b"\0" * 8 * 1024 * 1024, "UNKNOWN"),
    ],
    ids=["html", "wide", "heavy"],
)
def test_unfit_picture_fails_its_container(sim, anna, pictures, body, message):
    container = anna.create(media_type="IMAGE", image_url=pictures.put("/unfit.jpg", body)).json()["id"]
    sim.advance(1)
    read = anna.get(container, fields="status,error_message").json()
    assert read["status"] == "ERROR"
    assert message in read["error_message"]


def test_png_and_long_pictures_are_taken(anna, pictures):
    for body in (png(), jpeg(2_000, 200), jpeg(300, 300)):
        finished(anna, pictures.put("/fit", body))


def test_quota_is_enforced_at_publish(sim, anna, url):
    sim.add_threads_account("th-anna", user_id=ANNA, username="anna", quota_total=2, quota_used=1)
    fields = "quota_usage,config,delete_quota_usage,delete_config"
    assert anna.get("me/threads_publishing_limit", fields=fields).json() == {
        "data": [
            {
                "quota_usage": 1,
                "config": {"quota_total": 2, "quota_duration": 86_400},
                "delete_quota_usage": 0,
                "delete_config": {"quota_total": 100, "quota_duration": 86_400},
            }
        ]
    }
    first = finished(anna, url)
    assert anna.publish(first).status_code == 200
    sim.advance(86_390)
    second = finished(anna, url)
    assert code_of(anna.publish(second)) == (4, None)
    sim.advance(10)
    assert anna.publish(second).status_code == 200
    assert sim.violations() == []


def test_posts_are_listed_newest_first_in_pages_and_windows(sim, anna, url):
    ids = []
    for text in ("one", "two", "three"):
        ids.append(anna.publish(finished(anna, url, text)).json()["id"])
        sim.advance(3_600)
    first = anna.get("me/threads", fields="id,text", limit=2).json()
    assert [item["text"] for item in first["data"]] == ["three", "two"]
    assert "th-anna" not in first["paging"]["next"]
    following = HTTP.get(first["paging"]["next"], headers={"Authorization": "Bearer th-anna"}).json()
    assert [item["text"] for item in following["data"]] == ["one"]
    since, until = int(NOON.timestamp()) + 1_800, int(NOON.timestamp()) + 5_400
    window = anna.get("me/threads", fields="id,timestamp", since=since, until=until).json()
    assert [item["id"] for item in window["data"]] == [ids[1]]


def test_posts_are_deleted_within_the_days_number(sim, anna, url):
    sim.add_threads_account("th-anna", user_id=ANNA, username="anna", delete_total=1)
    posts = [anna.publish(finished(anna, url)).json()["id"] for _ in range(2)]
    assert anna.delete(posts[0]).json() == {"success": True, "deleted_id": posts[0]}
    assert code_of(anna.get(posts[0])) == (100, 33)
    assert code_of(anna.delete(posts[0])) == (100, 33)
    assert code_of(anna.delete(posts[1])) == (4, None)
    sim.advance(86_400)
    assert anna.delete(posts[1]).status_code == 200
    assert anna.get("me/threads").json() == {"data": []}


def test_foreign_objects_stay_invisible(sim, anna, url):
    bert = ThreadsGraph(sim, "th-bert")
    container = finished(bert, url)
    assert code_of(anna.get(container)) == (100, 33)
    assert code_of(anna.publish(container)) == NOT_FOUND
    assert code_of(anna.get(f"{BERT}/threads")) == (100, 33)
    assert bert.get(f"{BERT}/threads").status_code == 200


def test_tokens_fail_in_their_own_ways(sim, anna, url):
    sim.add_threads_account("old", user_id=ANNA, issued_at=NOON - timedelta(days=61))
    sim.add_threads_account("weak", user_id=ANNA, scopes=["threads_basic"])
    for token, expected in ((None, (190, None)), ("nonsense", (190, None)), ("old", (190, 463))):
        assert code_of(ThreadsGraph(sim, token).get("me")) == expected
    weak = ThreadsGraph(sim, "weak")
    assert weak.get("me", fields="id,username").json() == {"id": ANNA, "username": "photographer"}
    assert code_of(weak.create(media_type="IMAGE", image_url=url)) == (10, None)
    assert code_of(weak.delete(anna.publish(finished(anna, url)).json()["id"])) == (10, None)


def test_short_token_is_exchanged_and_long_one_refreshed(sim):
    sim.add_threads_account("short", user_id=ANNA, short=True)
    sim.add_threads_account("private", user_id=BERT, private=True)
    short = ThreadsGraph(sim, "short")
    assert code_of(short.token("access_token", "th_exchange_token", client_secret="wrong")) == (100, None)
    fresh = short.token("access_token", "th_exchange_token", client_secret="app-secret").json()
    assert (fresh["token_type"], fresh["expires_in"]) == ("bearer", 60 * 86_400)
    assert code_of(short.token("refresh_access_token", "th_refresh_token")) == (100, None)
    long = ThreadsGraph(sim, fresh["access_token"])
    assert code_of(long.token("refresh_access_token", "th_refresh_token")) == (100, None)
    sim.advance(3_600)
    assert code_of(short.get("me")) == (190, 463)
    sim.advance(86_400)
    renewed = ThreadsGraph(sim, long.token("refresh_access_token", "th_refresh_token").json()["access_token"])
    private = ThreadsGraph(sim, "private").token("refresh_access_token", "th_refresh_token").json()["access_token"]
    facts = renewed.get("debug_token", input_token=renewed.token_text).json()["data"]
    assert "threads_delete" in facts["scopes"]
    sim.advance(59 * 86_400)
    assert [client.get("me").status_code for client in (long, renewed)] == [400, 200]
    again = ThreadsGraph(sim, private).token("refresh_access_token", "th_refresh_token").json()["access_token"]
    sim.advance(30 * 86_400)
    assert code_of(ThreadsGraph(sim, again).get("me")) == (190, 463)


def test_publish_may_work_behind_an_error(sim, anna, url):
    container = finished(anna, url)
    sim.add_fault("threads", "threads_publish", "effect_then_error")
    answer = anna.publish(container)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, 10)
    assert answer.json()["error"]["message"] == "Application does not have permission for this action"
    assert anna.status(container) == "PUBLISHED"
    sim.add_fault("threads", "threads_publish", "effect_then_drop")
    other = finished(anna, url)
    with pytest.raises(httpx.RemoteProtocolError):
        anna.publish(other)
    assert len(sim.threads_posts()) == 2


def test_injected_refusals_have_no_effect(sim, anna, url):
    container = finished(anna, url)
    sim.add_fault("threads", "threads_publish", "refuse", code=24, subcode=4279013, message="restricted")
    sim.add_fault("threads", "threads_publish", "refuse", status=502)
    sim.add_fault("threads", "threads_publish", "throttle", seconds=600)
    assert code_of(anna.publish(container)) == (24, 4279013)
    assert anna.publish(container).headers["content-type"].startswith("text/plain")
    throttled = anna.publish(container)
    assert code_of(throttled) == (4, None)
    usage = json.loads(throttled.headers["X-Business-Use-Case-Usage"])[ANNA][0]
    assert usage["estimated_time_to_regain_access"] == 10
    assert anna.publish(container).status_code == 200
    sim.add_fault("threads", "process_container", "slow", seconds=30)
    slow = anna.create(media_type="IMAGE", image_url=url).json()["id"]
    sim.advance(1)
    assert anna.status(slow) == "IN_PROGRESS"


def test_post_in_one_call_is_noted(sim, anna):
    anna.create(media_type="TEXT", text="hello", auto_publish_text="true")
    assert [violation["what"] for violation in sim.violations()] == ["created and published in one call"]


def test_journal_and_state_never_hold_a_token(sim, anna, url):
    anna.publish(finished(anna, url))
    assert "th-anna" not in json.dumps([sim.state(), sim.journal(), sim.faults()])
    assert [entry["operation"] for entry in sim.journal("threads")] == [
        "create_container",
        "read_container",
        "threads_publish",
    ]
