"""The assertions on what the embedded AWS does not evaluate fail when their property is removed or widened."""

import copy
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest

from tests.infra import test_functions, test_library, test_permissions, test_schedule, test_tables, test_upgrades
from tests.infra.reading import Resource, Synthesised, Template

REMOVED = object()
Check = Callable[[Synthesised], None]
Step = str | int


class Break(NamedTuple):
    """A change of the resources of a type whose logical id begins with `named`; a path step `@TEXT` finds a list's
    entry that contains TEXT."""

    check: Check
    kind: str
    named: str
    path: tuple[Step, ...]
    value: Any = REMOVED

    def __str__(self) -> str:
        return f"{self.named} {'.'.join(map(str, self.path))}"


TRUST = ("AssumeRolePolicyDocument", "Statement", 0)
STATEMENT = ("PolicyDocument", "Statement")
LIFECYCLE = ("LifecycleConfiguration", "Rules")
RECOVERY = ("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")
JOBS = {
    "TimersArmSlots": ("cron(10 0 * * ? *)", "PostNextBestFunction", {"job": "arm"}, 12 * 3600, 20),
    "TimersSync": ("rate(5 minutes)", "SyncAlias", {"job": "sync"}, 300, 2),
    "TimersHealth": ("cron(40 0 * * ? *)", "DailyAlias", {"job": "health"}, 12 * 3600, 20),
    "TimersNotify": ("cron(0/15 * * * ? *)", "NotifyAlias", {"job": "notify"}, 900, 2),
}


def job_runs(name: str) -> Check:
    expression, function, event, *_ = JOBS[name]
    check = test_schedule.test_standing_jobs_run_in_utc_and_keep_what_fails
    return partial(check, job=name, expression=expression, function=function, event=event)


def job_is_retried(name: str) -> Check:
    *_, age, retries = JOBS[name]
    check = test_schedule.test_standing_jobs_are_retried_until_their_next_run
    return partial(check, job=name.removeprefix("Timers"), max_age=age, retries=retries)


def passes_one_role(role: str) -> Check:
    return partial(test_permissions.test_who_arms_timers_passes_one_role_to_the_scheduler, role=role)


def is_for_the_group(role: str) -> Check:
    return partial(test_permissions.test_the_scheduler_assumes_its_roles_for_this_group_alone, role=role)


