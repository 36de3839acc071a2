"""The tables of known answers, row by row, and the look-up of an error in them."""

import re
from dataclasses import replace
from datetime import date

import pytest

from shutterpost.channels import Cause, FailureClass
from shutterpost.channels.answers.known import KnownAnswer, Operation, PlatformError, Rule, look_up
from shutterpost.channels.bluesky.answers import ROWS as BLUESKY_ROWS
from shutterpost.channels.buffer.answers import ROWS as BUFFER_ROWS
from shutterpost.channels.instagram.answers import ROWS as INSTAGRAM_ROWS
from shutterpost.channels.linkedin.answers import ROWS as LINKEDIN_ROWS
from shutterpost.channels.mastodon.answers import MASTODON_ROWS, PIXELFED_ROWS
from shutterpost.channels.threads.answers import ROWS as THREADS_ROWS
from shutterpost.channels.x.answers import ROWS as X_ROWS

RETRYABLE, PERMANENT, AMBIGUOUS = FailureClass.RETRYABLE, FailureClass.PERMANENT, FailureClass.AMBIGUOUS
TABLES = {
    "instagram": INSTAGRAM_ROWS,
    "buffer": BUFFER_ROWS,
    "threads": THREADS_ROWS,
    "bluesky": BLUESKY_ROWS,
    "linkedin": LINKEDIN_ROWS,
    "mastodon": MASTODON_ROWS,
    "pixelfed": PIXELFED_ROWS,
    "x": X_ROWS,
}
POSTING = {name: Operation.SUBMIT if name == "buffer" else Operation.PUBLISH for name in TABLES}
ALL_ROWS = [row for rows in TABLES.values() for row in rows]

