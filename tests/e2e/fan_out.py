"""A persona with seven connections, whose one slot fans out to all: four go live, two are refused, one is lost."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack, create_user
from tests.e2e.journey import Json, sync_until_asked
from tests.e2e.operator_walk import Operator
from tests.support.waiting import eventually

PERSONA, USER = "Seven Ways", "gallery"
CAPTION = "Out in seven directions."
PAGE, LOGIN, THREADS_USER = "17841400000000661", "17841400000000662", "17841400000000663"
FACEBOOK_PAGE, FACEBOOK_TOKEN = "1120000000000661", "EAAG-seven-ways"
HANDLE, MASTODON, PIXELFED = "seven.test", "seven-photos.example", "seven-pixels.example"
PAGE_TOKEN, LOGIN_TOKEN, THREADS_TOKEN = "EAAP-seven-ways", "IGQV-seven-ways", "THAA-seven-ways"
PASSWORD, OWN_TOKEN = "seve-nway-ssev-enwa", "own-token-seven-ways"
SECRETS = (PAGE_TOKEN, LOGIN_TOKEN, FACEBOOK_TOKEN, THREADS_TOKEN, PASSWORD, OWN_TOKEN)
# A slot gets a timer only if it is five seconds ahead; the rest is for the API call, longer on a busy machine.
AHEADS = tuple(timedelta(seconds=seconds) for seconds in (9, 18, 36, 72))


@dataclass
class FanOut:
    """What came of the slot: schedules and connections by the connection's name, and what a person was shown."""

    stack: Stack
    person: Operator
    connected: dict[str, Json] = field(default_factory=dict)
    post: Json = field(default_factory=dict)
    publishes: int = 0
    status: Json = field(default_factory=dict)
    connections: list[Json] = field(default_factory=list)
    mail: str = ""

    @property
    def path(self) -> str:
        """The persona's."""
        return f"/personas/{self.person.documents['persona']['persona_id']}"

    @property
    def schedules(self) -> dict[str, Json]:
        """The post's schedules."""
        names = {each["connection_id"]: name for name, each in self.connected.items()}
        return {names[each["connection_id"]]: each for each in self.post["schedules"]}

    def read(self) -> dict[str, Json]:
        """The schedules as the API has them now."""
        self.post = self.stack.api("GET", f"/posts/{self.post['post_id']}")
        return self.schedules


def fanned_out(shared: Stack, home: Path) -> FanOut:
    """One slot of a new person's persona, from its accounts to the mail about what came of it."""
    stack = replace(shared, caller=create_user(shared.aws, shared.outputs, USER))
    (home / "running.json").write_text(json.dumps(stack.description()))
    fan = FanOut(stack, Operator(stack, home, PERSONA))
    mails = _mailbox(stack)
    _connect(fan)
    _import_photo(fan)
    _arm_faults(fan)
    before = stack.simulators.count("threads", "threads_publish")
    _fire_slot(fan)
    _settle(fan)
    fan.publishes = stack.simulators.count("threads", "threads_publish") - before
    fan.status = fan.person.run("status").document
    fan.connections = fan.stack.api("GET", f"{fan.path}/connections")["connections"]
    fan.mail = _mailed(fan, mails)
    return fan


def _connect(fan: FanOut) -> None:
    me, sim = fan.person, fan.stack.simulators
    # A look ahead at the quarter of an hour would find the ended token before the slot does.
    rules = ("--set", "pick_lead_seconds=0", "--set", "preflight_hours=0", "--caption", CAPTION)
    me.documents["persona"] = me.run("personas", "add", PERSONA, "--zone", "UTC", *rules).document
    sim.add_instagram_account(PAGE_TOKEN, kind="facebook", ig_user_id=PAGE, username="seven.page")
    sim.add_instagram_account(LOGIN_TOKEN, kind="instagram", ig_user_id=LOGIN, username="seven.login")
    sim.add_facebook_page(FACEBOOK_TOKEN, page_id=FACEBOOK_PAGE, name="Seven Ways")
    sim.add_threads_account(THREADS_TOKEN, user_id=THREADS_USER, username="seven")
    sim.add_bluesky_account(HANDLE, PASSWORD)
    sim.add_mastodon_server(MASTODON, {"seven": "unused"})
    sim.add_mastodon_server(PIXELFED, {"seven": OWN_TOKEN}, software="pixelfed", version="0.12.6")

    def add(name: str, *words: str, secret: str = "", answer: Callable[[str], str] | None = None) -> None:
        typed = f"{secret}\n" if secret else ""
        added = me.run("connections", "add", *words, "--name", name, typed=typed, answer=answer)
        fan.connected[name] = added.document

    def agree(line: str) -> str:
        """The code that a browser shows at the printed address."""
        address = re.search(r"http://\S+/oauth/authorize\S+", line)
        shown = re.search(r'value="([^"]+)"', sim.agree(address[0], "seven")) if address else None
        return f"{html.unescape(shown[1])}\n" if shown else ""

    add("page", "instagram", PAGE, "--login", "facebook", secret=PAGE_TOKEN)
    add("login", "instagram", LOGIN, "--login", "instagram", secret=LOGIN_TOKEN)
    # The console would read the Page from Facebook itself.
    page = {
        "channel": "facebook_page",
        "account_id": FACEBOOK_PAGE,
        "token": FACEBOOK_TOKEN,
        "display_name": "facebook",
    }
    fan.connected["facebook"] = fan.stack.api("POST", f"{fan.path}/connections", page, key="facebook")
    add("threads", "threads", THREADS_USER, secret=THREADS_TOKEN)
    add("bluesky", "bluesky", HANDLE, "--server", sim.bluesky_url, secret=PASSWORD)
    add("mastodon", "mastodon", sim.mastodon_url(MASTODON), answer=agree)
    add("pixelfed", "pixelfed", sim.mastodon_url(PIXELFED), "--own-token", secret=OWN_TOKEN)


