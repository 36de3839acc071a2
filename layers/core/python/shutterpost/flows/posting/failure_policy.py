"""What happens to a photo after a post of it failed on every connection, by the cause of the failure.

The slot of a pick gets the next best photo if the photo stays out, while the persona's grace lasts.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from shutterpost.channels import Cause, FailureClass
from shutterpost.scheduling import Schedule, ScheduleStatus


class PhotoRule(StrEnum):
    """What happens to the photo, mildest first."""

    RETURNS = "returns"
    STAYS_OUT = "stays_out"
    NEVER = "never"


PHOTO_RULES: Mapping[Cause | FailureClass, PhotoRule] = {
    Cause.ACCOUNT: PhotoRule.RETURNS,
    Cause.TOKEN: PhotoRule.RETURNS,
    Cause.QUOTA: PhotoRule.RETURNS,
    Cause.PLATFORM: PhotoRule.RETURNS,
    Cause.PHOTO: PhotoRule.STAYS_OUT,
    Cause.TEXT: PhotoRule.STAYS_OUT,
    Cause.UNKNOWN: PhotoRule.STAYS_OUT,
    FailureClass.AMBIGUOUS: PhotoRule.NEVER,
}
MEANINGS: Mapping[PhotoRule, str] = {
    PhotoRule.RETURNS: "It can be picked again.",
    PhotoRule.STAYS_OUT: "It is not picked until a person retries its post.",
    PhotoRule.NEVER: "It is not picked, because it may be published.",
}
# A photo that failed this often, for any causes, stays out.
MAX_FAILURES = 2
# The most photos that a slot gets after its first one failed.
MAX_REPLACEMENTS = 2


def rule_after(ended: Sequence[Schedule], failures: int) -> PhotoRule:
    """The rule for the photo of a post whose schedules have all `ended`, after `failures` posts of it, this included.

    The strictest rule of its failed schedules applies.
    """
    rules = [_rule_of(schedule) for schedule in ended if schedule.status is ScheduleStatus.FAILED]
    if rules and failures >= MAX_FAILURES:
        rules.append(PhotoRule.STAYS_OUT)
    return max(rules, key=list(PhotoRule).index, default=PhotoRule.RETURNS)


def _rule_of(schedule: Schedule) -> PhotoRule:
    if schedule.error_class == FailureClass.AMBIGUOUS:
        return PHOTO_RULES[FailureClass.AMBIGUOUS]
    causes = {str(key): rule for key, rule in PHOTO_RULES.items()}
    return causes.get(str(schedule.error_cause), PhotoRule.STAYS_OUT)
