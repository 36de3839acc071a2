"""The API with its services on moto: real stores and timers, started executions and called functions taken down."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from schedule_post import wiring
from schedule_post.api import app
from schedule_post.wiring import Services, build_services
from shutterpost.authoring.store.items import AuthoringItem
from shutterpost.channels import Tokens
from shutterpost.channels.store import ConnectionItem
from shutterpost.flows.wiring import Stores, build_start_timers
from shutterpost.photos import ImportQueue, Photo, Rejections
from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import TimerSettings
from shutterpost.scheduling import Schedule
from shutterpost.scheduling.store.items import Item
from tests.api.calling import ROLE_ARN, Caller
from tests.support.aws import BUCKET, create_library, create_table, mocked_aws, simulated_tables
from tests.support.builders import StillClock, a_photo

PICK_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:pick"
SYNC_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:sync"
SUGGEST_ARN = "arn:aws:lambda:eu-central-1:123456789012:function:suggest"
IMPORT_QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/import"
TOKEN = "IGQVJ-secret-of-nobody"
TOKENS = "/shutterpost/test/tokens"
TIMERS = TimerSettings(
    stage="test",
    schedule_group="shutterpost-test",
    scheduler_role_arn="arn:aws:iam::123456789012:role/scheduler",
    scheduler_dlq_arn="arn:aws:sqs:eu-central-1:123456789012:undelivered",
    start_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:steps",
    state_machine_arn="arn:aws:states:eu-central-1:123456789012:stateMachine:publish",
)

# What an account shows beside the posts of Shutterpost.
BY_HAND = {
    "external_id": "17920238422030506",
    "external_url": "https://www.instagram.com/p/CP5Rq0bjBzn/",
    "posted_at": "2026-02-28T09:47:29Z",
    "media": "picture",
    "picture_url": "https://203.0.113.7/17920238422030506.jpg",
    "text": "A walk along the river.",
    "local_time": "2026-02-28T10:47:29+01:00",
    "post_id": None,
}


class Executions:
    """Step Functions' part: which revisions were started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start(self, schedule: Schedule) -> None:
        """Take the execution's name down."""
        self.started.append(schedule.execution_name)


@dataclass
class Functions:
    """Lambda's part: what was started and invoked, and which accounts were tried.

    `reports` are answers by persona or job, none where it takes too long, and each takes `seconds` on `clock`.
    """

    clock: StillClock
    started: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    tried: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reports: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    seconds: float = 0

    def start(self, function_arn: str, event: dict[str, Any]) -> bool:
        """Take the call down."""
        self.started.append((function_arn, event))
        return True

    def run(self, function_arn: str, event: dict[str, Any]) -> dict[str, Any] | None:
        """Take the call down and answer with its persona's report."""
        calls = self.tried if event["job"] == "try_candidate" else self.invoked
        calls.append((function_arn, event))
        self.clock.sleep(timedelta(seconds=self.seconds))
        nothing: dict[str, dict[str, Any]] = {
            "sync": {"looked_at": 0, "updated": [], "overdue_seconds": 0.0},
            "pick": {**event, "post_id": None, "reason": "No photo is left."},
            "try_candidate": {**_ids(event), "works": True, "detail": "The platform takes its token."},
            "try": {**event, "works": True, "detail": "The platform takes its token."},
            "recent_posts": {"state": "listed", "posts": [BY_HAND], "cursor": f"QVFI{BY_HAND['external_id']}"},
        }
        return self.reports.get(event.get("persona_id", event["job"]), nothing.get(event["job"]))


def _ids(event: dict[str, Any]) -> dict[str, Any]:
    """The ids of the connection in an event."""
    connection: dict[str, Any] = event.get("connection", {})
    return {name: connection.get(name) for name in ("persona_id", "connection_id")}