def _import_photo(fan: FanOut) -> None:
    folder = fan.person.home / "photos"
    create_sample_photos(folder, count=1)
    fan.person.documents["imported"] = fan.person.run("photos", "import", str(folder)).document


def _arm_faults(fan: FanOut) -> None:
    """One account's token ends, one server has no room left, and one platform never gets the call that publishes."""
    sim, ended = fan.stack.simulators, datetime.now(UTC) - timedelta(minutes=1)
    sim.add_instagram_account(
        LOGIN_TOKEN, kind="instagram", ig_user_id=LOGIN, username="seven.login", issued_at=ended, expires_at=ended
    )
    full = {"storage_kilobytes": 0}
    sim.add_mastodon_server(PIXELFED, {"seven": OWN_TOKEN}, software="pixelfed", version="0.12.6", account=full)
    sim.add_fault("threads", "threads_publish", "drop_before")


def _fire_slot(fan: FanOut) -> None:
    """Give the persona a slot seconds ahead, and wait for the pick that its timer starts."""
    assert any(_is_armed(fan, ahead) for ahead in AHEADS)
    eventually(lambda: bool(_decisions(fan)), 120)
    [decision] = _decisions(fan)
    fan.post = {"post_id": decision["post_id"]}


def _is_armed(fan: FanOut, ahead: timedelta) -> bool:
    """Whether a slot that is `ahead` was stored in time for its timer."""
    slot_at = (datetime.now(UTC) + ahead).replace(microsecond=0)
    fan.stack.api("PATCH", fan.path, {"slots": [{"at": f"{slot_at:%H:%M:%S}"}]})
    return f"{fan.path.rpartition('/')[2]}-{slot_at:%Y%m%dT%H%M%S}" in fan.stack.timers()


def _decisions(fan: FanOut) -> list[Json]:
    listed: list[Json] = fan.stack.api("GET", f"{fan.path}/decisions")["decisions"]
    return [each for each in listed if each["post_id"]]


def _settle(fan: FanOut) -> None:
    """Wait until nothing is under way, and let sync look at the lost post until it asks."""
    under_way = {"pending", "queued", "processing"}
    eventually(lambda: not under_way & {each["status"] for each in fan.read().values()}, 120)

    sync_until_asked(fan.stack, fan.path, lambda: fan.read()["threads"])


def _mailbox(stack: Stack) -> str:
    """A queue that receives what the deployment mails."""
    sqs = stack.aws.client("sqs")
    queue_url: str = sqs.create_queue(QueueName=f"mails-of-{USER}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = stack.outputs["AlarmTopicArn"]
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    sqs.set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
    stack.aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return queue_url


def _mailed(fan: FanOut, queue_url: str) -> str:
    """The mail about the persona, as the job that sends mails writes it.

    The job's own timer may have mailed a part, after which nothing is mailed for an hour: its memory is deleted.
    """
    aws, mails = fan.stack.aws, list[str]()
    owner = fan.stack.api("GET", fan.path)["owner"]
    table, key = fan.stack.outputs["PostsTable"], {"pk": {"S": f"NOTICES#{owner}"}, "sk": {"S": "NOTICES"}}
    aws.client("dynamodb").delete_item(TableName=table, Key=key)
    aws.client("lambda").invoke(FunctionName=fan.stack.outputs["SyncStatusFunction"], Payload=b'{"job": "notify"}')

    def came() -> bool:
        received: dict[str, Any] = aws.client("sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10)
        texts = (json.loads(each["Body"]) for each in received.get("Messages", ()))
        mails.extend(each["Message"] for each in texts if PERSONA in each["Message"])
        return bool(mails)

    eventually(came)
    return mails[-1]
