"""A month of one persona, by the real handlers and flows: a library imported once, then a post a day.

Everything runs in this process on moto, the platforms' simulators and the interpreted state machine; one import batch
and one whole day are counted, and the caller multiplies.
"""

import contextlib
import hashlib
import io
import json
import os
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, Final, TypeVar
from unittest.mock import patch

import boto3

from import_photos import handler as import_photos
from post_next_best import handler as post_next_best
from schedule_post import steps
from shutterpost.channels import ConnectionStore
from shutterpost.flows.importing.import_photo import ImportPhoto
from shutterpost.personas import Persona
from shutterpost.photos import Library
from shutterpost.runtime.clients import client
from shutterpost.runtime.settings import (
    ImportPhotosSettings,
    PostNextBestSettings,
    Settings,
    StepsSettings,
    SyncStatusSettings,
)
from shutterpost.runtime.telemetry import logger
from sync_status import handler as sync_status
from tests.benchmarks.bill.meter import Meter, Tally
from tests.support.pictures import jpeg
from tests.support.simulated_channels import fresh, running_bench
from tests.support.system import PICK_ARN, System, running_system
from tests.support.system_ports import BUCKET

SomeSettings = TypeVar("SomeSettings", bound=Settings)
REGION: Final = "eu-central-1"
# One full window of candidates and some more.
LIBRARY: Final = 40
BATCH: Final = 10
DIMENSIONS: Final = 512
ENTRIES: Final = {
    "import_photos": "import_photos.handler.handler",
    "post_next_best": "post_next_best.handler.handler",
    "steps": "schedule_post.steps.handler",
    "sync_status": "sync_status.handler.handler",
    "api": "schedule_post.api.handler",
}


@dataclass
class Counts:
    """What was counted; `metrics` are the hours in which a custom metric was sent, `slept` seconds in functions."""

    tally: Tally
    log_bytes: int = 0
    metrics: Counter[str] = field(default_factory=Counter)
    slept: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    transitions: int = 0
    fetches: int = 0
    timers: int = 0


