"""A platform fetches a public copy, and nothing is published."""

from datetime import timedelta

import pytest

from shutterpost.channels import Connection
from shutterpost.console.checks.sample_picture import grey_jpeg
from shutterpost.flows.publishing.fetch_trial import PAUSES, FetchReport
from shutterpost.flows.wiring import build_fetch_trial
from tests.support.picture_host import png
from tests.support.system import System

KEY = "public/doctor-0123456789abcdef.jpg"


def fetch(system: System, connection: Connection, body: bytes | None = None) -> FetchReport:
    """Try a public copy with that content, by default of the doctor's."""
    system.bench.pictures.put(f"/{KEY}", grey_jpeg() if body is None else body)
    trial = build_fetch_trial(system.stores, system.platforms)
    return trial.run(connection.persona_id, connection.connection_id, KEY)


def fetches(system: System) -> list[str]:
    """The addresses that the platforms fetched."""
    return [item["url"] for item in system.bench.sim.state()["fetched"]]


@pytest.fixture
def connection(system: System) -> Connection:
    return system.connect(system.add_persona(), "instagram")


def test_a_copy_is_fetched_once_and_not_published(system: System, connection: Connection) -> None:
    report = fetch(system, connection)
    assert (report.fetched, report.detail) == (True, "The platform fetched the picture.")
    assert [url.rpartition("/public/")[2] for url in fetches(system)] == [KEY.removeprefix("public/")]
    assert system.bench.sim.count("instagram", "media_publish") == 0
    assert system.bench.posts("") == 0


@pytest.mark.parametrize("body", [b"<html>Access denied</html>", png()], ids=["page", "png"])
def test_a_page_in_the_place_of_the_copy_is_named(system: System, connection: Connection, body: bytes) -> None:
    report = fetch(system, connection, body)
    assert report.fetched is False
    assert "2207" in report.detail or "9004" in report.detail
    assert system.bench.sim.count("instagram", "media_publish") == 0


def test_a_copy_that_nobody_serves_is_named(system: System, connection: Connection) -> None:
    report = build_fetch_trial(system.stores, system.platforms).run(
        connection.persona_id, connection.connection_id, "public/doctor-0000000000000000.jpg"
    )
    assert (report.fetched, "2207052" in report.detail) == (False, True)


def test_a_token_that_does_not_work_says_nothing_about_the_copy(system: System, connection: Connection) -> None:
    system.bench.sim.reset()
    report = fetch(system, connection)
    assert report.fetched is None
    assert "190" in report.detail
    assert fetches(system) == []


def test_a_platform_that_does_not_come_to_an_end_is_waited_for_a_bounded_time(
    system: System, connection: Connection
) -> None:
    system.bench.sim.configure(processing_seconds=3600)
    before = system.clock.now()
    report = fetch(system, connection)
    assert report.fetched is None
    assert "38 seconds" in report.detail
    assert system.clock.now() - before == sum(PAUSES, timedelta())


def test_a_platform_that_publishes_by_itself_is_sent_nothing(system: System) -> None:
    buffer = system.connect(system.add_persona(), "buffer")
    report = fetch(system, buffer)
    assert (report.fetched, "no call that fetches" in report.detail) == (None, True)
    assert system.bench.sim.buffer_posts() == []
    assert fetches(system) == []


def test_a_revoked_account_has_no_token_to_try_with(system: System, connection: Connection) -> None:
    system.platforms.tokens.delete(connection.persona_id, connection.connection_id)
    assert fetch(system, connection).fetched is None
    assert fetches(system) == []
