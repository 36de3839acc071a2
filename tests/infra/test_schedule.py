"""What runs by the clock, the publish chain, the API's door and the alarms."""

import json
import re
from typing import Any

import pytest

from infra.constructs.publish_chain import DEFINITION
from tests.infra.reading import Resource, Synthesised, text


@pytest.mark.parametrize(
    ("job", "expression", "function", "event"),
    [
        ("TimersArmSlots", "cron(10 0 * * ? *)", "PostNextBestFunction", {"job": "arm"}),
        ("TimersSync", "rate(5 minutes)", "SyncAlias", {"job": "sync"}),
        ("TimersHealth", "cron(40 0 * * ? *)", "DailyAlias", {"job": "health"}),
        ("TimersNotify", "cron(0/15 * * * ? *)", "NotifyAlias", {"job": "notify"}),
    ],
)
def test_standing_jobs_run_in_utc_and_keep_what_fails(
    prod: Synthesised, job: str, expression: str, function: str, event: dict[str, str]
) -> None:
    schedule = prod.template.only("AWS::Scheduler::Schedule", named=job)
    assert schedule["ScheduleExpression"] == expression
    assert schedule["ScheduleExpressionTimezone"] == "UTC"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert text(schedule["GroupName"]).startswith("<TimersGroup")
    target = schedule["Target"]
    assert text(target["Arn"]).startswith(f"<{function}")
    assert text(target["RoleArn"]).startswith("<TimersJobRole")
    assert "LibraryDeadLetters" in text(target["DeadLetterConfig"]["Arn"])
    assert json.loads(target["Input"]) == event


@pytest.mark.parametrize(
    ("job", "max_age", "retries"),
    [("ArmSlots", 12 * 3600, 20), ("Sync", 300, 2), ("Health", 12 * 3600, 20), ("Notify", 900, 2)],
)
def test_standing_jobs_are_retried_until_their_next_run(
    prod: Synthesised, job: str, max_age: int, retries: int
) -> None:
    policy = prod.template.only("AWS::Scheduler::Schedule", named=f"Timers{job}")["Target"]["RetryPolicy"]
    assert policy == {"MaximumEventAgeInSeconds": max_age, "MaximumRetryAttempts": retries}


def test_one_minute_is_singular(local: Synthesised) -> None:
    schedule = local.template.only("AWS::Scheduler::Schedule", named="TimersSync")
    assert schedule["ScheduleExpression"] == "rate(1 minute)"


def test_standing_jobs_wait_for_their_permission(either: Synthesised) -> None:
    jobs = [
        resource
        for resource in either.template.body["Resources"].values()
        if resource["Type"] == "AWS::Scheduler::Schedule"
    ]
    assert len(jobs) == 4
    for job in jobs:
        assert any(name.startswith("TimersJobRoleDefaultPolicy") for name in job["DependsOn"])


def test_the_chain_is_standard_and_logs_failures_without_what_they_carried(either: Synthesised) -> None:
    machine = either.template.only("AWS::StepFunctions::StateMachine")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["LoggingConfiguration"]["Level"] == "ERROR"
    assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False


def test_the_chain_file_asks_for_no_more_than_is_filled_in(prod: Synthesised) -> None:
    filled = prod.template.only("AWS::StepFunctions::StateMachine")["DefinitionSubstitutions"]
    assert set(re.findall(r"\$\{(\w+)\}", DEFINITION.read_text())) == set(filled) == {"StepsFn"}


def test_every_route_asks_iam(either: Synthesised) -> None:
    routes = either.template.of("AWS::ApiGatewayV2::Route")
    assert [(route["RouteKey"], route["AuthorizationType"]) for route in routes.values()] == [("$default", "AWS_IAM")]


def test_the_door_is_throttled_and_logged(either: Synthesised) -> None:
    stage = either.template.only("AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {"ThrottlingBurstLimit": 40, "ThrottlingRateLimit": 20}
    assert stage["AutoDeploy"] is True
    assert "query" not in stage["AccessLogSettings"]["Format"].lower()
    integration = either.template.only("AWS::ApiGatewayV2::Integration")
    assert integration["PayloadFormatVersion"] == "2.0"
    function = either.template.only("AWS::Lambda::Function", named="ApiFunction")
    assert function["Timeout"] * 1000 <= integration["TimeoutInMillis"]


def test_every_alarm_reports_to_the_topic(either: Synthesised) -> None:
    alarms = either.template.of("AWS::CloudWatch::Alarm")
    assert len(alarms) == 6
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"]
        (action,) = alarm["AlarmActions"]
        assert text(action).startswith("<AlarmsTopic")
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert alarm["Threshold"] >= 0
        assert "DatapointsToAlarm" not in alarm
        assert alarm["AlarmDescription"]


def test_notices_without_a_good_run_are_an_alarm(prod: Synthesised) -> None:
    alarm = prod.template.only("AWS::CloudWatch::Alarm", named="AlarmsNotify")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert text(_dimension(alarm, "Resource")).endswith(":notify")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Minimum", 0, 2700)
    assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "breaching")


