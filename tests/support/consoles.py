"""Runs the console in this process, with requests signed and sent to the API's own handler."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import httpx
from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError
from typer.main import get_command

from shutterpost.console import app
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.deployment import Deployment
from shutterpost.runtime.clients import client
from tests.api.calling import ROLE_ARN
from tests.api.gateway import CALLER, StartResponse, gateway
from tests.support.aws import BUCKET
from tests.support.folders import Deployed

API_URL = "http://127.0.0.1:9"


def signed_gateway(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """The API, called by the tests' owner if the request has a signature."""
    if environ.get("HTTP_AUTHORIZATION", "").startswith("AWS4-HMAC-SHA256 "):
        environ[f"HTTP_{CALLER.upper().replace('-', '_')}"] = ROLE_ARN
    return gateway(environ, start_response)


@dataclass(frozen=True)
class HttpxSession:
    """botocore's HTTP session, by an httpx client: its transport is a handler of this process, or respx."""

    client: httpx.Client

    def send(self, request: AWSPreparedRequest) -> Any:
        """The response of a signed request. Raises botocore's errors."""
        headers = {name: _text(value) for name, value in request.headers.items()}
        try:
            response = self.client.request(request.method, request.url, headers=headers, content=_bytes(request.body))
        except httpx.ConnectError as error:
            raise EndpointConnectionError(endpoint_url=request.url) from error
        except httpx.TimeoutException as error:
            raise ReadTimeoutError(endpoint_url=request.url) from error
        except httpx.TransportError as error:
            raise ConnectionClosedError(endpoint_url=request.url) from error
        return SimpleNamespace(status_code=response.status_code, headers=response.headers, content=response.content)


def _bytes(body: Any) -> bytes:
    return body or b""


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@dataclass(frozen=True)
class InProcessApiClient(ApiClient):
    """An API client without a network: it calls the handler and the test's bucket."""

    world: Deployed

    def client(self, service: str) -> Any:
        """The test's bucket, or a moto client."""
        return self.world if service == "s3" else client(service)

    @cached_property
    def _http(self) -> HttpxSession:
        return HttpxSession(httpx.Client(transport=httpx.WSGITransport(app=signed_gateway)))


class HttpxApiClient(ApiClient):
    """An API client whose requests respx can answer."""

    @cached_property
    def _http(self) -> HttpxSession:
        return HttpxSession(httpx.Client())


def in_process_client(world: Deployed) -> InProcessApiClient:
    """A client of `world`, with an import queue."""
    queue_url = client("sqs").create_queue(QueueName="import")["QueueUrl"]
    keys = {"access_key_id": "key", "secret_access_key": "secret"}
    return InProcessApiClient(Deployment(api_url=API_URL, bucket=BUCKET, queue_url=queue_url, **keys), world)


@dataclass(frozen=True)
class CommandResult:
    """A command's exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The parsed output of a successful command; it is JSON, as the output is no terminal."""
        assert self.code == 0, self.err
        return json.loads(self.out)


Console = Callable[..., CommandResult]


def commands(*words: str) -> dict[str, Any]:
    """Every command by its name, such as `post move`; with the `words` of a command line, those that it loads."""
    return dict(_subcommands(get_command(app.build_app(words)), ()))


def _subcommands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    if command.invoke_without_command and path:
        yield " ".join(path), command
    for name, subcommand in command.commands.items():
        yield from _subcommands(subcommand, (*path, name))


def commands_of(page: str) -> list[list[str]]:
    """The commands of a walk-through, without `shutterpost` and what is piped into it."""
    lines = re.findall(r"(?m)^(?:pass show \S+ \| )?shutterpost (.+)$", page)
    return [shlex.split(line) for line in lines]