# One line per row: operation, code, subcode, class at repeatable calls, class at the call that creates the post, cause,
# and what else the row asks for. Kept apart from the tables, so that a change of a row is a change of two places.
INSTAGRAM = """
*       -2     2207003  retryable  ambiguous  platform
*       -2     2207020  retryable  retryable  platform  resubmit
*       -2     *        retryable  ambiguous  platform
*       9004   2207052  retryable  ambiguous  photo
*       9004   *        retryable  ambiguous  photo
*       24     2207006  retryable  retryable  platform  resubmit
*       24     2207008  retryable  retryable  platform  resubmit wait=30
*       9007   2207027  retryable  retryable  platform  wait=5
*       9007   *        retryable  retryable  platform  wait=5
*       -1     2207032  retryable  ambiguous  platform  resubmit
*       -1     2207053  retryable  ambiguous  platform  resubmit
*       *      2207082  retryable  ambiguous  platform  resubmit
*       -1     2207001  retryable  ambiguous  platform
*       -1     2207085  retryable  ambiguous  platform
*       -1     *        retryable  ambiguous  platform
*       1      *        retryable  ambiguous  platform
*       2      *        retryable  ambiguous  platform
*       4      2207051  retryable  ambiguous  account   wait=14400
*       4      *        retryable  ambiguous  quota
*       17     *        retryable  ambiguous  quota
*       32     *        retryable  ambiguous  quota
*       341    *        retryable  ambiguous  quota
*       613    *        retryable  ambiguous  quota
*       80000-80099 *   retryable  ambiguous  quota
*       *      *        retryable  ambiguous  quota     status=429
*       9      2207042  retryable  retryable  quota     wait=86400
*       9      *        retryable  retryable  quota     wait=86400
*       25     2207050  permanent  permanent  account
*       25     *        permanent  permanent  account
*       368    *        retryable  ambiguous  account   wait=14400
*       12     *        permanent  permanent  account
*       33     *        permanent  permanent  account
*       110    *        permanent  permanent  account
*       803    *        permanent  permanent  account
*       100    33       permanent  permanent  account
read    100    33       retryable  ambiguous  account
publish 100    33       retryable  ambiguous  account
*       102    *        permanent  permanent  token
*       190    *        permanent  permanent  token
*       190    458      permanent  permanent  token
*       190    459      permanent  permanent  token
*       190    460      permanent  permanent  token
*       190    463      permanent  permanent  token
*       190    464      permanent  permanent  token
*       190    467      permanent  permanent  token
*       190    492      permanent  permanent  token
*       101    *        permanent  permanent  token
*       104    *        permanent  permanent  token
*       2500   *        permanent  permanent  token
*       2500   *        permanent  permanent  platform  pattern
*       100    *        permanent  permanent  token     pattern
*       3      *        permanent  permanent  token
*       10     *        permanent  permanent  token
*       200-299 *       permanent  permanent  token
*       36000  2207004  permanent  permanent  photo
*       36000  *        permanent  permanent  photo
*       36001  2207005  permanent  permanent  photo
*       36001  2207083  permanent  permanent  photo
*       36001  *        permanent  permanent  photo
*       36003  2207009  permanent  permanent  photo
*       36003  *        permanent  permanent  photo
*       352    2207026  permanent  permanent  photo
*       352    *        permanent  permanent  photo
*       100    2207023  permanent  permanent  photo
*       100    2207028  permanent  permanent  photo
*       *      2207077  permanent  permanent  photo
*       *      2207081  permanent  permanent  photo
*       506    *        permanent  permanent  photo
publish 506    *        retryable  ambiguous  photo
*       36004  2207010  permanent  permanent  text
*       36004  *        permanent  permanent  text
*       100    2207035  permanent  permanent  text
*       100    2207036  permanent  permanent  text
*       100    2207037  permanent  permanent  text
*       100    2207040  permanent  permanent  text
*       -1     2207073  permanent  permanent  platform
"""
BUFFER = """
*      InvalidInputError          *  permanent  permanent  photo
*      LimitReachedError          *  retryable  retryable  quota  wait=3600
*      NotFoundError              *  permanent  permanent  account
*      UnauthorizedError          *  permanent  permanent  token
*      UnexpectedError            *  retryable  ambiguous  platform
delete VoidMutationError          *  retryable  ambiguous  platform
*      GRAPHQL_VALIDATION_FAILED  *  permanent  permanent  platform
*      UNAUTHENTICATED            *  permanent  permanent  token
*      UNAUTHORIZED               *  permanent  permanent  token
*      FORBIDDEN                  *  permanent  permanent  token
*      NOT_FOUND                  *  permanent  permanent  account
*      UNEXPECTED                 *  retryable  ambiguous  platform
*      RATE_LIMIT_EXCEEDED        *  retryable  retryable  quota
*      *                          *  permanent  permanent  token  pattern
*      *                          *  retryable  retryable  quota  pattern wait=900
*      *                          *  permanent  permanent  token  status=401
*      *                          *  retryable  retryable  quota  status=429
*      *                          *  permanent  permanent  platform  pattern
*      RestProxyError  403   permanent  permanent  platform
*      RestProxyError  404   permanent  permanent  platform
*      RestProxyError  405   permanent  permanent  platform
*      RestProxyError  429   retryable  retryable  quota  wait=60
*      RestProxyError  1000  retryable  ambiguous  platform
*      RestProxyError  1001  permanent  permanent  token
*      RestProxyError  1002  permanent  permanent  token
*      RestProxyError  1011  permanent  permanent  token
*      RestProxyError  1021  permanent  permanent  token
*      RestProxyError  1050  permanent  permanent  token
*      RestProxyError  1051  permanent  permanent  token
*      RestProxyError  1003  permanent  permanent  platform
*      RestProxyError  1004  permanent  permanent  platform
*      RestProxyError  1005  permanent  permanent  platform
*      RestProxyError  1006  permanent  permanent  platform
*      RestProxyError  1026  permanent  permanent  platform
*      RestProxyError  1029  permanent  permanent  platform
*      RestProxyError  1010  permanent  permanent  account
*      RestProxyError  1012  permanent  permanent  account
*      RestProxyError  1013  permanent  permanent  account
*      RestProxyError  1014  permanent  permanent  account
*      RestProxyError  1015  permanent  permanent  account
*      RestProxyError  1042  permanent  permanent  account
*      RestProxyError  1020  permanent  permanent  account
*      RestProxyError  1022  retryable  ambiguous  platform
*      RestProxyError  1023  retryable  retryable  quota  wait=3600
*      RestProxyError  1024  retryable  retryable  quota  wait=3600
*      RestProxyError  1028  retryable  retryable  quota  wait=3600
*      RestProxyError  1025  permanent  permanent  photo
submit RestProxyError  1025  retryable  ambiguous  photo
*      RestProxyError  1030  permanent  permanent  photo
*      RestProxyError  1031  permanent  permanent  photo
*      RestProxyError  1032  permanent  permanent  photo
"""
BLUESKY = """
*      AuthenticationRequired  *  permanent  permanent  token
*      ExpiredToken            *  permanent  permanent  token
*      InvalidToken            *  permanent  permanent  token
*      AuthMissing             *  permanent  permanent  token
*      AccountTakedown         *  permanent  permanent  token
*      AccountDeactivated      *  permanent  permanent  token
*      AccountNotFound         *  permanent  permanent  token
*      InvalidRequest          *  permanent  permanent  token  pattern
*      RateLimitExceeded       *  retryable  retryable  quota  wait=60
*      PayloadTooLarge         *  permanent  permanent  photo
*      InvalidRequest          *  permanent  permanent  platform
*      InvalidRequest          *  permanent  permanent  text  pattern
*      InvalidRequest          *  permanent  permanent  photo  pattern
*      InvalidSize             *  permanent  permanent  platform
*      InvalidMimeType         *  permanent  permanent  platform
*      BlobNotFound            *  retryable  retryable  platform  resubmit
read   RecordNotFound          *  permanent  permanent  account
read   InvalidRequest          *  retryable  ambiguous  account  pattern
*      InternalServerError     *  retryable  ambiguous  platform
*      UpstreamFailure         *  retryable  ambiguous  platform
"""

