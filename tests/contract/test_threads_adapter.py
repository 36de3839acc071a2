"""The Threads adapter: containers, what a refused publish means, and how posts are found."""

import re
from datetime import timedelta

import httpx
import pytest
import respx

from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NewToken,
    NoMatch,
    Picture,
    Published,
    QuotaUse,
    RemoteState,
    Removed,
    Status,
    Submitted,
    Unreadable,
    catalogue,
)
from tests.support.channel_kinds import TOKENS
from tests.support.picture_host import jpeg
from tests.support.simulated_channels import NOON, THREADS_USER, Bench

TEXT = "A calm lake."


@pytest.fixture
def channel(bench):
    return bench.channel("threads")


@pytest.fixture
def account(bench):
    return bench.account("threads")


def ready(bench: Bench, channel: Channel, account: Account, text: str = TEXT) -> str:
    """A container that is finished."""
    submitted = channel.submit(account, bench.message(text))
    assert isinstance(submitted, Submitted)
    bench.sim.advance(1)
    return submitted.ref


def ready_carousel(bench: Bench, channel: Channel, account: Account, message: Message) -> str:
    """A carousel that is finished, made part by part as the publish chain does."""
    ref = None
    for _ in range(len(message.pictures) + 1):
        submitted = channel.submit(account, message, ref)
        assert isinstance(submitted, Submitted)
        ref = submitted.ref
        bench.sim.advance(1)
    return ref or ""


def shown(failure: Failure) -> tuple[FailureClass, Cause, str]:
    assert isinstance(failure, Failure)
    return failure.failure_class, failure.cause, failure.code


@respx.mock
def test_fields_go_as_a_form_to_the_tokens_own_account(bench, channel, account):
    url = f"{bench.settings.threads_url}/v1.0/me/threads"
    route = respx.post(url).respond(json={"id": "178"})
    message = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg", alt_text="A lake"),), run_at=NOON)

    assert channel.submit(account, message) == Submitted(ref="178")

    request = route.calls.last.request
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["authorization"] == f"Bearer {TOKENS['threads']}"
    assert dict(httpx.QueryParams(request.content.decode())) == {
        "media_type": "IMAGE",
        "image_url": "https://cdn.example/a.jpg",
        "alt_text": "A lake",
        "text": TEXT,
    }


def test_a_container_that_is_unknown_though_finished_is_published_a_moment_later(bench, channel, account):
    bench.sim.configure(not_ready_after_finished=1)
    ref = ready(bench, channel, account)

    first, second = (channel.publish(account, ref, bench.message()) for _ in range(2))

    assert shown(first) == (FailureClass.RETRYABLE, Cause.PLATFORM, "24/4279009")
    assert (first.retry_after, first.resubmit) == (5, False)
    assert isinstance(second, Published)
    assert bench.sim.violations() == []


def test_an_unknown_container_that_reads_as_published_is_unclear(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("threads", "threads_publish", "effect_then_error", code=24, subcode=4279009, status=400)

    unclear = channel.publish(account, ref, bench.message())

    assert shown(unclear) == (FailureClass.AMBIGUOUS, Cause.PLATFORM, "24/4279009")
    assert bench.posts(TEXT) == 1


def test_an_unknown_container_that_cannot_be_read_is_unclear(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("threads", "threads_publish", "refuse", code=24, subcode=4279009)
    bench.sim.add_fault("threads", "read_container", "refuse", status=503)

    assert shown(channel.publish(account, ref, bench.message()))[0] is FailureClass.AMBIGUOUS


def test_an_unknown_container_that_has_expired_is_made_again(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.advance(86_400)

    refused = channel.publish(account, ref, bench.message())

    assert shown(refused)[0] is FailureClass.RETRYABLE
    assert refused.resubmit


@pytest.mark.parametrize("status", [400, 500])
def test_a_missing_permission_at_publish_is_unclear_and_keeps_the_account(bench, channel, account, status):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("threads", "threads_publish", "effect_then_error", code=10, status=status)

    unclear = channel.publish(account, ref, bench.message())

    assert shown(unclear) == (FailureClass.AMBIGUOUS, Cause.PLATFORM, "10")
    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.PUBLISHED)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((24, 4279013, 400), (FailureClass.PERMANENT, Cause.ACCOUNT)),
        ((4, None, 400), (FailureClass.RETRYABLE, Cause.QUOTA)),
        ((4, None, 503), (FailureClass.AMBIGUOUS, Cause.QUOTA)),
        ((24, 4279013, 500), (FailureClass.AMBIGUOUS, Cause.ACCOUNT)),
        ((4, 2207051, 400), (FailureClass.AMBIGUOUS, Cause.ACCOUNT)),
        ((1, None, 400), (FailureClass.AMBIGUOUS, Cause.PLATFORM)),
        ((190, 463, 400), (FailureClass.PERMANENT, Cause.TOKEN)),
    ],
)
def test_a_refused_publish_has_its_class(bench, channel, account, answer, expected):
    code, subcode, status = answer
    ref = ready(bench, channel, account)
    bench.sim.add_fault("threads", "threads_publish", "refuse", code=code, subcode=subcode, status=status)

    refused = channel.publish(account, ref, bench.message())

    assert shown(refused)[:2] == expected
    assert bench.posts(TEXT) == 0


