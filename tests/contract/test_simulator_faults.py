"""Every kind of fault at the simulated platforms: what the client sees, and what has happened all the same."""

import json
from collections.abc import Iterator

import httpx
import pytest
from pydantic import ValidationError

from infra.local.simulators import Simulators
from infra.local.simulators.buffer.api import Resolvers
from infra.local.simulators.facebook_page.api import FacebookPageApi
from infra.local.simulators.faults import OPERATIONS, Platform
from infra.local.simulators.instagram.api import InstagramApi
from infra.local.simulators.linkedin.api import LinkedInApi
from infra.local.simulators.mastodon.api import MastodonApi
from infra.local.simulators.threads.api import ThreadsApi
from infra.local.simulators.world import World
from infra.local.simulators.x.api import XApi
from tests.support.picture_host import PictureHost, jpeg, running_picture_host
from tests.support.platform_clients import (
    ANNA,
    CREATE,
    DELETE,
    KEY,
    NOON,
    POSTS,
    Api,
    Graph,
    Instance,
    code_of,
    error_code,
    finished,
)
from tests.support.waiting import eventually


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    server.add_instagram_account("fb-anna", kind="facebook", ig_user_id=ANNA, username="anna")
    return server


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureHost]:
    with running_picture_host() as host:
        yield host


@pytest.fixture
def url(pictures: PictureHost) -> str:
    return pictures.put("/good.jpg", jpeg())


@pytest.fixture
def facebook(sim: Simulators) -> Graph:
    return Graph(sim.facebook_url, "fb-anna")


@pytest.fixture
def api(sim: Simulators, url: str) -> Api:
    return Api(sim, *sim.add_buffer_channel(KEY), url)


@pytest.mark.parametrize(("platform", "operation"), [("instagram", "container_status"), ("buffer", "create_post")])
def test_fault_of_an_unknown_operation_is_refused(sim: Simulators, platform: Platform, operation: str) -> None:
    with pytest.raises(ValidationError, match=f"{platform} has no operation {operation}"):
        sim.add_fault(platform, operation, "refuse")


def test_fault_can_be_added_for_every_operation_of_the_platforms() -> None:
    world = World()
    assert InstagramApi(world)._operations.keys() | {"process_container"} == OPERATIONS["instagram"]
    assert Resolvers(world).root().keys() | {"send"} == OPERATIONS["buffer"]
    behind = {"process_media", "store_key", "keep_status"}
    assert MastodonApi(world).operations() | behind == OPERATIONS["mastodon"]
    assert ThreadsApi(world).operations() | {"process_container"} == OPERATIONS["threads"]
    behind = {"list_new_post", "name_new_post"}
    assert FacebookPageApi(world).operations() | behind == OPERATIONS["facebook_page"]
    assert XApi(world).operations() | {"process_media"} == OPERATIONS["x"]
    assert LinkedInApi(world).operations() | {"process_image"} == OPERATIONS["linkedin"]


