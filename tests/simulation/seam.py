"""Where calls leave the process: AWS at botocore, platforms at httpx. Inside, a handler answers instead."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import httpx
from botocore.client import BaseClient

from tests.simulation.dynamodb import DynamoDb, Refused

# Service, operation and arguments → the parsed answer; `None` leaves the call to botocore.
Aws = Callable[[str, str, dict[str, Any]], dict[str, Any] | None]
Http = Callable[[httpx.Request], httpx.Response]


@contextlib.contextmanager
def calls_to(aws: Aws, platforms: Http | None = None) -> Iterator[None]:
    """Let `aws` answer every AWS call, and `platforms` every HTTP request; `Refused` becomes botocore's error."""

    botocore: Any = getattr(BaseClient, "_make_api_call")  # noqa: B009 - botocore's types hide it

    def make_api_call(client: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            answer = aws(client.meta.service_model.service_name, operation, arguments)
        except Refused as refused:
            error = {"Code": refused.code, "Message": refused.message}
            refusal: Any = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}, **refused.more}
            error_class: Any = client.exceptions.from_code(refused.code)
            raise error_class(refusal, operation) from None
        return botocore(client, operation, arguments) if answer is None else answer

    def send(client: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        del client, options
        assert platforms is not None
        return platforms(request)

    with contextlib.ExitStack() as patches:
        patches.enter_context(mock.patch.object(BaseClient, "_make_api_call", make_api_call))
        if platforms is not None:
            patches.enter_context(mock.patch.object(httpx.Client, "send", send))
        yield


@contextlib.contextmanager
def only_tables(service: DynamoDb) -> Iterator[None]:
    """Let `service` answer DynamoDB's calls, from any thread."""
    lock = threading.Lock()

    def answer(name: str, operation: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
        if name != "dynamodb":
            return None
        with lock:
            return service.call(operation, arguments)

    with calls_to(answer):
        yield
