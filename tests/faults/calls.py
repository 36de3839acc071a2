"""Counts every call that leaves the process and injects faults: AWS calls at botocore, remote ones at httpx."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol
from unittest import mock

import httpx
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError

from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import Schedule
from tests.simulation.kinds import DECLARED, KindOfPlatform
from tests.support.simulated_channels import DOMAINS

AWS_WRITES = frozenset(
    {
        "UpdateItem",
        "PutItem",
        "TransactWriteItems",
        "CopyObject",
        "DeleteObject",
        "CreateSchedule",
        "UpdateSchedule",
        "DeleteSchedule",
        "PutParameter",
        "StartExecution",
    }
)
SLOW = timedelta(seconds=45)
# Where the simulators of the declared kinds are.
PATHS = {name: f"/{kind.channel}/" for name, kind in DECLARED.items()} | {
    name: f"/mastodon/{domain}/" for name, domain in DOMAINS.items()
}


class Fault(StrEnum):
    """How one call is broken."""

    REFUSED = "refused"
    EFFECT_THEN_ERROR = "effect-then-error"
    EFFECT_THEN_TIMEOUT = "effect-then-timeout"
    THROTTLED = "throttled"
    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"
    SLOW = "slow"


class ProcessKilled(BaseException):
    """The worker ends here: nothing in the process can catch it, whoever invoked it sees an error."""


@dataclass(frozen=True)
class Call:
    """A kind of call, and which one of its kind in the run."""

    name: str
    number: int


@dataclass
class Calls:
    """Counts calls by name and breaks the one in `target`; `meanwhile` runs just before that one."""

    clock: Clock
    target: Call | None = None
    fault: Fault | None = None
    meanwhile: Callable[[], None] | None = None
    made: list[Call] = field(default_factory=list)
    broken: bool = False
    _counts: dict[str, int] = field(default_factory=dict)
    _inside: bool = False
    _tokens: set[str] = field(default_factory=set)

    def through(self, name: str, effect: Callable[[], Any], broken: "Broken") -> Any:
        """Make the call `name` with `effect`, broken if it is the target."""
        if self._inside:
            return effect()
        self._counts[name] = self._counts.get(name, 0) + 1
        call = Call(name, self._counts[name])
        self.made.append(call)
        if call != self.target:
            return effect()
        self.broken = True
        if self.meanwhile is not None:
            self._inside = True
            try:
                self.meanwhile()
            finally:
                self._inside = False
        return effect() if self.fault is None else self._break(effect, broken)

    def _break(self, effect: Callable[[], Any], broken: "Broken") -> Any:
        if self.fault is Fault.KILLED_BEFORE:
            raise ProcessKilled
        if self.fault is Fault.REFUSED:
            return broken.refused()
        if self.fault is Fault.THROTTLED:
            return broken.throttled()
        if self.fault is Fault.SLOW:
            self.clock.sleep(SLOW)
        answer = effect()
        if self.fault is not Fault.SLOW and isinstance(answer, httpx.Response):
            # Nobody reads it, and each unread one would keep a connection of the client's pool.
            answer.close()
        if self.fault is Fault.KILLED_AFTER:
            raise ProcessKilled
        if self.fault is Fault.EFFECT_THEN_ERROR:
            return broken.error()
        if self.fault is Fault.EFFECT_THEN_TIMEOUT:
            broken.timeout()
        return answer

    def aws(self, client: BaseClient, operation: str, arguments: dict[str, Any], original: Callable[..., Any]) -> Any:
        """An AWS call; repeated client tokens have one effect, which moto does not know (AWS, TransactWriteItems)."""
        token = arguments.get("ClientRequestToken")

        def effect() -> Any:
            if token in self._tokens:
                return {}
            answer = original(client, operation, arguments)
            if token is not None:
                self._tokens.add(token)
            return answer

        return self.through(operation, effect, AwsBroken(operation)) if operation in AWS_WRITES else effect()

    def remote(self, client: httpx.Client, request: httpx.Request, original: Callable[..., Any], **options: Any) -> Any:
        """A call of a platform."""
        return self.through(_remote_name(request), lambda: original(client, request, **options), RemoteBroken(request))

    def start(self, schedule: Schedule, original: Callable[[Schedule], None]) -> None:
        """StartExecution."""
        self.through("StartExecution", lambda: original(schedule), AwsBroken("StartExecution"))


class Broken(Protocol):
    """How a broken call shows itself to its caller."""

    def refused(self) -> Any:
        """A clear error; nothing took effect."""

    def throttled(self) -> Any:
        """Too many requests; nothing took effect."""

    def error(self) -> Any:
        """An error, although it took effect."""

    def timeout(self) -> None:
        """No answer, although it took effect."""


@dataclass(frozen=True)
class AwsBroken:
    """A broken AWS call, after botocore's own retries."""

    operation: str

    def refused(self) -> Any:
        """An internal error before any effect."""
        raise self._error("InternalServerError", 500)

    def throttled(self) -> Any:
        """Throttled for longer than botocore retries."""
        raise self._error("ThrottlingException", 400)

    def error(self) -> Any:
        """An internal error after the effect."""
        raise self._error("InternalServerError", 500)

    def timeout(self) -> None:
        """No answer in time."""
        raise ReadTimeoutError(endpoint_url="https://aws.invalid")

    def _error(self, code: str, status: int) -> ClientError:
        answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
        return ClientError(answer, self.operation)


