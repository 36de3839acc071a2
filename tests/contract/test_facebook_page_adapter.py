"""The adapter of Facebook Pages on the simulator: unseen photos, one post, and what may follow each answer."""

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
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
    catalogue,
)
from shutterpost.channels.facebook_page import adapter
from tests.support.adapter_answers import failure_of, submitted
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import PAGE_ID, Bench

TEXT = "A calm lake."
PERMANENT, RETRYABLE, AMBIGUOUS = FailureClass.PERMANENT, FailureClass.RETRYABLE, FailureClass.AMBIGUOUS


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture
def channel(bench: Bench) -> Channel:
    return bench.channel("facebook_page")


@pytest.fixture
def account(bench: Bench) -> Account:
    return bench.account("facebook_page")


def refuse(bench: Bench, operation: str, code: int, subcode: int | None = None) -> None:
    bench.sim.add_fault("facebook_page", operation, "refuse", code=code, subcode=subcode)


def delete(bench: Bench, object_id: str) -> None:
    """Delete an object as the Page's owner can."""
    headers = {"Authorization": f"Bearer {TOKENS['facebook_page']}"}
    url = f"{bench.sim.facebook_page_url}/v25.0/{object_id}"
    httpx.delete(url, headers=headers, trust_env=False).raise_for_status()


def test_each_photo_is_made_unseen_with_its_alt_text(bench, channel, account):
    message = bench.message(names=("one", "two"))
    plain = message.pictures[1].model_copy(update={"alt_text": ""})
    message = message.model_copy(update={"pictures": (message.pictures[0], plain)})
    first = channel.submit(account, message)
    assert channel.status(account, first.ref).state is RemoteState.INCOMPLETE
    second = channel.submit(account, message, first.ref)

    assert channel.status(account, second.ref).state is RemoteState.READY
    assert channel.submit(account, message, second.ref) == second
    assert (bench.sim.count("facebook_page", "create_photo"), bench.sim.facebook_posts()) == (2, [])

    published = channel.publish(account, second.ref, message)
    assert isinstance(published, Published)
    [post] = bench.sim.facebook_posts()
    assert (post["id"], post["alt_texts"]) == (published.external_id, ["A lake", ""])


@pytest.mark.parametrize("count", [0, 11])
def test_a_page_takes_one_to_ten_pictures(bench, channel, account, count):
    message = bench.message(names=tuple(f"p{number}" for number in range(count)))
    assert failure_of(channel.submit(account, message)) == (PERMANENT, Cause.PHOTO, "picture-count")
    assert bench.sim.count("facebook_page", "create_photo") == 0


@pytest.mark.parametrize(("names", "picture"), [(("one",), None), (("one", "two"), 1)])
def test_a_picture_that_is_refused_is_named_among_several(bench, channel, account, names, picture):
    message = bench.message(names=names)
    ref = channel.submit(account, message).ref if picture else None
    refuse(bench, "create_photo", 100, 1366046)
    failure = channel.submit(account, message, ref)
    assert failure_of(failure) == (PERMANENT, Cause.PHOTO, "100/1366046")
    assert failure.picture == picture


def test_a_picture_that_is_not_at_its_address_may_be_there_later(bench, channel, account):
    message = bench.message()
    [picture] = message.pictures
    missing = picture.model_copy(update={"url": picture.url.replace("lake", "missing")})
    failure = channel.submit(account, message.model_copy(update={"pictures": (missing,)}))
    assert failure_of(failure) == (RETRYABLE, Cause.PHOTO, "324")


@pytest.mark.parametrize("fault", ["effect_then_error", "effect_then_drop"])
@pytest.mark.parametrize("hidden", ["list_new_post", "name_new_post"])
def test_a_post_whose_answer_is_lost_is_found_by_the_list_or_by_its_photos(bench, channel, account, fault, hidden):
    message = bench.message(names=("one", "two"))
    ref = submitted(channel, account, message)
    bench.sim.add_fault("facebook_page", hidden, "slow", seconds=600)
    bench.sim.add_fault("facebook_page", "create_post", fault)
    lost = channel.publish(account, ref, message)

    [post] = bench.sim.facebook_posts()
    status, search = channel.status(account, ref), channel.find(account, bench.attempt(message, ref))
    assert failure_of(lost)[0] is AMBIGUOUS
    assert isinstance(search, Matches)
    for each in (status, search.statuses[0]):
        assert (each.state, each.external_id) == (RemoteState.PUBLISHED, post["id"])
        assert (each.external_url, each.posted_at) == (post["permalink"], bench.clock.now())


