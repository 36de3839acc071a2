"""A deployment's API, bucket and queue, in the operator's name."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from shutterpost.console.client.deployment import Deployment
from shutterpost.console.client.exit_codes import ApiRefused, ApiUnreachable, CredentialsMissing

if TYPE_CHECKING:
    import httpx

_PAGE = 100
_PATIENCE, _PAUSES = 60.0, (0.5, 1.0, 2.0)
_LONGEST_PAUSE = 10.0
_ACCEPTED, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR, _BUSY = 202, 403, 429, 500, 503
# As many connections as there are uploads at once, and then some.
_POOL, _ATTEMPTS = 64, 8
_LOG_IN = "log in again, choose a --profile, or let your role have execute-api:Invoke"


@dataclass(frozen=True)
class ApiResponse:
    """A yes of the API: HTTP status, decoded body, and the version for `If-Match` where there is one."""

    status: int
    body: Any
    etag: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether it is not done yet, and goes on by itself."""
        return self.status == _ACCEPTED


@dataclass(frozen=True)
class ApiClient:
    """How to reach a deployment."""

    deployment: Deployment

    def client(self, service: str) -> Any:
        """A boto3 client of `service`."""
        from botocore.config import Config

        config = Config(retries={"mode": "standard", "max_attempts": _ATTEMPTS}, max_pool_connections=_POOL)
        return self._session.client(service, endpoint_url=self.deployment.endpoint_url, config=config)

    def get(self, path: str, **query: str) -> Any:
        """What the API has at `path`. Raises the refusals of `ask`."""
        return self.ask("GET", path, query=query).body

    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]:
        """Everything the API lists at `path`, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **{"limit": str(_PAGE), **query, **({"cursor": cursor} if cursor else {})})
            yield from page[items]
            cursor = page["cursor"]
            if cursor is None:
                return

    def post(self, path: str, body: Any = None, *, key: str | None = None, **query: str) -> ApiResponse:
        """POST `body`; with `key` (the Idempotency-Key) a repeat finds the first request's effect."""
        return self.ask("POST", path, body, query=query, headers={"idempotency-key": key} if key else {})

    def patch(self, path: str, body: Any, *, if_match: str | None = None) -> ApiResponse:
        """PATCH with `body`, where given only of the version `if_match`."""
        return self.ask("PATCH", path, body, headers={"if-match": if_match} if if_match else {})

    def put(self, path: str, body: Any) -> ApiResponse:
        """PUT `body`."""
        return self.ask("PUT", path, body)

    def delete(self, path: str) -> ApiResponse:
        """DELETE `path`."""
        return self.ask("DELETE", path)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """One signed request, repeated where that is safe and the trouble may pass by itself.

        Raises `ApiRefused`, `CredentialsMissing`, and `ApiUnreachable` where none came.
        """
        import httpx

        headers = dict(headers or {})
        repeatable = "if-match" not in headers and (method != "POST" or "idempotency-key" in headers)
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        url = self.deployment.api_url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        for pause in (*_PAUSES, None):
            wait = pause
            try:
                answer = self._http.request(
                    method, url, content=content, headers=self._signed(method, url, content, headers)
                )
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                if pause is None:
                    raise ApiUnreachable(f"Nothing answers at {_host(url)}; {self._advice}.") from error
            except httpx.TransportError as error:
                if pause is None or not repeatable:
                    raise ApiUnreachable(_unclear(method, type(error).__name__)) from error
            else:
                passing = answer.status_code in {_TOO_MANY, _BUSY} or (
                    repeatable and answer.status_code >= _SERVER_ERROR
                )
                if pause is None or not passing:
                    return _read(answer)
                wait = max(pause, _retry_after(answer))
            time.sleep(wait or 0)
        raise ApiUnreachable(_unclear(method, "nothing"))

    @cached_property
    def _http(self) -> "httpx.Client":
        import httpx

        return httpx.Client(timeout=_PATIENCE)

    @cached_property
    def _session(self) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        told = self.deployment
        try:
            return boto3.Session(
                profile_name=told.profile,
                region_name=told.region,
                aws_access_key_id=told.access_key_id,
                aws_secret_access_key=told.secret_access_key,
            )
        except BotoCoreError as error:
            raise CredentialsMissing(f"{error} Choose another --profile.") from error

    def _signed(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers with the signature (SigV4), made anew for each request as it holds for minutes only."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError

        given = {**headers, **({"content-type": "application/json"} if content else {})}
        request = AWSRequest(method, url, data=content, headers=given)
        try:
            credentials = self._session.get_credentials()
            if credentials is None:
                raise CredentialsMissing("There are no AWS credentials; log in, or choose a --profile.")
            SigV4Auth(credentials, "execute-api", self.deployment.region).add_auth(request)
        except BotoCoreError as error:
            raise CredentialsMissing(f"{error} Log in again, or choose a --profile.") from error
        return dict(request.headers.items())

    @property
    def _advice(self) -> str:
        if self.deployment.endpoint_url is None:
            return "check the network and the --region"
        return "start the demo again with make demo KEEP=1, or say --stage prod for your own deployment"


def segment(text: str) -> str:
    """`text` as one segment of a path."""
    return quote(text, safe="")


def _read(answer: "httpx.Response") -> ApiResponse:
    told = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text
    if answer.is_success:
        return ApiResponse(answer.status_code, told, answer.headers.get("etag"))
    problem = dict(told) if isinstance(told, dict) else {}
    kind = str(problem.pop("type", "")).rpartition(":")[2]
    detail, status = problem.pop("detail", None), answer.status_code
    if detail is None and status == _FORBIDDEN:
        raise CredentialsMissing(f"The API did not take your signature ({_message(problem)}): {_LOG_IN}.")
    problem.pop("status", None)
    detail = detail or f"The API answered {status} ({_message(problem)}); ask again in a moment."
    raise ApiRefused(detail, status=status, problem=kind, **problem)


def _message(problem: Mapping[str, Any]) -> str:
    return str(problem.get("message") or problem.get("Message") or "without a word")


def _retry_after(answer: "httpx.Response") -> float:
    told = answer.headers.get("retry-after", "")
    return min(float(told), _LONGEST_PAUSE) if told.isdigit() else 0.0


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _unclear(method: str, what: str) -> str:
    if method == "GET":
        return f"The API gave no answer ({what}); ask again in a moment."
    return f"The API gave no answer ({what}), so it may be done or not: look, then repeat it; nothing is done twice."