THREADS = """
*       24     4279009  retryable  retryable  platform  wait=5
submit  24     4279009  retryable  ambiguous  platform  resubmit
*       24     4279004  retryable  ambiguous  platform  resubmit
*       9004   2207052  retryable  ambiguous  photo
submit  *      *        retryable  ambiguous  photo     pattern
submit  *      *        retryable  ambiguous  platform  pattern resubmit
submit  *      *        permanent  permanent  photo     pattern
*       1      *        retryable  ambiguous  platform
*       2      *        retryable  ambiguous  platform
*       4      *        retryable  retryable  quota
*       17     *        retryable  retryable  quota
*       32     *        retryable  retryable  quota
*       613    *        retryable  retryable  quota
*       *      *        retryable  retryable  quota     status=429
*       4      2207051  retryable  ambiguous  account   wait=14400
*       24     4279013  permanent  permanent  account
*       368    *        retryable  ambiguous  account   wait=14400
*       100    33       permanent  permanent  account
read    100    33       retryable  ambiguous  account
publish 100    33       retryable  ambiguous  account
*       190    *        permanent  permanent  token
*       190    463      permanent  permanent  token
*       102    *        permanent  permanent  token
*       3      *        permanent  permanent  token
*       10     *        permanent  permanent  token
*       200-299 *       permanent  permanent  token
publish 10     *        retryable  ambiguous  platform
*       100    *        permanent  permanent  text      pattern
*       *      *        permanent  permanent  text      pattern
"""

LINKEDIN = """
*      *               *  permanent  permanent  platform  status=400
*      *               *  permanent  permanent  token     status=401
*      *               *  permanent  permanent  token     status=403
*      *               *  retryable  ambiguous  platform  status=404
*      DUPLICATE_POST  *  permanent  permanent  text
*      *               *  permanent  permanent  platform  status=426
*      *               *  retryable  retryable  quota     status=429
*      *               *  retryable  ambiguous  platform  status=500
*      *               *  retryable  ambiguous  platform  status=504
"""


MASTODON = """
*        *  *  permanent  permanent  token     status=401
*        *  *  permanent  permanent  token     status=403
*        *  *  retryable  ambiguous  platform  status=404
publish  *  *  retryable  ambiguous  platform  status=404
submit   *  *  permanent  permanent  photo     status=422
publish  *  *  permanent  permanent  text      status=422
*        *  *  retryable  ambiguous  platform  status=422 resubmit
*        *  *  retryable  retryable  quota     status=429
*        *  *  retryable  ambiguous  platform  status=500
*        *  *  retryable  ambiguous  platform  status=503
"""
PIXELFED = """
*        *           *  retryable  ambiguous  platform  status=400
*        *           *  permanent  permanent  token     status=401
*        *           *  permanent  permanent  token     status=403
*        *           *  permanent  permanent  account   pattern status=403
*        *           *  retryable  ambiguous  platform  status=404
*        *           *  retryable  retryable  quota     status=429
*        *           *  permanent  permanent  photo     status=451
*        *           *  retryable  ambiguous  platform  status=500
submit   validation  *  permanent  permanent  photo
publish  validation  *  permanent  permanent  text
"""
EXPECTED = {
    "instagram": INSTAGRAM,
    "buffer": BUFFER,
    "threads": THREADS,
    "bluesky": BLUESKY,
    "linkedin": LINKEDIN,
    "mastodon": MASTODON,
    "pixelfed": PIXELFED,
}
X = """
*       *                * permanent  permanent  token     status=401
refresh invalid_request  * permanent  permanent  token
refresh invalid_grant    * permanent  permanent  token
refresh invalid_client   * permanent  permanent  token
refresh unauthorized_client * permanent permanent token
refresh *                * retryable  ambiguous  platform  status=400
*       *                * permanent  permanent  account   status=403
*       client-forbidden * permanent  permanent  account
*       not-authorized-for-resource * permanent permanent account
*       *                * permanent  permanent  text      pattern status=403
*       *                * retryable  retryable  quota     status=429
*       88               * retryable  retryable  quota
*       rate-limit-exceeded * retryable retryable quota
*       usage-capped     * retryable  retryable  quota     wait=86400
submit  *                * permanent  permanent  photo     status=400
publish *                * permanent  permanent  text      status=400
*       invalid-request  * permanent  permanent  platform
submit  invalid-request  * permanent  permanent  photo
publish invalid-request  * permanent  permanent  text
publish invalid-request  * retryable  retryable  platform  pattern resubmit
*       *                * permanent  permanent  account   status=404
*       resource-not-found * permanent permanent account
submit  resource-not-found * retryable ambiguous platform
*       *                * retryable  ambiguous  platform  status=500
*       *                * retryable  ambiguous  platform  status=502
*       *                * retryable  ambiguous  platform  status=503
*       *                * retryable  ambiguous  platform  status=504
"""


EXPECTED["x"] = X


def expected(platform: str) -> list[list[str]]:
    """The lines above, split into columns."""
    lines = EXPECTED[platform].strip().splitlines()
    return [[*line.split(None, 6), ""][:7] for line in lines]


def columns(row: KnownAnswer) -> list[str]:
    """A row in the columns of the lines above."""
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
