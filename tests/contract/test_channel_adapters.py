"""The contract of all adapters, against the simulated platforms: Instagram with both kinds of token, and Buffer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.local.simulators.faults import Platform
from shutterpost.channels import (
    Account,
    Cause,
    Channel,
    ChannelRow,
    Failure,
    FailureClass,
    Healthy,
    Matches,
    Message,
    NoMatch,
    Published,
    RemoteState,
    Status,
    Submitted,
    TokenFacts,
    TooLate,
    Unreadable,
    Withdrawn,
    catalogue,
)
from tests.support.channel_kinds import KINDS, TOKENS, TRAITS, Kind
from tests.support.simulated_channels import NOON, Bench

TEXT = "A calm lake."


@pytest.fixture
def bench(bench: Bench) -> Iterator[Bench]:
    yield bench
    assert bench.sim.violations() == []


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def channel(bench, kind):
    return bench.channel(kind)


@pytest.fixture
def account(bench, kind):
    return bench.account(kind)


def platform(kind: Kind) -> Platform:
    return TRAITS[kind].platform


def posting(kind: Kind) -> bool:
    """Whether the submission creates the post."""
    return TRAITS[kind].submits_by == TRAITS[kind].posts_by


def row(kind: Kind) -> ChannelRow:
    return catalogue().row(TRAITS[kind].channel)


def submit_whole(bench: Bench, channel: Channel, account: Account, message: Message) -> Submitted:
    """Submit a message, part by part where its channel wants that."""
    ref = None
    while True:
        submitted = channel.submit(account, message, ref)
        assert isinstance(submitted, Submitted)
        bench.sim.advance(1)
        status = None if submitted.handed_over else channel.status(account, submitted.ref)
        if not (isinstance(status, Status) and status.state is RemoteState.INCOMPLETE):
            return submitted
        ref = submitted.ref


def make_live(bench: Bench, channel: Channel, account: Account, message: Message) -> tuple[str, str]:
    """Bring a message to where it can be seen; gives its ref and its id."""
    submitted = submit_whole(bench, channel, account, message)
    if submitted.handed_over:
        bench.sim.advance(600)
        bench.sim.advance(5)
        return submitted.ref, submitted.ref
    published = channel.publish(account, submitted.ref, message)
    assert isinstance(published, Published)
    return submitted.ref, published.external_id


def test_a_working_account_is_healthy_and_reports_its_remaining_quota(channel, account, kind):
    health = channel.health(account)

    assert isinstance(health, Healthy)
    assert health.remaining == TRAITS[kind].remaining


def test_facts_of_a_token_are_those_that_the_platform_tells(channel, account, kind):
    facts = channel.token_facts(account)
    assert bool(facts.account_name) is TRAITS[kind].names_account
    scopes = {
        "facebook": {"instagram_basic", "instagram_content_publish"},
        "threads": {"threads_basic", "threads_content_publish"},
        "facebook_page": {"pages_manage_posts", "pages_read_engagement"},
    }
    if kind in scopes:
        # A Page token has no expiry.
        assert facts.expires_at == NOON + timedelta(days=3_650 if kind == "facebook_page" else 60)
        assert scopes[kind] <= set(facts.scopes)
    else:
        assert (facts.scopes, facts.expires_at) == (None, None)


def test_a_platform_that_does_not_answer_tells_nothing_of_a_token(bench, channel, account, kind):
    bench.sim.add_fault(platform(kind), "*", "drop_before", count=5)
    assert channel.token_facts(account) == TokenFacts()


def test_a_submission_is_invisible_or_handed_over_by_the_catalogue(bench, kind, channel, account):
    submitted = channel.submit(account, bench.message())

    assert isinstance(submitted, Submitted)
    assert submitted.handed_over is row(kind).hands_over
    assert bench.sim.live_media() == []


def test_a_submission_becomes_ready_or_scheduled(bench, kind, channel, account):
    submitted = channel.submit(account, bench.message())
    bench.sim.advance(1)

    status = channel.status(account, submitted.ref)

    assert isinstance(status, Status)
    assert status.state is (RemoteState.SCHEDULED if row(kind).hands_over else RemoteState.READY)
    assert status.failure is None


def test_a_live_post_reads_published_and_is_described(bench, kind, channel, account):
    ref, external_id = make_live(bench, channel, account, bench.message())

    status = channel.status(account, ref)
    described = channel.describe(account, external_id)

    assert isinstance(status, Status)
    assert status.state is (RemoteState.PUBLISHED if TRAITS[kind].shows_posts else RemoteState.READY)
    assert isinstance(described, Published)
    assert described.external_id == external_id
    assert described.external_url is not None
    assert described.external_url.startswith("https://")
    if TRAITS[kind].shows_posts:
        assert described.posted_at is not None
        assert abs(bench.clock.now() - described.posted_at) < timedelta(minutes=1)
    assert bench.posts(TEXT) == 1


def test_text_picture_and_alt_text_arrive_as_given(bench, kind, channel, account):
    message = bench.message("Blue hour \u2014 L\u00fcneburg\n\n#lake", alt="Ein See am Abend")
    make_live(bench, channel, account, message)

    assert TRAITS[kind].shown(bench.sim) == [(message.text, ["Ein See am Abend"], bench.shown_as(kind, message))]


def test_several_pictures_make_one_post_in_order(bench, kind, channel, account):
    message = bench.message(names=("one", "two", "three"))
    make_live(bench, channel, account, message)

    [(_, _, pictures)] = TRAITS[kind].shown(bench.sim)
    assert pictures == bench.shown_as(kind, message)


def test_a_post_is_found_by_its_trace_and_by_nothing_else(bench, kind, channel, account):
    message, other = bench.message(), bench.message("Another text.")
    attempt = bench.attempt(message)
    make_live(bench, channel, account, message)

    result = channel.find(account, attempt)
    missed = channel.find(account, bench.attempt(other))
    long_ago = channel.find(
        account, attempt.model_copy(update={"attempted_at": attempt.attempted_at - timedelta(days=2)})
    )

    if not TRAITS[kind].shows_posts:
        assert {type(each) for each in (result, missed, long_ago)} == {Unreadable}
        return
    assert isinstance(result, Matches)
    assert [match.state for match in result.statuses] == [RemoteState.PUBLISHED]
    assert result.statuses[0].external_id is not None
    if TRAITS[kind].sees_texts:
        assert missed == NoMatch()
    if kind != "buffer":
        assert long_ago == NoMatch()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not TRAITS[kind].refuses_same_text])
def test_all_matches_are_given_never_one_of_several(bench, kind, channel, account):
    message = bench.message()
    attempt = bench.attempt(message)
    for key in ("one", "two"):
        message = message.model_copy(update={"key": key})
        channel_submitted = channel.submit(account, message)
        bench.sim.advance(1)
        if not channel_submitted.handed_over:
            channel.publish(account, channel_submitted.ref, message)

    match = channel.find(account, attempt)

    assert isinstance(match, Matches)
    assert len(match.statuses) == 2


def test_a_submission_is_withdrawn_and_withdrawing_again_is_harmless(bench, channel, account):
    submitted = channel.submit(account, bench.message())

    assert channel.withdraw(account, submitted.ref) == Withdrawn()
    assert channel.withdraw(account, submitted.ref) == Withdrawn()

    bench.sim.advance(700)
    bench.sim.advance(5)
    assert bench.sim.live_media() == []
    assert bench.sim.buffer_posts("sent") == []


def test_a_token_that_is_not_accepted_is_a_permanent_failure_everywhere(bench, kind, channel):
    stranger = bench.account(kind, token="no-such-token")
    message = bench.message()
    ref = channel.submit(bench.account(kind), message).ref
    answers = [channel.health(stranger), channel.submit(stranger, message)]
    if not TRAITS[kind].reads_without_token:
        answers.append(channel.status(stranger, ref))
    if TRAITS[kind].shows_posts and not TRAITS[kind].reads_without_token:
        answers.append(channel.describe(stranger, "17889455560051444"))
        search = channel.find(stranger, bench.attempt(message))
        assert isinstance(search, Unreadable)
        answers.append(search.failure)
    if not row(kind).hands_over:
        answers.append(channel.publish(stranger, ref, message))

    for answer in answers:
        assert isinstance(answer, Failure)
        assert (answer.failure_class, answer.cause) == (FailureClass.PERMANENT, Cause.TOKEN)
        assert "no-such-token" not in answer.model_dump_json()


def test_a_write_that_makes_the_post_is_ambiguous_when_its_answer_is_lost(bench, kind, channel, account):
    message = bench.message()
    attempt = bench.attempt(message)
    operation = TRAITS[kind].posts_by
    ref = None
    if not posting(kind):
        ref = channel.submit(account, message).ref
        bench.sim.advance(1)
    bench.sim.add_fault(platform(kind), operation, "effect_then_drop")

    lost = channel.submit(account, message) if ref is None else channel.publish(account, ref, message)
    match = channel.find(account, attempt)

    assert isinstance(lost, Failure)
    assert (lost.failure_class, lost.code) == (FailureClass.AMBIGUOUS, "no-answer")
    assert bench.posts(TEXT) == 1
    assert len(match.statuses) == 1 if TRAITS[kind].shows_posts else isinstance(match, Unreadable)


@pytest.mark.parametrize("fault", ["effect_then_error", "refuse"])
def test_an_unclear_error_at_the_post_is_ambiguous_whether_it_took_effect_or_not(bench, kind, channel, account, fault):
    message = bench.message()
    attempt = bench.attempt(message)
    operation = TRAITS[kind].posts_by
    ref = None
    if not posting(kind):
        ref = channel.submit(account, message).ref
        bench.sim.advance(1)
    bench.sim.add_fault(platform(kind), operation, fault)

    unclear = channel.submit(account, message) if ref is None else channel.publish(account, ref, message)

    assert isinstance(unclear, Failure)
    assert unclear.failure_class is FailureClass.AMBIGUOUS
    result = channel.find(account, attempt)
    assert bench.posts(TEXT) == (0 if fault == "refuse" else 1)
    if not TRAITS[kind].shows_posts:
        assert isinstance(result, Unreadable)
        return
    assert result == NoMatch() if fault == "refuse" else len(result.statuses) == 1


@pytest.mark.parametrize("status", [500, 503])
def test_a_gateway_error_is_ambiguous_at_the_post_and_passing_elsewhere(bench, kind, channel, account, status):
    message = bench.message()
    ref = channel.submit(account, message).ref
    bench.sim.advance(1)
    operation = TRAITS[kind].posts_by
    bench.sim.add_fault(platform(kind), operation, "refuse", status=status)
    unclear = channel.submit(account, message) if posting(kind) else channel.publish(account, ref, message)
    bench.sim.add_fault(platform(kind), "*", "refuse", status=status)
    passing = channel.status(account, ref)

    assert isinstance(unclear, Failure)
    assert isinstance(passing, Failure)
    assert (unclear.failure_class, unclear.code) == (FailureClass.AMBIGUOUS, f"http-{status}")
    assert passing.failure_class is FailureClass.RETRYABLE


@pytest.mark.parametrize("call", ["health", "status", "describe", "find", "withdraw"])
def test_reads_and_withdrawals_without_an_answer_may_be_repeated(bench, kind, channel, account, call):
    message = bench.message()
    ref = channel.submit(account, message).ref
    calls = {
        "health": lambda: channel.health(account),
        "status": lambda: channel.status(account, ref),
        "describe": lambda: channel.describe(account, ref),
        "find": lambda: channel.find(account, bench.attempt(message)).failure,
        "withdraw": lambda: channel.withdraw(account, ref),
    }
    bench.sim.add_fault(platform(kind), "*", "drop_before")

    answer = calls[call]()

    silent = {"withdraw": not TRAITS[kind].withdraws, "health": not TRAITS[kind].asks_health}
    if silent.get(call):
        assert answer == (Withdrawn() if call == "withdraw" else Healthy())
        bench.sim.clear_faults()
    elif call in {"describe", "find"} and not TRAITS[kind].shows_posts:
        # No call is made where nothing could be read.
        assert [fault["kind"] for fault in bench.sim.faults()] == ["drop_before"]
        bench.sim.clear_faults()
    else:
        assert isinstance(answer, Failure)
        assert (answer.failure_class, answer.cause) == (FailureClass.RETRYABLE, Cause.PLATFORM)


def test_throttling_names_the_time_to_wait(bench, kind, channel, account):
    bench.sim.add_fault(platform(kind), "*", "throttle", seconds=120)

    reads = TRAITS[kind].asks_health
    throttled = channel.health(account) if reads else channel.find(account, bench.attempt(bench.message())).failure

    assert isinstance(throttled, Failure)
    assert (throttled.failure_class, throttled.cause) == (FailureClass.RETRYABLE, Cause.QUOTA)
    assert throttled.retry_after == (TRAITS[kind].throttled_for or 120)


def test_a_platform_out_of_reach_is_retryable_even_at_the_post(bench, kind):
    ref = bench.channel(kind).submit(bench.account(kind), bench.message()).ref
    bench.sim.advance(1)
    unreachable = dict.fromkeys(
        [name for name in type(bench.settings).model_fields if name.endswith("_url")], "http://127.0.0.1:9"
    )
    bench_elsewhere = Bench(
        bench.sim,
        bench.pictures,
        bench.clock,
        bench.settings.model_copy(update=unreachable),
        bench.organization_id,
        bench.channel_id,
        renditions=bench.renditions,
        sessions=bench.sessions,
    )
    channel, account = bench_elsewhere.channel(kind), bench.account(kind)
    if account.connection.host:
        elsewhere = account.connection.model_copy(update={"host": "http://127.0.0.1:9"})
        account = account.model_copy(update={"connection": elsewhere})
    message = bench.message()
    answer = channel.submit(account, message) if posting(kind) else channel.publish(account, ref, message)

    assert isinstance(answer, Failure)
    assert (answer.failure_class, answer.code) == (FailureClass.RETRYABLE, "unreached")


def test_one_call_makes_at_most_one_post_and_no_token_is_kept_in_an_address(bench, kind, channel, account):
    make_live(bench, channel, account, bench.message())
    channel.find(account, bench.attempt(bench.message()))

    entries = bench.sim.journal(platform(kind))

    assert {entry["ids"].get("token_in", "header") for entry in entries} == {"header"}
    assert bench.sim.count(platform(kind), TRAITS[kind].submits_by) == 1
    assert TOKENS[kind] not in str(entries)


def test_a_listing_answers_for_accounts_with_one_listing_key(bench, kind, channel, account):
    ref, _ = make_live(bench, channel, account, bench.message())

    known = channel.statuses([account], bench.clock.now() - timedelta(hours=1))

    assert not isinstance(known, Failure)
    expected = {ref: RemoteState.PUBLISHED} if row(kind).hands_over else {}
    assert {name: status.state for name, status in known.items()} == expected


def test_what_is_on_its_way_or_live_at_buffer_rolls_forward(bench):
    channel, account = bench.channel("buffer"), bench.account("buffer")
    sent, _ = make_live(bench, channel, account, bench.message())

    assert channel.withdraw(account, sent) == TooLate(external_id=sent)
    assert len(bench.sim.buffer_posts("sent")) == 1
