"""The Buffer adapter: hand-over, status, withdrawal, listings and health."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from infra.local.simulators.buffer.records import BufferSetup, ChannelSetup, OrganizationSetup
from shutterpost.channels import (
    Account,
    Attempt,
    Cause,
    Failure,
    FailureClass,
    Healthy,
    Message,
    NoMatch,
    Picture,
    Published,
    QuotaUse,
    RemoteState,
    Status,
    Submitted,
    TooLate,
    Unreadable,
    Withdrawn,
)
from shutterpost.runtime.clock import SystemClock
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import NOON, Bench

TEXT = "A calm lake."
MESSAGE = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg"),), run_at=NOON)


@pytest.fixture
def channel(bench):
    return bench.channel("buffer")


@pytest.fixture
def account(bench):
    return bench.account("buffer")


def set_up(bench: Bench, **changes: Any) -> None:
    """Change the one channel's setup."""
    only = ChannelSetup(id=bench.channel_id, name="photographer", **changes)
    organization = OrganizationSetup(id=bench.organization_id, name="Studio", channels=[only])
    bench.sim.add_buffer_account(BufferSetup(api_key=TOKENS["buffer"], organizations=[organization]))


def answering(bench: Bench, *bodies: dict[str, Any]) -> None:
    """Buffer's next answers in order, as recorded ones."""
    answers = [httpx.Response(200, json=body) for body in bodies]
    respx.post(bench.settings.buffer_url).mock(side_effect=answers)


def test_a_post_is_handed_over_with_its_due_time(bench, channel, account):
    message = bench.message()

    submitted = channel.submit(account, message)

    post = bench.sim.buffer_posts("scheduled")[0]
    assert submitted == Submitted(ref=post["id"], handed_over=True)
    assert post["due_at"] == message.run_at.isoformat()


def test_a_late_post_is_handed_over_for_a_moment_from_now_and_still_found(bench, channel, account):
    late = bench.message().model_copy(update={"run_at": NOON - timedelta(minutes=5)})
    attempt = bench.attempt(late)

    submitted = channel.submit(account, late)

    assert isinstance(submitted, Submitted)
    assert bench.sim.buffer_posts()[0]["due_at"] == (NOON + timedelta(seconds=10)).isoformat()
    assert [match.ref for match in channel.find(account, attempt).statuses] == [submitted.ref]


def test_a_post_that_was_due_at_another_time_is_no_match(bench, channel, account):
    message = bench.message()
    attempt = bench.attempt(message)
    channel.submit(account, message.model_copy(update={"run_at": message.run_at + timedelta(hours=1)}))

    assert channel.find(account, attempt) == NoMatch()


def test_a_post_that_was_created_before_the_attempt_is_no_match(bench, channel, account):
    message = bench.message()
    channel.submit(account, message)
    bench.sim.advance(61)

    assert channel.find(account, bench.attempt(message)) == NoMatch()


def test_a_post_goes_from_scheduled_over_sending_to_sent(bench, channel, account):
    bench.sim.configure(sending_seconds=20)
    message = bench.message()
    ref = channel.submit(account, message).ref
    states = [channel.status(account, ref).state]
    for seconds in (600, 21):
        bench.sim.advance(seconds)
        states.append(channel.status(account, ref).state)

    assert states == [RemoteState.SCHEDULED, RemoteState.WORKING, RemoteState.PUBLISHED]
    described = channel.describe(account, ref)
    assert isinstance(described, Published)
    assert described.posted_at == message.run_at + timedelta(seconds=20)


def test_a_post_that_is_not_sent_is_described_later(bench, channel, account):
    ref = channel.submit(account, bench.message()).ref

    early = channel.describe(account, ref)

    assert isinstance(early, Failure)
    assert (early.failure_class, early.code) == (FailureClass.RETRYABLE, "not-sent")


def test_a_post_that_the_network_refused_is_failed_with_buffers_message(bench, channel, account):
    bench.sim.add_fault("buffer", "send", "refuse", message="The network refused this post.")
    ref = channel.submit(account, bench.message()).ref
    bench.sim.advance(600)
    bench.sim.advance(5)

    status = channel.status(account, ref)

    assert status.state is RemoteState.FAILED
    assert status.failure.failure_class is FailureClass.PERMANENT
    assert "The network refused this post." in status.failure.message


def test_a_post_that_buffer_does_not_know_is_gone(bench, channel, account):
    assert channel.status(account, "0" * 24) == Status(ref="0" * 24, state=RemoteState.GONE)


@pytest.mark.parametrize("waiting", ["draft", "needs_approval"])
@respx.mock
def test_a_post_that_waits_for_a_person_is_retryable(bench, channel, account, waiting):
    post = {"id": "p1", "status": waiting, "text": TEXT, "channelId": "c", "dueAt": None, "sentAt": None}
    answering(bench, {"data": {"post": post}})

    status = channel.status(account, "p1")

    assert status.state is RemoteState.SCHEDULED
    assert (status.failure.code, status.failure.failure_class) == (waiting, FailureClass.RETRYABLE)


