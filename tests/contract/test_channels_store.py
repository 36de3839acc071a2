"""Connections in DynamoDB, and tokens in SSM on moto."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws
from pydantic import SecretStr

from shutterpost.channels import (
    AccessSession,
    AccessSessions,
    Account,
    Cause,
    Connection,
    ConnectionStatus,
    ConnectionStore,
    ConnectionUnknown,
    Failure,
    FailureClass,
    TokenInvalid,
    Tokens,
    connection_id_of,
    use_table,
)
from shutterpost.channels.store import ConnectionItem
from shutterpost.runtime import clients
from tests.contract.conftest import CreateTable

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PERSONA = "nature-explorer-1a2b3c"
SECRET = "IGQVJ-very-secret-token"


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    clients.client.cache_clear()
    with mock_aws():
        yield
    clients.client.cache_clear()


@pytest.fixture
def store(new_table: CreateTable) -> ConnectionStore:
    use_table(new_table(ConnectionItem))
    return ConnectionStore()


@pytest.fixture
def tokens():
    return Tokens("/shutterpost/test/tokens")


def connect(store: ConnectionStore, **changes: Any) -> Connection:
    facts: dict[str, Any] = {
        "persona_id": PERSONA,
        "owner": "123/role",
        "channel": "instagram",
        "account_id": "17841400000000001",
        "display_name": "nature.explorer",
        "login": "instagram",
        "now": NOW,
        "token_expires_at": NOW + timedelta(days=60),
    }
    return store.connect(**facts | changes)


def buffer(store: ConnectionStore, account_id: str, organization_id: str = "org", **changes: Any) -> Connection:
    return connect(
        store,
        channel="buffer",
        account_id=account_id,
        organization_id=organization_id,
        login=None,
        token_expires_at=None,
        **changes,
    )


def test_the_id_of_a_connection_follows_from_persona_channel_and_account():
    expected = "c" + hashlib.sha256(f"{PERSONA}\ninstagram\n1784".encode()).hexdigest()[:12]

    assert connection_id_of(PERSONA, "instagram", "1784") == expected


def test_a_connected_account_reads_back_as_it_was_written(store):
    written = connect(store)

    assert store.get(PERSONA, written.connection_id) == written
    assert written.status is ConnectionStatus.CONNECTED
    assert written.created_at == written.updated_at == written.token_updated_at == NOW
    assert written.token_expires_at == NOW + timedelta(days=60)
    assert written.last_used_at is None


def test_connecting_again_keeps_id_and_birth_and_ends_an_error(store):
    first = connect(store)
    store.mark_error(first, "the token was revoked", NOW)
    store.touch(PERSONA, first.connection_id, NOW)

    again = connect(store, now=LATER, display_name="nature", login="facebook", token_expires_at=None)

    assert again.connection_id == first.connection_id
    assert (again.status, again.status_reason) == (ConnectionStatus.CONNECTED, None)
    assert (again.created_at, again.updated_at, again.token_updated_at) == (NOW, LATER, LATER)
    assert (again.display_name, again.login, again.token_expires_at) == ("nature", "facebook", None)
    assert again.last_used_at == NOW
    assert store.list(PERSONA) == (again,)


def test_a_connection_of_another_owner_cannot_be_taken_over(store):
    mine = connect(store)

    with pytest.raises(ConnectionUnknown):
        connect(store, owner="456/other")

    assert store.get(PERSONA, mine.connection_id) == mine


def test_an_unknown_connection_is_refused_by_name(store):
    with pytest.raises(ConnectionUnknown, match="list its connections") as refused:
        store.get(PERSONA, "c000000000000")
    assert refused.value.kind == "connection-unknown"
    with pytest.raises(ConnectionUnknown):
        store.revoke(PERSONA, "c000000000000", NOW)


def test_a_persona_lists_its_own_connections(store):
    mine = {connect(store).connection_id, buffer(store, "b1").connection_id}
    connect(store, persona_id="other-1a2b3c")

    assert {item.connection_id for item in store.list(PERSONA)} == mine


def test_connections_of_one_organization_have_one_listing_key(store):
    first, second = buffer(store, "b1"), buffer(store, "b2", persona_id="other-1a2b3c")
    elsewhere = buffer(store, "b3", organization_id="elsewhere")

    assert first.listing_key == second.listing_key == "buffer#org"
    assert len({first.listing_key, elsewhere.listing_key, connect(store).listing_key}) == 3


def test_an_item_with_the_attribute_of_the_former_index_is_still_read_and_changed(store):
    mine = connect(store)
    key = {"persona_id": {"S": PERSONA}, "connection_id": {"S": mine.connection_id}}
    boto3.client("dynamodb").update_item(
        TableName=ConnectionItem.Meta.table_name,
        Key=key,
        UpdateExpression="SET listing_key = :key",
        ExpressionAttributeValues={":key": {"S": "instagram#c1"}},
    )

    assert store.get(PERSONA, mine.connection_id) == mine
    assert store.mark_error(mine, "190/463", LATER).status is ConnectionStatus.ERROR


def test_an_error_has_a_reason_and_ends_when_it_works_again(store):
    seen = connect(store)

    broken = store.mark_error(seen, "190/463", LATER)
    healed = store.mark_connected(broken, LATER)

    assert (broken.status, broken.status_reason, broken.updated_at) == (ConnectionStatus.ERROR, "190/463", LATER)
    assert (healed.status, healed.status_reason) == (ConnectionStatus.CONNECTED, None)


def test_an_error_seen_with_an_older_token_leaves_the_new_one_alone(store):
    seen = connect(store)
    renewed = connect(store, now=LATER)

    assert store.mark_error(seen, "190/463", LATER) == renewed
    assert store.get(PERSONA, seen.connection_id).status is ConnectionStatus.CONNECTED


def test_a_revoked_connection_stays_revoked_until_it_is_connected_anew(store):
    seen = connect(store)
    revoked = store.revoke(PERSONA, seen.connection_id, LATER)

    assert revoked.status is ConnectionStatus.REVOKED
    assert store.mark_error(seen, "late", LATER) == revoked
    assert store.mark_connected(seen, LATER) == revoked
    assert store.token_replaced(seen, LATER, None) == revoked
    assert store.revoke(PERSONA, seen.connection_id, LATER) == revoked
    assert connect(store, now=LATER).status is ConnectionStatus.CONNECTED


def test_a_refreshed_token_has_a_new_age_and_end(store):
    seen = connect(store)

    renewed = store.token_replaced(seen, LATER, LATER + timedelta(days=60))

    assert (renewed.token_updated_at, renewed.token_expires_at) == (LATER, LATER + timedelta(days=60))
    assert store.mark_error(seen, "old token", LATER) == renewed


def test_use_is_noted_and_never_moves_back(store):
    seen = connect(store)
    store.touch(PERSONA, seen.connection_id, LATER)
    store.touch(PERSONA, seen.connection_id, NOW)
    store.touch(PERSONA, "c000000000000", NOW)

    assert store.get(PERSONA, seen.connection_id).last_used_at == LATER
    assert len(store.list(PERSONA)) == 1


def test_a_token_lies_encrypted_under_its_own_name_and_is_replaced(tokens):
    tokens.put(PERSONA, "c1", SecretStr("older"))
    tokens.put(PERSONA, "c1", SecretStr(f" {SECRET}\n"))

    stored = boto3.client("ssm").get_parameter(Name=f"/shutterpost/test/tokens/{PERSONA}/c1")["Parameter"]
    read = tokens.read(PERSONA, "c1")

    assert stored["Type"] == "SecureString"
    assert SECRET not in stored["Value"] or stored["Value"].startswith("kms:")
    assert isinstance(read, SecretStr)
    assert read.get_secret_value() == SECRET


def test_an_account_holds_connection_and_token_without_showing_it(store, tokens):
    seen = connect(store)
    tokens.put(PERSONA, seen.connection_id, SecretStr(SECRET))

    account = tokens.account(seen)

    assert isinstance(account, Account)
    assert account.token.get_secret_value() == SECRET
    assert SECRET not in repr(account) + str(account) + account.model_dump_json()


def test_a_missing_token_is_a_failure_that_blames_it(store, tokens):
    tokens.put(PERSONA, "c1", SecretStr(SECRET))
    tokens.delete(PERSONA, "c1")
    tokens.delete(PERSONA, "c1")

    for lost in (tokens.read(PERSONA, "c1"), tokens.account(connect(store))):
        assert isinstance(lost, Failure)
        assert (lost.failure_class, lost.cause) == (FailureClass.PERMANENT, Cause.TOKEN)
        assert lost.code == "token-ParameterNotFound"
        assert "Connect the account again" in lost.message


def test_an_unusable_token_is_a_failure_that_blames_it(tokens):
    name = f"/shutterpost/test/tokens/{PERSONA}/c1"
    boto3.client("ssm").put_parameter(Name=name, Value="two words", Type="SecureString")

    lost = tokens.read(PERSONA, "c1")

    assert isinstance(lost, Failure)
    assert (lost.cause, lost.code) == (Cause.TOKEN, "token-unusable")
    assert "two words" not in lost.model_dump_json()


@pytest.mark.parametrize(
    ("failing", "failure_class", "cause"),
    [
        ("AccessDeniedException", FailureClass.PERMANENT, Cause.TOKEN),
        ("ThrottlingException", FailureClass.RETRYABLE, Cause.PLATFORM),
    ],
)
def test_a_vault_that_refuses_is_told_apart_from_one_in_trouble(tokens, failing, failure_class, cause):
    def refuse(http_response, parsed, **_):
        http_response.status_code = 400
        parsed.update(Error={"Code": failing, "Message": "no"})

    vault = clients.client("ssm")
    vault.meta.events.register("needs-retry.ssm.GetParameter", lambda **_: False)
    vault.meta.events.register("after-call.ssm.GetParameter", refuse)

    lost = tokens.read(PERSONA, "c1")

    assert isinstance(lost, Failure)
    assert (lost.failure_class, lost.cause, lost.code) == (failure_class, cause, f"token-{failing}")


def test_a_vault_out_of_reach_is_worth_another_try(tokens):
    def vanish(**_):
        raise EndpointConnectionError(endpoint_url="https://ssm.example")

    clients.client("ssm").meta.events.register("before-call.ssm.GetParameter", vanish)

    lost = tokens.read(PERSONA, "c1")

    assert isinstance(lost, Failure)
    assert (lost.failure_class, lost.cause) == (FailureClass.RETRYABLE, Cause.PLATFORM)


@pytest.mark.parametrize("text", ["", "  ", "two words", "tökén", "x" * 4_097])
def test_what_cannot_be_a_token_is_refused_without_repeating_it(tokens, text):
    with pytest.raises(TokenInvalid) as refused:
        tokens.put(PERSONA, "c1", SecretStr(text))

    assert refused.value.kind == "token-invalid"
    assert not text.strip() or text not in str(refused.value)


def session(access: str = "a1") -> AccessSession:
    return AccessSession(access=SecretStr(access), refresh=SecretStr("r1"), expires_at=LATER)


def test_a_session_belongs_to_the_token_that_it_was_made_from(tokens: Tokens, store: ConnectionStore) -> None:
    connection = connect(store)
    sessions = AccessSessions("/shutterpost/test/tokens")
    first, second = (Account(connection=connection, token=SecretStr(token)) for token in ("one", "two"))

    assert sessions.read(first) is None
    sessions.write(first, session("a1"))
    assert sessions.read(first) == session("a1")
    assert sessions.read(second) is None
    sessions.write(second, session("a2"))
    assert (sessions.read(first), sessions.read(second)) == (None, session("a2"))

    tokens.delete(connection.persona_id, connection.connection_id)
    assert sessions.read(second) is None


def test_the_renewal_of_a_session_is_claimed_by_one_caller_at_a_time(store: ConnectionStore) -> None:
    account = Account(connection=connect(store), token=SecretStr("one"))
    sessions, minute = AccessSessions("/shutterpost/test/tokens"), timedelta(minutes=1)
    renewed = session("a2").model_copy(update={"expires_at": LATER + timedelta(hours=2)})

    def claimed(of: AccessSession, now: datetime) -> bool:
        return sessions.claim_renewal(account, of, now=now, until=now + minute)

    assert claimed(session(), NOW)
    assert not claimed(session(), NOW)
    assert not claimed(session(), NOW + minute)
    assert claimed(session(), NOW + 2 * minute)
    assert claimed(renewed, NOW + 2 * minute)
    # A connection that is only tried is not stored, and keeps its tokens for the one that is.
    tried = account.connection.model_copy(update={"connection_id": "c0-candidate"})
    trial = account.model_copy(update={"connection": tried})
    assert not sessions.claim_renewal(trial, session(), now=NOW, until=NOW + minute)
    assert [item.connection_id for item in store.list(PERSONA)] == [account.connection.connection_id]


@pytest.mark.parametrize("text", ["{}", "[1]", '{"of":"x"}', "plain", '{"of":1,"session":2}'])
def test_a_session_that_cannot_be_read_is_none(store: ConnectionStore, text: str) -> None:
    connection = connect(store)
    name = f"/shutterpost/test/tokens/sessions/{connection.persona_id}/{connection.connection_id}"
    clients.client("ssm").put_parameter(Name=name, Value=text, Type="SecureString")
    account = Account(connection=connection, token=SecretStr("one"))

    assert AccessSessions("/shutterpost/test/tokens").read(account) is None


def test_a_parameter_store_that_fails_is_not_read_as_no_session(store: ConnectionStore, monkeypatch) -> None:
    account = Account(connection=connect(store), token=SecretStr("one"))
    throttled = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, "GetParameter")
    monkeypatch.setattr(clients.client("ssm"), "get_parameter", Mock(side_effect=throttled))

    failure = AccessSessions("/shutterpost/test/tokens").read(account)

    assert isinstance(failure, Failure)
    assert (failure.failure_class, failure.code) == (FailureClass.RETRYABLE, "token-ThrottlingException")
    assert "one" not in failure.model_dump_json()


def test_the_server_of_an_account_is_kept(store: ConnectionStore) -> None:
    given: Any = {"persona_id": PERSONA, "owner": "me", "channel": "mastodon", "account_id": "1", "display_name": "me"}
    made = store.connect(**given, host="https://example.social", now=NOW)

    assert store.get(PERSONA, made.connection_id).host == "https://example.social"
    assert store.connect(**given, now=LATER).host is None
