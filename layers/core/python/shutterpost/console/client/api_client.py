"""Client of a deployment's API; also makes its boto3 clients."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from shutterpost.console import Json
from shutterpost.console.client.deployment import Deployment
from shutterpost.console.client.exit_codes import ApiRefused, ApiUnreachable, CredentialsMissing

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

_PAGE_SIZE = 100
_TIMEOUT, _PAUSES = 60, (0.5, 1.0, 2.0)
_MAX_PAUSE = 10.0
_ACCEPTED, _CLIENT_ERROR, _FORBIDDEN, _TOO_MANY, _SERVER_ERROR, _BUSY = 202, 400, 403, 429, 500, 503
# The pool exceeds the number of parallel uploads.
_POOL_SIZE, _ATTEMPTS = 64, 9
_LOG_IN = "log in again, choose a --profile, or allow execute-api:Invoke for your role"


@dataclass(frozen=True)
class ApiResponse:
    """A successful response: HTTP status, decoded body, and the version for `If-Match` if there is one."""

    status: int
    body: Any
    etag: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the work continues in the background."""
        return self.status == _ACCEPTED


@dataclass(frozen=True)
class ApiClient:
    """Signs requests to `deployment` with the operator's AWS credentials."""

    deployment: Deployment

    def client(self, service: str) -> Any:
        from shutterpost.runtime.clients import retry_policy

        config = retry_policy(attempts=_ATTEMPTS, read_timeout=_TIMEOUT, max_pool_connections=_POOL_SIZE)
        return self._session.client(service, endpoint_url=self.deployment.endpoint_url, config=config)

    def get(self, path: str, **query: str) -> Any:
        return self.request("GET", path, query=query).body

    def pages(self, path: str, items: str, **query: str) -> Iterator[Json]:
        """Every item of a list, page by page; `items` is the member that holds them."""
        cursor: str | None = None
        while True:
            page = self.get(path, **{"limit": str(_PAGE_SIZE), **query, **({"cursor": cursor} if cursor else {})})
            yield from page[items]
            cursor = page["cursor"]
            if cursor is None:
                return

    def post(self, path: str, body: Any = None, *, key: str | None = None, **query: str) -> ApiResponse:
        """POST `body`; with the Idempotency-Key `key`, a repeated request returns the first one's result."""
        return self.request("POST", path, body, query=query, headers={"idempotency-key": key} if key else {})

    def patch(self, path: str, body: Any, *, if_match: str | None = None, **query: str) -> ApiResponse:
        """PATCH with `body`, only if the version is `if_match`, where given."""
        return self.request("PATCH", path, body, query=query, headers={"if-match": if_match} if if_match else {})

    def put(self, path: str, body: Any) -> ApiResponse:
        return self.request("PUT", path, body)

    def delete(self, path: str) -> ApiResponse:
        return self.request("DELETE", path)

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ApiResponse:
        """Send a signed request; retry transient errors where a repeat is safe.

        Raises `ApiRefused`, `CredentialsMissing`, and `ApiUnreachable` if there was no response.
        """
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return _parse(self.exchange(method, path + (f"?{urlencode(query)}" if query else ""), content, headers or {}))

    def exchange(self, method: str, path: str, content: bytes, headers: Mapping[str, str]) -> "AWSResponse":
        """As `request`, for a path with its query; returns any response as it is."""
        from botocore.exceptions import (
            ConnectTimeoutError,
            EndpointConnectionError,
            HTTPClientError,
            ProxyConnectionError,
            SSLError,
        )

        repeatable = "if-match" not in headers and (method != "POST" or "idempotency-key" in headers)
        url = self.deployment.api_url.rstrip("/") + path
        for pause in (*_PAUSES, None):
            wait = pause
            try:
                response: AWSResponse = self._http.send(self._signed(method, url, content, headers))
            except (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError, SSLError) as error:
                if pause is None:
                    raise ApiUnreachable(f"No response from {_host(url)}; {self._connection_hint}.") from error
            except HTTPClientError as error:
                if pause is None or not repeatable:
                    raise ApiUnreachable(_no_response(method, type(error).__name__)) from error
            else:
                transient = response.status_code in {_TOO_MANY, _BUSY} or (
                    repeatable and response.status_code >= _SERVER_ERROR
                )
                if pause is None or not transient:
                    return response
                wait = max(pause, _retry_after(response))
            time.sleep(wait or 0)
        raise ApiUnreachable(_no_response(method, "no attempt succeeded"))

    @cached_property
    def _http(self) -> Any:
        # botocore is imported for the signature anyway; its session supports proxies and AWS_CA_BUNDLE.
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        proxies = get_environ_proxies(self.deployment.api_url)
        return URLLib3Session(proxies=proxies, timeout=_TIMEOUT, max_pool_connections=_POOL_SIZE)

    @cached_property
    def _session(self) -> Any:
        import boto3
        from botocore.exceptions import BotoCoreError

        try:
            return boto3.Session(
                profile_name=self.deployment.profile,
                region_name=self.deployment.region,
                aws_access_key_id=self.deployment.access_key_id,
                aws_secret_access_key=self.deployment.secret_access_key,
            )
        except BotoCoreError as error:
            raise CredentialsMissing(f"{error} Choose another --profile.") from error

    @cached_property
    def _credentials(self) -> Any:
        if self.deployment.access_key_id and self.deployment.secret_access_key:
            from botocore.credentials import Credentials

            return Credentials(self.deployment.access_key_id, self.deployment.secret_access_key)
        return self._session.get_credentials()

    def _signed(self, method: str, url: str, content: bytes, headers: Mapping[str, str]) -> "AWSPreparedRequest":
        """The request with a SigV4 signature; each attempt needs its own, as a signature expires after minutes."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError

        unsigned = {**headers, **({"content-type": "application/json"} if content else {})}
        request = AWSRequest(method, url, data=content, headers=unsigned)
        try:
            if self._credentials is None:
                raise CredentialsMissing("There are no AWS credentials; log in, or choose a --profile.")
            SigV4Auth(self._credentials, "execute-api", self.deployment.region).add_auth(request)
        except BotoCoreError as error:
            raise CredentialsMissing(f"{error} Log in again, or choose a --profile.") from error
        return request.prepare()

    @property
    def _connection_hint(self) -> str:
        if self.deployment.endpoint_url is None:
            return "check the network and the --region"
        return "start the demo again with make demo KEEP=1, or use --stage prod for your own deployment"


def segment(text: str) -> str:
    """`text` quoted as one segment of a path."""
    return quote(text, safe="")


def _parse(response: "AWSResponse") -> ApiResponse:
    body, status = _decode(response), response.status_code
    if status < _CLIENT_ERROR:
        if response.content and not isinstance(body, dict):
            raise ApiUnreachable("The response is not one of Shutterpost's API; check the network and the deployment.")
        return ApiResponse(status, body, response.headers.get("etag"))
    problem = dict(body) if isinstance(body, dict) else {}
    kind = str(problem.pop("type", "")).rpartition(":")[2]
    detail = problem.pop("detail", None)
    if detail is None and status == _FORBIDDEN:
        raise CredentialsMissing(f"The API rejected the request's signature ({_message(problem)}): {_LOG_IN}.")
    problem.pop("status", None)
    detail = detail or f"The API returned {status} ({_message(problem)}); try again in a moment."
    raise ApiRefused(detail, status=status, problem=kind, **problem)


def _decode(response: "AWSResponse") -> Any:
    try:
        return json.loads(response.content) if response.content else None
    except ValueError:
        return response.content.decode(errors="replace")


def _message(problem: Mapping[str, Any]) -> str:
    return str(problem.get("message") or problem.get("Message") or "no message")


def _retry_after(response: "AWSResponse") -> float:
    seconds = response.headers.get("retry-after", "")
    return min(float(seconds), _MAX_PAUSE) if seconds.isdigit() else 0.0


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _no_response(method: str, error: str) -> str:
    if method == "GET":
        return f"The API did not respond ({error}); try again in a moment."
    return f"The API did not respond ({error}); the change may or may not be applied. Check, then repeat the command."
