"""The OpenAPI 3.1 document of the API, generated from its routes by `python -m schedule_post.openapi`."""

import json
import sys
from pathlib import Path
from typing import Any

from schedule_post.access import role_of_route
from schedule_post.api import app
from schedule_post.http.checks import METHODS_WITH_BODY
from schedule_post.http.idempotency import HEADER, MAX_KEY
from schedule_post.http.problems import Problem, documented_problem
from schedule_post.routes.plans import TABLE
from schedule_post.routes.webhooks import EVENTS
from shutterpost.flows.notifying.webhooks import DigestEvent, NoticesEvent

TITLE = "Shutterpost"
VERSION = "1.0.0"
DESCRIPTION = (
    "Publishes the best unposted photo of a library at each slot, exactly once per connected account. "
    "This API manages personas and their connections, lists photos, posts and decisions, "
    "and creates, cancels, retries, skips, moves and resolves posts. "
    "Sign every request with SigV4 (service `execute-api`). Every resource belongs to a persona, and every persona to "
    "an IAM role or user, its owner, who can grant roles to others; `x-required-role` is the role that an operation "
    "needs. Resources on which the caller has no role return 404. Errors are problem documents (RFC 9457) with a "
    "stable `type`. "
    "Instants are UTC (RFC 3339)."
)
WEBHOOK_HEADERS = {
    "webhook-id": "Id of the delivery; the same in every repeat.",
    "webhook-timestamp": "When this request was sent, in seconds since 1970.",
    "webhook-signature": "`v1,` and the signature.",
}
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
    "Posts": "Photos with captions, and a variant and a schedule per connection.",
    "Templates": "Texts with placeholders.",
    "Suggestions": "Texts that are proposed for each channel, to accept or not.",
    "Schedules": "The publication of a variant at an instant.",
    "Calendar": "Past and planned publications, in the caller's time zone.",
    "Plans": "Planned posts as JSON or CSV, for export and import.",
    "Channels": "Limits and features of each channel.",
    "Decisions": "Why each slot's photo was picked, or why none was.",
    "Sync": "Updates schedules from the platforms.",
    "Webhooks": "Signed requests to an address of the caller's, with notices and digests.",
    "Pause": "Stops new picks and publications of the caller's personas.",
}
# Recorded by `python -m tests.api.examples`.
EXAMPLES: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "docs" / "api-examples.json").read_text(encoding="utf-8")
)
REF = "#/components/schemas/{model}"
_REPLACED = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def document() -> dict[str, Any]:
    openapi: dict[str, Any] = json.loads(
        app.get_openapi_json_schema(title=TITLE, version=VERSION, openapi_version="3.1.0", description=DESCRIPTION)
        .replace("Slot-Input", "NewSlot")
        .replace("Slot-Output", "Slot")
    )
    schemas = openapi.setdefault("components", {}).setdefault("schemas", {})
    for name in _REPLACED:
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template=REF)
    schemas |= problem.pop("$defs") | {"Problem": problem}
    openapi["webhooks"] = {name: {"post": _webhook(name, about, schemas)} for name, about in EVENTS.items()}
    openapi["components"]["schemas"] = dict(sorted(schemas.items()))
    openapi["components"]["securitySchemes"] = {"sigv4": SIGV4}
    openapi["security"] = [{"sigv4": []}]
    openapi["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    roles = {route.operation_id: role_of_route(route.func) for route in app._dynamic_routes}  # noqa: SLF001 - no other way
    for methods in openapi["paths"].values():
        for method, operation in methods.items():
            _add_shared_parts(method, operation)
            role = roles.get(operation["operationId"])
            if role is not None:
                operation["x-required-role"] = role.value
    openapi["paths"] = dict(sorted(openapi["paths"].items()))
    return openapi


def _webhook(event: str, about: str, schemas: dict[str, Any]) -> dict[str, Any]:
    model = {"notices": NoticesEvent, "digest": DigestEvent}[event]
    body = model.model_json_schema(ref_template=REF)
    schemas |= body.pop("$defs") | {model.__name__: body}
    return {
        "operationId": f"send{event.title()}",
        "summary": about,
        "description": (
            "The request is signed as Standard Webhooks says: `webhook-signature` is `v1,` and the Base64 of the "
            "HMAC-SHA256 of `webhook-id.webhook-timestamp.body`; its key is the Base64 text after `whsec_`, decoded. "
            "Refuse a timestamp that is old, and an id that was received before. Without an answer of 2xx it is "
            "repeated with the same id for two days."
        ),
        "tags": ["Webhooks"],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in WEBHOOK_HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}},
        },
        "responses": {"200": {"description": "The event was received. The body is not read."}},
        "security": [],
    }


def _add_idempotency_key(method: str, operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    if method.upper() != "POST" or any(parameter["name"] == HEADER for parameter in parameters):
        return
    schema = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}
    text = "A repeat of the same request within a day returns the first response and has no further effect."
    parameters.append({"name": HEADER, "in": "header", "required": False, "schema": schema, "description": text})
    operation["responses"].setdefault("409", documented_problem(409))


def _add_shared_parts(method: str, operation: dict[str, Any]) -> None:
    if operation["operationId"] == "importPlanFromCsv":
        operation["requestBody"] = {"content": TABLE, "required": True}
    _add_idempotency_key(method, operation)
    common = {403, 500}
    if method.upper() in METHODS_WITH_BODY:
        common |= {400, 413, 415}
    if operation.get("requestBody") or operation.get("parameters"):
        common |= {422}
    responses = operation["responses"]
    for status in ("422", "500"):
        responses.pop(status, None)
    responses |= {str(status): documented_problem(status) for status in common}
    responses.get("304", {}).pop("content", None)
    for status, example in EXAMPLES.get(operation["operationId"], {}).items():
        for content in responses[status]["content"].values():
            content["example"] = example
    operation["responses"] = dict(sorted(responses.items()))


def main() -> None:
    json.dump(document(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
