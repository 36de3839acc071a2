"""Answers that are not understood, counted in the connections' table."""

from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.channels import ConnectionStore, UnknownAnswers, use_table
from shutterpost.channels.answers.known import Operation, PlatformError
from shutterpost.channels.store import ConnectionItem
from tests.contract.conftest import CreateTable

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
PERSONA = "nature-explorer-1a2b3c"


@pytest.fixture
def store(new_table: CreateTable) -> ConnectionStore:
    use_table(new_table(ConnectionItem))
    return ConnectionStore()


class At:
    """A clock that says what it was told."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        return self.instant

    def sleep(self, duration: timedelta) -> None:
        self.instant += duration


def test_unknown_answers_are_counted_by_their_codes_and_listed_for_a_digest(store):
    clock = At(NOW)
    unknown = UnknownAnswers(clock)
    report = unknown.reporter("test")
    for operation, code in ((Operation.READ, 555), (Operation.PUBLISH, 556), (Operation.PUBLISH, 556)):
        report("instagram", operation, PlatformError(400, code, None, f"Odd {code}"))
        clock.sleep(timedelta(hours=1))

    frequent, once = unknown.since(NOW)

    assert (frequent.code, frequent.operation, frequent.seen_count, frequent.detail) == ("556", "publish", 2, "Odd 556")
    assert (frequent.first_seen_at, frequent.last_seen_at) == (NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    assert (once.platform, once.status, once.seen_count) == ("instagram", 400, 1)
    assert [answer.code for answer in unknown.since(NOW + timedelta(hours=2))] == ["556"]
    assert store.list(PERSONA) == ()


def test_an_unknown_answer_that_cannot_be_counted_is_logged_alone(caplog):
    report = UnknownAnswers(At(NOW)).reporter("test")

    report("buffer", Operation.READ, PlatformError(200, "ODD"))

    assert [record.message for record in caplog.records] == ["answer not understood", "unknown answer not counted"]
