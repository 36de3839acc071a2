"""LinkedIn's adapter on the simulated platform: uploads, little text, and what may follow each answer."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Message,
    Published,
    RemoteState,
    Removed,
    Submitted,
    Unreadable,
    adapters,
)
from tests.support.adapter_answers import state_of
from tests.support.channel_kinds import TOKENS, Kind
from tests.support.platform_tools import tools
from tests.support.simulated_channels import MEMBER, NOON, ORGANIZATION, Bench

TEXT = "A calm lake."
BOTH: tuple[Kind, ...] = ("linkedin", "linkedin_member")
AMBIGUOUS, PERMANENT, RETRYABLE = FailureClass.AMBIGUOUS, FailureClass.PERMANENT, FailureClass.RETRYABLE


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("linkedin")


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("linkedin")


@pytest.fixture
def member(bench: Bench) -> Account:
    return bench.account("linkedin_member")


def submitted(bench: Bench, account: Account, message: Message) -> str:
    ref = None
    for _ in message.pictures:
        answer = bench.channel("linkedin").submit(account, message, ref)
        assert isinstance(answer, Submitted)
        ref = answer.ref
    assert ref is not None
    bench.sim.advance(1)
    return ref


def failure_of(answer: Any) -> tuple[FailureClass, Cause]:
    assert isinstance(answer, Failure), answer
    return answer.failure_class, answer.cause


def test_pictures_go_up_one_by_one_and_are_waited_for(bench, channel, account):
    message = bench.message(names=("one", "two"))
    first = channel.submit(account, message)
    assert state_of(channel.status(account, first.ref)) is RemoteState.INCOMPLETE
    second = channel.submit(account, message, first.ref)
    assert state_of(channel.status(account, second.ref)) is RemoteState.WORKING
    bench.sim.advance(1)
    assert state_of(channel.status(account, second.ref)) is RemoteState.READY
    assert isinstance(channel.publish(account, second.ref, message), Published)
    [post] = bench.sim.linkedin_posts()
    assert post["pictures"] == [sha256(bench.renditions.read(each.rendition)).hexdigest() for each in message.pictures]
    assert post["metadata"] == [[], []]


@pytest.mark.parametrize("kind", BOTH)
def test_post_has_its_author_and_its_address(bench, kind):
    account, message = bench.account(kind), bench.message()
    live = bench.channel(kind).publish(account, submitted(bench, account, message), message)
    [post] = bench.sim.linkedin_posts()
    assert post["author"] in {f"urn:li:organization:{ORGANIZATION}", f"urn:li:person:{MEMBER}"}
    assert (live.external_id, live.same) == (post["id"], False)
    assert live.external_url == f"https://www.linkedin.com/feed/update/{post['id']}/"
    assert live.posted_at == bench.sim.now()


def test_text_with_reserved_characters_arrives_whole(bench, channel, account):
    text = "(a_b) *c* [d] {e} <f> ~g~ h|i @j \\ # #lake {hashtag|#|x}"
    message = bench.message(text)
    live = channel.publish(account, submitted(bench, account, message), message)
    assert [post["text"] for post in bench.sim.linkedin_posts()] == [text]
    [match] = channel.find(account, bench.attempt(message)).statuses
    assert match.external_id == live.external_id


def test_picture_that_cannot_be_processed_is_uploaded_again(bench, channel, account):
    bench.sim.add_fault("linkedin", "process_image", "refuse")
    status = channel.status(account, submitted(bench, account, bench.message()))
    assert state_of(status) is RemoteState.FAILED
    assert (status.failure.failure_class, status.failure.resubmit) == (RETRYABLE, True)


@pytest.mark.parametrize("operation", ["initialize_upload", "upload_image"])
@pytest.mark.parametrize("fault", ["effect_then_drop", "drop_before", "refuse"])
def test_upload_without_an_answer_is_repeated_and_shown_to_nobody(bench, channel, account, operation, fault):
    bench.sim.add_fault("linkedin", operation, fault)
    assert failure_of(channel.submit(account, bench.message())) == (RETRYABLE, Cause.PLATFORM)
    assert bench.sim.linkedin_posts() == []


def test_lost_answer_of_an_organization_is_looked_up_by_its_images(bench, channel, account):
    message, other = bench.message(), bench.message("Another.", names=("other",))
    ref = submitted(bench, account, message)
    bench.sim.add_fault("linkedin", "create_post", "effect_then_drop")
    assert failure_of(channel.publish(account, ref, message))[0] is AMBIGUOUS
    bench.sim.advance(3_600)
    channel.publish(account, submitted(bench, account, other), other)
    status = channel.status(account, ref)
    assert state_of(status) is RemoteState.PUBLISHED
    [post] = bench.sim.linkedin_posts(TEXT)
    assert (status.external_id, status.posted_at) == (post["id"], NOON + timedelta(seconds=1))
    [match] = channel.find(account, bench.attempt(message, ref)).statuses
    assert match.external_id == post["id"]


def test_lost_answer_of_a_member_is_looked_up_nowhere(bench, channel, member):
    message = bench.message()
    ref = submitted(bench, member, message)
    bench.sim.add_fault("linkedin", "create_post", "effect_then_drop")
    assert failure_of(channel.publish(member, ref, message))[0] is AMBIGUOUS
    answer = channel.find(member, bench.attempt(message, ref))
    assert isinstance(answer, Unreadable)
    assert "does not show a member's posts" in answer.failure.message
    assert bench.sim.count("linkedin", "list_posts") == bench.sim.count("linkedin", "read_post") == 0


def test_post_is_looked_for_on_all_pages_that_can_have_it(bench, channel, account):
    message = bench.message()
    ref = submitted(bench, account, message)
    live = channel.publish(account, ref, message)
    for number in range(55):
        other = bench.message(f"Other {number}.")
        channel.publish(account, submitted(bench, account, other), other)
    status = channel.status(account, ref)
    assert (state_of(status), status.external_id) == (RemoteState.PUBLISHED, live.external_id)
    bench.sim.advance(86_400)
    before = bench.sim.count("linkedin", "list_posts")
    channel.find(account, bench.attempt(bench.message("Never posted.")))
    assert bench.sim.count("linkedin", "list_posts") == before + 1


def test_repeat_that_is_refused_as_a_duplicate_is_the_post_itself(bench, channel, account):
    message = bench.message()
    ref = submitted(bench, account, message)
    first = channel.publish(account, ref, message)
    again = channel.publish(account, ref, message)
    assert (again.external_id, again.same) == (first.external_id, True)
    assert bench.posts(TEXT) == 1


def test_duplicate_of_another_post_is_a_refused_text(bench, channel, account):
    message = bench.message()
    channel.publish(account, submitted(bench, account, message), message)
    other = bench.message(names=("other",))
    refused = channel.publish(account, submitted(bench, account, other), other)
    assert failure_of(refused) == (PERMANENT, Cause.TEXT)
    assert "duplicate of urn:li:share:" in refused.message


def test_duplicate_of_a_post_that_is_not_there_is_a_refused_text(bench, channel, account):
    message = bench.message()
    ghost = channel.publish(account, submitted(bench, account, message), message)
    assert [channel.remove(account, ghost.external_id) for _ in range(2)] == [Removed(), Removed()]
    again = channel.publish(account, submitted(bench, account, message), message)
    assert failure_of(again) == (PERMANENT, Cause.TEXT)


@pytest.mark.parametrize("operation", ["read_post", "list_posts"])
def test_duplicate_is_unclear_while_the_posts_cannot_be_read(bench, channel, account, operation):
    message, other = bench.message(), bench.message(names=("other",))
    channel.publish(account, submitted(bench, account, message), message)
    ref = submitted(bench, account, other)
    bench.sim.add_fault("linkedin", operation, "refuse", status=503)
    assert failure_of(channel.publish(account, ref, other))[0] is AMBIGUOUS


def test_duplicate_at_a_member_is_unclear_because_it_may_be_this_post(bench, channel, member):
    message = bench.message()
    ref = submitted(bench, member, message)
    channel.publish(member, ref, message)
    again = channel.publish(member, ref, message)
    assert failure_of(again)[0] is AMBIGUOUS
    assert "whether that is this post cannot be read" in again.message
    assert bench.sim.count("linkedin", "read_post") == 0


@pytest.mark.parametrize(
    ("status", "code", "treated"),
    [
        (400, "ILLEGAL_ARGUMENT", (PERMANENT, Cause.PLATFORM)),
        (401, "EXPIRED_ACCESS_TOKEN", (PERMANENT, Cause.TOKEN)),
        (403, "ACCESS_DENIED", (PERMANENT, Cause.TOKEN)),
        (404, "NOT_FOUND", (AMBIGUOUS, Cause.PLATFORM)),
        (409, "CONFLICT", (AMBIGUOUS, Cause.PLATFORM)),
        (422, "SOMETHING_ELSE", (AMBIGUOUS, Cause.PLATFORM)),
        (426, "NONEXISTENT_VERSION", (PERMANENT, Cause.PLATFORM)),
        (429, "TOO_MANY_REQUESTS", (RETRYABLE, Cause.QUOTA)),
        (500, "INTERNAL_SERVER_ERROR", (AMBIGUOUS, Cause.PLATFORM)),
        (504, "GATEWAY_TIMEOUT", (AMBIGUOUS, Cause.PLATFORM)),
    ],
)
@pytest.mark.parametrize("kind", BOTH)
def test_each_answer_to_the_post_has_its_class(bench, kind, status, code, treated):
    account, message = bench.account(kind), bench.message()
    ref = submitted(bench, account, message)
    bench.sim.add_fault("linkedin", "create_post", "refuse", status=status, code=code, message="No.")
    assert failure_of(bench.channel(kind).publish(account, ref, message)) == treated


def test_version_that_has_ended_is_named(bench, account):
    ended = bench.settings.model_copy(update={"linkedin_version": "202507"})
    answer = adapters(tools(ended, bench.clock))("linkedin").health(account)
    assert failure_of(answer) == (PERMANENT, Cause.PLATFORM)
    assert "update Shutterpost" in answer.model_dump()["message"]


@pytest.mark.parametrize("kind", BOTH)
def test_token_that_was_revoked_or_has_expired_needs_its_owner(bench, kind):
    bench.sim.revoke_linkedin_token(TOKENS[kind])
    assert failure_of(bench.channel(kind).health(bench.account(kind))) == (PERMANENT, Cause.TOKEN)
    bench.sim.add_linkedin_member("ended", member_id=MEMBER, organizations=[ORGANIZATION], expires_at=NOON)
    ended = bench.account(kind, token="ended")
    assert failure_of(bench.channel(kind).health(ended)) == (PERMANENT, Cause.TOKEN)


def test_token_of_another_member_is_refused(bench, channel):
    bench.sim.add_linkedin_member("token-bert", member_id="bert1")
    stranger = bench.account("linkedin_member", token="token-bert")
    answer = channel.health(stranger)
    assert (failure_of(answer), answer.code) == ((PERMANENT, Cause.TOKEN), "other-account")


def test_member_without_a_role_cannot_post_for_the_organization(bench, channel):
    bench.sim.add_linkedin_member("no-role", member_id="bert1", scopes=["r_organization_social"])
    assert failure_of(channel.health(bench.account("linkedin", token="no-role"))) == (PERMANENT, Cause.TOKEN)


def test_reference_that_is_none_is_no_state(channel, account):
    assert channel.status(account, "17889455560051444").code == "ref"


@pytest.mark.parametrize("kind", BOTH)
def test_post_is_removed(bench, kind):
    account, message = bench.account(kind), bench.message()
    live = bench.channel(kind).publish(account, submitted(bench, account, message), message)
    assert bench.channel(kind).remove(account, live.external_id) == Removed()
    assert bench.sim.linkedin_posts() == []


@pytest.mark.parametrize("kind", BOTH)
def test_no_page_tells_which_listed_post_it_shows(bench, kind):
    assert failure_of(bench.channel(kind).live_addresses(bench.account(kind), NOON)) == (PERMANENT, Cause.ACCOUNT)