@pytest.mark.parametrize(("code", "subcode"), [(24, 4279013), (4, None), (100, None)])
def test_no_refusal_but_that_of_the_token_counts_without_the_containers_status(bench, channel, account, code, subcode):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("threads", "threads_publish", "refuse", code=code, subcode=subcode)
    bench.sim.add_fault("threads", "read_container", "drop_before")

    assert shown(channel.publish(account, ref, bench.message()))[0] is FailureClass.AMBIGUOUS


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"no picture", (FailureClass.RETRYABLE, Cause.PHOTO, False)),
        (jpeg(2_200, 200), (FailureClass.PERMANENT, Cause.PHOTO, False)),
        (jpeg() + b"\0" * 8 * 1024 * 1024, (FailureClass.RETRYABLE, Cause.PLATFORM, True)),
    ],
    ids=["not fetched", "too long", "unknown"],
)
def test_a_container_that_failed_says_why(bench, channel, account, body, expected):
    picture = Picture(url=bench.pictures.put("/bad.jpg", body))
    submitted = channel.submit(account, Message(text=TEXT, pictures=(picture,), run_at=NOON))
    bench.sim.advance(1)

    status = channel.status(account, submitted.ref)

    assert status.state is RemoteState.FAILED
    assert status.failure.code == "container"
    assert (status.failure.failure_class, status.failure.cause, status.failure.resubmit) == expected


@pytest.mark.parametrize("text", ["x" * 501, " ".join(f"https://example.com/{n}" for n in range(6))])
def test_a_text_beyond_the_limits_is_refused_for_its_text(bench, channel, account, text):
    assert shown(channel.submit(account, bench.message(text))) == (FailureClass.PERMANENT, Cause.TEXT, "100")


def test_more_pictures_than_threads_takes_are_refused_without_a_call(bench, channel, account):
    refused = channel.submit(account, bench.message(names=tuple(f"n{n}" for n in range(21))))

    assert shown(refused)[1:] == (Cause.PHOTO, "picture-count")
    assert bench.sim.count("threads", "create_container") == 0


def test_a_text_is_posted_without_a_picture(bench, channel, account):
    message = bench.message(names=())
    ref = channel.submit(account, message).ref
    bench.sim.advance(1)
    attempt = bench.attempt(message, ref)

    published = channel.publish(account, ref, message)

    assert [post["media_type"] for post in bench.sim.threads_posts(TEXT)] == ["TEXT_POST"]
    assert [match.external_id for match in channel.find(account, attempt).statuses] == [published.external_id]


def test_a_carousel_keeps_the_containers_of_its_pictures(bench, channel, account):
    message = bench.message(names=("one", "two"), alt="A lake")
    ref = ready_carousel(bench, channel, account, message)

    containers = bench.sim.state()["threads"]["containers"]
    ids = [container["id"] for container in containers]
    assert ref == f"carousel:2:{ids[0]},{ids[1]}:{ids[2]}"
    assert [container["text"] for container in containers] == ["", "", TEXT]
    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.READY)
    assert isinstance(channel.publish(account, ref, message), Published)
    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.PUBLISHED)
    assert bench.sim.violations() == []


def test_a_carousel_whose_part_cannot_be_used_is_made_anew(bench, channel, account):
    message = bench.message(names=("one", "two"))
    both = channel.submit(account, message, channel.submit(account, message).ref).ref
    bench.sim.advance(1)
    bench.sim.add_fault("threads", "create_container", "refuse", code=24, subcode=4279004)

    refused = channel.submit(account, message, both)

    assert shown(refused)[0] is FailureClass.RETRYABLE
    assert refused.resubmit


def test_a_carousel_names_the_picture_that_threads_does_not_take(bench, channel, account):
    good, bad = bench.pictures.put("/good.jpg", jpeg()), bench.pictures.put("/bad.jpg", jpeg(2_200, 200))
    message = Message(text=TEXT, pictures=(Picture(url=good), Picture(url=bad)), run_at=NOON)
    both = channel.submit(account, message, channel.submit(account, message).ref).ref
    bench.sim.advance(1)

    status = channel.status(account, both)

    assert (status.ref, status.state) == (both, RemoteState.FAILED)
    assert (status.failure.picture, status.failure.cause) == (1, Cause.PHOTO)