def test_a_post_with_other_photos_is_not_taken_for_this_one(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    other = submitted(channel, account, message)
    channel.publish(account, other, message)

    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.READY)
    assert channel.find(account, bench.attempt(message, ref)) == NoMatch()


def test_photos_that_were_posted_already_are_the_post(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    again = channel.publish(account, ref, message)

    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)
    assert bench.posts(TEXT) == 1


def test_photos_that_were_posted_though_nothing_shows_it_are_unclear(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    for hidden in ("list_new_post", "name_new_post"):
        bench.sim.add_fault("facebook_page", hidden, "slow", seconds=600)
    channel.publish(account, ref, message)
    again = channel.publish(account, ref, message)
    assert failure_of(again) == (AMBIGUOUS, Cause.PLATFORM, "100/1366051")


def test_a_text_that_another_post_has_is_refused_for_it(bench, channel, account):
    bench.sim.add_facebook_page(TOKENS["facebook_page"], page_id=PAGE_ID, refuses_duplicates=True)
    message = bench.message()
    channel.publish(account, submitted(channel, account, message), message)
    refused = channel.publish(account, submitted(channel, account, message), message)
    assert failure_of(refused) == (PERMANENT, Cause.TEXT, "506")
    assert bench.posts(TEXT) == 1


@pytest.mark.parametrize("code", [506, 368])
def test_a_refusal_is_not_believed_where_the_post_is_there(bench, channel, account, code):
    message = bench.message()
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    refuse(bench, "create_post", code)
    again = channel.publish(account, ref, message)
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)


@pytest.mark.parametrize("operation", ["list_posts", "read_photo"])
def test_a_refusal_counts_only_where_the_look_is_whole(bench, channel, account, operation):
    message = bench.message()
    ref = submitted(channel, account, message)
    refuse(bench, "create_post", 368)
    bench.sim.add_fault("facebook_page", operation, "refuse", status=503)
    assert failure_of(channel.publish(account, ref, message)) == (AMBIGUOUS, Cause.ACCOUNT, "368")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((1, None), (AMBIGUOUS, Cause.PLATFORM, "1")),
        ((2, None), (AMBIGUOUS, Cause.PLATFORM, "2")),
        ((1363047, None), (AMBIGUOUS, Cause.PLATFORM, "1363047")),
        ((100, 33), (AMBIGUOUS, Cause.ACCOUNT, "100/33")),
        ((99, None), (AMBIGUOUS, Cause.PLATFORM, "99")),
        ((368, None), (PERMANENT, Cause.ACCOUNT, "368")),
        ((100, 1404112), (PERMANENT, Cause.ACCOUNT, "100/1404112")),
        ((190, 463), (PERMANENT, Cause.TOKEN, "190/463")),
        ((200, None), (PERMANENT, Cause.TOKEN, "200")),
        ((32, None), (RETRYABLE, Cause.QUOTA, "32")),
        ((80001, None), (RETRYABLE, Cause.QUOTA, "80001")),
    ],
)
def test_answers_at_the_post_have_their_class(bench, channel, account, answer, expected):
    message = bench.message()
    ref = submitted(channel, account, message)
    refuse(bench, "create_post", *answer)
    assert failure_of(channel.publish(account, ref, message)) == expected


