"""The Instagram adapter: hosts, containers, publishing and finding."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from shutterpost.channels import (
    Account,
    Attempt,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NoMatch,
    Picture,
    Published,
    QuotaUse,
    RemoteState,
    Status,
    Submitted,
    Unreadable,
)
from tests.support.channel_kinds import TOKENS
from tests.support.picture_host import jpeg, png
from tests.support.simulated_channels import IG_USER, NOON, Bench

TEXT = "A calm lake."
MESSAGE = Message(text=TEXT, pictures=(), run_at=NOON)
ATTEMPT = Attempt(text=TEXT, run_at=NOON, attempted_at=NOON)


@pytest.fixture(params=["facebook", "instagram"])
def login(request):
    return request.param


@pytest.fixture
def channel(bench):
    return bench.channel("instagram")


@pytest.fixture
def account(bench, login):
    return bench.account(login)


def ready(bench: Bench, channel: Channel, account: Account, text: str = TEXT) -> str:
    """A container that is finished."""
    submitted = channel.submit(account, bench.message(text))
    assert isinstance(submitted, Submitted)
    bench.sim.advance(1)
    return submitted.ref


@respx.mock
def test_each_login_has_its_host_and_the_version_is_a_setting(bench, login, account):
    hosts = {"facebook_url": "https://facebook.example", "instagram_url": "https://instagram.example"}
    settings = bench.settings.model_copy(update={"graph_version": "v26.0", **hosts})
    elsewhere = Bench(bench.sim, bench.pictures, bench.clock, settings, "", "")
    route = respx.post(f"https://{login}.example/v26.0/{IG_USER}/media").respond(json={"id": "178"})
    pictures = (Picture(url="https://cdn.example/a.jpg"),)
    message = Message(text=TEXT, pictures=pictures, run_at=NOON)

    assert elsewhere.channel(login).submit(account, message) == Submitted(ref="178")

    request = route.calls.last.request
    assert request.headers["authorization"] == f"Bearer {TOKENS[login]}"
    assert dict(httpx.QueryParams(request.content.decode())) == {"image_url": pictures[0].url, "caption": TEXT}


def test_a_container_works_until_it_is_finished(bench, channel, account):
    bench.sim.configure(processing_seconds=30)
    ref = channel.submit(account, bench.message()).ref

    first = channel.status(account, ref)
    bench.sim.advance(31)
    second = channel.status(account, ref)

    assert (first.state, second.state) == (RemoteState.WORKING, RemoteState.READY)


def test_an_unpublished_container_expires_after_a_day(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.advance(24 * 3_600 + 1)

    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.EXPIRED)


def test_a_published_container_names_no_media(bench, channel, account):
    ref = ready(bench, channel, account)
    published = channel.publish(account, ref, bench.message())

    assert isinstance(published, Published)
    assert published.external_id != ref
    assert channel.status(account, ref) == Status(ref=ref, state=RemoteState.PUBLISHED)


@pytest.mark.parametrize(
    ("body", "code", "failure_class"),
    [
        (png(), "container/2207005", FailureClass.PERMANENT),
        (jpeg(400, 1_000), "container/2207009", FailureClass.PERMANENT),
        (b"no picture", "container/2207052", FailureClass.RETRYABLE),
    ],
)
def test_a_picture_that_instagram_does_not_take_is_a_failure_with_its_reason(bench, login, body, code, failure_class):
    channel, account = bench.channel(login), bench.account(login)
    picture = Picture(url=bench.pictures.put("/bad.jpg", body))
    submitted = channel.submit(account, Message(text=TEXT, pictures=(picture,), run_at=NOON))
    bench.sim.advance(1)

    status = channel.status(account, submitted.ref)

    assert status.state is RemoteState.FAILED
    assert (status.failure.code, status.failure.failure_class) == (code, failure_class)
    assert status.failure.cause is Cause.PHOTO
    assert code.partition("/")[2] in status.failure.raw


def test_a_caption_over_the_limit_is_refused_for_its_text(bench, channel, account):
    refused = channel.submit(account, bench.message("x" * 2_201))

    assert isinstance(refused, Failure)
    assert (refused.failure_class, refused.cause, refused.code) == (
        FailureClass.PERMANENT,
        Cause.TEXT,
        "36004/2207010",
    )


@pytest.mark.parametrize("count", [0, 11])
def test_a_number_of_pictures_that_cannot_be_is_refused_without_a_call(bench, channel, account, count):
    refused = channel.submit(account, bench.message(names=tuple(f"n{n}" for n in range(count))))

    assert isinstance(refused, Failure)
    assert (refused.code, refused.cause) == ("picture-count", Cause.PHOTO)
    assert bench.sim.count("instagram", "create_container") == 0


@pytest.mark.parametrize("fault", ["effect_then_drop", "drop_before", "effect_then_error"])
def test_a_container_whose_answer_is_lost_may_be_made_again(bench, channel, account, fault):
    bench.sim.add_fault("instagram", "create_container", fault)

    lost = channel.submit(account, bench.message())
    again = channel.submit(account, bench.message())

    assert isinstance(lost, Failure)
    assert lost.failure_class is FailureClass.RETRYABLE
    assert isinstance(again, Submitted)
    assert bench.posts(TEXT) == 0


@pytest.mark.parametrize(
    ("code", "subcode", "failure_class"),
    [
        (9007, 2207027, FailureClass.RETRYABLE),
        (9, 2207042, FailureClass.RETRYABLE),
        (190, 463, FailureClass.PERMANENT),
        (10, None, FailureClass.PERMANENT),
        (4, 2207051, FailureClass.AMBIGUOUS),
        (4, None, FailureClass.AMBIGUOUS),
        (-1, 2207001, FailureClass.AMBIGUOUS),
        (1, None, FailureClass.AMBIGUOUS),
        (2, None, FailureClass.AMBIGUOUS),
    ],
)
def test_a_refused_publish_has_its_class(bench, login, code, subcode, failure_class):
    channel, account = bench.channel(login), bench.account(login)
    ref = ready(bench, channel, account)
    bench.sim.add_fault("instagram", "media_publish", "refuse", code=code, subcode=subcode)

    refused = channel.publish(account, ref, bench.message())

    assert isinstance(refused, Failure)
    assert refused.failure_class is failure_class
    assert refused.code == (str(code) if subcode is None else f"{code}/{subcode}")
    assert bench.posts(TEXT) == 0


def test_a_container_that_is_not_ready_though_finished_is_published_a_moment_later(bench, channel, account):
    bench.sim.configure(not_ready_after_finished=1)
    ref = ready(bench, channel, account)

    first, second = channel.publish(account, ref, bench.message()), channel.publish(account, ref, bench.message())

    assert isinstance(first, Failure)
    assert (first.failure_class, first.retry_after) == (FailureClass.RETRYABLE, 5)
    assert isinstance(second, Published)


def test_a_publish_that_answers_with_spam_suspicion_though_live_is_found(bench, channel, account):
    ref = ready(bench, channel, account)
    attempt = bench.attempt(bench.message(), ref)
    bench.sim.add_fault("instagram", "media_publish", "effect_then_error", code=4, subcode=2207051)

    unclear = channel.publish(account, ref, bench.message())
    result = channel.find(account, attempt)

    assert isinstance(unclear, Failure)
    assert (unclear.failure_class, unclear.cause) == (FailureClass.AMBIGUOUS, Cause.ACCOUNT)
    assert unclear.retry_after is not None
    assert channel.status(account, ref).state is RemoteState.PUBLISHED
    assert [match.ref for match in result.statuses] == [ref]
    assert result.statuses[0].external_id != ref
    assert result.statuses[0].external_url.startswith("https://www.instagram.com/p/")


def test_a_used_up_quota_is_seen_before_publishing(bench, channel, login, account):
    bench.sim.add_instagram_account(
        TOKENS[login], kind=login, ig_user_id=IG_USER, username="nature", quota_total=25, quota_used=25
    )

    full = channel.health(account)

    assert isinstance(full, Failure)
    assert (full.failure_class, full.cause, full.code) == (FailureClass.RETRYABLE, Cause.QUOTA, "quota")
    assert full.retry_after == 86_400
    assert full.quota == QuotaUse(used=25, total=25)


@respx.mock
def test_an_account_is_healthy_where_the_quota_is_not_stated(bench, channel, account):
    respx.get(url__regex=rf".*/v25\.0/{IG_USER}/content_publishing_limit.*").respond(json={"data": []})

    assert channel.health(account) == Healthy()


def test_an_object_that_is_hidden_for_a_moment_is_read_again(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("instagram", "read_container", "refuse", code=100, subcode=33, count=2)

    status = channel.status(account, ref)

    assert isinstance(status, Status)
    assert status.state is RemoteState.READY
    assert bench.clock.slept == [timedelta(seconds=0.5), timedelta(seconds=1)]


def test_an_object_that_stays_hidden_leaves_the_state_open(bench, channel, account):
    hidden = channel.status(account, "17889455560099999")

    assert isinstance(hidden, Failure)
    assert (hidden.failure_class, hidden.code) == (FailureClass.RETRYABLE, "100/33")
    assert bench.sim.count("instagram", "read_media") == 3


def test_no_write_is_repeated_by_the_adapter(bench, channel, account):
    ref = ready(bench, channel, account)
    bench.sim.add_fault("instagram", "media_publish", "refuse", code=100, subcode=33)

    assert isinstance(channel.publish(account, ref, bench.message()), Failure)
    assert bench.sim.count("instagram", "media_publish") == 1


def test_finding_matches_captions_where_the_login_reads_them(bench, channel, login, account):
    attempt = bench.attempt(bench.message())
    for text in (TEXT, "A calm lake", "Another."):
        channel.publish(account, ready(bench, channel, account, text), bench.message())

    match = channel.find(account, attempt)

    assert isinstance(match, Matches)
    assert len(match.statuses) == (1 if login == "facebook" else 3)


def test_finding_looks_at_every_page(bench, login):
    bench.sim.add_instagram_account(TOKENS[login], kind=login, ig_user_id=IG_USER, username="nature", quota_total=100)
    channel, account = bench.channel(login), bench.account(login)
    attempt = bench.attempt(bench.message())
    for _ in range(55):
        channel.publish(account, ready(bench, channel, account), bench.message())

    result = channel.find(account, attempt)

    assert len({match.external_id for match in result.statuses}) == 55
    assert bench.sim.count("instagram", "list_media") == 2


@respx.mock
def test_a_token_in_the_address_of_the_next_page_is_never_followed(bench, channel, account):
    page = {
        "data": [],
        "paging": {"cursors": {"after": "QVFI"}, "next": "https://evil.example/?access_token=leak"},
    }
    answers = [httpx.Response(200, json=page), httpx.Response(200, json={"data": []})]
    route = respx.get(url__regex=rf".*/v25\.0/{IG_USER}/media\?.*").mock(side_effect=answers)

    assert channel.find(account, ATTEMPT) == NoMatch()
    assert route.call_count == 2
    assert route.calls.last.request.url.params["after"] == "QVFI"


@respx.mock
def test_a_listing_without_an_end_is_no_answer(channel, account):
    page = {"data": [], "paging": {"cursors": {"after": "QVFI"}, "next": "https://graph.example/more"}}
    respx.get(url__regex=rf".*/v25\.0/{IG_USER}/media\?.*").respond(json=page)

    endless = channel.find(account, ATTEMPT)

    assert isinstance(endless, Unreadable)
    assert endless.failure.code == "listing-too-long"


@respx.mock
def test_a_publish_that_answers_without_an_id_is_ambiguous(bench, channel, account):
    respx.post(url__regex=r".*/media_publish").respond(json={"success": True})

    unclear = channel.publish(account, "178", MESSAGE)

    assert isinstance(unclear, Failure)
    assert (unclear.failure_class, unclear.code) == (FailureClass.AMBIGUOUS, "unreadable")


@respx.mock
def test_times_and_links_that_are_missing_are_left_open(bench, channel, account):
    respx.get(url__regex=r".*/v25\.0/179.*").respond(json={"id": "179", "timestamp": "2026-11-21T12:00:05+0000"})

    described = channel.describe(account, "179")

    assert described == Published(external_id="179", posted_at=datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC))


@respx.mock
def test_an_unknown_status_counts_as_in_progress(bench, channel, account):
    respx.get(url__regex=r".*/v25\.0/178.*").respond(json={"id": "178", "status_code": "PONDERING"})

    assert channel.status(account, "178").state is RemoteState.WORKING
