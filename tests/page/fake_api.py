"""An API that gives chosen answers, so that the page can be shown in any state.

Answers begin as the recorded examples, and must fit the API's document, as must the page's requests.
"""

import copy
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
from botocore.exceptions import ClientError
from PIL import Image

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ApiUnreachable, CredentialsMissing
from tests.api.documented import operations, validator
from tests.api.examples import FILE

PERSONA, NOW = "nature-explorer-f8cb5d", "2026-03-01T12:00:00Z"


@dataclass(frozen=True)
class Reply:
    """A response; a problem where `status` is one of an error. `is_checked`: smaller ones of its kind are."""

    body: Any = None
    status: int = 200
    etag: str | None = None
    is_checked: bool = False


@dataclass(frozen=True)
class Request:
    """A call of the page: `values` has the parameters of its path and its query."""

    operation: str
    values: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]


Answer = Reply | Exception | Callable[[Request], Reply]
OFFLINE = ApiUnreachable("No response from the API; check the network.")
LOGGED_OUT = CredentialsMissing("The AWS credentials have expired. Log in again, or choose a --profile.")
THROTTLED = Reply({"message": "Too Many Requests"}, 429)


def example(operation: str, status: int = 200, /, **changes: Any) -> Any:
    """The recorded response's body, with members replaced."""
    return copy.deepcopy(_examples()[operation][str(status)]) | changes


def refusal(status: int, kind: str, detail: str) -> Reply:
    return Reply({"type": f"urn:shutterpost:problem:{kind}", "title": kind, "status": status, "detail": detail}, status)


@dataclass(frozen=True)
class FakeApi(ApiClient):
    """`answers` by operation, else the example; `calls` is what the page asked."""

    answers: dict[str, Answer] = field(default_factory=dict)
    calls: list[Request] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)

    def client(self, _: str) -> Any:
        return self

    def get_object(self, **request: str) -> Any:
        """A rendition in a colour of its photo's own, unless the photo is one of `missing`."""
        photo, name = request["Key"].split("/")[2:4]
        if photo[:12] in self.missing:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(_picture(photo[:6], name.rpartition(".")[2]))}

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self, **request: str) -> Any:
        """The renditions of the photo whose id begins so."""
        prefix = request["Prefix"]
        folder = prefix.ljust(len(prefix.rpartition("/")[0]) + 65, "0")
        return [{"Contents": [{"Key": f"{folder}/{name}"} for name in ("thumb.webp", "feed.jpg")]}]

    def exchange(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Any:
        request = _request(method, path, content, headers)
        self.calls.append(request)
        answer = self.answers.get(request.operation)
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            answer = Reply(example(request.operation))
        reply = answer if isinstance(answer, Reply) else answer(request)
        if reply.status < 400 and not reply.is_checked:
            _check(request.operation, str(reply.status), reply.body)
        if reply.etag is not None and headers.get("if-none-match") == reply.etag:
            return httpx.Response(304, headers={"etag": reply.etag})
        kind = "application/problem+json" if reply.status >= 400 and "type" in reply.body else "application/json"
        tag = {} if reply.etag is None else {"etag": reply.etag}
        return httpx.Response(reply.status, content=json.dumps(reply.body), headers={"content-type": kind, **tag})


def _request(method: str, path: str, content: bytes, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(path)
    for known, template, operation in operations():
        pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template)
        match = re.fullmatch(pattern, parts.path) if known == method else None
        # A literal segment goes before a parameter: /photos/index is no photo.
        if match and not any(value in {"index", "duplicates", "vectors", "search"} for value in match.groups()):
            values = {name: unquote(value) for name, value in match.groupdict().items()}
            values |= {name: value[0] for name, value in parse_qs(parts.query).items()}
            body = json.loads(content) if content else None
            if body is not None or operation.get("requestBody", {}).get("required"):
                _check(operation["operationId"], "request", body)
            return Request(operation["operationId"], values, body, dict(headers))
    raise AssertionError(f"The API has no {method} {parts.path}.")


def _check(operation: str, part: str, body: Any) -> None:
    if (schema := _schemas()[operation].get(part)) is not None:
        validator(schema).validate(body)


@cache
def _examples() -> Any:
    return json.loads(FILE.read_text())


@cache
def _schemas() -> dict[str, dict[str, Any]]:
    """By operation: the schema of the request's body, and of each response by status."""

    def schemas(operation: Any) -> dict[str, Any]:
        parts = {**operation["responses"], "request": operation.get("requestBody", {})}
        contents = {name: part.get("content", {}).get("application/json", {}) for name, part in parts.items()}
        return {name: content["schema"] for name, content in contents.items() if "schema" in content}

    return {operation["operationId"]: schemas(operation) for _, _, operation in operations()}


@cache
def _picture(colour: str, ending: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), f"#{colour}").save(content, "WEBP" if ending == "webp" else "JPEG")
    return content.getvalue()
