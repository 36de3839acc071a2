"""The whole journey on the embedded AWS: a real deploy, IAM enforced, the real scheduler, the simulated platforms."""

import contextlib
import json
import os
import signal
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from infra.local.demo_run import photo_name
from infra.local.emulator import ACCOUNT
from infra.local.simulators.demo_accounts import BUFFER, SECRETS
from tests.e2e.journey import PAINTED, REJECTED, TWIN, Json, Travelled, pass_time, schedule_of, synced_status
from tests.support.waiting import eventually

pytestmark = [pytest.mark.emulator, pytest.mark.xdist_group("emulator"), pytest.mark.timeout(600)]


def test_everything_is_as_promised(travelled: Travelled) -> None:
    assert [str(promise) for promise in travelled.promises if not promise.passed] == []


def test_the_summary_has_its_agreed_fields(travelled: Travelled) -> None:
    summary = travelled.summary
    assert (summary["imported"], summary["duplicate"]) == (PAINTED, "refused")
    assert {Path(item["key"]).name: item["reason"] for item in summary["rejected"]} == REJECTED
    assert set(summary["picked"]) == {"photo", "score", "reason"}
    has_server = travelled.journey.server is not None
    bluesky = ["bluesky"] * (2 if has_server else 1)
    channels = ["instagram", "facebook_page", *bluesky, "mastodon", "linkedin", "x", "buffer", "buffer"]
    assert [(post["channel"], post["status"]) for post in summary["posts"]] == [(name, "success") for name in channels]
    assert all(post["external_post_id"] and post["external_url"].startswith("https://") for post in summary["posts"])
    once = {"published": 1}
    assert summary["remote"] == {
        **dict.fromkeys(("instagram", "facebook page", "bluesky", "mastodon", "linkedin", "x"), once),
        **({"bluesky's own server": once} if has_server else {}),
        "buffer": {"created": 2, "sent": 2},
    }
    assert set(summary["seconds"]) == {"setup", "deploy", "import", "publish", "total"}
    assert set(summary) == {"imported", "rejected", "picked", "posts", "duplicate", "remote", "seconds"}


def test_the_same_bytes_under_two_names_are_one_photo(travelled: Travelled) -> None:
    twins = [photo["names"] for photo in travelled.journey.photos if TWIN in photo["names"]]
    assert [len(names) for names in twins] == [2]


def test_a_slot_event_that_arrives_again_makes_no_second_post(travelled: Travelled) -> None:
    journey = travelled.journey
    assert journey.slot_at is not None
    event = {"job": "pick", "persona_id": journey.persona["persona_id"], "slot_at": journey.slot_at.isoformat()}
    function = travelled.stack.outputs["PostNextBestFunction"]
    answer = travelled.stack.aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    document = json.load(answer["Payload"])
    assert (document["post_id"], document["repeated"]) == (journey.first["post_id"], True)


def test_an_unsigned_call_gets_nowhere(travelled: Travelled) -> None:
    assert httpx.get(f"{travelled.stack.api_url}/personas").status_code == 403


def test_another_user_s_persona_is_not_there(travelled: Travelled) -> None:
    aws = travelled.stack.aws
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": f"arn:aws:execute-api:*:{ACCOUNT}:*"}
    iam = aws.client("iam")
    iam.create_user(UserName="stranger")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName="stranger", PolicyName="call", PolicyDocument=policy)
    made = iam.create_access_key(UserName="stranger")["AccessKey"]
    stranger = Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    url = travelled.stack.api_url + travelled.journey.path
    answer = aws.signed_request("GET", url, credentials=stranger)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (404, "persona-not-found")


def test_the_caller_drops_photos_and_reads_neither_the_library_nor_tokens(travelled: Travelled) -> None:
    stack = travelled.stack
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.aws.client("s3", stack.caller).get_object(Bucket=stack.bucket, Key=next(iter(travelled.journey.dropped)))
    with pytest.raises(ClientError, match="AccessDenied"):
        stack.aws.client("ssm", stack.caller).get_parameters_by_path(Path=stack.outputs["TokenPrefix"], Recursive=True)


def test_tokens_lie_encrypted_and_nowhere_in_the_tables(travelled: Travelled) -> None:
    stack = travelled.stack
    prefix = f"{stack.outputs['TokenPrefix']}/"
    kept = stack.aws.client("ssm").get_parameters_by_path(Path=prefix, Recursive=True)["Parameters"]
    assert [parameter["Type"] for parameter in kept] == ["SecureString"] * len(kept) != []
    dynamodb = stack.aws.client("dynamodb")
    for table in ("PersonasTable", "ChannelsTable", "PhotosTable", "PostsTable", "AuthoringTable"):
        items = json.dumps(dynamodb.scan(TableName=stack.outputs[table])["Items"], default=str)
        assert not [secret for secret in SECRETS if secret in items]


