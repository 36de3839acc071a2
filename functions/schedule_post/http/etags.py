"""Entity tags and `If-Match` (RFC 9110, §8.8.3 and §13.1.1)."""

import hashlib
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match", max_length=200, description="`ETag` of the version to change; omit it to change any version."
    ),
]


def etag_of(body: BaseModel, exclude: Any = None) -> str:
    """The entity tag of a response body: a hash of its JSON, without what pydantic is to `exclude`."""
    return f'"{hashlib.sha256(body.model_dump_json(exclude=exclude).encode()).hexdigest()[:16]}"'


def matches(if_match: str, etag: str) -> bool:
    return if_match.strip() == "*" or etag in (listed.strip() for listed in if_match.split(","))
