"""Mastodon's adapter on the simulated servers: uploads, limits, and what may follow each answer, by version."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NoMatch,
    Picture,
    Published,
    RemoteState,
    Removed,
    Unreadable,
    Withdrawn,
)
from tests.support.adapter_answers import failure_of, state_of, submitted
from tests.support.channel_kinds import TOKENS, Kind
from tests.support.simulated_channels import DOMAINS, NOON, Bench

TEXT = "A calm lake."
KEY = "schedule-1"


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("mastodon")


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("mastodon")


def server(bench: Bench, kind: Kind = "mastodon", **options: Any) -> None:
    options = {"software": kind} | options
    bench.sim.add_mastodon_server(DOMAINS[kind], {"anna": TOKENS[kind]}, **options)


def keyed(bench: Bench, *names: str, **more: Any) -> Message:
    return bench.message(names=names or ("lake",)).model_copy(update={"key": KEY} | more)


def test_limits_are_read_from_the_server(bench, channel, account):
    server(bench, max_characters=5_000, max_media_attachments=10, description_limit=900, version="4.5.1")
    health = channel.health(account)
    assert isinstance(health, Healthy)
    assert health.limits is not None
    assert health.limits.model_dump() == {
        "version": "4.5.1",
        "read_at": NOON,
        "max_text_length": 5_000,
        "link_length": 23,
        "max_pictures": 10,
        "max_alt_text": 900,
        "max_bytes": 16 * 1024 * 1024,
    }


def test_pixelfed_names_no_limit_of_descriptions(bench):
    health = bench.channel("pixelfed").health(bench.account("pixelfed"))
    assert (health.limits.max_alt_text, health.limits.max_pictures) == (None, 4)


def test_a_server_that_does_not_state_its_limits_is_healthy(bench, channel, account):
    bench.sim.add_fault("mastodon", "instance", "refuse", status=503)
    assert channel.health(account) == Healthy()


def test_token_of_another_account_is_refused(bench, channel, account):
    bench.sim.add_mastodon_server(DOMAINS["mastodon"], {"bert": "token-bert"})
    stranger = bench.account("mastodon", token="token-bert")
    assert failure_of(channel.health(stranger)) == (FailureClass.PERMANENT, Cause.TOKEN, "other-account")


def test_pictures_go_up_one_by_one_with_description_and_focus(bench, channel, account):
    message = keyed(bench, "one", "two")
    focused = message.pictures[1].model_copy(update={"focus": (-0.42, 0.694), "alt_text": ""})
    message = message.model_copy(update={"pictures": (message.pictures[0], focused)})
    first = channel.submit(account, message)
    assert state_of(channel.status(account, first.ref)) is RemoteState.INCOMPLETE
    second = channel.submit(account, message, first.ref)
    assert state_of(channel.status(account, second.ref)) is RemoteState.READY
    assert isinstance(channel.publish(account, second.ref, message), Published)
    [status] = bench.sim.statuses()
    expected = [sha256(bench.renditions.jpegs[picture.rendition]).hexdigest() for picture in message.pictures]
    assert [media["sha256"] for media in status["media"]] == expected
    assert [(media["description"], media["focus"]) for media in status["media"]] == [
        ("A lake", None),
        (None, [-0.42, 0.69]),
    ]


def test_post_has_the_connections_visibility_and_the_posts_language(bench, channel, account):
    hidden = account.connection.model_copy(update={"visibility": "unlisted", "sensitive": True})
    account = account.model_copy(update={"connection": hidden})
    message = keyed(bench, language="de-AT")
    channel.publish(account, submitted(channel, account, message), message)
    [status] = bench.sim.statuses()
    assert (status["visibility"], status["sensitive"], status["language"]) == ("unlisted", True, "de")


def test_picture_that_is_processed_later_is_waited_for(bench, channel, account):
    server(bench, processing=True)
    ref = submitted(channel, account, keyed(bench))
    assert state_of(channel.status(account, ref)) is RemoteState.WORKING
    bench.sim.advance(1)
    assert state_of(channel.status(account, ref)) is RemoteState.READY


def test_picture_that_cannot_be_processed_is_uploaded_again(bench, channel, account):
    bench.sim.add_fault("mastodon", "process_media", "refuse")
    ref = submitted(channel, account, keyed(bench))
    bench.sim.advance(1)
    status = channel.status(account, ref)
    assert state_of(status) is RemoteState.FAILED
    assert (status.failure.failure_class, status.failure.resubmit) == (FailureClass.RETRYABLE, True)


@pytest.mark.parametrize("version", ["4.2.13", "4.3.0", "4.5.9", "4.6.4", "4.7.0"])
def test_lost_answer_is_found_by_the_picture_on_every_version(bench, channel, account, version):
    server(bench, version=version)
    message = keyed(bench)
    ref = submitted(channel, account, message)
    bench.sim.add_fault("mastodon", "create_status", "effect_then_drop")
    assert failure_of(channel.publish(account, ref, message))[0] is FailureClass.AMBIGUOUS
    bench.sim.advance(7_200)
    status = channel.status(account, ref)
    assert state_of(status) is RemoteState.PUBLISHED
    assert status.external_url == f"https://photos.example/@anna/{status.external_id}"
    assert bench.posts(TEXT) == 1


@pytest.mark.parametrize("kind", ["mastodon", "pixelfed"])
def test_call_that_never_arrived_reads_as_not_posted_and_is_repeated(bench, kind):
    channel, account, message = bench.channel(kind), bench.account(kind), keyed(bench)
    ref = submitted(channel, account, message)
    bench.sim.add_fault("mastodon", "create_status", "drop_before")
    assert failure_of(channel.publish(account, ref, message))[0] is FailureClass.AMBIGUOUS
    assert state_of(channel.status(account, ref)) is RemoteState.READY
    assert isinstance(channel.publish(account, ref, message), Published)
    assert bench.posts(TEXT) == 1


@pytest.mark.parametrize("status", [500, 503])
@pytest.mark.parametrize("kind", ["mastodon", "pixelfed"])
def test_error_of_the_server_itself_is_ambiguous_at_the_post(bench, kind, status):
    channel, account, message = bench.channel(kind), bench.account(kind), keyed(bench)
    ref = submitted(channel, account, message)
    bench.sim.add_fault("mastodon", "create_status", "effect_then_error", status=status, code="own")
    assert failure_of(channel.publish(account, ref, message))[0] is FailureClass.AMBIGUOUS
    assert state_of(channel.status(account, ref)) is RemoteState.PUBLISHED


@pytest.mark.parametrize(("version", "same"), [("4.5.9", True), ("4.6.4", False), ("4.7.0", True)])
def test_repeat_within_the_hour_never_makes_a_second_post(bench, channel, account, version, same):
    server(bench, version=version)
    message = keyed(bench)
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    second = channel.publish(account, ref, message)
    if same:
        assert second.external_id == first.external_id
    else:
        assert failure_of(second)[0] is FailureClass.AMBIGUOUS
    assert state_of(channel.status(account, ref)) is RemoteState.PUBLISHED
    assert bench.posts(TEXT) == 1


def test_refusal_because_of_attached_pictures_is_the_post_itself(running, bench, channel, account):
    message = keyed(bench)
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    bench.sim.advance(3_600)
    again = channel.publish(account, ref, message)
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)
    assert bench.posts(TEXT) == 1
    assert [violation["what"] for violation in bench.sim.violations()] == ["attached media that are gone or attached"]
    bench.sim.reset()


def test_refused_text_is_permanent_while_the_pictures_are_free(bench, channel, account):
    server(bench, max_characters=5, account={"locale": "de"})
    message = keyed(bench)
    ref = submitted(channel, account, message)
    assert failure_of(channel.publish(account, ref, message)) == (FailureClass.PERMANENT, Cause.TEXT, "http-422")
    bench.sim.reset()


def test_picture_that_is_still_processed_may_be_posted_later(bench, channel, account):
    server(bench, processing=True)
    message = keyed(bench)
    ref = submitted(channel, account, message)
    failure = channel.publish(account, ref, message)
    assert failure_of(failure)[:2] == (FailureClass.RETRYABLE, Cause.PLATFORM)
    assert not failure.resubmit
    bench.sim.reset()


def test_vanished_pictures_without_a_post_are_never_taken_for_not_posted(bench, channel, account):
    message = keyed(bench)
    ref = submitted(channel, account, message)
    bench.sim.advance(86_400)
    gone = channel.status(account, ref)
    assert failure_of(gone)[2] == "media-gone"
    assert gone.resubmit
    refused = channel.publish(account, ref, message)
    assert failure_of(refused)[0] is FailureClass.AMBIGUOUS
    bench.sim.reset()


def test_one_vanished_picture_of_several_means_that_nothing_was_posted(bench, channel, account):
    message = keyed(bench, "one", "two")
    first = channel.submit(account, message)
    bench.sim.advance(80_000)
    second = channel.submit(account, message, first.ref)
    bench.sim.advance(10_000)
    assert state_of(channel.status(account, second.ref)) is RemoteState.EXPIRED


def test_post_deleted_meanwhile_with_its_pictures_is_unknown(bench, channel, account):
    message = keyed(bench)
    ref = submitted(channel, account, message)
    live = channel.publish(account, ref, message)
    assert channel.remove(account, live.external_id) == Removed()
    assert failure_of(channel.status(account, ref))[2] == "media-gone"
    assert channel.remove(account, live.external_id) == Removed()


def test_spam_filters_answer_is_read_back(bench, channel, account):
    message = keyed(bench).model_copy(update={"text": "Hello @bert"})
    ref = submitted(channel, account, message)
    bench.sim.add_fault("mastodon", "keep_status", "refuse")
    assert failure_of(channel.publish(account, ref, message)) == (FailureClass.PERMANENT, Cause.TEXT, "not-kept")
    assert state_of(channel.status(account, ref)) is RemoteState.READY


def test_withdrawn_pictures_are_deleted_where_the_server_can(bench, channel, account):
    ref = submitted(channel, account, keyed(bench))
    assert channel.withdraw(account, ref) == Withdrawn()
    assert bench.sim.state()["mastodon"]["media"] == []
    assert channel.withdraw(account, ref) == Withdrawn()
    server(bench, version="4.3.9")
    kept = submitted(channel, account, keyed(bench))
    assert channel.withdraw(account, kept) == Withdrawn()
    assert len(bench.sim.state()["mastodon"]["media"]) == 1


@pytest.mark.parametrize("kind", ["mastodon", "pixelfed"])
def test_post_is_found_among_many_later_ones(bench, kind):
    channel, account, message = bench.channel(kind), bench.account(kind), keyed(bench)
    server(bench, kind, rate_limits={"media": 999})
    ref = submitted(channel, account, message)
    channel.publish(account, ref, message)
    for number in range(90):
        other = bench.message(f"other {number}")
        channel.publish(account, submitted(channel, account, other), other)
        bench.sim.advance(60)
    match = channel.find(account, bench.attempt(message, ref))
    assert isinstance(match, Matches)
    assert len(match.statuses) == 1
    addresses = channel.live_addresses(account, NOON)
    assert len(addresses) == 91


@pytest.mark.parametrize("operation", ["read_media", "list_statuses"])
def test_look_that_fails_is_a_failure_and_no_state(bench, channel, account, operation):
    message = keyed(bench)
    ref = submitted(channel, account, message)
    channel.publish(account, ref, message)
    bench.sim.add_fault("mastodon", operation, "refuse", status=502)
    assert failure_of(channel.status(account, ref)) == (FailureClass.RETRYABLE, Cause.PLATFORM, "http-502")


def test_missing_page_is_no_missing_picture(bench, channel, account):
    ref = submitted(channel, account, keyed(bench))
    moved = account.connection.model_copy(update={"host": bench.sim.mastodon_url("elsewhere.example")})
    status = channel.status(account.model_copy(update={"connection": moved}), ref)
    assert failure_of(status) == (FailureClass.RETRYABLE, Cause.PLATFORM, "http-404")


def test_pixelfed_gets_no_key_and_its_refusal_of_a_repeat_is_ambiguous(bench):
    channel, account, message = bench.channel("pixelfed"), bench.account("pixelfed"), keyed(bench)
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    assert {
        entry["ids"]["key"] for entry in bench.sim.journal("mastodon", "create_status") if "key" in entry["ids"]
    } == set()
    assert failure_of(channel.publish(account, ref, message)) == (FailureClass.AMBIGUOUS, Cause.PLATFORM, "http-400")
    status = channel.status(account, ref)
    assert (state_of(status), status.external_id) == (RemoteState.PUBLISHED, first.external_id)
    assert bench.posts(TEXT) == 1
    bench.sim.reset()


def test_pixelfeds_failed_checks_are_refusals(bench):
    channel, account = bench.channel("pixelfed"), bench.account("pixelfed")
    long = keyed(bench).model_copy(update={"text": "x" * 501})
    ref = submitted(channel, account, long)
    assert failure_of(channel.publish(account, ref, long)) == (FailureClass.PERMANENT, Cause.TEXT, "validation")
    described = keyed(bench).pictures[0].model_copy(update={"alt_text": "x" * 1_001})
    refused = channel.submit(account, long.model_copy(update={"pictures": (described,)}))
    assert failure_of(refused) == (FailureClass.PERMANENT, Cause.PHOTO, "validation")


def test_pixelfed_account_without_room_names_the_account(bench):
    server(bench, "pixelfed", account={"storage_kilobytes": 0})
    channel, account = bench.channel("pixelfed"), bench.account("pixelfed")
    assert failure_of(channel.submit(account, keyed(bench)))[:2] == (FailureClass.PERMANENT, Cause.ACCOUNT)


def test_reference_that_is_none_is_no_state(channel, account):
    assert failure_of(channel.status(account, "17889455560051444"))[2] == "ref"
    assert failure_of(channel.publish(account, "x", Message(text="", pictures=(Picture(),), run_at=NOON)))[2] == "ref"


def test_listing_that_is_not_whole_is_unreadable(bench, channel, account):
    message = keyed(bench)
    bench.sim.add_fault("mastodon", "list_statuses", "refuse", status=500)
    assert isinstance(channel.find(account, bench.attempt(message)), Unreadable)
    assert channel.find(account, bench.attempt(message)) == NoMatch()
    later = bench.attempt(message).model_copy(update={"attempted_at": NOON - timedelta(days=9)})
    assert channel.find(account, later) == NoMatch()
