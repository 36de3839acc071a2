"""The simulated Buffer against the documentation and recordings of the real one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.simulators import Simulators
from infra.local.simulators.buffer.records import BufferSetup, ChannelSetup, OrganizationSetup
from tests.support.picture_host import PictureHost, jpeg, png, running_picture_host
from tests.support.platform_clients import CREATE, DELETE, DUE, EDIT, HTTP, KEY, NOON, POST, POSTS, Api, error_code

ROOT = Path(__file__).parents[2]


@pytest.fixture
def sim(server: Simulators) -> Simulators:
    server.reset()
    server.set_clock(NOON, frozen=True)
    return server


@pytest.fixture(scope="module")
def pictures() -> Iterator[PictureHost]:
    with running_picture_host() as host:
        yield host


@pytest.fixture
def api(sim: Simulators, pictures: PictureHost) -> Api:
    organization, channel = sim.add_buffer_channel(KEY)
    return Api(sim, organization, channel, pictures.put("/good.jpg", jpeg()))


def set_up(sim: Simulators, api: Api, *, limits: dict[str, int] | None = None, **channel: Any) -> None:
    """The account of `api` again, under other conditions."""
    scheduled = channel.pop("scheduled_posts", 5_000)
    account_channel = ChannelSetup.model_validate({"id": api.channel, "name": "photographer"} | channel)
    organization = OrganizationSetup(
        id=api.organization, name="Studio", channels=[account_channel], scheduled_posts=scheduled
    )
    setup = {"api_key": KEY, "organizations": [organization]} | ({"rate_limits": limits} if limits else {})
    sim.add_buffer_account(BufferSetup.model_validate(setup))


@pytest.mark.parametrize("path", ["/", "/graphql"])
def test_account_and_channels_are_listed(api, path):
    query = "{ account { id timezone organizations { id name limits { scheduledPosts } } } }"
    account = api.send(query, path=path).json()["data"]["account"]
    assert account["organizations"] == [{"id": api.organization, "name": "Studio", "limits": {"scheduledPosts": 5000}}]
    query = "query ($input: ChannelsInput!) { channels(input: $input) { id service name isDisconnected isLocked } }"
    channels = api.ask(query, input={"organizationId": api.organization})
    expected = {"service": "instagram", "name": "photographer", "isDisconnected": False, "isLocked": False}
    assert channels == [{"id": api.channel} | expected]
    assert api.ask(query, input={"organizationId": api.organization, "filter": {"isLocked": True}}) == []


def test_post_goes_from_scheduled_over_sending_to_sent(sim, api):
    post = api.create()
    assert len(post["id"]) == 24
    assert int(post["id"], 16)
    assert (post["status"], post["dueAt"], post["via"]) == ("scheduled", DUE, "buffer")
    assert "deletePost" in post["allowedActions"]
    assert post["assets"] == [{"id": None, "type": "image", "mimeType": "image/jpeg", "source": api.picture}]
    sim.set_clock(datetime(2026, 12, 1, 8, 59, 59, tzinfo=UTC), frozen=True)
    assert api.read(post["id"])["status"] == "scheduled"
    assert sim.state()["fetches"] == {}
    sim.advance(1)
    assert api.read(post["id"])["status"] == "sending"
    assert "deletePost" not in api.read(post["id"])["allowedActions"]
    assert sim.state()["fetches"] == {api.picture: 1}
    sim.advance(1)
    sent = api.read(post["id"])
    assert (sent["status"], sent["sentAt"]) == ("sent", "2026-12-01T09:00:01.000Z")
    assert sent["externalLink"]
    assert "deletePost" not in sent["allowedActions"]
    assert sim.state()["buffer"]["sent_per_text"] == {"A stunning mountain vista.": 1}
    assert [buffer_post["alt_texts"] for buffer_post in sim.buffer_posts("sent")] == [["mountain"]]


def test_time_runs_by_itself_unless_frozen(sim, api):
    sim.set_clock()
    sim.configure(sending_seconds=0)
    post = api.create(mode="shareNow", dueAt=None)
    while api.read(post["id"])["status"] in {"scheduled", "sending"}:
        pass
    assert api.read(post["id"])["status"] == "sent"


def test_repeated_create_makes_a_second_post(sim, api):
    assert api.create()["id"] != api.create()["id"]
    assert sim.state()["buffer"]["created_per_text"] == {"A stunning mountain vista.": 2}


def test_instagram_channel_wants_an_image_and_a_type(api):
    type_name, message = api.refused(assets=[], metadata=None)
    assert type_name == "InvalidInputError"
    assert message == (
        "Invalid post: Instagram posts require at least one image or video., "
        "Instagram posts require a type (post, story, or reel)."
    )


def test_other_channels_take_plain_text(sim, api):
    _, channel = sim.add_buffer_channel("other", service="linkedin", name="Studio page")
    wanted = api.wanted(channelId=channel, assets=[], metadata=None)
    answer = api.send(CREATE, key="other", input=wanted).json()["data"]["createPost"]
    assert answer["post"]["channelService"] == "linkedin"


@pytest.mark.parametrize(
    ("changes", "type_name"),
    [
        ({"dueAt": None}, "InvalidInputError"),
        ({"dueAt": "2026-11-21T11:59:59Z"}, "InvalidInputError"),
        (
            {"assets": [{"image": {"url": "https://a.example/1"}, "link": {"url": "https://a.example"}}]},
            "InvalidInputError",
        ),
        ({"assets": [{}]}, "InvalidInputError"),
        ({"channelId": "0" * 24}, "NotFoundError"),
    ],
)
def test_bad_input_is_a_typed_payload(api, changes, type_name):
    assert api.refused(**changes)[0] == type_name


def test_past_due_time_may_be_sent_at_once(sim, api):
    sim.configure(refuse_past_due=False)
    post = api.create(dueAt="2026-11-21T11:00:00+01:00")
    sim.advance(1)
    assert api.read(post["id"])["status"] == "sent"


def test_locked_channel_is_unauthorized(sim, api):
    set_up(sim, api, is_locked=True)
    assert api.refused()[0] == "UnauthorizedError"


def test_limits_of_plan_and_day_are_typed_payloads(sim, api):
    set_up(sim, api, scheduled_posts=1)
    api.create()
    assert api.refused()[0] == "LimitReachedError"
    set_up(sim, api, daily_limit=2)
    api.create()
    assert api.refused()[0] == "LimitReachedError"
    api.create(dueAt="2026-12-02T09:00:00Z")
    query = """query ($input: DailyPostingLimitsInput!) {
      dailyPostingLimits(input: $input) { channelId limit isAtLimit sent scheduled } }"""
    day = {"channelId": api.channel, "limit": 2, "isAtLimit": True, "sent": 0, "scheduled": 2}
    assert api.ask(query, input={"channelIds": [api.channel], "date": DUE}) == [day]


def test_drafts_and_queued_posts_get_their_own_times(api):
    draft = api.create(saveToDraft=True, mode="addToQueue", dueAt=None)
    assert (draft["status"], draft["dueAt"], draft["schedulingType"]) == ("draft", None, None)
    queued = [api.create(mode="addToQueue", dueAt=None)["dueAt"] for _ in range(2)]
    assert queued == ["2026-11-22T09:00:00.000Z", "2026-11-23T09:00:00.000Z"]
    assert api.create(needsApproval=True)["status"] == "needs_approval"


def test_waiting_post_is_moved_by_an_edit(sim, api):
    post = api.create()
    moved = api.ask(EDIT, input={"id": post["id"], "dueAt": "2026-11-21T13:00:00Z"})
    assert moved["post"]["dueAt"] == "2026-11-21T13:00:00.000Z"
    sim.advance(3601)
    assert api.read(post["id"])["status"] == "sent"
    assert api.ask(EDIT, input={"id": post["id"], "dueAt": DUE})["__typename"] == "InvalidInputError"
    assert api.ask(EDIT, input={"id": "0" * 24, "dueAt": DUE})["__typename"] == "NotFoundError"


def test_second_delete_finds_nothing(sim, api):
    post = api.create()
    assert api.ask(DELETE, input={"id": post["id"]}) == {"__typename": "DeletePostSuccess", "id": post["id"]}
    again = api.ask(DELETE, input={"id": post["id"]})
    assert again["__typename"] == "VoidMutationError"
    assert "not found" in again["message"]
    assert sim.state()["buffer"]["deleted"] == [post["id"]]
    assert error_code(api.send(POST, input={"id": post["id"]})) == (200, "NOT_FOUND")
    assert sim.violations() == []


def test_sent_post_stays_and_its_deletion_is_noted(sim, api):
    post = api.create(mode="shareNow", dueAt=None)
    sim.advance(1)
    assert api.ask(DELETE, input={"id": post["id"]})["__typename"] == "VoidMutationError"
    assert api.read(post["id"])["status"] == "sent"
    assert [violation["what"] for violation in sim.violations()] == ["deleted a post in status sent"]


@pytest.mark.parametrize("spoiled", ["png", "missing", "disconnected", "refused"])
def test_post_that_cannot_be_sent_ends_in_error(sim, api, pictures, spoiled):
    if spoiled == "disconnected":
        set_up(sim, api, is_disconnected=True)
    if spoiled == "refused":
        sim.add_fault("buffer", "send", "refuse", message="Instagram said no.")
    url = {"png": pictures.put("/p.jpg", png()), "missing": f"{pictures.base_url}/no.jpg"}.get(spoiled, api.picture)
    post = api.create(assets=[{"image": {"url": url}}], mode="shareNow", dueAt=None)
    sim.advance(1)
    read = api.read(post["id"])
    assert (read["status"], read["sentAt"]) == ("error", None)
    assert read["error"]["message"]


def test_posts_are_paged_filtered_and_sorted_inside_the_input(sim, api):
    for hour in (3, 1, 2):
        api.create(text=f"at {hour}", dueAt=f"2026-12-0{hour}T09:00:00Z")
        sim.advance(60)
    wanted = {"organizationId": api.organization, "sort": [{"field": "dueAt", "direction": "desc"}]}
    first = api.ask(POSTS, first=2, input=wanted)
    assert [edge["node"]["text"] for edge in first["edges"]] == ["at 3", "at 2"]
    assert first["pageInfo"]["hasNextPage"]
    following = api.ask(POSTS, first=2, after=first["pageInfo"]["endCursor"], input=wanted)
    assert [edge["node"]["text"] for edge in following["edges"]] == ["at 1"]
    assert following["pageInfo"]["hasNextPage"] is following["pageInfo"]["hasPreviousPage"] is False

    def texts(**chosen: Any) -> list[str]:
        listed = api.ask(POSTS, input={"organizationId": api.organization, "filter": chosen})
        return [edge["node"]["text"] for edge in listed["edges"]]

    assert texts(channelIds=[api.channel], status=["scheduled"]) == ["at 1", "at 2", "at 3"]
    assert texts(channelIds=["0" * 24]) == texts(status=["sent", "sending"]) == []
    assert texts(createdAt={"start": (NOON + timedelta(seconds=30)).isoformat()}) == ["at 1", "at 2"]
    assert texts(dueAt={"start": "2026-12-02T00:00:00Z", "end": "2026-12-03T00:00:00Z"}) == ["at 2"]
    assert texts(startDate="2026-12-03T00:00:00Z") == ["at 3"]
    assert texts(dueAtPresence="absent") == []


def test_foreign_organization_and_cursor_are_errors_in_a_200(sim, api):
    foreign, foreign_channel = sim.add_buffer_channel("other")
    assert error_code(api.send(POSTS, input={"organizationId": foreign})) == (200, "UNAUTHORIZED")
    assert api.refused(channelId=foreign_channel)[0] == "NotFoundError"
    broken = api.send(POSTS, after="%%%", input={"organizationId": api.organization})
    assert error_code(broken) == (200, "UNEXPECTED")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ account { nonsense } }", "GRAPHQL_VALIDATION_FAILED"),
        (POSTS.replace("first: $first", "sort: $first"), "GRAPHQL_VALIDATION_FAILED"),
        (DELETE.replace("DeletePostSuccess {", "PostActionSuccess {"), "GRAPHQL_VALIDATION_FAILED"),
        ("{ account {", "GRAPHQL_PARSE_FAILED"),
        (CREATE, "BAD_USER_INPUT"),
    ],
    ids=["field", "argument", "fragment", "syntax", "variable"],
)
def test_malformed_query_is_http_400(api, query, code):
    wanted = api.wanted(dueAt="2026-12-01T09:00:00")
    assert error_code(api.send(query, input=wanted)) == (400, code)


def test_body_without_a_query_is_http_400(api):
    assert HTTP.post(api.sim.buffer_url, content=b"not json").status_code == 400
    assert HTTP.post(api.sim.buffer_url, json=["list"]).status_code == 400


@pytest.mark.parametrize("key", [None, "unknown"])
def test_missing_or_unknown_key_is_http_401(api, key):
    assert error_code(api.send("{ account { id } }", key=key)) == (401, "UNAUTHENTICATED")


def test_full_window_is_http_429_until_it_rolls_on(sim, api):
    set_up(sim, api, limits={"15m": 2, "24h": 100, "30d": 1000})
    answers = [api.send("{ account { id } }") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"15m";q=2;w=900, "24h";q=100;w=86400, "30d";q=1000;w=2592000'
    assert answers[0].headers["RateLimit"].startswith('"15m";r=1;t=900')
    assert answers[2].headers["Retry-After"] == "900"
    error = answers[2].json()["errors"][0]
    assert error["extensions"] == {"code": "RATE_LIMIT_EXCEEDED", "window": "15m"}
    sim.advance(900)
    assert api.send("{ account { id } }").status_code == 200


def test_keys_are_never_shown(sim, api):
    api.create()
    assert KEY not in json.dumps([sim.state(), sim.journal()])


@pytest.mark.slow
def test_server_process_writes_its_port_and_leaves_on_sigterm(tmp_path):
    port_file = tmp_path / "port"
    command = [sys.executable, "-m", "infra.local.simulators", "--port-file", str(port_file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=os.environ.copy(), text=True) as process:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        try:
            with Simulators(f"http://127.0.0.1:{port_file.read_text()}") as simulators:
                assert simulators.base_url in greeting
                assert simulators.now().tzinfo is not None
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not port_file.exists()
