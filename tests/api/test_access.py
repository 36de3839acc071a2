"""Access: owners, other owners, and requests that no route matches."""

import base64
import json
import re
from typing import Any

import pytest

from schedule_post.http.lambda_calls import WorkerBusy, WorkerFailed
from schedule_post.http.principal import Forbidden, owner_of
from schedule_post.http.problems import status_of
from shutterpost.channels import CaptionTooLong, ConnectionUnknown
from shutterpost.personas import GRANTED, PersonaExists, PersonaNotFound, Role, StaleVersion
from shutterpost.photos import Analysis
from shutterpost.runtime.refusals import Refusal
from shutterpost.scheduling import IllegalMove
from tests.api.calling import OTHER_ARN, Answer, Caller
from tests.api.documented import operations
from tests.api.examples import a_session, an_event
from tests.api.world import World

BODIES: dict[str, Any] = {
    "createPersona": {"name": "Nature Explorer", "zone": "UTC"},
    "changePersona": {"zone": "UTC"},
    "connectAccount": {"channel": "instagram", "account_id": "1", "login": "instagram", "token": "t"},
    "createPost": {"photo": "fog.jpg"},
    "importPlan": {"rows": [{"photo": "fog.jpg"}]},
    "changePost": {"title": "Mine now"},
    "pickNow": {},
    "searchPhotos": {"model": "drawn-3", "vector": [1.0, 0.0, 0.0]},
    "retryRejected": {"rejected_keys": ["rejected/{persona_id}/fog.txt"]},
    "forgetRejected": {"rejected_keys": ["rejected/{persona_id}/fog.txt"]},
    "recordHistory": {"rows": [{"photo": "fog.jpg", "connection_id": "c1", "posted_at": "2025-10-03T09:00:00Z"}]},
    "retrySchedule": {},
    "retrySchedules": {},
    "skipSchedule": {},
    "rejectPost": {},
    "extendPost": {},
    "resolveSchedule": {"not_live": True},
    "moveSchedule": {"at": "2026-04-02T09:00:00"},
    "changePhoto": {"kept_out": "Mine now"},
    "changePhotos": {"photos": ["fog.jpg"], "change": {"kept_out": "Mine now"}},
    "movePost": {"at": "2026-04-02T09:00:00"},
    "swapPosts": {"with": "{post_id}"},
    "changeConnection": {"connection_id": "c1"},
    "schedulePost": {},
    "createVariant": {"channel": "x", "text": "Mine now."},
    "changeVariant": {"text": "Mine now."},
    "pause": {"reason": "Holiday."},
    "createTemplate": {"name": "Launch", "template_body": "New: {{subject}}"},
    "changeTemplate": {"description": "Mine now"},
    "createSession": {"channels": ["x"]},
    "abortSession": {},
    "acceptSuggestion": {},
    "fillTemplate": {"values": {"subject": "Fog"}},
    "grantRole": {"principal": "123456789012/role/Rival", "role": "operator"},
    "setBudget": {"posts": 30, "dollars": 2.5},
    "setWebhook": {"url": "https://hooks.example.org/"},
}
HIDDEN = {"persona-not-found", "post-not-found", "schedule-not-found", "photo-not-found"}
RIVAL = owner_of({"requestContext": {"authorizer": {"iam": {"userArn": OTHER_ARN}}}})
OPERATIONS = [(method, path, BODIES.get(item["operationId"])) for method, path, item in operations()]
SHARED = re.compile("{(persona_id|post_id|schedule_id)}")
OWNED = [operation for operation in OPERATIONS if "{" in operation[1]]
NEEDED = {(method, path): Role(item["x-required-role"]) for method, path, item in operations() if SHARED.search(path)}


def signed_as(arn: str | None) -> dict[str, Any]:
    """An event of whoever `arn` is."""
    return {"requestContext": {"authorizer": {"iam": {"userArn": arn}}}}


