"""What each function's cold start costs, against bare `boto3.client("dynamodb")` in the same run.

Every run is a fresh interpreter as bare as Lambda's: its standard library, the built local layers, and the function's
folder as it is packed; the bare start has the whole boto3 instead, as Lambda's runtime brings it.
The environment is the function's settings. Measured is CPU time (one thread works, nothing waits, and neighbours on the
machine do not count) of importing the handler, of making what its first event makes, and of the first AWS client. All
take turns, so that a slow minute is everybody's. The floor of each function, measured beside it, is the libraries of
the frame alone: the same imports and clients without a line of ours.
"""

import compileall
import importlib
import os
import py_compile
import shutil
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from infra.layers import Target, build_functions, build_layers
from infra.local.emulator import RUNTIME_PACKAGES, lambda_python
from infra.python_runtime import START_CHEAPER
from shutterpost.runtime.settings import (
    ApiSettings,
    ImportPhotosSettings,
    PostNextBestSettings,
    Settings,
    StepsSettings,
    SuggestionsSettings,
    SyncStatusSettings,
)
from tests.benchmarks.figures import Figure, reached

NAME = "coldstart"
RUNS: Final = 9
BARE: Final = 'import boto3; boto3.client("dynamodb")'
# PynamoDB's own client, as the first read or write of a table makes it.
FIRST_CLIENT: Final = "from pynamodb.connection import Connection; Connection().client"
# The frame's libraries alone, as every function needs them: a logger, a value, a table and the table's client.
FRAME: Final = """
from aws_lambda_powertools import Logger
from pydantic import BaseModel
from pynamodb.models import Model
class Value(BaseModel):
    name: str
logger = Logger(service="any")
"""
IMPORT_FRAME: Final = f"""{FRAME}
from aws_lambda_powertools.utilities.batch import BatchProcessor
import boto3; boto3.client("s3")
"""
API_FRAME: Final = f"""{FRAME}
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
APIGatewayHttpResolver(enable_validation=True)
{FIRST_CLIENT}
"""
TIMED: Final = "import time; began = time.process_time()\n{code}\nprint(time.process_time() - began)"


class Start(NamedTuple):
    """A handler with what its first event makes, and its `frame`; `reach` is the most it may take of bare boto3."""

    handler: str
    settings: type[Settings]
    code: str
    makes: str
    frame: str = f"{FRAME}{FIRST_CLIENT}"
    reach: float = 1.2
    layers: tuple[str, ...] = ("dependencies", "core")

    @property
    def folder(self) -> str:
        """The function's folder."""
        return self.handler.partition(".")[0]

    def environment(self) -> dict[str, str]:
        """The function's settings, each with some value, and what every function is given besides."""
        required = (name for name, field in self.settings.model_fields.items() if field.is_required())
        fields = dict.fromkeys(required, "any")
        return {**self.settings.model_validate(fields).environment(), **START_CHEAPER}


STARTS: Final = (
    Start(
        "import_photos.handler",
        ImportPhotosSettings,
        "from import_photos import handler, wiring; wiring.import_photo()",
        "the flow with its S3 client",
        frame=IMPORT_FRAME,
        layers=("dependencies", "core", "imaging"),
    ),
    Start(
        "post_next_best.handler",
        PostNextBestSettings,
        f"from post_next_best import handler; handler.picker(); {FIRST_CLIENT}",
        "the picker, and PynamoDB's client",
    ),
    Start(
        "schedule_post.steps",
        StepsSettings,
        f"from schedule_post import steps; steps.publish_steps(); {FIRST_CLIENT}",
        "the steps, and PynamoDB's client",
    ),
    Start(
        "schedule_post.suggestions",
        SuggestionsSettings,
        f"from schedule_post import suggestions; suggestions.writer(); {FIRST_CLIENT}",
        "the writer of suggestions, and PynamoDB's client",
    ),
    Start(
        "sync_status.handler",
        SyncStatusSettings,
        f"from sync_status import handler; handler.syncer(); {FIRST_CLIENT}",
        "the syncer, and PynamoDB's client",
    ),
    Start(
        "schedule_post.api",
        ApiSettings,
        f"from schedule_post import api, wiring; wiring.services(); {FIRST_CLIENT}",
        "the routes and their services, and PynamoDB's client",
        frame=API_FRAME,
        reach=1.4,
    ),
)


