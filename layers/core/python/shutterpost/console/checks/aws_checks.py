"""Checks of the AWS account: credentials, clock, stack, scheduled jobs and alarms."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.console import Json
from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.version import ROOT, version_of

DEPLOY = "make deploy, in the checkout of the version to run"
_SKEW, _MAX_SKEW = timedelta(seconds=30), timedelta(minutes=4)
_SYNC_CLOCK = "synchronise this machine's clock (NTP); AWS refuses signatures that are five minutes off"
# Error codes of signatures that are refused for their time.
_TIME_ERRORS = {"RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch"}
JOBS = {
    "ArmSlots": "sets the timers of slots",
    "Sync": "queries the platforms",
    "Health": "checks tokens",
    "Notify": "mails what needs you",
}
ALARMS = ("DeadLetters", "Sync", "Overdue")
# The limit of a new account, which is enough; a lower one delays posts.
_MIN_CONCURRENCY = 10


def credentials(api: ApiClient) -> Iterator[Finding]:
    """The caller's identity, and the difference between this machine's clock and AWS's."""
    try:
        before = datetime.now(UTC)
        identity = api.client("sts").get_caller_identity()
        after = datetime.now(UTC)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        do = _SYNC_CLOCK if code in _TIME_ERRORS else "log in again, or choose another --profile"
        yield Finding(check="credentials", level=Severity.RED, found=f"AWS refused them ({code})", do=do)
        return
    except BotoCoreError as error:
        yield Finding(check="credentials", level=Severity.RED, found=str(error), do="log in, or choose a --profile")
        return
    yield Finding(check="credentials", level=Severity.GREEN, found=identity["Arn"])
    yield clock(identity["ResponseMetadata"].get("HTTPHeaders", {}).get("date"), before, after)


def stack(described: Json, *, checkout: str | None = None) -> Iterator[Finding]:
    """The stack's status, and whether the deployed version is the checkout's."""
    status = described["StackStatus"]
    found = f"{described['StackName']}: {status}"
    if status.endswith(("FAILED", "DELETE_COMPLETE")) or status == "ROLLBACK_COMPLETE":
        yield Finding(check="stack", level=Severity.RED, found=found, do=DEPLOY)
    elif "ROLLBACK" in status or status.endswith("IN_PROGRESS"):
        do = f"find the failure in CloudFormation, then {DEPLOY}" if "ROLLBACK" in status else "wait for its end"
        yield Finding(check="stack", level=Severity.YELLOW, found=found, do=do)
    else:
        yield Finding(check="stack", level=Severity.GREEN, found=found)
    if checkout is None and not (ROOT / "functions").is_dir():
        yield Finding(check="version", level=Severity.UNCHECKED, found="the console does not run from a checkout")
        return
    here, there = checkout or version_of(), outputs_of(described).get("Version")
    if there == here:
        yield Finding(check="version", level=Severity.GREEN, found=f"{here}, deployed and here")
    else:
        found = f"deployed is {there or 'an earlier one'}, this checkout is {here}"
        yield Finding(check="version", level=Severity.YELLOW, found=found, do=DEPLOY)


def outputs_of(described: Json) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}


def scheduled_jobs(timers: Mapping[str, str]) -> Iterator[Finding]:
    """Whether each scheduled job exists and is enabled; `timers` are states by name."""
    for job, purpose in JOBS.items():
        check = f"job {job}"
        states = [state for name, state in timers.items() if f"Timers{job}" in name]
        if not states:
            yield Finding(check=check, level=Severity.RED, found="is missing", do=DEPLOY)
        elif "ENABLED" not in states:
            do = "enable it in EventBridge Scheduler, or: make deploy"
            yield Finding(check=check, level=Severity.RED, found="is disabled", do=do)
        else:
            yield Finding(check=check, level=Severity.GREEN, found=f"{purpose}; enabled")


