"""Which deployment the console talks to, and how it reaches it."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config

from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value

DEMO = Path("demo/running.json")
_PAGE = 100
_PATIENCE, _PAUSES = 60.0, (0.5, 1.0, 2.0)
_TOO_MANY, _SERVER_ERROR = 429, 500
# As many connections as there are uploads at once, and then some.
_CLIENT = Config(retries={"mode": "standard", "max_attempts": 8}, max_pool_connections=64)


class DeploymentUnknown(Refusal):
    """There is no such deployment, or it does not say how to reach it."""

    kind = "deployment-unknown"


class ApiRefused(Refusal):
    """The API said no; `members` are those of its problem document."""

    kind = "api-refused"


class Deployment(Value):
    """Addresses of a deployment; keys and `endpoint_url` only for one on this machine, as `make demo` writes them."""

    api_url: str
    bucket: str
    queue_url: str | None = None
    endpoint_url: str | None = None
    region: str = "us-east-1"
    profile: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def _asked(url: str, headers: dict[str, str]) -> httpx.Response:
    """The answer to a GET; what passes by itself is asked again, so that a long wait outlives a bad moment."""
    for pause in _PAUSES:
        with suppress(httpx.TransportError):
            answer = _http().get(url, headers=headers)
            if answer.status_code < _SERVER_ERROR and answer.status_code != _TOO_MANY:
                return answer
        time.sleep(pause)
    return _http().get(url, headers=headers)


@lru_cache
def _http() -> httpx.Client:
    """One client for all calls: each new one would read all certificates anew, and keep megabytes of them."""
    return httpx.Client(timeout=_PATIENCE)


def find_deployment(*, stage: str, profile: str | None, region: str | None, file: Path | None) -> Deployment:
    """The deployment `file` describes, else a running demo's where `stage` is `local`, else that of the stage's stack.

    Raises `DeploymentUnknown`.
    """
    file = file or (DEMO if stage == "local" else None)
    if file is not None:
        try:
            return Deployment.model_validate({"profile": profile, **json.loads(file.read_text())})
        except OSError as error:
            raise DeploymentUnknown(f"There is no {file}; start a demo with: make demo KEEP=1.") from error
    stack = f"shutterpost-{stage}-app"
    session = boto3.Session(profile_name=profile, region_name=region)
    try:
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except session.client("cloudformation").exceptions.ClientError as error:
        detail = f"There is no stack {stack} in {session.region_name}; choose another --stage, --region or --profile."
        raise DeploymentUnknown(detail) from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
    return Deployment(
        api_url=outputs["ApiUrl"],
        bucket=outputs["LibraryBucket"],
        queue_url=outputs["ImportQueueUrl"],
        region=str(session.region_name),
        profile=profile,
    )


@dataclass(frozen=True)
class Reach:
    """A deployment's API, bucket and queue, in the operator's name."""

    deployment: Deployment

    def client(self, service: str) -> Any:
        """A boto3 client of `service`."""
        return self._session().client(service, endpoint_url=self.deployment.endpoint_url, config=_CLIENT)  # type: ignore[call-overload]  # the name is only known at run time

    def get(self, path: str, **query: str) -> Any:
        """The API's answer to a signed GET. Raises `ApiRefused`, and httpx's errors where there is no answer."""
        url = self.deployment.api_url.rstrip("/") + path + (f"?{urlencode(query)}" if query else "")
        request = AWSRequest("GET", url)
        credentials = self._session().get_credentials()
        if credentials is None:
            raise DeploymentUnknown("There are no AWS credentials; log in, or choose a --profile.")
        SigV4Auth(credentials, "execute-api", self.deployment.region).add_auth(request)
        answer = _asked(url, dict(request.headers.items()))
        if answer.is_success:
            return answer.json()
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        detail = problem.pop("detail", None) or f"The API answered {answer.status_code}."
        raise ApiRefused(detail, **problem)

    def pages(self, path: str, items: str, **query: str) -> Iterator[dict[str, Any]]:
        """Everything the API lists at `path`, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, **query, limit=str(_PAGE), **({"cursor": cursor} if cursor else {}))
            yield from page[items]
            cursor = page["cursor"]
            if cursor is None:
                return

    def _session(self) -> boto3.Session:
        told = self.deployment
        return boto3.Session(
            profile_name=told.profile,
            region_name=told.region,
            aws_access_key_id=told.access_key_id,
            aws_secret_access_key=told.secret_access_key,
        )
