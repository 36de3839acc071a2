"""A refused publish call counts only where the platform shows no post: the call before it, or the same one, made it."""

import pytest

from shutterpost.channels import Account, Cause, Failure, FailureClass, Message, Published, Submitted
from tests.support.channel_kinds import TRAITS, Kind
from tests.support.simulated_channels import Bench

KINDS: tuple[Kind, ...] = ("bluesky", "mastodon", "pixelfed")
READS: dict[Kind, str] = {"bluesky": "getRecord", "mastodon": "read_media", "pixelfed": "list_statuses"}


def ready(bench: Bench, kind: Kind) -> tuple[Account, str, Message]:
    """An account, a submission of it that is ready, and its message."""
    account, message = bench.account(kind), bench.message()
    submitted = bench.channel(kind).submit(account, message)
    assert isinstance(submitted, Submitted)
    bench.sim.advance(60)
    return account, submitted.ref, message


def throttle(bench: Bench, kind: Kind) -> None:
    bench.sim.add_fault(TRAITS[kind].platform, TRAITS[kind].posts_by, "throttle", seconds=60)


@pytest.mark.parametrize("kind", KINDS)
def test_a_quota_that_is_used_up_is_believed_where_nothing_is_posted(bench: Bench, kind: Kind) -> None:
    call = ready(bench, kind)
    throttle(bench, kind)
    refused = bench.channel(kind).publish(*call)
    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == (FailureClass.RETRYABLE, Cause.QUOTA)


@pytest.mark.parametrize("kind", KINDS)
def test_a_quota_that_is_used_up_by_the_post_itself_is_a_success(bench: Bench, kind: Kind) -> None:
    call = ready(bench, kind)
    first = bench.channel(kind).publish(*call)
    throttle(bench, kind)
    again = bench.channel(kind).publish(*call)
    assert isinstance(first, Published)
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_refusal_is_unclear_while_the_post_cannot_be_looked_up(bench: Bench, kind: Kind) -> None:
    call = ready(bench, kind)
    throttle(bench, kind)
    bench.sim.add_fault(TRAITS[kind].platform, READS[kind], "refuse")
    refused = bench.channel(kind).publish(*call)
    assert isinstance(refused, Failure)
    assert refused.failure_class is FailureClass.AMBIGUOUS


def test_other_words_under_the_key_of_a_post_are_that_post(bench: Bench) -> None:
    account, ref, message = ready(bench, "bluesky")
    first = bench.channel("bluesky").publish(account, ref, message)
    again = bench.channel("bluesky").publish(account, ref, message.model_copy(update={"text": "Other words."}))
    assert isinstance(first, Published)
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)