def test_a_page_that_is_too_busy_waits_as_long_as_facebook_says(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    bench.sim.add_fault("facebook_page", "create_post", "throttle", seconds=1_800)
    throttled = channel.publish(account, ref, message)
    assert failure_of(throttled) == (RETRYABLE, Cause.QUOTA, "32")
    assert throttled.retry_after == 1_800


def test_photos_of_which_one_is_gone_are_made_again(bench, channel, account):
    message = bench.message(names=("one", "two"))
    ref = submitted(channel, account, message)
    delete(bench, ref.partition(",")[0])
    status = channel.status(account, ref)
    assert status == Status(ref=ref, state=RemoteState.EXPIRED)


def test_photos_that_are_all_gone_prove_nothing(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    published = channel.publish(account, ref, message)
    delete(bench, published.external_id)

    status, search = channel.status(account, ref), channel.find(account, bench.attempt(message, ref))
    assert failure_of(status) == (RETRYABLE, Cause.PLATFORM, "photos-gone")
    assert isinstance(search, Unreadable)


def test_a_post_beyond_the_first_page_is_found(bench, channel, account, monkeypatch):
    monkeypatch.setattr(adapter, "_PAGE", 1)
    message, other = bench.message(), bench.message("Another.")
    ref = submitted(channel, account, message)
    published = channel.publish(account, ref, message)
    bench.sim.advance(60)
    channel.publish(account, submitted(channel, account, other), other)

    search = channel.find(account, bench.attempt(message, ref))
    assert isinstance(search, Matches)
    assert [each.external_id for each in search.statuses] == [published.external_id]
    bench.sim.add_fault("facebook_page", "list_posts", "drop_before", after=1)
    assert isinstance(channel.find(account, bench.attempt(message, ref)), Unreadable)


def test_an_attempt_without_photos_is_found_by_text_and_time(bench, channel, account):
    message = bench.message()
    early = bench.attempt(message)
    bench.sim.advance(timedelta(hours=1).total_seconds())
    published = channel.publish(account, submitted(channel, account, message), message)
    search = channel.find(account, bench.attempt(message))
    bench.sim.advance(timedelta(hours=1).total_seconds())
    assert isinstance(search, Matches)
    assert [each.external_id for each in search.statuses] == [published.external_id]
    assert {channel.find(account, each) for each in (early, bench.attempt(message))} == {NoMatch()}


@pytest.mark.parametrize("token", ["other", "person"])
def test_a_token_that_is_not_the_pages_is_not_healthy(bench, channel, token):
    bench.sim.add_facebook_page("other", page_id="1120000000000002", name="Another")
    bench.sim.add_facebook_user("person", user_id="7", pages={PAGE_ID: ["CREATE_CONTENT"]})
    health = channel.health(bench.account("facebook_page", token=token))
    assert failure_of(health) == (PERMANENT, Cause.TOKEN, "another-page")
    assert channel.health(bench.account("facebook_page")) == Healthy()


def test_a_live_post_is_taken_down_and_being_gone_is_enough(bench, channel, account):
    message = bench.message()
    published = channel.publish(account, submitted(channel, account, message), message)
    assert channel.remove(account, published.external_id) == Removed()
    assert channel.remove(account, published.external_id) == Removed()
    assert bench.sim.facebook_posts() == []
    refuse(bench, "me", 190)
    assert isinstance(channel.remove(account, published.external_id), Failure)


def test_a_withdrawal_leaves_the_photos_alone(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    channel.withdraw(account, ref)
    assert isinstance(channel.publish(account, ref, message), Published)


@pytest.mark.parametrize("ref", ["178", "112/2@0", "carousel:2:1,2"])
def test_a_submission_of_another_kind_is_not_published(bench, channel, account, ref):
    assert failure_of(channel.publish(account, ref, bench.message())) == (PERMANENT, Cause.PLATFORM, "no-submission")
    assert bench.sim.count("facebook_page", "create_post") == 0


@pytest.mark.parametrize(
    "address",
    [
        "https://www.facebook.com/nature/posts/pfbid02abcDEF",
        "https://m.facebook.com/story.php?story_fbid=122&id=112",
        "https://www.facebook.com/photo.php?fbid=122&set=a.1",
        "https://www.facebook.com/photo/?fbid=122",
        "https://www.facebook.com/share/p/1AbCd/",
    ],
)
def test_addresses_of_posts_are_taken_and_not_compared(bench, channel, account, address):
    pattern = catalogue().row("facebook_page").post_address or ""
    assert re.fullmatch(pattern, address)
    assert not re.fullmatch(pattern, "https://www.facebook.com/nature")
    listed = channel.live_addresses(account, bench.clock.now())
    assert failure_of(listed) == (RETRYABLE, Cause.PLATFORM, "several-addresses")


def test_the_address_that_facebook_gives_is_one_of_a_post(bench, channel, account):
    message = bench.message()
    published = channel.publish(account, submitted(channel, account, message), message)
    described = channel.describe(account, published.external_id)
    assert re.fullmatch(catalogue().row("facebook_page").post_address or "", described.external_url)


def test_a_limit_that_the_first_of_two_equal_requests_used_up_is_not_believed(bench, channel, account):
    message = bench.message()
    ref = submitted(channel, account, message)
    first = channel.publish(account, ref, message)
    bench.sim.add_fault("facebook_page", "create_post", "throttle")
    again = channel.publish(account, ref, message)
    assert isinstance(again, Published)
    assert (again.external_id, again.same) == (first.external_id, True)
