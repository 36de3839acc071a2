"""The tables of known answers, row by row, and the look-up of an error in them."""

import re
from dataclasses import replace
from datetime import date

import pytest

from shutterpost.channels import Cause, FailureClass
from shutterpost.channels.answers.known import KnownAnswer, Operation, PlatformError, Rule, look_up
from shutterpost.channels.bluesky.answers import ROWS as BLUESKY_ROWS
from shutterpost.channels.buffer.answers import ROWS as BUFFER_ROWS
from shutterpost.channels.facebook_page.answers import ROWS as FACEBOOK_PAGE_ROWS
from shutterpost.channels.instagram.answers import ROWS as INSTAGRAM_ROWS
from shutterpost.channels.linkedin.answers import ROWS as LINKEDIN_ROWS
from shutterpost.channels.mastodon.answers import MASTODON_ROWS, PIXELFED_ROWS
from shutterpost.channels.threads.answers import ROWS as THREADS_ROWS
from shutterpost.channels.x.answers import ROWS as X_ROWS
from tests.support.expected_answers import EXPECTED_ANSWERS

RETRYABLE, PERMANENT, AMBIGUOUS = FailureClass.RETRYABLE, FailureClass.PERMANENT, FailureClass.AMBIGUOUS
TABLES = {
    "instagram": INSTAGRAM_ROWS,
    "buffer": BUFFER_ROWS,
    "threads": THREADS_ROWS,
    "facebook_page": FACEBOOK_PAGE_ROWS,
    "bluesky": BLUESKY_ROWS,
    "linkedin": LINKEDIN_ROWS,
    "mastodon": MASTODON_ROWS,
    "pixelfed": PIXELFED_ROWS,
    "x": X_ROWS,
}
POSTING = {name: Operation.SUBMIT if name == "buffer" else Operation.PUBLISH for name in TABLES}
ALL_ROWS = [row for rows in TABLES.values() for row in rows]


def expected(platform: str) -> list[list[str]]:
    """The expected lines, split into columns."""
    lines = EXPECTED_ANSWERS[platform].strip().splitlines()
    return [[*line.split(None, 6), ""][:7] for line in lines]


def columns(row: KnownAnswer) -> list[str]:
    """A row in the columns of the expected lines."""
    code = f"{row.code.start}-{row.code.stop - 1}" if isinstance(row.code, range) else row.code
    key = [str(part) if part is not None else "*" for part in (row.operation, code, row.subcode)]
    classes = [row.class_at(creates_post=False).value, row.class_at(creates_post=True).value]
    asks = ["pattern"] if row.pattern else []
    asks += [f"status={row.status}"] if row.status else []
    asks += ["resubmit"] if row.resubmit else []
    asks += [f"wait={row.retry_after:g}"] if row.retry_after else []
    return [*key, *classes, row.cause.value, " ".join(asks)]


@pytest.mark.parametrize("platform", TABLES)
def test_each_row_has_its_expected_treatment_and_no_row_is_left_out(platform):
    assert sorted(map(columns, TABLES[platform])) == sorted(expected(platform))


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row.label)
def test_each_row_is_looked_up_by_its_own_key(row):
    code = row.code.start if isinstance(row.code, range) else row.code
    message = re.sub(r"[\^$](?!\.)|\|.*", "", (row.pattern or "").replace("\\", "").replace("(", ""))
    error = PlatformError(row.status or 400, code, row.subcode, message)

    assert look_up(TABLES[row.platform], error, row.operation or Operation.REFRESH) is row


@pytest.mark.parametrize("row", ALL_ROWS, ids=lambda row: row.label)
def test_each_row_states_its_source_and_what_to_say(row):
    assert re.match(r"https://|reported by users", row.source)
    assert date(2013, 1, 1) <= row.checked <= date(2026, 11, 22)
    assert re.fullmatch(r"[A-Z].*[^.]", row.meaning)


@pytest.mark.parametrize(
    ("code", "subcode", "failure_class", "cause"),
    [
        (1, 2207005, PERMANENT, Cause.PHOTO),
        (36001, 2207083, PERMANENT, Cause.PHOTO),
        (100, 2207026, PERMANENT, Cause.PHOTO),
        (100, 2207052, RETRYABLE, Cause.PHOTO),
        (None, 2207083, PERMANENT, Cause.PHOTO),
        (10, 2207081, PERMANENT, Cause.PHOTO),
        (7, 2207082, RETRYABLE, Cause.PLATFORM),
        (4, 1, RETRYABLE, Cause.QUOTA),
        (190, 999, PERMANENT, Cause.TOKEN),
        (299, None, PERMANENT, Cause.TOKEN),
    ],
)
def test_the_subcode_decides_and_the_main_code_is_the_fallback(code, subcode, failure_class, cause):
    row = look_up(INSTAGRAM_ROWS, PlatformError(400, code, subcode), Operation.SUBMIT)

    assert row is not None
    assert (row.failure_class, row.cause) == (failure_class, cause)


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        (100, "Unsupported request - method type: get", Cause.TOKEN),
        (2500, "An active access token must be used to query information about the current user.", Cause.TOKEN),
        (2500, "Unknown path components: /v1", Cause.PLATFORM),
    ],
)
def test_a_pattern_distinguishes_the_meanings_of_a_code(code, message, cause):
    row = look_up(INSTAGRAM_ROWS, PlatformError(400, code, None, message), Operation.READ)

    assert row is not None
    assert row.cause is cause


@pytest.mark.parametrize("error", [PlatformError(400, 555), PlatformError(400, 100, None, "Invalid parameter")])
def test_an_error_without_a_row_is_not_known(error):
    assert look_up(INSTAGRAM_ROWS, error, Operation.SUBMIT) is None


def test_a_row_for_one_operation_or_status_goes_before_the_general_one():
    general = next(row for row in BUFFER_ROWS if row.code == "UNEXPECTED")
    of_status, of_reads = replace(general, status=503), replace(general, operation=Operation.READ)
    rows = (general, of_status, of_reads)

    assert look_up(rows, PlatformError(400, "UNEXPECTED"), Operation.SUBMIT) is general
    assert look_up(rows, PlatformError(503, "UNEXPECTED"), Operation.SUBMIT) is of_status
    assert look_up(rows, PlatformError(503, "UNEXPECTED"), Operation.READ) is of_reads


def test_only_what_the_platform_surely_did_not_do_is_retryable_where_a_post_is_created():
    unclear = Rule(meaning="M", failure_class=RETRYABLE, cause=Cause.PLATFORM)
    refused = Rule(meaning="M", failure_class=RETRYABLE, cause=Cause.PLATFORM, refused=True)

    assert (unclear.class_at(creates_post=True), unclear.class_at(creates_post=False)) == (AMBIGUOUS, RETRYABLE)
    assert refused.class_at(creates_post=True) is RETRYABLE
