"""Whatever two owners send: no error of ours, no answer unknown to the document, nothing of one seen by the other.

Requests are made from the OpenAPI document, one by one and in chains that go on from what was answered before.
"""

import copy
import json
import re
import zlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from schedule_post.http.principal import owner_of
from tests.api.calling import OTHER_ARN, ROLE_ARN, Caller
from tests.api.documented import documented
from tests.api.examples import a_session
from tests.api.gateway import CALLER, gateway
from tests.api.world import World, standing_world

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EACH = settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
CHAINS = settings(parent=EACH, max_examples=12, stateful_step_count=8)
TEMPLATE = {"name": "Launch", "template_body": "New: {{subject}}"}
PHOTOS = ("DSC_0042.jpg", "DSC_0043.jpg", "fog.jpg", "rain.jpg")
OWNER = owner_of({"requestContext": {"authorizer": {"iam": {"userArn": ROLE_ARN}}}})
OWN = re.compile(r'"(?:persona_id|post_id|schedule_id|connection_id|variant_id|template_id)":\s*"([^"]+)"')

schema = schemathesis.openapi.from_dict(copy.deepcopy(documented()))
schema.app = gateway
known: dict[str, list[str]] = {}


@pytest.fixture(scope="module", autouse=True)
def world() -> Iterator[World]:
    """A deployment in which both owners have some of everything; its ids go into the requests."""
    with standing_world() as standing:
        for caller in (Caller(ROLE_ARN), Caller(OTHER_ARN)):
            persona_id = standing.persona(caller, slots=[{"at": "09:00"}])
            connection_id = standing.connection(caller, persona_id)
            for name in PHOTOS:
                standing.photo(persona_id, name)
            body = {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}
            post = caller.post(f"/personas/{persona_id}/posts", body).body
            ids = {
                "persona_id": persona_id,
                "connection_id": connection_id,
                "photo": "fog.jpg",
                "post_id": post["post_id"],
                "schedule_id": post["schedules"][0]["schedule_id"],
                **a_session(standing, caller, persona_id),
                "template_id": caller.post("/templates", TEMPLATE).body["template_id"],
                "variant_id": post["variants"][0]["variant_id"],
            }
            for name, value in ids.items():
                known.setdefault(name, []).append(value)
        yield standing


@schema.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Three times of four, ids that lead somewhere: of either owner."""
    for name in path_parameters or {}:
        drawn = chance(path_parameters[name])
        if name in known and drawn:
            path_parameters[name] = known[name][0 if drawn < 3 else 1]
    return path_parameters


@schema.hook
def map_query(context: Any, query: Any) -> Any:
    """Half the time, a range that can be asked for."""
    if "/calendar" in context.operation.path and chance(query) > 1:
        return {"from": "2026-03-01", "to": "2026-12-31"}
    return query


@schema.hook
def map_body(context: Any, body: Any) -> Any:
    """Half the time, what the document gives as an example."""
    written = context.operation.definition.raw.get("requestBody", {}).get("content", {})
    name = written.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    examples = documented()["components"]["schemas"].get(name, {}).get("examples", [])
    return examples[chance(body) % len(examples)] if examples and chance(body) > 1 else body


def chance(value: Any) -> int:
    """0 to 3, by what was drawn."""
    return zlib.crc32(repr(value).encode()) % 4


def held_against_the_document(case: Any) -> None:
    """Send `case` as one owner, then as the other, and look at both answers."""
    mine = case.call(headers={CALLER: ROLE_ARN})
    case.validate_response(mine, checks=CHECKS)
    theirs = case.call(headers={CALLER: OTHER_ARN})
    case.validate_response(theirs, checks=CHECKS)
    if mine.status_code < HTTPStatus.BAD_REQUEST:
        sent = json.dumps([case.path_parameters, case.query, case.body], default=str, ensure_ascii=False)
        leaked = {match for match in OWN.findall(mine.text) if match in theirs.text and match not in sent}
        assert not leaked, f"{case.method} {case.path} tells another owner {leaked}"


@schema.parametrize()
@EACH
def test_every_answer_is_documented_and_no_error_of_ours(case: Any) -> None:
    held_against_the_document(case)


def test_chains_of_requests_are_answered_as_documented() -> None:
    class Chains(schema.as_state_machine()):  # type: ignore[misc]  # made from the document
        def call(self, case: Any, **_: Any) -> Any:
            return case.call(headers={CALLER: ROLE_ARN})

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:  # noqa: ARG002 - its keyword
            held_against_the_document(case)

    Chains.run(settings=CHAINS)
