"""What happens to a photo after its post failed, for each cause."""

from datetime import UTC, datetime

import pytest

from shutterpost.channels import Cause, FailureClass
from shutterpost.flows.posting.failure_policy import PHOTO_RULES, PhotoRule, rule_after
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.builders_of_posts import a_post, a_schedule
from tests.support.failures import RETURNING

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
R = PhotoRule


def ended(
    cause: str | None, status: ScheduleStatus = ScheduleStatus.FAILED, error_class: str = FailureClass.PERMANENT
) -> Schedule:
    facts = {"status": status, "error_cause": cause, "error_class": error_class}
    return a_schedule(a_post(1)).model_copy(update=facts)


@pytest.mark.parametrize("cause", Cause)
def test_the_cause_decides_after_the_first_failure(cause: Cause) -> None:
    wanted = R.RETURNS if cause in RETURNING else R.STAYS_OUT
    assert rule_after([ended(cause)], 1) is wanted
    assert PHOTO_RULES[cause] is wanted


@pytest.mark.parametrize("cause", Cause)
def test_an_ambiguous_failure_never_returns_the_photo(cause: Cause) -> None:
    assert rule_after([ended(cause, error_class=FailureClass.AMBIGUOUS)], 1) is R.NEVER


def test_a_cause_of_an_older_release_keeps_the_photo_out() -> None:
    assert rule_after([ended(None)], 1) is R.STAYS_OUT


@pytest.mark.parametrize("cause", sorted(RETURNING))
def test_the_second_failure_keeps_the_photo_out_for_any_cause(cause: str) -> None:
    assert rule_after([ended(cause)], 2) is R.STAYS_OUT


def test_the_strictest_rule_applies() -> None:
    assert rule_after([ended("photo"), ended("token")], 1) is R.STAYS_OUT
    assert rule_after([ended("token"), ended("photo")], 1) is R.STAYS_OUT
    assert rule_after([ended("token", error_class=FailureClass.AMBIGUOUS), ended("photo")], 1) is R.NEVER


@pytest.mark.parametrize("status", [ScheduleStatus.CANCELLED, ScheduleStatus.SKIPPED])
def test_what_did_not_fail_returns_its_photo(status: ScheduleStatus) -> None:
    assert rule_after([ended("account", status)], 5) is R.RETURNS