@pytest.mark.parametrize(
    ("arn", "owner"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Photographer/monday", "123456789012/role/Photographer"),
        ("arn:aws:sts::123456789012:assumed-role/Photographer/tuesday", "123456789012/role/Photographer"),
        ("arn:aws:iam::123456789012:user/ansel", "123456789012/user/ansel"),
        ("arn:aws:iam::123456789012:user/staff/paris/ansel", "123456789012/user/ansel"),
        ("arn:aws-us-gov:iam::123456789012:user/ansel", "123456789012/user/ansel"),
        ("arn:aws:iam::000000000000:root", "000000000000/root"),
    ],
)
def test_the_owner_is_account_and_role_or_user_without_the_session(arn: str, owner: str) -> None:
    assert owner_of(signed_as(arn)) == owner


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"requestContext": {}},
        {"requestContext": {"authorizer": None}},
        {"requestContext": {"authorizer": {"iam": None}}},
        {"requestContext": {"authorizer": {"jwt": {"claims": {"sub": "ansel"}}}}},
        {"requestContext": {"accountId": "123456789012", "authorizer": {"iam": {"accountId": "123456789012"}}}},
        signed_as(None),
        signed_as(""),
        signed_as("arn:aws:sts::123456789012:federated-user/ansel"),
        signed_as("arn:aws:sts::123456789012:assumed-role/Photographer"),
        signed_as("arn:aws:iam::123456789012:user/ansel\nx"),
    ],
)
def test_a_request_without_an_identity_has_no_owner(event: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        owner_of(event)


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
def test_every_route_refuses_an_unsigned_request(method: str, path: str, body: Any) -> None:
    caller = Caller(None)
    assert caller.send(caller.event(method, path.replace("{", "").replace("}", ""), body)).problem() == (
        403,
        "forbidden",
    )


@pytest.mark.parametrize(("method", "path", "body"), OWNED)
def test_every_route_hides_another_owners_things(
    *, world: World, me: Caller, rival: Caller, method: str, path: str, body: Any
) -> None:
    names = everything_of(world, me)
    before = seen_by(me, names)
    status, kind = call(rival, method, path, body, names).problem()
    assert (status, kind.rpartition("-")[2]) == (404, "found")
    assert seen_by(me, names) == before


@pytest.mark.parametrize(("method", "path", "body"), [each for each in OWNED if SHARED.search(each[1])])
def test_every_route_honours_the_role_of_a_grant(
    *, world: World, me: Caller, rival: Caller, method: str, path: str, body: Any
) -> None:
    names, needed = everything_of(world, me), NEEDED[method, path]
    persona = world.services.personas.get(names["persona_id"])
    for role in GRANTED:
        world.services.grants.grant(persona, RIVAL, role)
        before = seen_by(me, names)
        answer = call(rival, method, path, body, names)
        if role.includes(needed):
            assert answer.status != 403
            assert answer.status != 404 or answer.problem()[1] not in HIDDEN
            return
        assert answer.problem() == (403, "role-missing")
        assert (answer.body["role"], answer.body["needed"]) == (role, needed)
        assert seen_by(me, names) == before


def everything_of(world: World, caller: Caller) -> dict[str, str]:
    """Ids for every path: a persona with a connection, an analysed photo, a planned post and a delivery."""
    persona_id, connection_id, photo = world.ready(caller)
    vector = {"embedding": (0.0, 1.0, 0.0), "embedding_model": "drawn-3"}
    analysis = Analysis(sha256=photo.photo_id, aesthetic_score=8.5, **vector)
    world.services.photos.record_analysis(persona_id, photo.owner, analysis, stated_at=world.clock.now())
    post = caller.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "at": "2026-04-01T09:00:00"}).body
    return {
        "persona_id": persona_id,
        "connection_id": connection_id,
        "photo": photo.photo_id,
        "post_id": post["post_id"],
        "schedule_id": post["schedules"][0]["schedule_id"],
        "variant_id": post["variants"][0]["variant_id"],
        "delivery_id": an_event(world, persona_id),
        **a_session(world, caller, persona_id),
        "template_id": caller.post("/templates", BODIES["createTemplate"]).body["template_id"],
    }


def call(caller: Caller, method: str, path: str, body: Any, names: dict[str, str]) -> Answer:
    """The answer to a request of `caller` about `names`."""
    query = {"principal": RIVAL} if (method, path) == ("DELETE", "/personas/{persona_id}/grants") else None
    if isinstance(body, dict):
        body = {name: names["post_id"] if value == "{post_id}" else value for name, value in body.items()}
    return caller.send(caller.event(method, path.format(**names), body, query=query))


def seen_by(caller: Caller, names: dict[str, str]) -> list[Answer]:
    """What a request of another caller must not change."""
    persona = f"/personas/{names['persona_id']}"
    session = f"{persona}/sessions/{names['session_id']}"
    paths = [persona, f"{persona}/grants", f"/posts/{names['post_id']}", "/templates", session]
    return [caller.get(path) for path in paths]


