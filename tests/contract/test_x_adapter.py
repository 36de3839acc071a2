"""X's adapter on the simulated X: uploads, what may follow each answer, and the few reads that it makes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    NoMatch,
    Published,
    RemoteState,
    Removed,
    Status,
    Unreadable,
)
from tests.support.adapter_answers import failure_of, submitted
from tests.support.picture_host import jpeg
from tests.support.simulated_channels import X_USER, Bench, add_x_account

TEXT = "A calm lake."
PERMANENT, RETRYABLE, AMBIGUOUS = FailureClass.PERMANENT, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("x")


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("x")


def calls(bench: Bench, *operations: str) -> list[int]:
    return [bench.sim.count("x", name) for name in operations]


def test_each_picture_is_uploaded_and_described_and_seen_by_nobody(bench, channel, account):
    message = bench.message(names=("one", "two"))
    plain = message.pictures[1].model_copy(update={"alt_text": ""})
    message = message.model_copy(update={"pictures": (message.pictures[0], plain)})
    first = channel.submit(account, message)
    assert channel.status(account, first.ref).state is RemoteState.INCOMPLETE
    second = channel.submit(account, message, first.ref)

    assert channel.status(account, second.ref).state is RemoteState.READY
    assert channel.submit(account, message, second.ref) == second
    assert calls(bench, "upload", "metadata", "media_status") == [2, 1, 0]
    assert bench.sim.x_posts() == []


def test_a_picture_that_is_processed_is_waited_for(bench, channel, account):
    bench.sim.add_fault("x", "process_media", "slow", seconds=30)
    ref = channel.submit(account, bench.message()).ref
    early = channel.status(account, ref)
    bench.sim.advance(31)

    assert early.state is RemoteState.WORKING
    assert channel.status(account, ref).state is RemoteState.READY
    assert isinstance(channel.publish(account, ref, bench.message()), Published)


def test_a_picture_that_cannot_be_processed_blames_the_photo(bench, channel, account):
    bench.sim.add_fault("x", "process_media", "refuse")
    status = channel.status(account, channel.submit(account, bench.message()).ref)

    assert isinstance(status, Status)
    assert status.state is RemoteState.FAILED
    assert failure_of(status.failure) == (PERMANENT, Cause.PHOTO, "not-processed")


def test_a_picture_over_the_limit_is_not_sent(bench, channel, account):
    message = bench.message()
    bench.renditions.jpegs["renditions/lake.jpg"] = jpeg() + b"\0" * 5 * 1024 * 1024
    assert failure_of(channel.submit(account, message)) == (PERMANENT, Cause.PHOTO, "too-large")
    assert calls(bench, "upload") == [0]


@pytest.mark.parametrize("count", [0, 5])
def test_x_takes_one_to_four_pictures(bench, channel, account, count):
    message = bench.message(names=tuple(f"p{number}" for number in range(count)))
    assert failure_of(channel.submit(account, message)) == (PERMANENT, Cause.PHOTO, "picture-count")


def test_an_alt_text_whose_answer_is_lost_begins_the_picture_anew(bench, channel, account):
    bench.sim.add_fault("x", "metadata", "effect_then_drop")
    lost = channel.submit(account, bench.message(names=("one", "two")))
    ref = submitted(channel, account, bench.message())

    assert failure_of(lost) == (RETRYABLE, Cause.PLATFORM, "no-answer")
    assert isinstance(channel.publish(account, ref, bench.message()), Published)
    assert [post["alt_texts"] for post in bench.sim.x_posts()] == [["A lake"]]


def test_a_publication_reads_nothing_that_costs(bench, channel, account):
    """X bills each post that is read, and each user."""
    ref = submitted(channel, account, bench.message())
    published = channel.publish(account, ref, bench.message())

    assert published.external_url == f"https://x.com/i/web/status/{published.external_id}"
    assert channel.health(account) == Healthy()
    assert calls(bench, "me", "read_post", "list_posts") == [0, 0, 0]


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error"])
def test_a_post_whose_answer_is_lost_is_found_by_its_uploads(bench, channel, account, fault):
    ref = submitted(channel, account, bench.message(names=("one", "two")))
    bench.sim.add_fault("x", "create_post", fault)
    unclear = channel.publish(account, ref, bench.message())
    # The text says nothing: other posts may have the same.
    attempt = bench.attempt(bench.message("Another text."), ref)
    match = channel.find(account, attempt)

    assert unclear.failure_class is AMBIGUOUS
    assert isinstance(match, Matches)
    assert channel.status(account, ref).external_id == match.statuses[0].external_id


def test_a_post_with_other_uploads_is_not_found(bench, channel, account):
    first = submitted(channel, account, bench.message())
    second = submitted(channel, account, bench.message())
    channel.publish(account, first, bench.message())

    assert channel.find(account, bench.attempt(bench.message(), second)) == NoMatch()
    assert channel.status(account, second).state is RemoteState.READY


def test_a_duplicate_that_has_the_uploads_is_the_post(bench, channel, account):
    add_x_account(bench.sim, refuses_duplicates=True)
    ref = submitted(channel, account, bench.message())
    bench.sim.add_fault("x", "create_post", "effect_then_drop")
    channel.publish(account, ref, bench.message())
    again = channel.publish(account, ref, bench.message())

    assert isinstance(again, Published)
    assert again.same
    assert len(bench.sim.x_posts()) == 1


def test_a_duplicate_of_another_post_is_refused_for_its_text(bench, channel, account):
    add_x_account(bench.sim, refuses_duplicates=True)
    channel.publish(account, submitted(channel, account, bench.message()), bench.message())
    ref = submitted(channel, account, bench.message(names=("other",)))

    assert failure_of(channel.publish(account, ref, bench.message()))[:2] == (PERMANENT, Cause.TEXT)
    bench.sim.add_fault("x", "list_posts", "refuse")
    assert failure_of(channel.publish(account, ref, bench.message()))[:2] == (AMBIGUOUS, Cause.TEXT)


def test_uploads_that_x_has_dropped_are_made_again(bench, channel, account):
    ref = submitted(channel, account, bench.message())
    bench.sim.advance(86_400)
    add_x_account(bench.sim, access_token="later", refresh_token="later-refresh")
    late = bench.account("x", token=account.token.get_secret_value().replace("x-refresh", "later-refresh"))
    refused = channel.publish(late, ref, bench.message())

    assert failure_of(refused) == (RETRYABLE, Cause.PLATFORM, "invalid-request")
    assert refused.resubmit


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((403, None, "You are not permitted to perform this action."), (PERMANENT, Cause.ACCOUNT)),
        ((403, "client-forbidden", "Enroll."), (PERMANENT, Cause.ACCOUNT)),
        ((400, "invalid-request", "The text is too long."), (PERMANENT, Cause.TEXT)),
        ((400, "something-new", "Odd."), (PERMANENT, Cause.TEXT)),
        ((402, "something-new", "Odd."), (AMBIGUOUS, Cause.PLATFORM)),
        ((429, "usage-capped", "Usage cap exceeded: Monthly product cap"), (RETRYABLE, Cause.QUOTA)),
        ((500, None, "Internal."), (AMBIGUOUS, Cause.PLATFORM)),
        ((503, "something-new", "Busy."), (AMBIGUOUS, Cause.PLATFORM)),
    ],
)
def test_answers_at_the_post_have_their_class(bench, channel, account, answer, expected):
    status, code, message = answer
    ref = submitted(channel, account, bench.message())
    # Without a code, a status of 500 or more would be a gateway's page.
    bench.sim.add_fault("x", "create_post", "refuse", status=status, code=code or "about", message=message)

    assert failure_of(channel.publish(account, ref, bench.message()))[:2] == expected
    assert bench.posts(TEXT) == 0


def test_the_apps_cap_waits_a_day_and_a_rate_limit_until_its_reset(bench, channel, account):
    add_x_account(bench.sim, monthly_cap=0)
    ref = submitted(channel, account, bench.message())
    capped = channel.publish(account, ref, bench.message())
    bench.sim.add_fault("x", "create_post", "throttle", seconds=90)
    throttled = channel.publish(account, ref, bench.message())

    assert (capped.code, capped.retry_after) == ("usage-capped", 86_400)
    assert (failure_of(throttled)[:2], throttled.retry_after) == ((RETRYABLE, Cause.QUOTA), 90)


def test_a_listing_that_is_not_whole_proves_nothing(bench, channel, account, monkeypatch):
    ref = submitted(channel, account, bench.message())
    attempt = bench.attempt(bench.message(), ref)
    bench.sim.add_fault("x", "list_posts", "refuse", count=2)

    assert isinstance(channel.find(account, attempt), Unreadable)
    assert isinstance(channel.status(account, ref), Failure)


def test_a_post_beyond_the_first_page_is_found(bench, channel, account, monkeypatch):
    monkeypatch.setattr("shutterpost.channels.x.calls._PAGE", 5)
    ref = submitted(channel, account, bench.message())
    channel.publish(account, ref, bench.message())
    for number in range(7):
        bench.sim.advance(1)
        other = submitted(channel, account, bench.message(f"Post {number}", names=(f"p{number}",)))
        channel.publish(account, other, bench.message(f"Post {number}"))

    assert isinstance(channel.find(account, bench.attempt(bench.message(), ref)), Matches)
    monkeypatch.setattr("shutterpost.channels.x.calls._MAX_PAGES", 1)
    endless = channel.find(account, bench.attempt(bench.message(), ref))
    assert isinstance(endless, Unreadable)
    assert endless.failure.code == "listing-too-long"


def test_a_live_post_is_deleted_once_and_being_gone_is_enough(bench, channel, account):
    ref = submitted(channel, account, bench.message())
    external_id = channel.publish(account, ref, bench.message()).external_id

    assert channel.remove(account, external_id) == channel.remove(account, external_id) == Removed()
    assert bench.sim.x_posts() == []
    assert channel.status(account, ref).state is RemoteState.READY


def test_live_addresses_are_those_since_an_instant(bench, channel, account):
    ref = submitted(channel, account, bench.message())
    published = channel.publish(account, ref, bench.message())
    now = bench.clock.now()

    assert channel.live_addresses(account, now - timedelta(hours=1)) == {published.external_url}
    assert channel.live_addresses(account, now + timedelta(hours=1)) == frozenset()


def test_the_name_of_the_account_is_read_when_it_is_connected(bench, channel, account):
    assert channel.token_facts(account).account_name == "nature"
    assert account.connection.account_id == X_USER


def test_a_ref_of_another_channel_is_no_submission(bench, channel, account):
    assert failure_of(channel.status(account, "178"))[2] == "no-submission"
    assert failure_of(channel.publish(account, "1:3_1/2@1795262400", bench.message()))[2] == "no-submission"


def test_a_picture_whose_alt_text_is_refused_is_named(bench, channel, account):
    message = bench.message(names=("one", "two"))
    ref = channel.submit(account, message).ref
    bench.sim.add_fault("x", "metadata", "refuse", status=400, code="invalid-request", message="No.")
    assert channel.submit(account, message, ref).picture == 1


def test_a_part_of_a_submission_is_not_published(bench, channel, account):
    message = bench.message(names=("one", "two"))
    ref = channel.submit(account, message).ref
    assert failure_of(channel.publish(account, ref, message)) == (PERMANENT, Cause.PLATFORM, "no-submission")
    assert calls(bench, "create_post") == [0]


def test_a_limit_at_the_post_is_believed_without_a_look_that_costs(bench, channel, account):
    ref = submitted(channel, account, bench.message())
    bench.sim.add_fault("x", "create_post", "throttle", seconds=90)
    assert failure_of(channel.publish(account, ref, bench.message()))[:2] == (RETRYABLE, Cause.QUOTA)
    assert calls(bench, "list_posts") == [0]


def test_an_attempt_without_uploads_is_found_by_text_and_time(bench, channel, account):
    early = bench.attempt(bench.message())
    bench.sim.advance(3_600)
    published = channel.publish(account, submitted(channel, account, bench.message()), bench.message())
    match = channel.find(account, bench.attempt(bench.message()))
    assert [each.external_id for each in match.statuses] == [published.external_id]
    assert channel.find(account, bench.attempt(bench.message("Another text."))) == NoMatch()
    assert channel.find(account, early) == NoMatch()


def test_a_refused_deletion_leaves_the_post(bench, channel, account):
    ref = submitted(channel, account, bench.message())
    external_id = channel.publish(account, ref, bench.message()).external_id
    bench.sim.add_fault("x", "delete_post", "refuse", status=403, code="client-forbidden", message="No.")
    assert failure_of(channel.remove(account, external_id)) == (PERMANENT, Cause.ACCOUNT, "client-forbidden")


def test_a_picture_that_is_refused_is_named(bench, channel, account):
    message = bench.message(names=("one", "two"))
    ref = channel.submit(account, message).ref
    bench.sim.add_fault("x", "upload", "refuse", status=400, code="invalid-request", message="No.")
    assert channel.submit(account, message, ref).picture == 1