@dataclass(frozen=True)
class Month:
    """The import of `LIBRARY` photos in batches of `BATCH`, and one day; `stored` is bytes at rest by table name."""

    imported: Counts
    day: Counts
    stored_after_import: dict[str, int]
    stored_a_day: int


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of its call, for the log lines."""

    function_name: str
    memory_limit_in_mb: int = 512
    aws_request_id: str = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"
    invoked_function_arn: str = PICK_ARN
    function_version: str = "$LATEST"


class _Lines(io.TextIOBase):
    """Log lines, counted in bytes, with the custom metrics among them."""

    def __init__(self) -> None:
        self.bytes = 0
        self.metrics: set[str] = set()

    def write(self, text: str) -> int:
        self.bytes += len(text.encode())
        if '"CloudWatchMetrics"' in text:
            for directive in json.loads(text)["_aws"]["CloudWatchMetrics"]:
                self.metrics |= {metric["Name"] for metric in directive["Metrics"]}
        return len(text)


@dataclass
class Deployed(System):
    """The system behind its handlers, each call counted as one of its function."""

    meter: Meter = field(kw_only=True)
    counts: Counts = field(kw_only=True)

    def call(self, function: str, handler: Any, event: dict[str, Any]) -> Any:
        """Invoke a handler with `event`."""
        lines, slept = _Lines(), len(self.clock.slept)
        with self.meter.inside(function), _heard(lines):
            answer = handler(event, Context(function))
        naps = self.clock.slept[slept:]
        self.counts.slept[function] += sum(max(0.0, nap.total_seconds()) for nap in naps)
        self.counts.log_bytes += lines.bytes
        for name in lines.metrics:
            self.counts.metrics[f"{name} {self.clock.now():%d %H}"] = 1
        return answer

    def invoke(self, payload: dict[str, Any]) -> dict[str, Any]:
        """One step of a chain."""
        answer: dict[str, Any] = self.call("steps", steps.handler, payload)
        return answer

    def fire(self, payload: dict[str, Any]) -> None:
        """One timer."""
        self.counts.timers += 1
        if payload.get("job") == "pick":
            self.call("post_next_best", post_next_best.handler, payload)
        else:
            self.call("steps", steps.handler, payload)

    def drop(self, persona: Persona) -> None:
        """Import a library of small pictures with their analyses."""
        keys = []
        analyses = []
        for number in range(LIBRARY):
            data = jpeg(640 + number)
            keys.append(f"photos/{persona.persona_id}/photo-{number:03}.jpg")
            client("s3").put_object(Bucket=BUCKET, Key=keys[-1], Body=data)
            analyses.append(_analysis(number, hashlib.sha256(data).hexdigest()))
        keys.append(f"analyses/{persona.persona_id}/analyses.jsonl")
        body = "\n".join(map(json.dumps, analyses))
        client("s3").put_object(Bucket=BUCKET, Key=keys[-1], Body=body.encode())
        for start in range(0, len(keys), BATCH):
            self.call("import_photos", import_photos.handler, _batch(keys[start : start + BATCH]))

    def live_a_day(self, sync_minutes: int) -> None:
        """From noon to noon: sync by its rate, the cron at ten past midnight, and every timer."""
        count = len(self.bench.pictures.hosts_asked)
        end = self.clock.now() + timedelta(days=1)
        while self.clock.now() < end:
            tick = self.clock.now() + timedelta(minutes=sync_minutes)
            armed_at = self.clock.now().replace(hour=0, minute=10, second=0)
            self.advance_to(tick)
            if tick - timedelta(minutes=sync_minutes) < armed_at <= tick:
                self.call("post_next_best", post_next_best.handler, {"job": "arm"})
                self.call("sync_status", sync_status.handler, {"job": "health"})
            self.call("sync_status", sync_status.handler, {"job": "sync"})
            if self.clock.now().minute % 15 < sync_minutes:
                self.call("sync_status", sync_status.handler, {"job": "notify"})
            self.run_executions()
        self.counts.transitions = sum(map(len, self.trails))
        self.counts.fetches = len(self.bench.pictures.hosts_asked) - count


def run(sync_minutes: int) -> Month:
    """Import a library, live a day to settle, then count one more day.

    Raises `RuntimeError` unless the counted day brought one post to both connections and broke no platform's rule.
    """
    with (
        _environment(),
        running_bench() as bench,
        Meter(REGION).attached() as meter,
        running_system(fresh(bench), tables=contextlib.nullcontext) as system,
    ):
        deployed = Deployed(
            **{item.name: getattr(system, item.name) for item in fields(system)},
            meter=meter,
            counts=Counts(meter.tally),
        )
        with _wired(deployed):
            # The pictures are all of one colour, so each resembles the others.
            persona = deployed.add_persona(near_duplicate_bits=0)
            deployed.connect(persona, "facebook")
            deployed.connect(persona, "buffer")
            deployed.drop(persona)
            imported, stored = deployed.counts, meter.stored()
            deployed.counts = Counts(meter.fresh())
            deployed.live_a_day(sync_minutes)
            before = sum(meter.stored().values())
            deployed.trails.clear()
            deployed.counts = Counts(meter.fresh())
            deployed.live_a_day(sync_minutes)
            _check(deployed, persona)
            return Month(imported, deployed.counts, stored, sum(meter.stored().values()) - before)


def _check(deployed: Deployed, persona: Persona) -> None:
    posts = deployed.stores.posts.of_persona(persona.persona_id, limit=10).posts
    schedules = [item for post in posts for item in deployed.schedules_of(post.post_id).values()]
    done = sum(schedule.status == "success" for schedule in schedules)
    violations = deployed.bench.sim.violations()
    if (len(posts), done) != (2, 4) or violations:
        raise RuntimeError(f"Two days should be two posts on two connections: {len(posts)}, {done}, {violations}")


@contextlib.contextmanager
def _wired(deployed: Deployed) -> Iterator[None]:
    importing = ImportPhoto(
        connections=ConnectionStore(),
        personas=deployed.stores.personas,
        photos=deployed.stores.photos,
        library=Library(BUCKET, client("s3")),
        clock=deployed.clock,
    )
    with (
        patch.object(import_photos, "import_photo", lambda: importing),
        patch.object(post_next_best, "picker", lambda: deployed.picker),
        patch.object(post_next_best, "arm_all", lambda _: deployed.arm_all),
        patch.object(steps, "stores", lambda: deployed.stores),
        patch.object(steps, "publish_steps", lambda: deployed.steps),
        patch.object(steps, "starter", lambda: deployed.executions),
        # The handler's own settings would bind the tables anew.
        patch.object(sync_status, "settings", lambda: _settings(SyncStatusSettings)),
        patch.object(sync_status, "syncer", lambda: deployed.syncer),
        patch.object(sync_status, "stores", lambda: deployed.stores),
        patch.object(sync_status, "deliverer", lambda: deployed.deliverer),
        patch.object(sync_status, "notifier", lambda: deployed.notifier),
        patch.object(sync_status, "platforms", lambda: deployed.platforms),
    ):
        yield


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    ours: dict[str, str] = {}
    for kind in (ImportPhotosSettings, PostNextBestSettings, StepsSettings, SyncStatusSettings):
        ours |= _settings(kind).environment()
    aws = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_DEFAULT_REGION": REGION}
    with patch.dict(os.environ, {**ours, **aws}):
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
            os.environ.pop(name, None)
        boto3.DEFAULT_SESSION = None
        yield


def _settings(kind: type[SomeSettings]) -> SomeSettings:
    texts = [name for name, field in kind.model_fields.items() if field.annotation is str]
    return kind.model_validate(dict.fromkeys(texts, "any"))


@contextlib.contextmanager
def _heard(lines: _Lines) -> Iterator[None]:
    streams = [(item, item.setStream(lines)) for item in logger.handlers if hasattr(item, "setStream")]
    try:
        with contextlib.redirect_stdout(lines):
            yield
    finally:
        for handler, _ in streams:
            handler.setStream(sys.stdout)


def _analysis(number: int, sha256: str) -> dict[str, Any]:
    dice = random.Random(number)
    return {
        "photo": f"photo-{number:03}.jpg",
        "sha256": sha256,
        "aesthetic_score": round(dice.uniform(3, 9), 3),
        "sharpness_score": round(dice.uniform(50, 500), 3),
        "exposure_score": round(dice.uniform(0, 1), 4),
        "detected_objects": ["lake", "tree", "bird"][: number % 4],
        "caption": f"A quiet lake between old trees at first light, number {number}.",
        "embedding_model": "clip-vit-b32",
        "embedding": [round(dice.gauss(0, 0.05), 5) for _ in range(DIMENSIONS)],
    }


def _batch(keys: list[str]) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": key, "eventSource": "aws:sqs", "body": json.dumps({"Records": [_created(key)]})}
            for key in keys
        ]
    }


def _created(key: str) -> dict[str, Any]:
    return {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": BUCKET}, "object": {"key": key}}}
