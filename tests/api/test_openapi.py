"""The committed OpenAPI document is up to date and valid, and its examples match its schemas."""

import json
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

from schedule_post.http.requests import personas, photos, posts, schedules
from tests.api.documented import documented, operations, validator
from tests.api.examples import FILE, recorded_examples

COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_one_the_code_gives() -> None:
    remedy = "run: python -m schedule_post.openapi > docs/openapi.json"
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == documented(), remedy


def test_the_committed_examples_are_those_that_the_api_gives() -> None:
    remedy = "run: python -m tests.api.examples, then python -m schedule_post.openapi > docs/openapi.json"
    assert json.loads(FILE.read_text(encoding="utf-8")) == recorded_examples(), remedy


def test_the_document_is_valid_openapi_3_1() -> None:
    assert documented()["openapi"].startswith("3.1")
    validate(documented())


def test_every_operation_is_named_explained_and_refuses_with_problems() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    tags = {tag["name"] for tag in documented()["tags"]}
    for method, path, operation in operations():
        assert operation["summary"], (method, path)
        assert set(operation["tags"]) <= tags
        for status, answer in operation["responses"].items():
            report = "text/csv" if operation["operationId"].endswith("AsCsv") else "application/json"
            kind = {report} if status < "400" else {"application/problem+json"}
            assert set(answer.get("content", {})) == (set() if status == "304" else kind)


EXAMPLES = [
    (name, example)
    for name, schema in documented()["components"]["schemas"].items()
    for example in schema.get("examples", [])
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_examples_keep_the_rules_of_their_schema(name: str, example: Any) -> None:
    validator({"$ref": f"#/components/schemas/{name}"}).validate(example)
    models = [model for module in (personas, photos, posts, schedules) if (model := getattr(module, name, None))]
    assert all(model.model_validate(example) for model in models)


def test_what_callers_send_and_what_refuses_them_has_examples() -> None:
    assert {name for name, _ in EXAMPLES} >= {
        "CreatePersonaRequest",
        "ChangePersonaRequest",
        "ConnectAccountRequest",
        "CreatePostRequest",
        "ImportPlanRequest",
        "ChangePostRequest",
        "Problem",
    }


def test_a_token_is_for_writing_alone() -> None:
    schemas = documented()["components"]["schemas"]
    assert schemas["ConnectAccountRequest"]["properties"]["token"]["writeOnly"] is True
    assert [name for name, schema in schemas.items() if "token" in schema.get("properties", {})] == [
        "ConnectAccountRequest"
    ]


SHOWN = [
    (operation["operationId"], status, content["schema"], content["example"])
    for _, _, operation in operations()
    for status, answer in operation["responses"].items()
    for content in answer.get("content", {}).values()
    if "example" in content and "schema" in content
]


@pytest.mark.parametrize(("operation", "status", "schema", "example"), SHOWN)
def test_examples_of_answers_keep_the_rules_of_their_schema(
    operation: str, status: str, schema: Any, example: Any
) -> None:
    validator(schema).validate(example)


def test_nearly_every_operation_shows_what_it_answers() -> None:
    hard_to_show = {"importPlanFromCsv", "removeLivePost", "resolveSchedule", "publishNow"}
    assert {operation["operationId"] for _, _, operation in operations()} - hard_to_show <= {item[0] for item in SHOWN}


def test_the_page_that_shows_the_document_needs_nothing_from_elsewhere() -> None:
    page = (COMMITTED.parent / "api.html").read_text(encoding="utf-8")
    assert 'fetch("openapi.json")' in page
    assert "src=" not in page
    assert "://" not in page


@pytest.mark.parametrize("event", ["notices", "digest"])
def test_a_webhook_describes_its_body_and_its_signature(event: str) -> None:
    request = documented()["webhooks"][event]["post"]
    reference = request["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    schema = documented()["components"]["schemas"][reference.rpartition("/")[2]]
    assert schema["properties"]["type"]["const"] == event
    assert schema["required"] == ["type", "timestamp", "data"]
    assert {parameter["name"] for parameter in request["parameters"]} == {
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }
