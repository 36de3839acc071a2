"""Entity tags and their preconditions (RFC 9110, §8.8.3 and §13.1.1)."""

import hashlib
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Header
from pydantic import BaseModel

IfMatch = Annotated[
    str | None, Header(alias="If-Match", max_length=200, description="`ETag` of the version to change; absent = any.")
]


def tag_of(told: BaseModel) -> str:
    """The tag of a representation: whatever changes in it changes the tag."""
    return f'"{hashlib.sha256(told.model_dump_json().encode()).hexdigest()[:16]}"'


def matches(if_match: str, tag: str) -> bool:
    """Whether a strong comparison finds `tag` in `if_match`."""
    return if_match.strip() == "*" or tag in (one.strip() for one in if_match.split(","))
