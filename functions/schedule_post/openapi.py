"""The OpenAPI 3.1 document of the API, generated from its routes by `python -m schedule_post.openapi`."""

import json
import sys
from pathlib import Path
from typing import Any

from schedule_post.api import app
from schedule_post.http.checks import WITH_BODY
from schedule_post.http.idempotency import HEADER, MAX_KEY
from schedule_post.http.problems import Problem, problem_answer
from schedule_post.routes.plans import TABLE

TITLE = "Shutterpost"
VERSION = "1.0.0"
DESCRIPTION = (
    "Drop photos into a bucket; the best one goes out at its slot, exactly once, to every connected account. "
    "This API manages personas and their connections, shows photos, posts and decisions, "
    "and lets a person post, cancel, retry, skip, move and resolve. "
    "Sign every request with SigV4 (service `execute-api`). Everything belongs to the caller's IAM role or user; "
    "another owner's things answer 404. Errors are problem documents (RFC 9457) with a stable `type`. "
    "Instants are UTC (RFC 3339)."
)
SIGV4 = {
    "type": "apiKey",
    "name": "Authorization",
    "in": "header",
    "description": "AWS Signature Version 4, service `execute-api`.",
    "x-amazon-apigateway-authtype": "awsSigv4",
}
TAGS = {
    "Personas": "Social identities with their slots and rules.",
    "Connections": "A persona's accounts on channels.",
    "Photos": "A persona's library.",
    "Posts": "What goes out, with a variant and a schedule per connection.",
    "Schedules": "One variant at one instant.",
    "Calendar": "What went out and is to go out, in the caller's zone.",
    "Plans": "What is to be posted, as tables to take elsewhere and bring back.",
    "Channels": "What each channel takes.",
    "Decisions": "Why a photo was picked, or not.",
    "Sync": "What the platforms say.",
    "Pause": "The switch that lets nothing more begin.",
}
# Told by the API itself: python -m tests.api.examples
EXAMPLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "api-examples.json").read_text(encoding="utf-8")
)
REF = "#/components/schemas/{model}"
_REPLACED = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def document() -> dict[str, Any]:
    """The document, with the answers that all routes have in common."""
    told: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(title=TITLE, version=VERSION, openapi_version="3.1.0", description=DESCRIPTION)
        .replace("Slot-Input", "NewSlot")
        .replace("Slot-Output", "Slot")
    )
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in _REPLACED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=REF)
    schemas |= problem.pop("$defs") | {"Problem": problem}
    told["components"]["schemas"] = dict(sorted(schemas.items()))
    told["components"]["securitySchemes"] = {"sigv4": SIGV4}
    told["security"] = [{"sigv4": []}]
    told["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    for methods in told["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    told["paths"] = dict(sorted(told["paths"].items()))
    return told


def _key(method: str, operation: dict[str, Any]) -> None:
    """Let every POST take an Idempotency-Key; that of createPost says more."""
    parameters = operation.setdefault("parameters", [])
    if method.upper() != "POST" or any(one["name"] == HEADER for one in parameters):
        return
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}
    text = "A repeat of the same request within a day is answered like the first one, and does nothing."
    parameters.append({"name": HEADER, "in": "header", "required": False, "schema": schema, "description": text})
    operation["responses"].setdefault("409", problem_answer(409))


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add what every route may answer, and drop what Powertools would answer by itself."""
    if operation["operationId"] == "importPlanFromCsv":
        operation["requestBody"] = {"content": TABLE, "required": True}
    _key(method, operation)
    common = {403, 500}
    if method.upper() in WITH_BODY:
        common |= {400, 413, 415}
    if operation.get("requestBody") or operation.get("parameters"):
        common |= {422}
    answers = operation["responses"]
    for status in ("422", "500"):
        answers.pop(status, None)
    answers |= {str(status): problem_answer(status) for status in common}
    for status, example in EXAMPLES.get(operation["operationId"], {}).items():
        for content in answers[status]["content"].values():
            content["example"] = example
    operation["responses"] = dict(sorted(answers.items()))


def main() -> None:
    """Write the document to standard output."""
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