def alarms(api: ApiClient, stack_name: str, topic_arn: str | None) -> Iterator[Finding]:
    """Whether each alarm exists, notifies the topic, and is not in alarm."""
    pages = api.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stack_name}-")
    described = [alarm for page in pages for alarm in page.get("MetricAlarms", ())]
    for name in ALARMS:
        alarm = next((alarm for alarm in described if f"-Alarms{name}" in alarm["AlarmName"]), None)
        yield _alarm(f"alarm {name}", alarm, topic_arn)


def subscriptions(api: ApiClient, topic_arn: str) -> Iterator[Finding]:
    """Whether the alarm topic has a confirmed subscription."""
    pages = api.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    listed = [subscription for page in pages for subscription in page.get("Subscriptions", ())]
    confirmed = [subscription for subscription in listed if subscription["SubscriptionArn"].startswith("arn:")]
    check, do = "alarm subscriptions", "make deploy ALARM_EMAIL=you@example.org, then confirm the mail"
    if confirmed:
        protocols = ", ".join(sorted({subscription["Protocol"] for subscription in confirmed}))
        yield Finding(check=check, level=Severity.GREEN, found=f"{len(confirmed)} subscribed ({protocols})")
    elif listed:
        do = "confirm the subscription with the link in AWS's mail (check the spam folder)"
        yield Finding(check=check, level=Severity.YELLOW, found="subscribed, but not confirmed", do=do)
    elif api.deployment.endpoint_url is not None:
        yield Finding(check=check, level=Severity.UNCHECKED, found="a demo sends no mail")
    else:
        yield Finding(check=check, level=Severity.YELLOW, found="none", do=do)


def concurrency(api: ApiClient) -> Iterator[Finding]:
    """The account's limit of concurrent Lambda executions."""
    limit = api.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    do = "request an increase in Service Quotas: Lambda, Concurrent executions" if limit < _MIN_CONCURRENCY else ""
    level = Severity.YELLOW if limit < _MIN_CONCURRENCY else Severity.GREEN
    yield Finding(check="Lambda", level=level, found=f"{limit} concurrent executions", do=do)


def timers_of(api: ApiClient, group: str) -> dict[str, str]:
    pages = api.client("scheduler").get_paginator("list_schedules").paginate(GroupName=group)
    return {timer["Name"]: str(timer.get("State", "ENABLED")) for page in pages for timer in page["Schedules"]}


def _alarm(check: str, alarm: Json | None, topic_arn: str | None) -> Finding:
    if alarm is None:
        return Finding(check=check, level=Severity.RED, found="is missing", do=DEPLOY)
    if alarm["StateValue"] == "ALARM":
        do = f"see docs/runbook.md, alarm {check.partition(' ')[2]}"
        return Finding(check=check, level=Severity.RED, found=f"in alarm: {alarm.get('AlarmDescription', '')}", do=do)
    if not alarm.get("ActionsEnabled", True) or (topic_arn and topic_arn not in alarm.get("AlarmActions", ())):
        return Finding(check=check, level=Severity.YELLOW, found="is OK, but would notify nobody", do=DEPLOY)
    state = "has no data yet" if alarm["StateValue"] == "INSUFFICIENT_DATA" else "is OK"
    return Finding(check=check, level=Severity.GREEN, found=state)


def clock(header: Any, before: datetime, after: datetime) -> Finding:
    """The clock's difference to the HTTP date `header`, sent between `before` and `after`."""
    try:
        remote = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return Finding(check="clock", level=Severity.UNCHECKED, found="AWS's response has no date")
    # The header has whole seconds.
    skew = max(timedelta(0), before - remote - timedelta(seconds=1), remote - after)
    level = Severity.RED if skew >= _MAX_SKEW else Severity.YELLOW if skew >= _SKEW else Severity.GREEN
    if level is Severity.GREEN:
        return Finding(check="clock", level=level, found="within seconds of AWS's clock")
    return Finding(check="clock", level=level, found=f"{skew.total_seconds():.0f} s off AWS's clock", do=_SYNC_CLOCK)