ARMING = ("PostNextBestRole", "ApiRole", "SyncStatusRole")
SCHEDULER = ("TimersTimerRole", "TimersJobRole")
POLICY, ROLE, SCHEDULE = "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Scheduler::Schedule"
ALARM, BUCKET, TABLE = "AWS::CloudWatch::Alarm", "AWS::S3::Bucket", "AWS::DynamoDB::Table"
BREAKS = [
    *(Break(passes_one_role(role), POLICY, role, (*STATEMENT, "@iam:PassRole", "Condition")) for role in ARMING),
    *(Break(passes_one_role(role), POLICY, role, (*STATEMENT, "@iam:PassRole", "Resource"), "*") for role in ARMING),
    *(
        Break(is_for_the_group(role), ROLE, role, (*TRUST, "Condition", "StringEquals", key))
        for role in SCHEDULER
        for key in ("aws:SourceAccount", "aws:SourceArn")
    ),
    Break(
        test_upgrades.test_the_machine_s_role_is_assumed_for_this_account_alone,
        ROLE,
        "ChainRole",
        (*TRUST, "Condition"),
    ),
    *(
        Break(test_permissions.test_each_role_is_assumed_by_its_service_alone, ROLE, role, (*TRUST, "Principal"), "*")
        for role in test_permissions.TRUSTED
    ),
    Break(
        test_permissions.test_the_api_function_is_invoked_by_its_own_api_alone,
        "AWS::Lambda::Permission",
        "",
        ("SourceArn",),
    ),
    *(Break(job_runs(name), SCHEDULE, name, ("ScheduleExpressionTimezone",)) for name in JOBS),
    *(Break(job_runs(name), SCHEDULE, name, ("Target", "RoleArn"), "arn:aws:iam::1:role/other") for name in JOBS),
    *(Break(job_runs(name), SCHEDULE, name, ("Target", "DeadLetterConfig")) for name in JOBS),
    *(Break(job_is_retried(name), SCHEDULE, name, ("Target", "RetryPolicy")) for name in JOBS),
    Break(test_schedule.test_dead_letters_are_an_alarm, ALARM, "AlarmsDeadLetters", ("Dimensions",)),
    Break(test_schedule.test_a_sync_without_a_good_run_is_an_alarm, ALARM, "AlarmsSync", ("Dimensions", "@Resource")),
    Break(test_schedule.test_a_sync_without_a_good_run_is_an_alarm, ALARM, "AlarmsSync", ("TreatMissingData",)),
    Break(
        partial(
            test_schedule.test_a_day_without_the_daily_run_or_without_a_post_is_an_alarm,
            name="AlarmsDaily",
            metric=("AWS/Lambda", "Errors"),
        ),
        ALARM,
        "AlarmsDaily",
        ("Metrics", "@MetricStat", "MetricStat", "Metric", "Dimensions", "@Resource"),
    ),
    Break(
        test_schedule.test_notices_without_a_good_run_are_an_alarm, ALARM, "AlarmsNotify", ("Dimensions", "@Resource")
    ),
    Break(test_schedule.test_something_overdue_is_an_alarm, ALARM, "AlarmsOverdue", ("Dimensions",)),
    *(
        Break(test_schedule.test_every_alarm_reports_to_the_topic, ALARM, name, ("AlarmActions",))
        for name in ("AlarmsDeadLetters", "AlarmsSync", "AlarmsOverdue", "AlarmsNotify", "AlarmsDaily", "AlarmsSilence")
    ),
    Break(
        test_schedule.test_the_alarms_of_this_account_may_speak_to_the_topic,
        "AWS::SNS::TopicPolicy",
        "",
        (*STATEMENT, "@cloudwatch", "Condition", "StringEquals"),
    ),
    Break(test_schedule.test_every_route_asks_iam, "AWS::ApiGatewayV2::Route", "", ("AuthorizationType",), "NONE"),
    *(
        Break(test_upgrades.test_items_that_are_dated_go_by_themselves, TABLE, name, ("TimeToLiveSpecification",))
        for name in ("Personas", "Channels", "Photos", "Posts")
    ),
    Break(test_tables.test_production_tables_survive_mistakes, TABLE, "Posts", RECOVERY, value=False),
    Break(test_tables.test_production_tables_survive_mistakes, TABLE, "Posts", ("DeletionProtectionEnabled",), False),
    *(
        Break(
            test_library.test_originals_move_to_a_cheaper_class_and_public_copies_go,
            BUCKET,
            "Library",
            (*LIFECYCLE, rule),
        )
        for rule in ("@originals", "@rejected", "@forgotten-renditions", "@broken-uploads")
    ),
    Break(
        test_library.test_originals_move_to_a_cheaper_class_and_public_copies_go,
        BUCKET,
        "Library",
        (*LIFECYCLE, "@originals", "ExpirationInDays"),
        30,
    ),
    Break(
        test_library.test_the_bucket_is_private_and_encrypted,
        BUCKET,
        "Library",
        ("PublicAccessBlockConfiguration", "BlockPublicPolicy"),
        value=False,
    ),
    *(
        Break(
            test_library.test_the_queue_takes_messages_from_our_bucket_alone,
            "AWS::SQS::QueuePolicy",
            "LibraryImportQueue",
            (*STATEMENT, "@s3.amazonaws.com", "Condition", operator),
        )
        for operator in ("StringEquals", "ArnEquals")
    ),
    Break(
        test_library.test_only_public_is_reachable_and_only_through_the_cdn,
        "AWS::S3::BucketPolicy",
        "",
        (*STATEMENT, "@cloudfront", "Condition"),
    ),
    Break(
        test_functions.test_calls_by_timers_that_fail_for_good_become_dead_letters,
        "AWS::Lambda::EventInvokeConfig",
        "Steps",
        ("DestinationConfig",),
    ),
]


def broken(prod: Synthesised, change: Break) -> Synthesised:
    body = copy.deepcopy(prod.template.body)
    ((_, resource),) = [
        (name, each)
        for name, each in body["Resources"].items()
        if each["Type"] == change.kind and name.startswith(change.named)
    ]
    *way, last = change.path
    place: Any = resource["Properties"]
    for step in way:
        place = place[index(place, step)]
    last = index(place, last)
    if change.value is REMOVED:
        del place[last]
    else:
        place[last] = change.value
    return prod._replace(template=Template(body))


def index(place: Any, step: Step) -> Step:
    if not (isinstance(step, str) and step.startswith("@")):
        return step
    (position,) = [number for number, entry in enumerate(place) if step[1:] in mentioned(entry)]
    return position


def mentioned(entry: Resource) -> str:
    """An entry without what it forbids."""
    return "" if entry.get("Effect") == "Deny" else str(entry)


@pytest.mark.parametrize("change", BREAKS, ids=str)
def test_an_assertion_fails_without_its_property(prod: Synthesised, change: Break) -> None:
    change.check(prod)
    with pytest.raises((AssertionError, KeyError, ValueError)):
        change.check(broken(prod, change))