def test_a_picture_that_is_refused_at_once_is_named_too(bench, channel, account):
    message = bench.message(names=("one", "two"))
    first = channel.submit(account, message).ref
    bench.sim.add_fault("threads", "create_container", "refuse", code=9004, subcode=2207052)

    refused = channel.submit(account, message, first)

    assert (refused.picture, refused.cause) == (1, Cause.PHOTO)


def test_a_carousel_is_told_from_another_with_the_same_text(bench, channel, account):
    messages = [bench.message(names=names) for names in (("one", "two"), ("three", "four"))]
    refs = [ready_carousel(bench, channel, account, message) for message in messages]
    posts = [channel.publish(account, ref, message).external_id for ref, message in zip(refs, messages, strict=True)]

    result = channel.find(account, bench.attempt(messages[1], refs[1]))

    assert isinstance(result, Matches)
    assert [status.external_id for status in result.statuses] == [posts[1]]


def test_carousels_whose_pictures_have_other_ids_all_match(bench, channel, account):
    message = bench.message(names=("one", "two"))
    for _ in range(2):
        channel.publish(account, ready_carousel(bench, channel, account, message), message)

    result = channel.find(account, bench.attempt(message, "carousel:2:1,2:3"))

    assert len(result.statuses) == 2


def test_one_picture_is_not_taken_for_a_carousel_with_its_text(bench, channel, account):
    message = bench.message(names=("one", "two"))
    channel.publish(account, ready_carousel(bench, channel, account, message), message)

    assert channel.find(account, bench.attempt(bench.message(), "178")) == NoMatch()


def test_a_list_that_is_cut_is_unreadable(bench, channel, account):
    bench.sim.add_fault("threads", "list_threads", "refuse", status=503)

    result = channel.find(account, bench.attempt(bench.message()))

    assert isinstance(result, Unreadable)
    assert result.failure.failure_class is FailureClass.RETRYABLE


def test_a_token_of_another_account_is_not_healthy(bench, channel):
    bench.sim.add_threads_account("th-bert", user_id="9700000000000002", username="bert")

    answer = channel.health(bench.account("threads", token="th-bert"))

    assert shown(answer) == (FailureClass.PERMANENT, Cause.TOKEN, "another-account")


def test_a_used_up_quota_is_seen_before_publishing(bench, channel, account):
    token = TOKENS["threads"]
    bench.sim.add_threads_account(token, user_id=THREADS_USER, username="nature", quota_used=250)
    full = channel.health(account)

    assert shown(full) == (FailureClass.RETRYABLE, Cause.QUOTA, "quota")
    bench.sim.add_threads_account(token, user_id=THREADS_USER, username="nature", quota_used=249)
    assert channel.health(account) == Healthy(quota=QuotaUse(used=249, total=250))


def test_a_token_is_exchanged_for_sixty_more_days(bench, channel, account):
    bench.sim.advance(50 * 86_400)

    renewed = channel.refresh(account)

    assert isinstance(renewed, NewToken)
    assert renewed.expires_at == bench.clock.now() + timedelta(days=60)
    assert channel.health(account.model_copy(update={"token": renewed.token})) == Healthy(
        quota=QuotaUse(used=0, total=250)
    )


def test_an_expired_token_cannot_be_exchanged_and_blames_itself(bench, channel, account):
    bench.sim.advance(61 * 86_400)

    lost = channel.refresh(account)

    assert shown(lost) == (FailureClass.PERMANENT, Cause.TOKEN, "190/463")
    assert TOKENS["threads"] not in lost.model_dump_json()


def test_a_live_post_is_taken_down_and_may_be_asked_again(bench, channel, account):
    post = channel.publish(account, ready(bench, channel, account), bench.message()).external_id

    assert [channel.remove(account, post) for _ in range(2)] == [Removed(), Removed()]
    assert bench.sim.threads_posts() == []


def test_deletions_beyond_the_days_number_wait(bench, channel, account):
    post = channel.publish(account, ready(bench, channel, account), bench.message()).external_id
    bench.sim.add_threads_account(
        TOKENS["threads"], user_id=THREADS_USER, username="nature", delete_total=100, deletes_used=100
    )

    assert shown(channel.remove(account, post))[:2] == (FailureClass.RETRYABLE, Cause.QUOTA)
    assert len(bench.sim.threads_posts()) == 1


def test_the_catalogue_knows_the_address_of_a_post(bench, channel, account):
    published = channel.publish(account, ready(bench, channel, account), bench.message())
    described = channel.describe(account, published.external_id)

    address = re.fullmatch(catalogue().row("threads").post_address or "", described.external_url)
    assert address is not None
    assert described.external_url.endswith(f"/post/{address['post']}")

    assert channel.live_addresses(account, NOON - timedelta(hours=1)) == {described.external_url}