@dataclass(frozen=True)
class RemoteBroken:
    """A broken call of a platform, in the platform's own words."""

    request: httpx.Request

    def refused(self) -> httpx.Response:
        """A server error that says nothing of an effect."""
        if kind := _declared(self.request):
            return self._answer(kind.refusal.status, kind.refusal.body)
        if _is_buffer(self.request):
            return self._answer(200, {"data": None, "errors": [_buffer_error("UNEXPECTED")]})
        return self._answer(400, {"error": {"message": "Service unavailable", "code": 2, "is_transient": True}})

    def throttled(self) -> httpx.Response:
        """The platform's rate limit."""
        if kind := _declared(self.request):
            return self._answer(kind.throttling.status, kind.throttling.body)
        if _is_buffer(self.request):
            error = {**_buffer_error("RATE_LIMIT_EXCEEDED"), "window": "15m"}
            return self._answer(429, {"errors": [error]}, {"Retry-After": "60"})
        return self._answer(400, {"error": {"message": "Application request limit reached", "code": 4}})

    def error(self) -> httpx.Response:
        """The same words as a refusal: a caller cannot tell the two apart."""
        return self.refused()

    def timeout(self) -> None:
        """No answer in time."""
        raise httpx.ReadTimeout("timed out", request=self.request)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        return httpx.Response(status, json=body, headers=headers, request=self.request)


@contextlib.contextmanager
def intercepted(calls: Calls) -> Iterator[None]:
    """Send every AWS and platform call through `calls`."""
    aws: Callable[..., Any] = getattr(BaseClient, "_make_api_call")  # noqa: B009 - botocore's types hide it
    send = httpx.Client.send

    def make_api_call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        return calls.aws(client, operation, arguments, aws)

    def http_send(client: httpx.Client, request: httpx.Request, **options: Any) -> Any:
        if "/_control/" in request.url.path:
            return send(client, request, **options)
        return calls.remote(client, request, send, **options)

    with (
        mock.patch.object(BaseClient, "_make_api_call", make_api_call),
        mock.patch.object(httpx.Client, "send", http_send),
    ):
        yield


def _declared(request: httpx.Request) -> KindOfPlatform | None:
    """The kind at whose simulator the request is, besides Instagram and Buffer."""
    return next((DECLARED[name] for name, path in PATHS.items() if request.url.path.startswith(path)), None)


def _is_buffer(request: httpx.Request) -> bool:
    return request.url.path in {"/", "/graphql"}


def _buffer_error(code: str) -> dict[str, Any]:
    return {"message": "Something went wrong", "extensions": {"code": code}}


def _remote_name(request: httpx.Request) -> str:
    """The operation, without ids: `instagram POST media_publish`, `buffer createPost`."""
    if kind := _declared(request):
        return f"{kind.channel} {kind.operation(request)}"
    if _is_buffer(request):
        query = str(json.loads(request.content)["query"])
        return f"buffer {re.findall(r'[a-zA-Z]+', query.partition('{')[2])[0]}"
    last = request.url.path.rsplit("/", 1)[-1]
    return f"instagram {request.method} {'object' if last.isdigit() else last}"
