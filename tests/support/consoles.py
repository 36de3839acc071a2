"""The console in this process, its requests signed and sent to the API's own handler."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx
from typer.main import get_command

from shutterpost.console import app
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.deployment import Deployment
from shutterpost.runtime.clients import client
from tests.api.calling import ROLE_ARN
from tests.api.gateway import CALLER, StartResponse, gateway
from tests.support.aws import BUCKET
from tests.support.folders import Deployed

ADDRESS = "http://127.0.0.1:9"


def as_photographer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The API as the owner of the tests calls it; a request without a signature is nobody's."""
    if environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4-HMAC-SHA256 "):
        environ[f"HTTP_{CALLER.upper().replace('-', '_')}"] = ROLE_ARN
    return gateway(environ, start_response)


@dataclass(frozen=True)
class NearReach(ApiClient):
    """A reach without a network: the API is this process's handler, the bucket imports what is put into it."""

    world: Deployed

    def client(self, service: str) -> Any:
        """The bucket of the test, or a client of moto's."""
        return self.world if service == "s3" else client(service)

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(transport=httpx.WSGITransport(app=as_photographer))


def near(world: Deployed) -> NearReach:
    """How to reach `world`, import queue included."""
    queue_url = client("sqs").create_queue(QueueName="import")["QueueUrl"]
    return NearReach(Deployment(api_url=ADDRESS, bucket=BUCKET, queue_url=queue_url), world)


@dataclass(frozen=True)
class Said:
    """How a command ended: exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The answer, which is JSON as the output is no terminal; the command must have ended well."""
        assert self.code == 0, self.err
        return json.loads(self.out)


Console = Callable[..., Said]


def commands() -> dict[str, Any]:
    """Every command of the app by its words, such as `post move`."""
    return dict(_below(get_command(app.app), ()))


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    for name, one in command.commands.items():
        yield from _below(one, (*words, name))
