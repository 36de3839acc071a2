"""Call every operation of the services given as arguments and print each request and its parsed answer as JSON.

Runs in an interpreter of its own, which has nothing but a botocore. No request leaves the process: a `before-send`
handler answers each one.
"""

import base64
import io
import json
import sys
from collections.abc import Iterator
from typing import Any

import botocore.session
from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.loaders import Loader

REGIONS = ("us-east-1", "eu-central-1", "ap-southeast-4", "us-gov-west-1", "cn-north-1")
CHANGING = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "date", "x-amz-date"}
ANSWERS = {"good": (200, b"{}"), "refusal": (400, b'{"__type": "AnyException", "message": "no"}')}
HEADERS: Any = {"content-type": "application/json"}
DEEPEST = 6
SIMPLE: dict[str, Any] = {"blob": b"bytes", "boolean": True, "float": 1.5, "double": 1.5, "timestamp": 1_700_000_000}


class Raw(io.BytesIO):
    """What urllib3 hands to botocore."""

    def stream(self, **_options: Any) -> Iterator[bytes]:
        """The body in one piece."""
        yield self.read()


def parameters(shape: Any, depth: int = 0) -> Any:
    """The least that `shape` accepts: required members, and tokens that botocore would make at random."""
    least = int(shape.metadata.get("min", 1))
    match shape.type_name:
        case "structure":
            members = {name: parameters(shape.members[name], depth + 1) for name in _wanted(shape)}
            return {**members, **({"CopySource": "any-bucket/any key"} if "CopySource" in members else {})}
        case "list":
            return [parameters(shape.member, depth + 1)] if depth < DEEPEST else []
        case "map":
            return {"key": parameters(shape.value, depth + 1)} if depth < DEEPEST else {}
        case "string":
            return shape.enum[0] if shape.enum else "a" * max(8, least)
        case "integer" | "long":
            return max(1, least)
        case other:
            return SIMPLE[other]


def _wanted(shape: Any) -> list[str]:
    if shape.is_tagged_union:
        return list(shape.members)[:1]
    return [
        name
        for name, member in shape.members.items()
        if name in shape.required_members or member.metadata.get("idempotencyToken")
    ]


def calls(service: str, region: str) -> Iterator[tuple[str, Any]]:
    """What each operation sends and what becomes of each of the `ANSWERS`."""
    client: Any = botocore.session.Session().create_client(
        service, region_name=region, config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
    )
    sent: list[Any] = []
    answer = ""

    def answered(request: Any, **_more: Any) -> AWSResponse:
        body = request.body.read() if hasattr(request.body, "read") else request.body or b""
        headers = sorted((key.lower(), text(value)) for key, value in request.headers.items())
        sent.append(
            {
                "method": request.method,
                "url": request.url,
                "headers": [pair for pair in headers if pair[0] not in CHANGING],
                "body": text(body),
            }
        )
        status, content = ANSWERS[answer]
        return AWSResponse(request.url, status, HEADERS, Raw(content))

    client.meta.events.register_first("before-send", answered)
    yield f"{service} {region} waiters", client.waiter_names
    yield (
        f"{service} {region} paginators",
        [item for item in client.meta.method_to_api_mapping if client.can_paginate(item)],
    )
    for operation in client.meta.service_model.operation_names:
        shape = client.meta.service_model.operation_model(operation).input_shape
        for answer in ANSWERS:
            sent.clear()
            try:
                outcome = client._make_api_call(operation, parameters(shape) if shape else {})
                outcome.pop("ResponseMetadata", None)
                outcome = sorted(outcome)
            except Exception as error:  # noqa: BLE001 - the error is what is compared
                outcome = f"{type(error).__name__}: {error}"
            yield f"{service} {region} {xform_name(operation)} {answer}", {"sent": list(sent), "outcome": outcome}


def text(value: Any) -> str:
    """Bytes as text, whatever is in them."""
    return base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else str(value)


if __name__ == "__main__":
    result = {name: report for service in sys.argv[1:] for region in REGIONS for name, report in calls(service, region)}
    json.dump({"botocore": botocore.__version__, "data": Loader.BUILTIN_DATA_PATH, "calls": result}, sys.stdout)