def measure() -> list[Figure]:
    """A figure per function, and the bare start they are compared to."""
    layers = build_layers(Target.LOCAL)
    with tempfile.TemporaryDirectory(prefix="coldstart-") as home:
        bench = BareInterpreters(Path(home), layers)
        taken: dict[str, list[float]] = defaultdict(list)
        for _ in range(RUNS):
            taken["bare"].append(bench.bare())
            for start in STARTS:
                taken[start.handler].append(bench.run(start, start.code))
                taken[floor_of(start)].append(bench.run(start, start.frame))
    return figures(taken)


def figures(taken: Mapping[str, list[float]]) -> list[Figure]:
    """The figures of what was `taken` in each run (CPU seconds): medians, and their multiples of the bare start's."""
    bare = statistics.median(taken["bare"])
    spread = f"median of {len(taken['bare'])} runs, {as_ms(min(taken['bare']))} to {as_ms(max(taken['bare']))} ms"
    collected = [Figure("bare boto3 client", as_ms(bare), "ms CPU", spread)]
    for start in STARTS:
        median = statistics.median(taken[start.handler])
        times = round(median / bare, 2)
        against = (
            f"{as_ms(median)} ms CPU for import, {start.makes}; bare {as_ms(bare)} ms; {reached(times, start.reach)}"
        )
        collected.append(Figure(start.handler, times, "× bare", against))
        floor = statistics.median(taken[floor_of(start)])
        alone = f"{as_ms(floor)} ms CPU for the frame's libraries alone; the rest is ours, {as_ms(median - floor)} ms"
        collected.append(Figure(floor_of(start), round(floor / bare, 2), "× bare", alone))
    return collected


def floor_of(start: Start) -> str:
    """The name of the figure of a function's frame."""
    return f"{start.handler}, frame alone"


class BareInterpreters:
    """Interpreters as Lambda starts them, with everything on this machine's disk."""

    def __init__(self, home: Path, layers: dict[str, Path]) -> None:
        self._layers = layers
        self._tasks = home / "tasks"
        self._interpreter = lambda_python(home)
        self._runtime = home / "runtime"
        self._sdk = home / "sdk"
        self._sdk.mkdir()
        for name in RUNTIME_PACKAGES:
            module = Path(str(importlib.import_module(name).__file__))
            if module.name == "__init__.py":
                shutil.copytree(module.parent, self._sdk / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(module, self._sdk / module.name)
        # With byte code like the layers', whether or not this machine wrote some for its own packages.
        compileall.compile_dir(self._sdk, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
        functions = build_functions(Target.LOCAL)
        for folder in {start.folder for start in STARTS}:
            unpacked = self._tasks / folder / folder
            shutil.copytree(functions / folder, unpacked)

    def bare(self) -> float:
        """CPU seconds of the bare start."""
        return self._timed(BARE, [self._sdk], {})

    def run(self, start: Start, code: str, layers: Mapping[str, Path] | None = None) -> float:
        """CPU seconds of `code` with the path and the environment of a function; `layers` replace the built ones."""
        held = {**self._layers, **(layers or {})}
        path = [self._tasks / start.folder, *(held[name] / "python" for name in start.layers)]
        return self._timed(code, path, start.environment())

    def _timed(self, code: str, path: list[Path], environment: dict[str, str]) -> float:
        before = "".join(f"sys.path.insert({place}, {str(part)!r}); " for place, part in enumerate(path))
        done = subprocess.run(
            [self._interpreter, "-B", "-c", f"import sys; {before}\n{TIMED.format(code=code)}"],
            env={
                "PATH": os.defpath,
                "AWS_REGION": "us-east-1",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "any",
                "AWS_SECRET_ACCESS_KEY": "any",
                **environment,
            },
            cwd=self._runtime,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{code}\n{done.stderr}")
        return float(done.stdout)


def as_ms(seconds: float) -> float:
    """Seconds as whole milliseconds."""
    return round(seconds * 1000)
