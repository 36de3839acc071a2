"""The deployment that the end-to-end tests share, after the journey ran on it."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from infra.local.bluesky_server import running_if_installed
from infra.local.demo_checks import DemoCheck, run_checks, summary
from infra.local.demo_output import DemoOutput
from infra.local.demo_run import DemoRun, Material
from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack, running_stack
from tests.support.waiting import eventually

PAINTED = 6
TWIN = "Ärger im Café – 東京 (1).jpg"
REJECTED = {"empty.jpg": "empty-file", "notes.jpg": "not-an-image"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Travelled:
    """A journey that has come to its end, with what was promised and told right then."""

    journey: DemoRun
    promises: list[DemoCheck]
    summary: Json

    @property
    def stack(self) -> Stack:
        """The deployment."""
        return self.journey.stack


@contextlib.contextmanager
def travelling(folder: Path) -> Iterator[Travelled]:
    """A journey with photos painted into `folder`, on a deployment of its own that stands until the end."""
    analyses = create_sample_photos(folder, count=PAINTED)
    first = min(folder.iterdir())
    (folder / "below").mkdir()
    (folder / "below" / TWIN).write_bytes(first.read_bytes())
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "notes.jpg").write_text("These are words.")
    files = tuple(sorted(path for path in folder.rglob("*") if path.is_file()))
    material = Material(folder, files, analyses, "painted")
    with running_stack(say=lambda _: None) as stack, running_if_installed() as server:
        journey = DemoRun(stack, DemoOutput(Console(quiet=True)), material, server)
        journey.run()
        yield Travelled(journey, run_checks(journey), summary(journey, 0.0))


def pass_time(stack: Stack, schedule: Json, minutes: int) -> None:
    """Move a schedule's last attempt and next look back, as if `minutes` had passed since it was written.

    How long each wait is, `tests/workflow` tests on a clock of its own.
    """
    key = {"pk": {"S": f"POST#{schedule['post_id']}"}, "sk": {"S": f"SCHEDULE#{schedule['connection_id']}"}}
    dynamodb, table = stack.aws.client("dynamodb"), stack.outputs["PostsTable"]
    item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)["Item"]
    values = {f":{name}": {"S": _earlier(item[name]["S"], minutes)} for name in ("due_at", "last_attempt_at")}
    change = "SET due_at = :due_at, last_attempt_at = :last_attempt_at"
    dynamodb.update_item(TableName=table, Key=key, UpdateExpression=change, ExpressionAttributeValues=values)


def sync_until_asked(stack: Stack, persona: str, read: Callable[[], Json]) -> None:
    """Let sync look at the lost post that `read` gives until it is a question to a person."""

    def is_asked() -> bool:
        lost = read()
        if lost["error_code"] == "needs-a-person":
            return True
        pass_time(stack, lost, minutes=6)
        stack.api("POST", f"{persona}/sync")
        return False

    eventually(is_asked, 120)


def synced_status(stack: Stack, persona: str, post_id: str) -> str:
    """The status of a post's one schedule after a sync of its persona."""
    stack.api("POST", f"{persona}/sync")
    return str(schedule_of(stack, post_id)["status"])


def schedule_of(stack: Stack, post_id: str) -> Json:
    """A post's one schedule."""
    schedules: list[Json] = stack.api("GET", f"/posts/{post_id}")["schedules"]
    return schedules[0]


def _earlier(instant: str, minutes: int) -> str:
    moved = datetime.fromisoformat(instant) - timedelta(minutes=minutes)
    return moved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moved.microsecond // 1000:03}Z"
