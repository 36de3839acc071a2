"""Connections through the API."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shutterpost.runtime.clients import client
from tests.api.calling import Caller
from tests.api.world import SYNC_ARN, TOKEN, TOKENS, World

ACCOUNT = {"channel": "instagram", "account_id": "178414", "login": "instagram", "token": TOKEN}


def kept(persona_id: str, connection_id: str) -> str | None:
    """The token in the vault."""
    ssm = client("ssm")
    parameters = ssm.get_parameters(Names=[f"{TOKENS}/{persona_id}/{connection_id}"], WithDecryption=True)["Parameters"]
    return parameters[0]["Value"] if parameters else None


def test_connecting_keeps_the_token_and_never_shows_it(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    answer = me.post(f"/personas/{persona_id}/connections", {**ACCOUNT, "display_name": "Nature"})
    connection_id = answer.body["connection_id"]
    path = f"/personas/{persona_id}/connections/{connection_id}"
    assert answer.status == 201
    assert answer.headers["Location"] == path
    assert (answer.body["status"], answer.body["display_name"]) == ("connected", "Nature")
    assert kept(persona_id, connection_id) == TOKEN
    listed = me.get(f"/personas/{persona_id}/connections")
    assert (answer.body["works"], answer.body["detail"]) == (True, "The platform takes its token.")
    stored = me.get(path).body
    assert listed.body["connections"] == [stored]
    assert stored.items() <= answer.body.items()
    assert TOKEN not in json.dumps([answer.body, listed.body])


def test_connecting_again_replaces_the_token(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    first = me.post(f"/personas/{persona_id}/connections", ACCOUNT)
    world.clock.instant = world.clock.instant.replace(hour=13)
    second = me.post(f"/personas/{persona_id}/connections", {**ACCOUNT, "token": "another"})
    assert (first.status, second.status) == (201, 200)
    assert first.body["connection_id"] == second.body["connection_id"]
    assert kept(persona_id, first.body["connection_id"]) == "another"


def test_revoking_forgets_the_token_and_may_be_repeated(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    connection_id = world.connection(me, persona_id)
    path = f"/personas/{persona_id}/connections/{connection_id}"
    for _ in range(2):
        answer = me.delete(path)
        assert (answer.status, answer.body["status"]) == (200, "revoked")
    assert kept(persona_id, connection_id) is None
    assert me.get(path).body["status"] == "revoked"


@pytest.mark.parametrize(
    ("change", "refused_as", "field"),
    [
        ({"channel": "myspace"}, (422, "channel-unknown"), "channel"),
        ({"channel": "linkedin"}, (422, "connection-incomplete"), "login"),
        ({"login": None}, (422, "connection-incomplete"), "login"),
        ({"channel": "buffer"}, (422, "connection-incomplete"), "organization_id"),
        ({"token": "two words"}, (422, "token-invalid"), "token"),
        ({"token": ""}, (422, "invalid"), "token"),
        ({"token": "x" * 4097}, (422, "invalid"), "token"),
        ({"token": {"value": TOKEN}}, (422, "invalid"), "token"),
        ({"account_id": "  "}, (422, "invalid"), "account_id"),
        ({"login": "google"}, (422, "invalid"), "login"),
        ({"token_expires_at": "2026-05-01T00:00:00"}, (422, "invalid"), "token_expires_at"),
    ],
)
def test_bad_accounts_are_refused_by_name(
    world: World, me: Caller, change: dict[str, Any], refused_as: tuple[int, str], field: str | None
) -> None:
    persona_id = world.persona(me)
    answer = me.post(f"/personas/{persona_id}/connections", {**ACCOUNT, **change})
    assert answer.problem() == refused_as
    assert [error["field"] for error in answer.body.get("errors", [])] == ([field] if field else [])
    assert me.get(f"/personas/{persona_id}/connections").body["connections"] == []


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({**ACCOUNT, "token": [TOKEN]}),
        json.dumps({**ACCOUNT, "tokne": TOKEN}),
        json.dumps({**ACCOUNT, "login": TOKEN, "channel": TOKEN}),
        json.dumps(ACCOUNT)[:-3],
        json.dumps([ACCOUNT]),
        json.dumps({**ACCOUNT, "token": f"{TOKEN} {TOKEN}"}),
    ],
)
def test_a_token_in_a_bad_request_stays_out_of_answer_and_log(
    world: World, me: Caller, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    answer = me.post(f"/personas/{world.persona(me)}/connections", body)
    assert 400 <= answer.status < 500
    output = capsys.readouterr()
    assert TOKEN not in json.dumps(answer.body)
    assert TOKEN not in output.out + output.err


def test_an_unknown_connection_is_not_found(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    for answer in (me.get, me.delete):
        assert answer(f"/personas/{persona_id}/connections/c0123456789ab").problem() == (404, "connection-unknown")


def test_a_token_is_tried_by_the_function_that_may_read_it(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    path = f"/personas/{persona_id}/connections/{connection_id}"
    report = {"persona_id": persona_id, "connection_id": connection_id, "works": False, "detail": "It has ended."}
    world.functions.reports[persona_id] = report
    answer = me.post(f"{path}/check")
    assert (answer.status, answer.body["works"], answer.body["detail"]) == (200, False, "It has ended.")
    job = {"job": "try", "persona_id": persona_id, "connection_id": connection_id}
    assert world.functions.invoked[-1] == (SYNC_ARN, job)
    world.functions.reports[persona_id] = None
    answer = me.post(f"{path}/check")
    assert (answer.status, answer.body["works"]) == (202, None)


def test_a_revoked_connection_has_no_token_to_try(world: World, me: Caller) -> None:
    persona_id, connection_id, _ = world.ready(me)
    path = f"/personas/{persona_id}/connections/{connection_id}"
    me.delete(path)
    assert me.post(f"{path}/check").problem() == (409, "connection-not-connected")
    unknown = f"/personas/{persona_id}/connections/c0123456789ab/check"
    assert me.post(unknown).problem() == (404, "connection-unknown")


def refusing(world: World, cause: str) -> None:
    """Let the platform fail the trial of a token."""
    world.functions.reports["try_candidate"] = {
        "persona_id": "p",
        "connection_id": "c",
        "works": False,
        "detail": "The session has ended.",
        "cause": cause,
    }


def test_limits_of_an_accounts_server_are_stored_and_bound_its_texts(world: World, me: Caller) -> None:
    persona_id, limits = world.persona(me), {"version": "4.5.0", "read_at": world.clock.now().isoformat()}
    world.functions.reports["try_candidate"] = {
        "persona_id": "p",
        "connection_id": "c",
        "works": True,
        "detail": "It works.",
        "limits": {**limits, "max_text_length": 12, "max_pictures": 2},
    }
    account = {
        "channel": "mastodon",
        "account_id": "1@example.social",
        "host": "https://example.social",
        "visibility": "unlisted",
        "token": "the-token",
    }

    answer = me.post(f"/personas/{persona_id}/connections", account)

    assert (answer.status, answer.body["host"], answer.body["visibility"]) == (201, account["host"], "unlisted")
    assert (answer.body["limits"]["max_text_length"], answer.body["limits"]["version"]) == (12, "4.5.0")
    world.photo(persona_id)
    post = {"photo": "fog.jpg", "caption": "Thirteen char"}
    refused = me.post(f"/personas/{persona_id}/posts", post)
    assert refused.problem() == (422, "caption-too-long"), refused.body
    assert me.post(f"/personas/{persona_id}/connections", {**account, "host": "ftp://x"}).status == 422


@pytest.mark.parametrize(("most", "caption", "status"), [(12, "Thirteen char", 422), (1_000, "w" * 600, 200)])
def test_a_post_is_edited_within_the_limits_of_its_accounts_server(
    world: World, me: Caller, most: int, caption: str, status: int
) -> None:
    persona_id = world.persona(me)
    limits = {"version": "4.5.0", "read_at": world.clock.now().isoformat(), "max_text_length": most}
    facts = {"persona_id": "p", "connection_id": "c", "works": True, "detail": "It works.", "limits": limits}
    world.functions.reports["try_candidate"] = facts
    host = {"host": "https://example.social", "token": "the-token"}
    me.post(f"/personas/{persona_id}/connections", {"channel": "mastodon", "account_id": "1@example.social", **host})
    world.photo(persona_id)
    post = me.post(f"/personas/{persona_id}/posts", {"photo": "fog.jpg", "caption": "Fog."}).body

    edited = me.patch(f"/posts/{post['post_id']}", {"caption": caption})

    assert edited.status == status, edited.body


@pytest.mark.parametrize("cause", ["token", "account"])
def test_token_that_the_platform_refuses_is_not_stored(world: World, me: Caller, cause: str) -> None:
    persona_id = world.persona(me)
    refusing(world, cause)

    answer = me.post(f"/personas/{persona_id}/connections", ACCOUNT)

    assert answer.problem() == (422, "token-refused")
    assert "The session has ended." in answer.body["detail"]
    assert me.get(f"/personas/{persona_id}/connections").body["connections"] == []
    assert stored_tokens() == []


@pytest.mark.parametrize(("given", "stored"), [({}, 40), ({"token_expires_at": "2026-03-11T12:00:00Z"}, 10)])
def test_expiry_that_the_platform_tells_is_stored_unless_another_is_given(
    world: World, me: Caller, given: dict[str, str], stored: int
) -> None:
    facts = {"account_name": "nature", "scopes": ["instagram_basic"]}
    expires_at = (world.clock.now() + timedelta(days=40)).isoformat()
    world.functions.reports["try_candidate"] = {
        "persona_id": "p",
        "connection_id": "c",
        "works": True,
        "detail": "It works.",
        "token_facts": {**facts, "expires_at": expires_at},
    }

    answer = me.post(f"/personas/{world.persona(me)}/connections", {**ACCOUNT, **given})

    assert answer.body["token_days_left"] == stored
    assert facts.items() <= answer.body["token_facts"].items()


def test_refused_token_leaves_the_one_before_in_place(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    connection_id = me.post(f"/personas/{persona_id}/connections", ACCOUNT).body["connection_id"]
    refusing(world, "token")

    me.post(f"/personas/{persona_id}/connections", {**ACCOUNT, "token": "another"})

    assert kept(persona_id, connection_id) == TOKEN
    assert len(stored_tokens()) == 1


@pytest.mark.parametrize("cause", ["platform", None])
def test_token_is_stored_if_the_platform_cannot_be_asked(world: World, me: Caller, cause: str | None) -> None:
    persona_id = world.persona(me)
    if cause is None:
        world.functions.reports["try_candidate"] = None
    else:
        refusing(world, cause)

    answer = me.post(f"/personas/{persona_id}/connections", ACCOUNT)

    assert (answer.status, answer.body["works"]) == (201, None)
    assert kept(persona_id, answer.body["connection_id"]) == TOKEN


def test_trial_of_a_token_sends_no_secret_and_leaves_none(world: World, me: Caller) -> None:
    persona_id = world.persona(me)

    me.post(f"/personas/{persona_id}/connections", ACCOUNT)

    [(arn, event)] = world.functions.tried
    assert (arn, event["job"], event["connection"]["account_id"]) == (SYNC_ARN, "try_candidate", "178414")
    assert TOKEN not in json.dumps(event)
    assert not any(name.endswith("-candidate") for name in stored_tokens())


def test_account_connected_again_keeps_its_name(world: World, me: Caller) -> None:
    path = f"/personas/{world.persona(me)}/connections"
    me.post(path, {**ACCOUNT, "display_name": "nature"})

    assert me.post(path, ACCOUNT).body["display_name"] == "nature"


def stored_tokens() -> list[str]:
    """The names of all tokens in the vault."""
    parameters = client("ssm").get_parameters_by_path(Path=TOKENS, Recursive=True)["Parameters"]
    return [parameter["Name"] for parameter in parameters]
