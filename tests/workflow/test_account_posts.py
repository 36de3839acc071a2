"""What an account shows, and which of it is Shutterpost's."""

from datetime import timedelta

import pytest

from shutterpost.channels import Account, Connection, Published, Submitted
from shutterpost.flows.records.account_posts import AccountReader, Listing
from shutterpost.flows.records.history import PostedPhoto
from shutterpost.flows.wiring import build_account_reader, build_history_recorder
from shutterpost.personas import Persona
from shutterpost.runtime.commit import commit
from shutterpost.scheduling import remote_claim_key
from tests.support.channel_kinds import Kind
from tests.support.schedules import now_of, opened
from tests.support.system import System, soon


@pytest.fixture
def reader(system: System) -> AccountReader:
    return build_account_reader(system.stores, system.platforms)


def posted_by_hand(system: System, connection: Connection, text: str = "A walk.") -> str:
    """A post that the platform has and Shutterpost does not know; its id."""
    adapter = system.platforms.channels(connection.channel)
    account = system.platforms.tokens.account(connection)
    assert isinstance(account, Account)
    message = system.bench.message(text)
    submitted = adapter.submit(account, message)
    assert isinstance(submitted, Submitted)
    system.bench.sim.advance(1)
    live = adapter.publish(account, submitted.ref, message)
    assert isinstance(live, Published)
    return live.external_id


def an_account(system: System, kind: Kind = "facebook") -> tuple[Persona, Connection]:
    persona = system.add_persona()
    return persona, system.connect(persona, kind)


@pytest.mark.parametrize("kind", ["facebook", "threads", "mastodon", "bluesky"])
def test_own_posts_are_told_from_those_by_hand(system: System, reader: AccountReader, kind: Kind) -> None:
    persona, connection = an_account(system, kind)
    schedule = opened(system, persona, at=soon(system, 30))
    system.run_executions()
    for minutes in (45, 10):
        system.advance_to(soon(system, minutes))
        system.syncer.run()
    by_hand = posted_by_hand(system, connection)

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    ours = now_of(system, schedule)
    assert page.state is Listing.LISTED
    assert {post.external_id: post.post_id for post in page.posts} == {
        by_hand: None,
        ours.external_id: schedule.post_id,
    }


def test_a_post_of_another_persona_on_the_account_is_known(system: System, reader: AccountReader) -> None:
    persona, _ = an_account(system)
    schedule = opened(system, persona, at=soon(system, 30))
    system.run_executions()
    system.advance_to(soon(system, 45))
    system.syncer.run()
    other = system.add_persona("Cities")
    connection = system.connect(other, "facebook")

    [post] = reader.read(other.persona_id, connection.connection_id, 10).posts

    assert post.post_id == schedule.post_id


def test_a_post_of_the_history_is_known_by_its_id(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    before, unrecorded = (posted_by_hand(system, connection, text) for text in ("One.", "Two."))
    photo = system.add_photo(persona, 1, score=7.0)
    row = PostedPhoto(
        photo=photo.photo_id,
        connection_id=connection.connection_id,
        posted_at=system.clock.now() - timedelta(hours=3),
        external_id=before,
    )
    report = build_history_recorder(system.stores).record(persona, [row])

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    assert {post.external_id: post.post_id for post in page.posts} == {
        unrecorded: None,
        before: report.rows[0].post_id,
    }


def test_a_post_that_was_removed_on_the_platform_is_named(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    before = posted_by_hand(system, connection, "One.")
    schedule = opened(system, persona, at=soon(system, 30))
    system.run_executions()
    system.advance_to(soon(system, 45))
    system.syncer.run()
    live = now_of(system, schedule)
    assert live.external_id is not None
    system.bench.sim.advance(60)
    after = posted_by_hand(system, connection, "Two.")
    assert reader.read(persona.persona_id, connection.connection_id, 10).not_shown == ()
    account = system.platforms.tokens.account(connection)
    assert isinstance(account, Account)
    system.platforms.channels("instagram").remove(account, live.external_id)

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    assert [post.external_id for post in page.posts] == [after, before]
    assert page.not_shown == (schedule.post_id,)
    # Beyond the page's last post nothing is known.
    assert reader.read(persona.persona_id, connection.connection_id, 1).not_shown == ()


def test_a_claim_of_another_owner_names_no_post(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    by_hand = posted_by_hand(system, connection)
    claims, key = system.stores.claims, remote_claim_key("instagram", by_hand)
    commit([claims.take("remote", key, holder="pother-cother", owner="somebody", now=system.clock.now())])

    [post] = reader.read(persona.persona_id, connection.connection_id, 10).posts

    assert post.post_id is None


def test_pages_go_on_from_the_cursor(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    ids = [posted_by_hand(system, connection, f"Lake {number}.") for number in range(3)]

    first = reader.read(persona.persona_id, connection.connection_id, 2)
    second = reader.read(persona.persona_id, connection.connection_id, 2, first.cursor)

    assert [post.external_id for post in (*first.posts, *second.posts)] == ids[::-1]


@pytest.mark.parametrize("kind", ["x", "linkedin", "linkedin_member"])
def test_a_channel_that_does_not_list_says_why_without_a_call(
    system: System, reader: AccountReader, kind: Kind
) -> None:
    persona, connection = an_account(system, kind)

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    assert (page.state, page.posts) == (Listing.NOT_LISTED, ())
    assert page.detail == system.stores.catalogue.row(connection.channel).not_listed
    assert system.bench.sim.journal() == []


def test_a_platform_that_throttles_says_when_it_may_be_read_again(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    system.bench.sim.add_fault("instagram", "*", "throttle", seconds=120)

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    assert (page.state, page.cause, page.retry_after) == (Listing.UNREAD, "quota", 120)
    assert page.detail


def test_a_token_that_is_missing_is_no_error_of_the_reader(system: System, reader: AccountReader) -> None:
    persona, connection = an_account(system)
    system.platforms.tokens.delete(persona.persona_id, connection.connection_id)

    page = reader.read(persona.persona_id, connection.connection_id, 10)

    assert (page.state, page.cause) == (Listing.UNREAD, "token")
