"""Calling the API as API Gateway does: with the events of an HTTP API, payload 2.0, IAM authorizer."""

import copy
import itertools
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlencode

from aws_lambda_powertools.utilities.typing import LambdaContext

from schedule_post.api import handler
from tests.api.documented import check_documented

EVENT: dict[str, Any] = json.loads((Path(__file__).parent / "events" / "http_api.json").read_text())
CONTEXT = cast(
    "LambdaContext",
    SimpleNamespace(
        function_name="schedule_post_api",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:schedule_post_api",
        aws_request_id="request-1",
    ),
)
ROLE_ARN = "arn:aws:sts::123456789012:assumed-role/Photographer/monday"
OTHER_ARN = "arn:aws:sts::123456789012:assumed-role/Rival/tuesday"
# A worker of Lambda has one request at a time; a test's page and the test itself would have two.
_WORKER = threading.RLock()
_request_ids = (f"request-{number}=" for number in itertools.count(1))


def invoke(event: dict[str, Any]) -> dict[str, Any]:
    """The handler's response, as one worker gives it."""
    with _WORKER:
        return handler(event, CONTEXT)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any

    def problem(self) -> tuple[int, str]:
        """Status and the problem's kind, after a look at the document's form."""
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["status"] == self.status
        assert self.body["title"]
        assert self.body["detail"].endswith((".", "?"))
        assert self.body["instance"].startswith("urn:shutterpost:request:")
        prefix, _, kind = self.body["type"].rpartition(":")
        assert prefix == "urn:shutterpost:problem"
        return self.status, kind

    def broken(self) -> dict[str, str]:
        """Broken rules by field."""
        assert self.problem() == (422, "invalid")
        return {error["field"]: error["rule"] for error in self.body["errors"]}


@dataclass(frozen=True)
class Caller:
    """Somebody who signs requests; `arn` is `None` for somebody who does not."""

    arn: str | None = ROLE_ARN

    def event(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The event of one request; a body that is no text is sent as JSON."""
        event = copy.deepcopy(EVENT)
        context = event["requestContext"]
        context["requestId"] = next(_request_ids)
        context["http"] |= {"method": method, "path": path}
        event["rawPath"] = path
        event["headers"] |= headers or {}
        if self.arn is None:
            del context["authorizer"], event["headers"]["authorization"]
        else:
            context["authorizer"]["iam"]["userArn"] = self.arn
        if query:
            event["rawQueryString"] = urlencode(query)
            event["queryStringParameters"] = dict(query)
        if body is not None:
            event["headers"].setdefault("content-type", "application/json")
            event["body"] = body if isinstance(body, str) else json.dumps(body)
        return event

    def send(self, event: dict[str, Any]) -> Answer:
        """The answer to `event`, which the OpenAPI document must know."""
        report = invoke(event)
        is_json = "json" in report["headers"].get("Content-Type", "")
        answer = Answer(
            report["statusCode"], report["headers"], json.loads(report["body"]) if is_json else report["body"]
        )
        method, path = event["requestContext"]["http"]["method"], event["rawPath"]
        check_documented(method, path, answer.status, answer.headers, answer.body)
        return answer

    def get(self, path: str, **query: str) -> Answer:
        """GET `path`."""
        return self.send(self.event("GET", path, query=query))

    def post(self, path: str, body: Any = None, query: Mapping[str, str] | None = None, /, **headers: str) -> Answer:
        """POST `body`; header names with underscores for hyphens."""
        return self.send(self.event("POST", path, body, _named(headers), query))

    def patch(self, path: str, body: Any, query: Mapping[str, str] | None = None, /, **headers: str) -> Answer:
        """PATCH with `body`."""
        return self.send(self.event("PATCH", path, body, _named(headers), query))

    def put(self, path: str, body: Any) -> Answer:
        """PUT `body`."""
        return self.send(self.event("PUT", path, body))

    def delete(self, path: str) -> Answer:
        """DELETE `path`."""
        return self.send(self.event("DELETE", path))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
