"""Refreshing the tokens of Instagram connections."""

from datetime import timedelta

import pytest
import respx

from shutterpost.channels import Cause, Failure, FailureClass, Healthy, NewToken
from tests.support.channel_kinds import TOKENS


@pytest.fixture
def channel(bench):
    return bench.channel("instagram")


def test_an_instagram_login_token_is_exchanged_for_sixty_more_days(bench, channel):
    account = bench.account("instagram")
    bench.sim.advance(50 * 86_400)

    renewed = channel.refresh(account)

    assert isinstance(renewed, NewToken)
    assert renewed.expires_at == bench.clock.now() + timedelta(days=60)
    fresh_account = account.model_copy(update={"token": renewed.token})
    assert isinstance(channel.health(fresh_account), Healthy)
    assert renewed.token.get_secret_value() not in repr(renewed)


def test_an_expired_token_cannot_be_exchanged_and_blames_itself(bench, channel):
    account = bench.account("instagram")
    bench.sim.advance(61 * 86_400)

    lost = channel.refresh(account)

    assert isinstance(lost, Failure)
    assert (lost.failure_class, lost.cause, lost.code) == (FailureClass.PERMANENT, Cause.TOKEN, "190/463")
    assert TOKENS["instagram"] not in lost.model_dump_json()


def test_a_facebook_login_token_is_not_exchanged(bench, channel):
    assert channel.refresh(bench.account("facebook")) is None
    assert bench.sim.count("instagram", "refresh_token") == 0


@respx.mock
def test_a_refresh_that_answers_with_nothing_keeps_both_tokens_out_of_the_failure(bench, channel):
    respx.get(url__regex=r".*/refresh_access_token.*").respond(json={"access_token": "IGQV-new", "expires_in": "soon"})

    odd = channel.refresh(bench.account("instagram"))

    assert isinstance(odd, Failure)
    assert odd.failure_class is FailureClass.RETRYABLE
    assert "IGQV-new" not in odd.model_dump_json()
