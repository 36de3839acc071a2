"""How long after its instant a post goes out: on the embedded AWS, through real timers, chains and Lambda functions.

Fifty posts over a minute, each on an Instagram account of its own, because a connection keeps its distance. The second
round moves or cancels half of them at random while they wait.
"""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, Final

from infra.local.sample_photos import create_sample_photos
from infra.local.stack import Stack, running_stack
from tests.benchmarks.figures import Figure, reached

NAME = "punctual"
POSTS: Final = 50
OVER: Final = timedelta(seconds=60)
# Longer than a channel's lead, so that timers start the chains.
AHEAD: Final = timedelta(seconds=170)
PUT_OFF: Final = timedelta(seconds=30)
PATIENCE: Final = timedelta(seconds=45)
CALLERS: Final = 4

Json = dict[str, Any]


@dataclass
class PlannedRow:
    """A schedule on an account of its own, and the instant at which it is to go out (`None` once cancelled)."""

    account: str
    schedule_id: str
    at: datetime | None


@dataclass(frozen=True)
class Bench:
    """A persona with one photo and as many accounts as there are posts."""

    stack: Stack
    path: str
    photo: str
    connections: tuple[tuple[str, str], ...]

    def plan(self, cycle: int) -> list[PlannedRow]:
        """One post per account, evenly over `OVER`."""
        first = datetime.now(UTC) + AHEAD
        with ThreadPoolExecutor(CALLERS) as pool:
            return list(pool.map(lambda number: self._plan(number, first, cycle), range(POSTS)))

    def _plan(self, number: int, first: datetime, cycle: int) -> PlannedRow:
        account, connection_id = self.connections[number]
        at = first + number * OVER / POSTS
        body = {"photo": self.photo, "connection_ids": [connection_id], "at": at.isoformat(), "cycle": cycle}
        [schedule] = self.stack.api("POST", f"{self.path}/posts", body)["schedules"]
        return PlannedRow(account, schedule["schedule_id"], datetime.fromisoformat(schedule["run_at"]))

    def disturb(self, planned: Sequence[PlannedRow]) -> None:
        """Cancel every fourth and put off every fourth, at random."""
        chosen = random.Random(5).sample(planned, POSTS // 2)
        for number, item in enumerate(chosen):
            path = f"/schedules/{item.schedule_id}"
            if number % 2:
                self.stack.api("POST", f"{path}/cancel")
                item.at = None
            else:
                moved = self.stack.api("POST", f"{path}/move", {"at": (_at(item) + PUT_OFF).isoformat()})
                item.at = datetime.fromisoformat(moved["run_at"])

    def published(self, since: datetime) -> list[Json]:
        """The publish calls since then."""
        calls = self.stack.simulators.journal("instagram", "media_publish")
        return [call for call in calls if datetime.fromisoformat(call["at"]) >= since]


def measure() -> list[Figure]:
    """Both rounds: how many went out, how many wrongly, and the seconds from `run_at` to the publish call."""
    with running_stack(say=lambda _: None) as stack:
        bench = _bench(stack)
        quiet = _round(bench, cycle=1, words="undisturbed", disturbed=False)
        return quiet + _round(bench, cycle=2, words="half moved or cancelled", disturbed=True)


def _round(bench: Bench, *, cycle: int, words: str, disturbed: bool) -> list[Figure]:
    began = datetime.now(UTC)
    planned = bench.plan(cycle)
    if disturbed:
        bench.disturb(planned)
    expected = {item.account: _at(item) for item in planned if item.at is not None}
    # What would go out late, a second time, or after all, has had its time by then.
    time.sleep(max(0.0, (max(expected.values()) + PATIENCE - datetime.now(UTC)).total_seconds()))
    calls = bench.published(began)
    accounts = [call["ids"]["account"] for call in calls]
    wrong = len(set(expected) ^ set(accounts)) + len(accounts) - len(set(accounts))
    late = [
        (datetime.fromisoformat(call["at"]) - expected[account]).total_seconds()
        for call, account in zip(calls, accounts, strict=True)
        if account in expected
    ]
    wrong += sum(1 for seconds in late if not 0 <= seconds <= 1)
    return [
        Figure(f"posts {words}", len(accounts), "posts", f"{len(expected)} of {POSTS} planned over {OVER.seconds} s"),
        Figure(f"wrong {words}", wrong, "posts", f"missing, twice, cancelled, early, over 1 s; {reached(wrong, 0)}"),
        Figure(f"earliest {words}", round(min(late, default=-1), 3), "s", "publish call minus run_at; reach ≥ 0"),
        Figure(f"median {words}", round(median(late or [-1]), 3), "s", "publish call minus run_at"),
        Figure(f"latest {words}", round(max(late, default=99), 3), "s", reached(max(late, default=99), 1)),
    ]


def _bench(stack: Stack) -> Bench:
    persona = stack.api("POST", "/personas", {"name": "Punctual", "zone": "UTC", "default_caption": "On time."})
    path = f"/personas/{persona['persona_id']}"
    connections = []
    for number in range(POSTS):
        account, token = f"178414000000{number:05}", f"token-of-account-{number}"
        stack.simulators.add_instagram_account(token, kind="facebook", ig_user_id=account, username=f"account.{number}")
        body = {"channel": "instagram", "account_id": account, "login": "facebook", "token": token}
        connections.append((account, stack.api("POST", f"{path}/connections", body)["connection_id"]))
    with TemporaryDirectory() as folder:
        create_sample_photos(Path(folder), count=1)
        file = next(item for item in Path(folder).rglob("*.jpg"))
        stack.drop(file, f"photos/{persona['persona_id']}/{file.name}")
    until = time.monotonic() + 4 * PATIENCE.total_seconds()
    while not (photos := stack.api("GET", f"{path}/photos")["photos"]):
        if time.monotonic() > until:
            raise RuntimeError("The photo was not imported.")
        time.sleep(1)
    return Bench(stack, path, photos[0]["photo_id"], tuple(connections))


def _at(planned: PlannedRow) -> datetime:
    if planned.at is None:
        raise ValueError(planned.schedule_id)
    return planned.at