@dataclass(frozen=True)
class World:
    """Everything behind the API, and the few verbs a story needs."""

    services: Services
    clock: StillClock
    executions: Executions
    functions: Functions
    s3: Any

    def persona(self, caller: Caller, name: str = "Nature Explorer", **rules: Any) -> str:
        """A persona made through the API; its id."""
        answer = caller.post("/personas", {"name": name, "zone": "Europe/Paris", **rules})
        assert answer.status == 201, answer
        return str(answer.body["persona_id"])

    def connection(
        self, caller: Caller, persona_id: str, channel: str = "instagram", account_id: str | None = None
    ) -> str:
        """A connection made through the API, to an account of the caller's own unless another is named; its id."""
        own = f"{channel}-{1 if caller.arn == ROLE_ARN else 2}"
        extra = {"organization_id": "org-1"} if channel == "buffer" else {"login": "instagram"}
        account = {"channel": channel, "account_id": account_id or own, "token": TOKEN, **extra}
        answer = caller.post(f"/personas/{persona_id}/connections", account)
        assert answer.status == 201, answer
        return str(answer.body["connection_id"])

    def photo(self, persona_id: str, name: str = "fog.jpg", **facts: Any) -> Photo:
        """A photo in the persona's library."""
        given = {"caption": "Fog over the valley.", "score": 8.5, **facts}
        return self.services.photos.record(a_photo(name, persona_id=persona_id, **given)).photo

    def ready(self, caller: Caller) -> tuple[str, str, Photo]:
        """A persona with one connection and one photo."""
        persona_id = self.persona(caller)
        return persona_id, self.connection(caller, persona_id), self.photo(persona_id)

    def timers(self) -> list[str]:
        """Names of the armed timers."""
        listed = client("scheduler").list_schedules(GroupName=TIMERS.schedule_group)["Schedules"]
        return [item["Name"] for item in listed]


def import_requests() -> list[Any]:
    """The messages of the import queue."""
    received = client("sqs").receive_message(QueueUrl=IMPORT_QUEUE, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in received.get("Messages", ())]


def rejected_file(world: World, persona_id: str, name: str) -> str:
    """A file of the persona that the import has rejected; its key."""
    key = f"rejected/{persona_id}/{name}"
    report = {
        "key": f"photos/{persona_id}/{name}",
        "reason": "not-an-image",
        "detail": "This is no picture.",
        "what_to_do": "Drop pictures only.",
        "at": "2026-03-01T12:00:00.000Z",
    }
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"hello")
    world.s3.put_object(Bucket=BUCKET, Key=f"{key}.reason.json", Body=json.dumps(report).encode())
    return key


@contextmanager
def standing_world() -> Iterator[World]:
    """A fresh deployment, reached through the real handler."""
    with mocked_aws(), simulated_tables():
        s3 = create_library()
        create_table(ConnectionItem, "channels-under-test")
        create_table(Item, "posts-under-test")
        create_table(AuthoringItem, "authoring-under-test")
        client("scheduler").create_schedule_group(Name=TIMERS.schedule_group)
        assert client("sqs").create_queue(QueueName="import")["QueueUrl"] == IMPORT_QUEUE
        clock, executions = StillClock(), Executions()
        functions = Functions(clock)
        world = World(_services(clock, executions, functions), clock, executions, functions, s3)
        app.dependency_overrides[wiring.services] = lambda: world.services
        try:
            yield world
        finally:
            del app.dependency_overrides[wiring.services]


def _services(clock: StillClock, executions: Executions, functions: Functions) -> Services:
    stores = Stores(clock=clock)
    return build_services(
        stores,
        build_start_timers(stores, TIMERS, executions),
        tokens=Tokens(TOKENS),
        rejections=Rejections(BUCKET),
        imports=ImportQueue(IMPORT_QUEUE),
        workers=functions,
        pick_arn=PICK_ARN,
        sync_arn=SYNC_ARN,
        suggest_arn=SUGGEST_ARN,
        stage="local",
    )
