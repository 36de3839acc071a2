"""Removal of a live post, which only a Facebook-Login connection can do."""

import pytest

from shutterpost.channels import Failure, FailureClass, Published, Removed, Submitted
from tests.support.channel_kinds import Kind
from tests.support.simulated_channels import Bench


def live_on_instagram(bench: Bench, kind: Kind) -> str:
    """Id of a live post."""
    channel, account = bench.channel(kind), bench.account(kind)
    submitted = channel.submit(account, bench.message())
    assert isinstance(submitted, Submitted)
    bench.sim.advance(1)
    published = channel.publish(account, submitted.ref, bench.message())
    assert isinstance(published, Published)
    return published.external_id


def test_facebook_login_takes_it_down_and_may_ask_again(bench: Bench) -> None:
    external_id = live_on_instagram(bench, "facebook")
    channel, account = bench.channel("facebook"), bench.account("facebook")

    answers = [channel.remove(account, external_id) for _ in range(2)]

    assert answers == [Removed(), Removed()]
    assert bench.sim.live_media() == []


@pytest.mark.parametrize("kind", ["instagram", "buffer"])
def test_other_connections_say_that_they_cannot_without_a_call(bench: Bench, kind: Kind) -> None:
    answer = bench.channel(kind).remove(bench.account(kind), "1")

    assert isinstance(answer, Failure)
    assert (answer.failure_class, answer.code) == (FailureClass.PERMANENT, "cannot-remove")


def test_removal_without_an_answer_is_looked_after(bench: Bench) -> None:
    external_id = live_on_instagram(bench, "facebook")
    bench.sim.add_fault("instagram", "delete_media", "effect_then_drop")

    assert bench.channel("facebook").remove(bench.account("facebook"), external_id) == Removed()


def test_a_refused_removal_has_the_platforms_reason(bench: Bench) -> None:
    external_id = live_on_instagram(bench, "facebook")
    bench.sim.add_fault("instagram", "delete_media", "refuse", code=-1, subcode=2207085)

    answer = bench.channel("facebook").remove(bench.account("facebook"), external_id)

    assert isinstance(answer, Failure)
    assert answer.code == "-1/2207085"
    assert len(bench.sim.live_media()) == 1


def test_removal_with_a_token_that_ended_is_not_taken_for_done(bench: Bench) -> None:
    external_id = live_on_instagram(bench, "facebook")
    ended = bench.account("facebook", token="EAAG-unknown")

    answer = bench.channel("facebook").remove(ended, external_id)

    assert isinstance(answer, Failure)
    assert len(bench.sim.live_media()) == 1