@respx.mock
def test_an_unknown_status_counts_as_in_progress(bench, channel, account):
    answering(bench, {"data": {"post": {"id": "p1", "status": "pondering"}}})

    assert channel.status(account, "p1").state is RemoteState.WORKING


def test_publish_is_refused_without_a_call(bench, channel, account):
    refused = channel.publish(account, "p1", bench.message())

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.code) == (FailureClass.PERMANENT, "hands-over")
    assert bench.sim.journal("buffer") == []


def test_a_post_on_its_way_is_too_late_to_withdraw_and_left_alone(bench, channel, account):
    bench.sim.configure(sending_seconds=3_600)
    ref = channel.submit(account, bench.message()).ref
    bench.sim.advance(600)

    assert channel.withdraw(account, ref) == TooLate(external_id=ref)
    assert bench.sim.count("buffer", "deletePost") == 0
    assert bench.sim.violations() == []


@pytest.mark.parametrize(
    ("afterwards", "answer"),
    [
        ({"data": {"post": {"id": "p1", "status": "sending"}}}, TooLate(external_id="p1")),
        ({"errors": [{"message": "Post not found", "extensions": {"code": "NOT_FOUND"}}]}, Withdrawn()),
    ],
)
@respx.mock
def test_a_refused_delete_is_decided_by_the_posts_status(bench, channel, account, afterwards, answer):
    refused = {"data": {"deletePost": {"__typename": "VoidMutationError", "message": "in any words"}}}
    answering(bench, {"data": {"post": {"id": "p1", "status": "scheduled"}}}, refused, afterwards)

    assert channel.withdraw(account, "p1") == answer


def test_a_delete_without_an_answer_may_be_repeated(bench, channel, account):
    ref = channel.submit(account, bench.message()).ref
    bench.sim.add_fault("buffer", "deletePost", "effect_then_drop")

    lost = channel.withdraw(account, ref)

    assert isinstance(lost, Failure)
    assert lost.failure_class is FailureClass.RETRYABLE
    assert channel.withdraw(account, ref) == Withdrawn()


