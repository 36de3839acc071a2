"""Calls of the API for the page: only those of the OpenAPI document, signed with the operator's credentials."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ApiUnreachable, CredentialsMissing
from shutterpost.console.web.account_pictures import AccountPictures
from shutterpost.console.web.problems import READ_ONLY, problem
from shutterpost.console.web.requests import body_of, segments_below

PREFIX = "/api"
MAX_BODY = 1_000_000
_SENT = ("idempotency-key", "if-match", "if-none-match")
_RETURNED = ("content-type", "etag", "retry-after")
_SAFE = "GET"
_OK, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_LARGE, _BAD_GATEWAY = 200, 401, 403, 404, 413, 502
_PARAMETER = re.compile(r"\{[^}]+\}")
_PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Operations:
    """The methods and paths that may be called; `paths` is the OpenAPI document's member."""

    paths: Mapping[str, Iterable[str]]
    read_only: bool

    def allow(self, method: str, segments: Iterable[str]) -> bool:
        path = "/" + "/".join(segments)
        allowed = (methods for pattern, methods in self._patterns if pattern.fullmatch(path))
        return any(method in methods for methods in allowed)

    @cached_property
    def _patterns(self) -> list[tuple[re.Pattern[str], frozenset[str]]]:
        return [(_pattern(path), frozenset(map(str.upper, methods))) for path, methods in self.paths.items()]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, _PARAMETER.split(path))))


@dataclass(frozen=True)
class Forwarder:
    """Calls of the page; `account_pictures` notes the addresses in what the API answers."""

    api: ApiClient
    operations: Operations
    account_pictures: AccountPictures

    async def __call__(self, request: Request) -> Response:
        """The API's response; a problem if the call is not allowed or there was no response."""
        if self.operations.read_only and request.method != _SAFE:
            return problem(_FORBIDDEN, *READ_ONLY)
        segments = segments_below(PREFIX, request)
        if segments is None or not self.operations.allow(request.method, segments):
            return problem(_NOT_FOUND, "route-unknown", f"The API has no {request.method} {request.url.path}.")
        content = await body_of(request, MAX_BODY)
        if content is None:
            return problem(_TOO_LARGE, "body-too-large", f"The request has more than {MAX_BODY} bytes.")
        return await run_in_threadpool(self._call, request, segments, content)

    def _call(self, request: Request, segments: list[str], content: bytes) -> Response:
        query = urlencode(parse_qsl(request.url.query, keep_blank_values=True))
        path = "/" + "/".join(quote(segment, safe="") for segment in segments) + (f"?{query}" if query else "")
        headers = {name: request.headers[name] for name in _SENT if name in request.headers}
        try:
            response = self.api.exchange(request.method, path, content, headers)
        except CredentialsMissing as error:
            return problem(_UNAUTHORIZED, error.kind, error.detail)
        except ApiUnreachable as error:
            return problem(_BAD_GATEWAY, error.kind, error.detail)
        if response.status_code == _FORBIDDEN and response.headers.get("content-type") != _PROBLEM:
            # API Gateway's own refusal of a signature, not the API's.
            detail = "AWS refused the signature: the credentials have ended, or lack execute-api:Invoke. Log in again."
            return problem(_UNAUTHORIZED, CredentialsMissing.kind, detail)
        if request.method == _SAFE and response.status_code == _OK:
            self.account_pictures.note(segments, response.content)
        returned = {name: response.headers[name] for name in _RETURNED if name in response.headers}
        return Response(response.content, response.status_code, {**returned, "cache-control": "no-store"})
