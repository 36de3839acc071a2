"""Every field of every body, and every query parameter, with values its schema refuses: the answer names both.

The cases are made from the OpenAPI document, so a new field is tested from its first day.
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.api.calling import Answer, Caller
from tests.api.documented import documented, operations, validator
from tests.api.world import World, standing_world

LONG: Final = "x" * 20_001
NUMBERS: Final = (-1, 10**9, 1.5)
LISTS: Final[tuple[list[Any], ...]] = ([], ["x"] * 501, [None], [[]])
VALUES: Final[tuple[Any, ...]] = (None, *NUMBERS, "", "nonsense", LONG, *LISTS, {}, {"surprise": 1})
TEXTS: Final = ("", "nonsense", "-1", "1.5", "99999999", LONG)
DEEPEST: Final = 4
Path = tuple[str | int, ...]


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference leads to."""
    while "$ref" in schema:
        schema = documented()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def variants(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schema, or those it may be one of."""
    schema = resolved(schema)
    return [variant for each in schema.get("anyOf") or schema.get("oneOf") or () for variant in variants(each)] or [
        schema
    ]


def fields(schema: dict[str, Any], at: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every field below `schema`, with the path to it; a list is looked into at its first item."""
    if len(at) > DEEPEST:
        return
    for variant in variants(schema):
        for name, field in variant.get("properties", {}).items():
            yield (*at, name), field
            yield from fields(field, (*at, name))
        if isinstance(variant.get("items"), dict):
            yield from fields(variant["items"], (*at, 0))


def body_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    """The schema of the JSON body that the operation takes."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return resolved(content["schema"]) if content else None


def within(path: Path, value: Any) -> Any:
    """The smallest document that has `value` at `path`."""
    for part in reversed(path):
        value = [value] if isinstance(part, int) else {part: value}
    return value


WITH_BODY = [(*operation, schema) for operation in operations() if (schema := body_schema(operation[2])) is not None]
BODIES = [
    pytest.param(method, path, schema, at, field, id=f"{operation['operationId']}-{'.'.join(map(str, at))}")
    for method, path, operation, schema in WITH_BODY
    for at, field in fields(schema)
]
QUERIES = [
    pytest.param(method, path, parameter, id=f"{operation['operationId']}-{parameter['name']}")
    for method, path, operation in operations()
    for parameter in operation.get("parameters", ())
    if parameter["in"] == "query"
]


def example(schema: dict[str, Any]) -> dict[str, Any]:
    """A body that the schema itself gives as an example."""
    result: dict[str, Any] = (schema.get("examples") or [{}])[0]
    return result


def sent(method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> Answer:
    """The answer to a request; what the path names is not there, which is looked at later than the values."""
    me = Caller()
    return me.send(me.event(method, path.replace("{", "").replace("}", ""), body, query=query))


def named(answer: Answer, field: str) -> bool:
    """Whether the answer is a problem that names the field and the rule it breaks."""
    assert answer.problem()[0] == 422
    errors = [
        error for error in answer.body["errors"] if error["field"] == field or error["field"].startswith(f"{field}.")
    ]
    return bool(errors) and all(item["rule"] and item["message"] for item in errors)


@pytest.fixture(scope="module", autouse=True)
def world() -> Iterator[World]:
    """One deployment for all, as nothing that is refused changes it."""
    with standing_world() as standing:
        yield standing


@pytest.mark.parametrize(("method", "path", "schema", "at", "field"), BODIES)
def test_a_bad_value_in_a_body_is_named(method, path, schema, at, field) -> None:
    bad = [value for value in VALUES if not validator(field).is_valid(value)]
    for value in bad:
        body = {**example(schema), at[0]: within(at[1:], value)}
        answer = sent(method, path, body)
        assert named(answer, ".".join(map(str, at))), (value if value != LONG else "LONG", answer)
    assert bad, "a field that takes everything says nothing"


@pytest.mark.parametrize(
    ("method", "path", "schema"), [pytest.param(*item[:2], item[3], id=item[2]["operationId"]) for item in WITH_BODY]
)
def test_a_field_that_is_unknown_or_missing_is_named(method, path, schema) -> None:
    assert named(sent(method, path, {**example(schema), "surprise": 1}), "surprise")
    for name in schema.get("required", ()):
        body = {key: value for key, value in example(schema).items() if key != name}
        assert named(sent(method, path, body), name)


@pytest.mark.parametrize(("method", "path", "parameter"), QUERIES)
def test_a_bad_value_in_a_query_is_named(method, path, parameter) -> None:
    kinds = {variant.get("type") for variant in variants(parameter["schema"])}
    for text in TEXTS:
        number = int(text) if "integer" in kinds and text.lstrip("-").isdigit() else text
        if validator(parameter["schema"]).is_valid(number) or (kinds == {"boolean"} and text == ""):
            continue
        answer = sent(method, path, query={parameter["name"]: text})
        assert named(answer, parameter["name"]), (text if text != LONG else "LONG", answer)
