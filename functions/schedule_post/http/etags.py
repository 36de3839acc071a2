"""Entity tags, `If-Match` and `If-None-Match` (RFC 9110, §8.8.3, §13.1.1 and §13.1.2)."""

import hashlib
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="`ETag` of the version to change; omit it to change any version."
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(
        alias="If-None-Match",
        max_length=200,
        description="`ETag` of the version that the caller has: 304 if it is current.",
    ),
]


def etag_of(body: BaseModel, exclude: Any = None) -> str:
    """The entity tag of a response body: a hash of its JSON, without what pydantic is to `exclude`."""
    return f'"{hashlib.sha256(body.model_dump_json(exclude=exclude).encode()).hexdigest()[:16]}"'


def matches(if_match: str, etag: str) -> bool:
    return if_match.strip() == "*" or etag in (listed.strip() for listed in if_match.split(","))


class NotModified(Exception):
    """The caller has the current version, whose entity tag is `etag`."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


def cached_response(body: BaseModel, if_none_match: str | None) -> Response[Any]:
    """The body with its entity tag. Raises `NotModified` if the caller has it."""
    etag = etag_of(body)
    if if_none_match is not None and matches(if_none_match.replace("W/", ""), etag):
        raise NotModified(etag)
    return Response(HTTPStatus.OK.value, content_types.APPLICATION_JSON, body, headers=_headers(etag))


def not_modified_response(unchanged: NotModified) -> Response[str]:
    return Response(HTTPStatus.NOT_MODIFIED.value, body="", headers=_headers(unchanged.etag))


def _headers(etag: str) -> dict[str, str | list[str]]:
    return {"ETag": etag, "Cache-Control": "private, no-cache"}