def test_another_owners_post_is_no_cursor(world: World, me: Caller, rival: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    world.photo(persona_id, "rain.jpg")
    for name in ("fog.jpg", "rain.jpg"):
        me.post(f"/personas/{persona_id}/posts", {"photo": name})
    cursor = me.get(f"/personas/{persona_id}/posts", limit="1").body["cursor"]
    answer = rival.get(f"/personas/{world.persona(rival)}/posts", cursor=cursor)
    assert answer.problem() == (422, "cursor-invalid")


def test_another_session_of_the_same_role_is_the_same_owner(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    later = Caller("arn:aws:sts::123456789012:assumed-role/Photographer/tuesday")
    assert later.get(f"/personas/{persona_id}").status == 200


@pytest.mark.parametrize("path", ["/", "/personas/", "/people", "/personas/x/y", '/personas/"'])
def test_an_unknown_path_is_not_found(me: Caller, path: str) -> None:
    assert me.get(path).problem() == (404, "route-unknown")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD"])
def test_a_wrong_method_is_refused_with_the_right_ones(me: Caller, method: str) -> None:
    answer = me.send(me.event(method, "/personas"))
    assert answer.problem() == (405, "method-not-allowed")
    assert answer.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize(
    "body",
    ["{", "[]", '"text"', "1", "null", '{"name": NaN}', "[" * 10_000, "é" * 10, '{"a": ' + "9" * 5000 + "}"],
)
def test_a_body_that_is_no_json_object_is_refused(me: Caller, body: str) -> None:
    assert me.post("/personas", body).problem() == (400, "body-malformed")


@pytest.mark.parametrize("body", ["/w==", "?"])
def test_a_body_that_cannot_be_decoded_is_refused(me: Caller, body: str) -> None:
    event = me.event("POST", "/personas", body) | {"isBase64Encoded": True}
    assert me.send(event).problem() == (400, "body-malformed")


def test_a_body_without_a_media_type_comes_in_base64_and_is_read(world: World, me: Caller) -> None:
    text = base64.b64encode(json.dumps(BODIES["createPersona"]).encode()).decode()
    event = me.event("POST", "/personas", text) | {"isBase64Encoded": True}
    del event["headers"]["content-type"]
    assert me.send(event).status == 201


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x", "application/jsonp"])
def test_a_body_of_another_kind_is_refused(me: Caller, media_type: str) -> None:
    answer = me.post("/personas", "name=Nature", content_type=media_type)
    assert answer.problem() == (415, "media-type-unsupported")


def test_a_body_too_large_is_refused(me: Caller) -> None:
    assert me.post("/personas", {"name": "x" * 300_000}).problem() == (413, "body-too-large")


def test_identifiers_of_any_length_are_refused_without_an_error_of_ours(world: World, me: Caller) -> None:
    persona_id, _, _ = world.ready(me)
    for path in (
        f"/personas/{'x' * 3000}",
        f"/personas/{persona_id}/photos/{'é' * 2000}",
        f"/personas/{persona_id}/connections/{'x' * 2000}",
        f"/posts/{'x' * 3000}",
        f"/schedules/{'x' * 3000}",
    ):
        assert list(me.get(path).broken().values()) == ["string_too_long"]


def test_an_internal_error_is_logged_once_and_answered_without_details(
    world: World, me: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(world.services.personas, "list", breaks)
    answer = me.get("/personas")
    assert answer.problem() == (500, "internal-error")
    assert "inside" not in json.dumps(answer.body)
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert "the inside" in str(errors[0].exc_info)


def test_refusals_are_no_errors_in_the_log(world: World, me: Caller, caplog: pytest.LogCaptureFixture) -> None:
    me.get("/personas/nobody")
    me.get("/nowhere")
    me.post("/personas", {})
    me.post("/personas", "{")
    Caller(None).get("/personas")
    assert {record.levelname for record in caplog.records} == {"INFO"}


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (PersonaNotFound, 404),
        (ConnectionUnknown, 404),
        (PersonaExists, 409),
        (IllegalMove, 409),
        (StaleVersion, 412),
        (CaptionTooLong, 422),
        (WorkerFailed, 502),
        (WorkerBusy, 503),
        (Refusal, 400),
    ],
)
def test_the_most_specific_class_of_a_refusal_gives_its_status(refusal: type[Refusal], status: int) -> None:
    assert status_of(refusal("So it is.")) == status


def test_a_shared_account_takes_a_photo_once_and_names_no_post_of_another_owner(
    world: World, me: Caller, rival: Caller
) -> None:
    mine, _, _ = world.ready(me)
    assert me.post(f"/personas/{mine}/posts", {"photo": "fog.jpg"}).status == 202
    theirs = world.persona(rival)
    world.connection(rival, theirs, account_id="instagram-1")
    world.photo(theirs)

    refused = rival.post(f"/personas/{theirs}/posts", {"photo": "fog.jpg"})

    assert refused.problem() == (409, "photo-already-posted")
    assert "post_id" not in refused.body
