"""Rejected files that are imported again: back to their places, and never over another file."""

import json
from collections.abc import Iterator

import pytest

from import_photos.messages import keys_of, photo_of, rejected_key_of
from shutterpost.flows.importing.import_photo import ImportOutcome, Kind
from shutterpost.flows.importing.retry_rejected import RetryRejected
from shutterpost.photos import Library
from tests.support.aws import BUCKET, body_of, keys_in, mocked_aws, simulated_tables
from tests.support.builders import StillClock
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg

LINE = '{"photo": "fog.jpg", "aesthetic_score": 8.5}'


@pytest.fixture
def system() -> Iterator[ImportSystem]:
    with mocked_aws(), simulated_tables():
        yield ImportSystem()


def retry(system: ImportSystem, rejected: ImportOutcome) -> ImportOutcome:
    """Import a rejected file once more."""
    library = Library(BUCKET, system.s3)
    again = RetryRejected(import_photo=system.importing, library=library, clock=StillClock())
    return again((rejected.moved_to or "").removesuffix(".reason.json"))


def rejected_keys(system: ImportSystem) -> list[str]:
    return keys_in(system.s3, "rejected/")


def lost_picture(system: ImportSystem, name: str = "fog.jpg") -> ImportOutcome:
    """A picture that was rejected, and that the import can use by now."""
    outcome = system.drop(name, b"hello")
    system.s3.put_object(Bucket=BUCKET, Key=outcome.moved_to or "", Body=jpeg(800, 600))
    return outcome


def test_a_file_that_can_be_used_by_now_becomes_a_photo_of_its_place(system: ImportSystem) -> None:
    rejected = lost_picture(system)
    outcome = retry(system, rejected)
    assert (outcome.kind, outcome.key) == (Kind.IMPORTED, f"photos/{system.persona_id}/fog.jpg")
    assert system.photo(outcome).keys == (outcome.key,)
    assert body_of(system.s3, outcome.key) == jpeg(800, 600)
    assert rejected_keys(system) == []
    # The message may come twice, and the bucket announces the file that returned.
    assert retry(system, rejected).kind is Kind.GONE
    assert system.importing(outcome.key).kind is Kind.KNOWN


def test_a_file_that_is_rejected_again_stays_with_its_reason(system: ImportSystem) -> None:
    rejected = system.drop("fog.jpg", b"hello")
    before = rejected_keys(system)
    outcome = retry(system, rejected)
    assert (outcome.kind, outcome.moved_to) == (Kind.REJECTED, rejected.moved_to)
    assert rejected_keys(system) == before
    assert keys_in(system.s3, "photos/") == []
    assert system.reason(outcome)["reason"] == "not-an-image"


def test_a_file_whose_name_another_one_has_by_now_stays(system: ImportSystem) -> None:
    rejected = lost_picture(system)
    corrected = system.drop("fog.jpg", jpeg(900, 600))
    outcome = retry(system, rejected)
    assert (outcome.kind, outcome.moved_to) == (Kind.REJECTED, rejected.moved_to)
    assert body_of(system.s3, corrected.key) == jpeg(900, 600)
    assert body_of(system.s3, rejected.moved_to or "") == jpeg(800, 600)
    reason = system.reason(rejected)
    assert (reason["reason"], reason["detail"].split(",")[0]) == (
        "not-an-image",
        "Another file has its name in the library by now",
    )


def test_a_retry_that_stopped_halfway_continues(system: ImportSystem) -> None:
    rejected = lost_picture(system)
    system.s3.put_object(Bucket=BUCKET, Key=rejected.key, Body=jpeg(800, 600))
    assert retry(system, rejected).kind is Kind.IMPORTED
    assert rejected_keys(system) == []


def test_a_second_rejected_file_of_a_name_keeps_its_own_key(system: ImportSystem) -> None:
    first, second = system.drop("fog.jpg", b"hello"), system.drop("fog.jpg", b"hello again")
    assert retry(system, second).moved_to == second.moved_to != first.moved_to
    for key in (first.moved_to or "", f"{first.moved_to}.reason.json"):
        system.s3.delete_object(Bucket=BUCKET, Key=key)
    # Its own name is free now, and the file is not kept twice.
    assert retry(system, second).moved_to == first.moved_to
    assert rejected_keys(system) == [first.moved_to, f"{first.moved_to}.reason.json"]


def test_a_file_of_which_some_lines_are_used_is_read_in_its_place(system: ImportSystem) -> None:
    system.drop("fog.jpg", jpeg(800, 600))
    report = system.drop("scores.jsonl", f"{LINE}\nbroken".encode(), under="analyses")
    assert (report.kind, report.broken) == (Kind.ANALYSED, 1)
    assert (retry(system, report).broken, rejected_keys(system)) == (1, [report.moved_to])
    system.put("scores.jsonl", LINE.encode(), under="analyses")
    assert (retry(system, report).broken, rejected_keys(system)) == (0, [])


def test_a_file_that_was_wholly_broken_may_keep_its_report_alone(system: ImportSystem) -> None:
    system.drop("fog.jpg", jpeg(800, 600))
    rejected = system.drop("scores.jsonl", b"broken", under="analyses")
    system.s3.put_object(Bucket=BUCKET, Key=rejected.moved_to or "", Body=f"{LINE}\nbroken".encode())
    outcome = retry(system, rejected)
    assert (outcome.kind, rejected_keys(system)) == (Kind.ANALYSED, [f"{rejected.moved_to}.reason.json"])


def test_a_report_on_a_file_that_is_gone_stays_until_it_is_forgotten(system: ImportSystem) -> None:
    system.drop("fog.jpg", jpeg(800, 600))
    report = system.drop("scores.jsonl", f"{LINE}\nbroken".encode(), under="analyses")
    system.s3.delete_object(Bucket=BUCKET, Key=report.key)
    assert (retry(system, report).kind, rejected_keys(system)) == (Kind.GONE, [report.moved_to])


def test_a_message_names_a_rejected_file_and_nothing_else() -> None:
    body = json.dumps({"rejected_key": "rejected/nature/fog.jpg"})
    assert (rejected_key_of(body), photo_of(body), keys_of(body)) == ("rejected/nature/fog.jpg", None, [])
    assert {rejected_key_of(text) for text in ("", "[]", "{}", '{"key": "photos/a/b.jpg"}', '{"Records": []}')} == {
        None
    }