def test_refused_publish_has_no_effect(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.add_fault("instagram", "media_publish", "refuse", code=25, subcode=2207050, message="restricted")
    answer = facebook.publish(container)
    assert code_of(answer) == (25, 2207050)
    assert answer.json()["error"]["message"] == "restricted"
    assert facebook.status(container) == "FINISHED"
    assert facebook.publish(container).status_code == 200


def test_gateway_refusal_is_plain_text(sim, facebook):
    sim.add_fault("instagram", "me", "refuse", status=503)
    answer = facebook.get("me")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.slow
def test_post_can_go_live_behind_an_error(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.add_fault("instagram", "media_publish", "effect_then_error")
    assert code_of(facebook.publish(container)) == (4, 2207051)
    assert facebook.status(container) == "PUBLISHED"
    assert len(sim.live_media("hello")) == 1


def test_post_can_go_live_behind_a_dropped_connection(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.add_fault("instagram", "media_publish", "effect_then_drop")
    with pytest.raises(httpx.RemoteProtocolError):
        facebook.publish(container)
    assert facebook.status(container) == "PUBLISHED"
    [entry] = sim.journal("instagram", "media_publish")
    assert (entry["status"], entry["fault"]) == (None, "effect_then_drop")
    assert entry["ids"]["container"] == container


@pytest.mark.slow
def test_connection_can_drop_before_the_effect(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.add_fault("instagram", "media_publish", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        facebook.publish(container)
    assert facebook.status(container) == "FINISHED"
    assert sim.state()["instagram"]["publishes_per_container"] == {container: 0}


def test_throttled_call_names_the_minutes_to_wait(sim, facebook):
    sim.add_fault("instagram", "me", "throttle", seconds=600)
    answer = facebook.get("me")
    assert code_of(answer) == (4, None)
    assert json.loads(answer.headers["X-App-Usage"])["call_count"] == 100
    usage = json.loads(answer.headers["X-Business-Use-Case-Usage"])[ANNA][0]
    assert usage["estimated_time_to_regain_access"] == 10


def test_slow_answer_comes_after_the_effect(sim, facebook, url):
    container = finished(sim, facebook, url)
    sim.add_fault("instagram", "media_publish", "slow", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        facebook.publish(container, timeout=0.3)
    eventually(lambda: facebook.status(container) == "PUBLISHED")


def test_processing_can_fail_although_the_picture_is_good(sim, facebook, url):
    sim.add_fault("instagram", "process_container", "refuse", code=-1, subcode=2207032)
    container = facebook.create(url).json()["id"]
    sim.advance(1)
    assert facebook.get(container, fields="status").json()["status"].endswith("2207032")


def test_processing_can_take_longer(sim, facebook, url):
    sim.add_fault("instagram", "process_container", "slow", seconds=30)
    container = facebook.create(url).json()["id"]
    sim.advance(1)
    assert facebook.status(container) == "IN_PROGRESS"
    sim.advance(30)
    assert facebook.status(container) == "FINISHED"


def test_faults_hit_the_counted_calls_only(sim, facebook):
    sim.add_fault("instagram", "me", "refuse", after=1, count=2)
    assert [facebook.get("me").status_code for _ in range(4)] == [200, 400, 400, 200]
    assert sim.faults() == []
    sim.add_fault("instagram", "*", "refuse", count=9)
    assert facebook.get("me").status_code == 400
    sim.clear_faults()
    assert facebook.get("me").status_code == 200


def test_refusals_come_as_payload_error_or_page(sim, api):
    sim.add_fault("buffer", "createPost", "refuse", code="RestProxyError", subcode=1023, message="limit")
    sim.add_fault("buffer", "createPost", "refuse")
    sim.add_fault("buffer", "createPost", "refuse", code="FORBIDDEN")
    sim.add_fault("buffer", "createPost", "refuse", status=502)
    answers = [api.send(CREATE, input=api.wanted()) for _ in range(4)]
    proxy = {"__typename": "RestProxyError", "message": "limit", "code": 1023, "link": None}
    assert answers[0].json() == {"data": {"createPost": proxy}}
    assert answers[1].json()["data"]["createPost"]["__typename"] == "UnexpectedError"
    assert error_code(answers[2]) == (200, "FORBIDDEN")
    assert answers[3].status_code == 502
    assert answers[3].headers["content-type"].startswith("text/plain")
    sim.add_fault("buffer", "deletePost", "refuse", code="UnexpectedError")
    assert api.ask(DELETE, input={"id": "0" * 24})["__typename"] == "VoidMutationError"
    assert sim.buffer_posts() == []


def test_post_can_exist_behind_an_error(sim, api):
    sim.add_fault("buffer", "createPost", "effect_then_error", status=503)
    assert api.send(CREATE, input=api.wanted()).status_code == 503
    assert len(sim.buffer_posts("scheduled")) == 1


def test_post_can_exist_behind_a_dropped_connection(sim, api):
    sim.add_fault("buffer", "createPost", "effect_then_drop")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(CREATE, input=api.wanted())
    [post] = sim.buffer_posts("scheduled")
    [entry] = sim.journal("buffer", "createPost")
    assert (entry["status"], entry["fault"]) == (None, "effect_then_drop")
    assert entry["ids"] == {"channel": api.channel, "post": post["id"]}


def test_buffer_connection_can_drop_before_the_effect(sim, api):
    sim.add_fault("buffer", "createPost", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        api.send(CREATE, input=api.wanted())
    assert sim.buffer_posts() == []
    assert sim.count("buffer", "createPost") == 1


def test_throttled_call_names_the_seconds_to_wait(sim, api):
    sim.add_fault("buffer", "posts", "throttle", seconds=30)
    answer = api.send(POSTS, input={"organizationId": api.organization})
    assert error_code(answer) == (429, "RATE_LIMIT_EXCEEDED")
    assert answer.headers["Retry-After"] == "30"
    assert "RateLimit-Policy" in answer.headers
    assert api.send(POSTS, input={"organizationId": api.organization}).status_code == 200


def test_slow_buffer_answer_comes_after_the_effect(sim, api):
    sim.add_fault("buffer", "createPost", "slow", seconds=5)
    with pytest.raises(httpx.ReadTimeout):
        api.send(CREATE, timeout=0.3, input=api.wanted())
    eventually(lambda: len(sim.buffer_posts("scheduled")) == 1)


def test_sending_can_take_longer(sim, api):
    sim.add_fault("buffer", "send", "slow", seconds=60)
    post = api.create(mode="shareNow", dueAt=None)
    sim.advance(30)
    assert api.read(post["id"])["status"] == "sending"
    sim.advance(31)
    assert api.read(post["id"])["status"] == "sent"


@pytest.fixture
def anna(sim: Simulators) -> Instance:
    ids = sim.add_mastodon_server("photos.example", {"anna": "token-anna"})
    return Instance(sim, "photos.example", "token-anna", ids["anna"])


def test_status_can_exist_behind_an_error_page(sim, anna):
    sim.add_fault("mastodon", "create_status", "effect_then_error", status=502)
    answer = anna.post("hello", key="k")
    assert answer.status_code == 502
    assert answer.headers["content-type"].startswith("text/plain")
    assert [status["text"] for status in sim.statuses()] == ["hello"]
    assert anna.post("hello", key="k").status_code == 200
    assert len(sim.statuses()) == 1


def test_status_can_exist_behind_a_dropped_connection(sim, anna):
    sim.add_fault("mastodon", "create_status", "effect_then_drop")
    with pytest.raises(httpx.RemoteProtocolError):
        anna.post("hello", key="k")
    [entry] = sim.journal("mastodon", "create_status")
    assert (entry["status"], entry["ids"]["key"]) == (None, "k")
    assert len(sim.statuses()) == 1


def test_mastodon_connection_can_drop_before_the_effect(sim, anna):
    sim.add_fault("mastodon", "create_media", "drop_before")
    with pytest.raises(httpx.RemoteProtocolError):
        anna.upload(jpeg())
    assert sim.state()["mastodon"]["media"] == []


def test_mastodon_refuses_with_json_where_the_fault_has_a_code(sim, anna):
    sim.add_fault("mastodon", "create_status", "refuse", status=500, code="500", message="Ruby {broke}")
    sim.add_fault("mastodon", "create_status", "refuse")
    answers = [anna.post("hello") for _ in range(2)]
    assert (answers[0].status_code, answers[0].json()) == (500, {"error": "Ruby {broke}"})
    assert answers[1].status_code == 503
    assert sim.statuses() == []


def test_throttled_mastodon_call_names_the_instant_to_wait_for(sim, anna):
    sim.add_fault("mastodon", "create_status", "throttle", seconds=90)
    answer = anna.post("hello")
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (429, "0")
    assert answer.headers["X-RateLimit-Reset"] == "2026-11-21T12:01:30.000000Z"


def test_slow_mastodon_answer_comes_after_the_effect(sim, anna):
    sim.add_fault("mastodon", "create_status", "slow", seconds=5)
    url, headers = f"{anna.base}/api/v1/statuses", {"Authorization": f"Bearer {anna.token}"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(url, data={"status": "hello"}, headers=headers, timeout=0.3, trust_env=False)
    eventually(lambda: len(sim.statuses()) == 1)