@pytest.mark.parametrize(
    ("name", "metric"),
    [("AlarmsDaily", ("AWS/Lambda", "Errors")), ("AlarmsSilence", ("Shutterpost", "SilentPersonas"))],
)
def test_a_day_without_the_daily_run_or_without_a_post_is_an_alarm(
    prod: Synthesised, name: str, metric: tuple[str, str]
) -> None:
    alarm = prod.template.only("AWS::CloudWatch::Alarm", named=name)
    formula, daily = sorted(alarm["Metrics"], key=lambda part: "Expression" not in part)
    # An hour without a value is a failure, so that nothing of ours has to work for the alarm.
    assert formula["Expression"] == "FILL(daily, 1)"
    assert (daily["Id"], daily["ReturnData"]) == ("daily", False)
    stat = daily["MetricStat"]
    assert (stat["Metric"]["Namespace"], stat["Metric"]["MetricName"]) == metric
    assert (stat["Period"], stat["Stat"]) == (3600, "Minimum")
    assert (alarm["EvaluationPeriods"], alarm["Threshold"], alarm["TreatMissingData"]) == (26, 0, "breaching")
    named = {part["Name"]: text(part["Value"]).rpartition(":")[2] for part in stat["Metric"]["Dimensions"]}
    assert named["Resource" if name == "AlarmsDaily" else "stage"] == ("daily" if name == "AlarmsDaily" else "prod")


def test_dead_letters_are_an_alarm(prod: Synthesised) -> None:
    alarm = prod.template.only("AWS::CloudWatch::Alarm", named="AlarmsDeadLetters")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
    assert "LibraryDeadLetters" in text(_dimension(alarm, "QueueName"))
    assert (alarm["Statistic"], alarm["Threshold"], alarm["TreatMissingData"]) == ("Maximum", 0, "notBreaching")
    assert alarm["Period"] == 300


def test_a_sync_without_a_good_run_is_an_alarm(prod: Synthesised) -> None:
    alarm = prod.template.only("AWS::CloudWatch::Alarm", named="AlarmsSync")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert text(_dimension(alarm, "FunctionName")).startswith("<SyncStatusFunction")
    # The runs by the clock alone: another job's good run does not hide them.
    assert text(_dimension(alarm, "Resource")).endswith(":sync")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["Period"]) == ("Minimum", 0, 900)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["TreatMissingData"] == "breaching"


def test_something_overdue_is_an_alarm(prod: Synthesised) -> None:
    alarm = prod.template.only("AWS::CloudWatch::Alarm", named="AlarmsOverdue")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("Shutterpost", "OverdueSeconds")
    assert alarm["Dimensions"] == [{"Name": "stage", "Value": "prod"}]
    assert (alarm["Threshold"], alarm["Statistic"], alarm["TreatMissingData"]) == (900, "Maximum", "notBreaching")


def test_alarms_look_over_several_syncs(prod: Synthesised, local: Synthesised) -> None:
    for item in (prod, local):
        periods = [
            item.template.only("AWS::CloudWatch::Alarm", named=f"Alarms{name}")["Period"]
            for name in ("Sync", "Overdue")
        ]
        assert periods == [3 * 60 * item.stage.sync_minutes] * 2


def test_the_sync_by_the_clock_is_not_repeated(prod: Synthesised) -> None:
    configured = prod.template.of("AWS::Lambda::EventInvokeConfig", named="SyncAlias")
    ((_, config),) = configured.items()
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 300)
    assert "SyncAlias" in json.dumps(config["Qualifier"])
    assert prod.template.only("AWS::Lambda::Alias", named="SyncAlias")["FunctionVersion"] == "$LATEST"


def test_the_alarms_of_this_account_may_speak_to_the_topic(prod: Synthesised) -> None:
    statements = prod.template.only("AWS::SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    (only,) = [statement for statement in statements if statement["Effect"] == "Allow"]
    assert only["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert only["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}


def test_mail_goes_to_the_address_that_was_given(prod: Synthesised, local: Synthesised) -> None:
    subscription = prod.template.only("AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "owner@example.org")
    assert not local.template.of("AWS::SNS::Subscription")


def _dimension(alarm: Resource, name: str) -> Any:
    (dimensions,) = [dimension["Value"] for dimension in alarm["Dimensions"] if dimension["Name"] == name]
    return dimensions