def test_what_was_published_is_no_longer_reachable(travelled: Travelled) -> None:
    urls = [item["url"] for item in travelled.stack.simulators.state()["fetched"]]
    assert urls
    for url in urls:
        at = travelled.stack.aws.cdn(url)
        assert httpx.get(at.url, headers=at.headers).status_code in {403, 404}


@pytest.mark.parametrize(
    ("wrong", "status", "kind"),
    [
        ({"photo": "no-such-photo.jpg"}, 404, "photo-not-found"),
        ({"connection_ids": ["c000000000000"]}, 404, "connection-unknown"),
        ({"at": "2020-01-01T09:00:00"}, 422, "time-in-past"),
        ({"caption": "long " * 500}, 422, "caption-too-long"),
    ],
)
def test_a_wrong_request_is_refused_by_name_with_advice(
    travelled: Travelled, wrong: Json, status: int, kind: str
) -> None:
    journey = travelled.journey
    request = {"photo": photo_name(journey.photos[-1]), **wrong}
    answer = travelled.stack.ask("POST", f"{journey.path}/posts", request, key=str(uuid.uuid4()))
    assert (answer.status, answer.kind) == (status, kind)
    assert answer.body["detail"]


def test_a_planned_post_that_is_cancelled_is_taken_back_from_buffer(travelled: Travelled) -> None:
    journey, stack = travelled.journey, travelled.stack
    photo = stack.pages(f"{journey.path}/photos?unposted=true", "photos")[0]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    request = {
        "photo": photo["photo_id"],
        "connection_ids": [journey.accounts[BUFFER]["connection_id"]],
        "at": tomorrow,
    }
    post_id = stack.api("POST", f"{journey.path}/posts", request, key=str(uuid.uuid4()))["post_id"]
    eventually(lambda: schedule_of(stack, post_id)["step"] == "handed_over")
    waiting = len(stack.simulators.buffer_posts("scheduled"))
    stack.api("POST", f"/posts/{post_id}/cancel")
    eventually(lambda: schedule_of(stack, post_id)["status"] == "cancelled")
    assert len(stack.simulators.buffer_posts("scheduled")) == waiting - 1
    unposted = stack.pages(f"{journey.path}/photos?unposted=true", "photos")
    assert photo["photo_id"] in {item["photo_id"] for item in unposted}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds the worker in /proc")
def test_a_worker_killed_while_it_publishes_leaves_one_post_and_the_truth(travelled: Travelled) -> None:
    journey, stack = travelled.journey, travelled.stack
    photo = stack.pages(f"{journey.path}/photos?unposted=true", "photos")[0]
    caption = "Published by a worker that was killed."
    # This login lists captions, so that the first look tells the post from every other.
    token, account_id = "EAAkilled", "17841400000000777"
    stack.simulators.add_instagram_account(token, kind="facebook", ig_user_id=account_id, username="killed")
    account = {"channel": "instagram", "account_id": account_id, "login": "facebook", "token": token}
    connection = stack.api("POST", f"{journey.path}/connections", account, key=str(uuid.uuid4()))
    before = stack.simulators.count("instagram", "media_publish")
    stack.simulators.add_fault("instagram", "media_publish", "slow", seconds=8)
    request = {"photo": photo["photo_id"], "connection_ids": [connection["connection_id"]], "caption": caption}
    post_id = stack.api("POST", f"{journey.path}/posts", request, key=str(uuid.uuid4()))["post_id"]
    eventually(lambda: stack.simulators.count("instagram", "media_publish") > before, seconds=90)

    workers = workers_of(stack.outputs["StepsFunction"])
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGKILL)

    eventually(lambda: schedule_of(stack, post_id)["status"] == "unknown")
    # The first look is due half a minute after the outcome became unclear.
    pass_time(stack, schedule_of(stack, post_id), minutes=1)
    eventually(lambda: synced_status(stack, journey.path, post_id) == "success", 120)
    stack.api("DELETE", f"{journey.path}/connections/{connection['connection_id']}")
    shown = stack.simulators.state()["instagram"]["posts_per_caption"]
    assert sum(count for text, count in shown.items() if text.startswith(caption)) == 1
    assert stack.simulators.count("instagram", "media_publish") == before + 1
    assert stack.simulators.violations() == []


def workers_of(function: str) -> list[int]:
    """Processes that run the Lambda `function` right now."""
    mark = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    collected = []
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and mark in (process / "environ").read_bytes().split(b"\0"):
                collected.append(int(process.name))
    return collected
