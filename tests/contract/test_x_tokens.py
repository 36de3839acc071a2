"""Tokens of X: renewed before they end, by one caller, once; a lost renewal asks for a new connection."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from typing_extensions import override

from shutterpost.channels import (
    AccessSession,
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Published,
    Submitted,
    adapters,
)
from tests.support.adapter_answers import failure_of
from tests.support.channel_kinds import x_token
from tests.support.platform_tools import KeptSessions, tools
from tests.support.simulated_channels import NOON, Bench, add_x_account

PERMANENT, RETRYABLE = FailureClass.PERMANENT, FailureClass.RETRYABLE
HOUR = 3_600


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("x")


@dataclass
class BusySessions(KeptSessions):
    """Sessions of which another function wants one while this one renews it."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    @override
    def claim_renewal(self, account: Account, session: AccessSession, *, now: datetime, until: datetime) -> bool:
        """The claim, and then what happens before the renewal."""
        claimed = super().claim_renewal(account, session, now=now, until=until)
        if claimed and self.meanwhile:
            self.meanwhile.pop()()
        return claimed


def function(bench: Bench, sessions: KeptSessions) -> Channel:
    """The adapter of another process, with the same stored sessions."""
    return adapters(tools(bench.settings, bench.clock, pictures=bench.renditions, sessions=sessions))("x")


def test_a_token_is_used_until_it_ends_and_then_renewed_again_and_again(bench, account):
    channel = bench.channel("x")
    for _ in range(4):
        assert channel.health(account) == Healthy()
        assert isinstance(channel.submit(account, bench.message()), Submitted)
        bench.sim.advance(HOUR + 1)

    assert bench.sim.count("x", "token") == 1
    bench.sim.advance(HOUR)
    assert channel.health(account) == Healthy()
    assert bench.sim.count("x", "token") == 2


def test_a_renewed_token_is_read_by_other_functions(bench, account):
    bench.sim.advance(2 * HOUR)
    assert bench.channel("x").health(account) == Healthy()
    assert isinstance(bench.channel("x").submit(account, bench.message()), Submitted)
    assert bench.sim.count("x", "token") == 1


def test_two_functions_never_use_one_refresh_token(bench, account):
    sessions, seen = BusySessions(), []
    first, second = function(bench, sessions), function(bench, sessions)
    sessions.meanwhile.append(lambda: seen.append(second.health(account)))
    bench.sim.advance(2 * HOUR)

    assert first.health(account) == Healthy()
    assert [failure_of(each) for each in seen] == [(RETRYABLE, Cause.PLATFORM, "token-in-renewal")]
    assert [each.retry_after for each in seen if isinstance(each, Failure)] == [60]
    assert second.health(account) == Healthy()
    assert bench.sim.count("x", "token") == 1


def test_a_lost_renewal_that_used_the_token_asks_for_a_new_connection(bench, account):
    channel = bench.channel("x")
    bench.sim.advance(2 * HOUR)
    bench.sim.add_fault("x", "token", "effect_then_drop")
    lost, at_once = channel.health(account), channel.health(account)
    bench.sim.advance(61)
    ended = channel.health(account)

    assert failure_of(lost) == (RETRYABLE, Cause.PLATFORM, "no-answer")
    assert failure_of(at_once) == (RETRYABLE, Cause.PLATFORM, "token-in-renewal")
    assert failure_of(ended) == (PERMANENT, Cause.TOKEN, "invalid_request")
    assert "connect the account again" in ended.message


@pytest.mark.parametrize("fault", ["drop_before", "refuse", "throttle"])
def test_a_renewal_that_did_not_happen_is_made_a_minute_later(bench, account, fault):
    channel = bench.channel("x")
    bench.sim.advance(2 * HOUR)
    bench.sim.add_fault("x", "token", fault, seconds=30)
    failed = channel.health(account)
    bench.sim.advance(61)

    assert failure_of(failed)[0] is RETRYABLE
    assert channel.health(account) == Healthy()


def test_a_token_that_was_revoked_before_its_time_is_renewed(bench, account):
    add_x_account(bench.sim, access_token="another", refresh_token="x-refresh")
    revoked = bench.account("x", token=x_token(access="revoked"))
    ref = bench.channel("x").submit(revoked, bench.message())

    assert isinstance(ref, Submitted)
    assert isinstance(bench.channel("x").publish(revoked, ref.ref, bench.message()), Published)
    assert bench.sim.count("x", "token") == 1


@pytest.mark.parametrize("refresh", ["", "never-given"])
def test_a_connection_whose_access_was_taken_back_is_an_error_of_the_token(bench, refresh):
    account = bench.account("x", token=x_token(access="revoked", refresh=refresh))
    refused = bench.channel("x").submit(account, bench.message())

    assert failure_of(refused)[:2] == (PERMANENT, Cause.TOKEN)


@pytest.mark.parametrize(
    "text", ["plain", "[]", "{}", '{"client_id":"a","access_token":"b"}', x_token(ends_at=-1), x_token(ends_at=1 << 40)]
)
def test_a_text_that_is_no_token_of_x_is_not_sent(bench, text):
    account = bench.account("x", token=text)
    assert failure_of(bench.channel("x").health(account)) == (PERMANENT, Cause.TOKEN, "token-unusable")
    assert bench.sim.journal("x") == []


def test_no_token_is_in_an_answer_that_failed(bench, account):
    bench.sim.advance(2 * HOUR)
    secrets = [account.token.get_secret_value(), "x-access", "x-refresh"]
    for message in (f"odd {secrets[1]} {secrets[2]}", '{"access_token":"at-new"}'):
        bench.sim.add_fault("x", "token", "refuse", status=400, code="odd", message=message)
        failed = bench.channel("x").health(account)
        bench.sim.advance(61)
        assert isinstance(failed, Failure)
        assert not [secret for secret in [*secrets[1:], "at-new"] if secret in failed.model_dump_json()]


def test_an_answer_without_tokens_is_no_session(bench, account, monkeypatch):
    sessions = KeptSessions()
    token = account.model_copy(update={"token": SecretStr(x_token(ends_at=int(NOON.timestamp())))})
    bench.sim.add_fault("x", "token", "effect_then_error", status=500)

    assert failure_of(function(bench, sessions).health(token))[0] is RETRYABLE
    assert sessions.sessions == {}


def test_a_session_lasts_two_hours_at_most(bench, account):
    bench.sim.advance(2 * HOUR)
    bench.channel("x").health(account)
    [kept] = bench.sessions.sessions.values()

    assert kept.expires_at == bench.clock.now() + timedelta(hours=2)
    assert kept.refresh is not None


def test_sessions_that_cannot_be_read_cost_no_refresh_token(bench, account):
    failure = Failure(failure_class=RETRYABLE, cause=Cause.PLATFORM, code="sessions-unread", message="Not read.")

    class UnreadSessions(KeptSessions):
        @override
        def read(self, account: Account) -> Failure:
            return failure

    bench.sim.advance(2 * HOUR)
    assert function(bench, UnreadSessions()).health(account) == failure
    assert bench.sim.count("x", "token") == 0