def test_a_refused_delete_of_a_waiting_post_is_tried_again_later(bench, channel, account):
    ref = channel.submit(account, bench.message()).ref
    bench.sim.add_fault("buffer", "deletePost", "refuse", code="VoidMutationError")

    refused = channel.withdraw(account, ref)

    assert isinstance(refused, Failure)
    assert refused.failure_class is FailureClass.RETRYABLE
    assert len(bench.sim.buffer_posts("scheduled")) == 1


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        ("InvalidInputError", None, (FailureClass.PERMANENT, Cause.PHOTO)),
        ("LimitReachedError", None, (FailureClass.RETRYABLE, Cause.QUOTA)),
        ("NotFoundError", None, (FailureClass.PERMANENT, Cause.ACCOUNT)),
        ("UnauthorizedError", None, (FailureClass.PERMANENT, Cause.TOKEN)),
        ("UnexpectedError", None, (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
        ("RestProxyError", 1000, (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
        ("RestProxyError", 1023, (FailureClass.RETRYABLE, Cause.QUOTA)),
        ("RestProxyError", 1025, (FailureClass.AMBIGUOUS, Cause.PHOTO)),
        ("RestProxyError", 1030, (FailureClass.PERMANENT, Cause.PHOTO)),
        ("RestProxyError", 7, (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
        ("UNEXPECTED", None, (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
        ("UNAUTHENTICATED", None, (FailureClass.PERMANENT, Cause.TOKEN)),
        ("FORBIDDEN", None, (FailureClass.PERMANENT, Cause.TOKEN)),
        ("GRAPHQL_VALIDATION_FAILED", None, (FailureClass.PERMANENT, Cause.PLATFORM)),
        ("SOMETHING_NEW", None, (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
    ],
)
def test_a_refused_create_has_its_class(bench, account, code, subcode, expected):
    bench.sim.add_fault("buffer", "createPost", "refuse", code=code, subcode=subcode, message="Said by Buffer")

    refused = bench.channel("buffer").submit(account, bench.message())

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause) == expected
    assert bench.posts(TEXT) == 0
    assert "Said by Buffer" in refused.raw


def test_a_full_rate_limit_refuses_a_create_before_any_effect(bench, channel, account):
    bench.sim.add_fault("buffer", "createPost", "throttle", seconds=300)

    throttled = channel.submit(account, bench.message())

    assert isinstance(throttled, Failure)
    assert (throttled.failure_class, throttled.cause) == (FailureClass.RETRYABLE, Cause.QUOTA)
    assert (throttled.code, throttled.retry_after) == ("RATE_LIMIT_EXCEEDED", 300)
    assert bench.posts(TEXT) == 0


@respx.mock
def test_a_recorded_refusal_without_its_type_name_is_no_success(bench, channel, account):
    words = "Invalid post: Instagram posts require at least one image or video."
    answering(bench, {"data": {"createPost": {"message": words}}})

    on_system_time = Bench(bench.sim, bench.pictures, SystemClock(), bench.settings, "", "")
    refused = on_system_time.channel("buffer").submit(account, MESSAGE)

    assert isinstance(refused, Failure)
    assert refused.failure_class is FailureClass.AMBIGUOUS


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ({"is_disconnected": True}, (FailureClass.PERMANENT, Cause.TOKEN, "channel-disconnected")),
        ({"is_locked": True}, (FailureClass.PERMANENT, Cause.ACCOUNT, "channel-locked")),
        ({"is_queue_paused": True}, (FailureClass.RETRYABLE, Cause.ACCOUNT, "queue-paused")),
        ({"daily_limit": 0}, (FailureClass.RETRYABLE, Cause.QUOTA, "quota")),
    ],
)
def test_a_channel_that_cannot_post_is_not_healthy(bench, channel, account, setup, expected):
    set_up(bench, **setup)

    unwell = channel.health(account)

    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.cause, unwell.code) == expected


def test_a_channel_that_is_no_longer_there_is_not_healthy(bench, channel, account):
    elsewhere = account.connection.model_copy(update={"account_id": "f" * 24})

    unwell = channel.health(account.model_copy(update={"connection": elsewhere}))

    assert isinstance(unwell, Failure)
    assert (unwell.failure_class, unwell.cause) == (FailureClass.PERMANENT, Cause.ACCOUNT)


def test_the_posts_left_are_those_of_the_due_day(bench, channel, account):
    set_up(bench, daily_limit=1)
    channel.submit(account, bench.message())

    today = channel.health(account, NOON)
    tomorrow = channel.health(account, NOON + timedelta(days=1))

    assert isinstance(today, Failure)
    assert (today.cause, today.quota) == (Cause.QUOTA, QuotaUse(used=1, total=1))
    assert tomorrow == Healthy(quota=QuotaUse(used=0, total=1))


def test_health_costs_one_call(bench, channel, account):
    channel.health(account)

    assert bench.sim.count("buffer", "channels") == bench.sim.count("buffer", "dailyPostingLimits") == 1
    assert len({entry["at"] for entry in bench.sim.journal("buffer")}) == 1


def two_accounts(bench: Bench) -> list[Account]:
    """The accounts of two channels of one organization."""
    channels = [ChannelSetup(id=f"{n:024x}", name=f"channel {n}") for n in (1, 2)]
    organization = OrganizationSetup(id=bench.organization_id, name="Studio", channels=channels)
    bench.sim.add_buffer_account(BufferSetup(api_key=TOKENS["buffer"], organizations=[organization]))
    account = bench.account("buffer")
    return [
        account.model_copy(
            update={"connection": account.connection.model_copy(update={"account_id": item.id})},
        )
        for item in channels
    ]


def test_one_listing_answers_for_all_accounts_of_an_organization(bench, channel):
    first, second = two_accounts(bench)
    refs = [channel.submit(item, bench.message()).ref for item in (first, second)]
    before = bench.sim.count("buffer", "posts")

    known = channel.statuses([first, second], NOON)

    assert {ref: status.state for ref, status in known.items()} == dict.fromkeys(refs, RemoteState.SCHEDULED)
    assert bench.sim.count("buffer", "posts") == before + 1


def test_a_listing_takes_the_first_key_that_is_accepted(bench, channel):
    first, second = two_accounts(bench)
    ref = channel.submit(second, bench.message()).ref
    revoked = first.model_copy(update={"token": bench.account("buffer", "no-such-key").token})

    known = channel.statuses([revoked, second], NOON)
    lost = channel.statuses([revoked], NOON)

    assert set(known) == {ref}
    assert isinstance(lost, Failure)
    assert lost.cause is Cause.TOKEN


def test_a_listing_covers_what_is_due_since_the_given_instant(bench, channel, account):
    bench.sim.configure(sending_seconds=0)
    channel.submit(account, bench.message("Early."))
    bench.sim.advance(3_600)
    later = channel.submit(account, bench.message("Later.")).ref

    assert set(channel.statuses([account], bench.clock.now())) == {later}


def test_a_listing_reads_every_page(bench, channel, account):
    set_up(bench, daily_limit=1_000)
    refs = {channel.submit(account, bench.message(f"Lake {n}.")).ref for n in range(55)}
    before = bench.sim.count("buffer", "posts")

    assert set(channel.statuses([account], NOON)) == refs
    assert bench.sim.count("buffer", "posts") == before + 2


def test_a_listing_is_for_one_organization(bench, channel, account):
    elsewhere = account.connection.model_copy(update={"organization_id": "another"})
    other = account.model_copy(update={"connection": elsewhere})

    with pytest.raises(ValueError, match="one organization"):
        channel.statuses([account, other], NOON)


@respx.mock
def test_a_listing_without_an_end_is_no_answer(bench, channel, account):
    page = {"edges": [], "pageInfo": {"hasNextPage": True, "endCursor": "abc"}}
    respx.post(bench.settings.buffer_url).respond(json={"data": {"posts": page}})

    endless = channel.find(account, Attempt(text=TEXT, run_at=NOON, attempted_at=NOON))

    assert isinstance(endless, Unreadable)
    assert endless.failure.code == "listing-too-long"


def test_an_api_key_is_not_exchanged(bench, channel, account):
    assert channel.refresh(account) is None
    assert bench.sim.journal("buffer") == []
