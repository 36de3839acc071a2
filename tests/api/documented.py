"""Checks responses against the OpenAPI document."""

import re
from functools import lru_cache
from typing import Any

from openapi_schema_validator import OAS31Validator

from schedule_post.openapi import document


@lru_cache
def documented() -> dict[str, Any]:
    """The document of the code under test."""
    return document()


def validator(schema: dict[str, Any]) -> OAS31Validator:
    """A validator of `schema`, whose references lead into the document."""
    return OAS31Validator({**schema, "components": documented()["components"]})


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Every operation: method, path template, description."""
    return [
        (method.upper(), path, operation)
        for path, methods in documented()["paths"].items()
        for method, operation in methods.items()
    ]


def check_documented(method: str, path: str, status: int, headers: dict[str, str], body: Any) -> None:
    """Fail unless the document knows this answer of the operation at `path`; paths it lacks are refused as such."""
    result = [
        operation
        for known, template, operation in operations()
        if known == method and re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
    ]
    if not result:
        assert status in {403, 404, 405}
        return
    answers = result[0]["responses"]
    assert str(status) in answers, f"{method} {path} answers {status}, which is not documented"
    answer = answers[str(status)]
    assert set(answer.get("headers", {})) <= set(headers)
    if "content" not in answer:
        assert body == ""
        return
    schema = answer["content"][headers["Content-Type"]]["schema"]
    validator(schema).validate(body)
