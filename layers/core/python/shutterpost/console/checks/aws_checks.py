"""What a doctor looks at in the AWS account: who is asking, the stack, what runs by the clock, and the alarms."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.console.checks.findings import Finding, Severity
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.arguments import Json
from shutterpost.console.client.version import version_of

DEPLOY = "make deploy, from the checkout that you want to run"
_SKEW, _MUCH_SKEW = timedelta(seconds=30), timedelta(minutes=4)
_CLOCK = "set this machine's clock by the network (NTP); AWS refuses signatures that are five minutes off"
# Signatures that are refused for their time, as services call it.
_TIME = {"RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch"}
JOBS = {"ArmSlots": "arms the coming slots", "Sync": "asks the platforms", "Health": "looks after tokens"}
ALARMS = ("DeadLetters", "Sync", "Overdue")
# A new account has ten, which Shutterpost is made for; what is less holds posts back.
_CONCURRENT = 10


def credentials(reach: ApiClient) -> Iterator[Finding]:
    """Who asks, and how far this machine's clock is from AWS's."""
    try:
        before = datetime.now(UTC)
        told = reach.client("sts").get_caller_identity()
        after = datetime.now(UTC)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        do = _CLOCK if code in _TIME else "log in again, or choose another --profile"
        yield Finding(check="credentials", level=Severity.RED, found=f"AWS does not take them ({code})", do=do)
        return
    except BotoCoreError as error:
        yield Finding(check="credentials", level=Severity.RED, found=str(error), do="log in, or choose a --profile")
        return
    yield Finding(check="credentials", level=Severity.GREEN, found=told["Arn"])
    yield clock(told["ResponseMetadata"].get("HTTPHeaders", {}).get("date"), before, after)


def stack(told: Json, *, checkout: str | None = None) -> Iterator[Finding]:
    """The stack's state, and whether it runs the code of this checkout."""
    status = told["StackStatus"]
    if status.endswith(("FAILED", "DELETE_COMPLETE")) or status == "ROLLBACK_COMPLETE":
        yield Finding(check="stack", level=Severity.RED, found=f"{told['StackName']}: {status}", do=DEPLOY)
    elif "ROLLBACK" in status or status.endswith("IN_PROGRESS"):
        do = f"look in CloudFormation for what failed, then {DEPLOY}" if "ROLLBACK" in status else "wait for its end"
        yield Finding(check="stack", level=Severity.YELLOW, found=f"{told['StackName']}: {status}", do=do)
    else:
        yield Finding(check="stack", level=Severity.GREEN, found=f"{told['StackName']}: {status}")
    here, there = checkout or version_of(), outputs_of(told).get("Version")
    if there == here:
        yield Finding(check="version", level=Severity.GREEN, found=f"{here}, deployed and here")
    else:
        found = f"deployed is {there or 'an earlier one'}, this checkout is {here}"
        yield Finding(check="version", level=Severity.YELLOW, found=found, do=DEPLOY)


def outputs_of(told: Json) -> dict[str, str]:
    """The outputs of a described stack."""
    return {one["OutputKey"]: one["OutputValue"] for one in told.get("Outputs", ())}


def standing_jobs(timers: Mapping[str, str]) -> Iterator[Finding]:
    """The jobs that run by the clock; `timers` are states by name."""
    for job, does in JOBS.items():
        check = f"job {job}"
        states = [state for name, state in timers.items() if f"Timers{job}" in name]
        if not states:
            yield Finding(check=check, level=Severity.RED, found="is missing", do=DEPLOY)
        elif "ENABLED" not in states:
            do = "enable it in EventBridge Scheduler, or: make deploy"
            yield Finding(check=check, level=Severity.RED, found="is disabled", do=do)
        else:
            yield Finding(check=check, level=Severity.GREEN, found=f"{does}; enabled")


def alarms(reach: ApiClient, stack_name: str, topic_arn: str | None) -> Iterator[Finding]:
    """Each alarm: there, heard, and not ringing."""
    pages = reach.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{stack_name}-")
    found = [alarm for page in pages for alarm in page.get("MetricAlarms", ())]
    for name in ALARMS:
        alarm = next((one for one in found if f"-Alarms{name}" in one["AlarmName"]), None)
        yield _alarm(f"alarm {name}", alarm, topic_arn)


def subscriptions(reach: ApiClient, topic_arn: str) -> Iterator[Finding]:
    """Whether somebody hears the alarms."""
    pages = reach.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
    found = [one for page in pages for one in page.get("Subscriptions", ())]
    confirmed = [one for one in found if one["SubscriptionArn"].startswith("arn:")]
    check, do = "who hears alarms", "make deploy ALARM_EMAIL=you@example.org, then confirm the mail"
    if confirmed:
        kinds = ", ".join(sorted({one["Protocol"] for one in confirmed}))
        yield Finding(check=check, level=Severity.GREEN, found=f"{len(confirmed)} subscribed ({kinds})")
    elif found:
        do = "confirm the subscription by the link in AWS's mail (look in the spam, too)"
        yield Finding(check=check, level=Severity.YELLOW, found="subscribed, but not confirmed", do=do)
    elif reach.deployment.endpoint_url is not None:
        yield Finding(check=check, level=Severity.UNCHECKED, found="a demo sends no mail")
    else:
        yield Finding(check=check, level=Severity.YELLOW, found="nobody", do=do)


def concurrency(reach: ApiClient) -> Iterator[Finding]:
    """How many functions the account may run at once."""
    most = reach.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    do = "ask AWS for more: Service Quotas, Lambda, Concurrent executions" if most < _CONCURRENT else ""
    level = Severity.YELLOW if most < _CONCURRENT else Severity.GREEN
    yield Finding(check="Lambda", level=level, found=f"{most} functions may run at once", do=do)


def timers_of(reach: ApiClient, group: str) -> dict[str, str]:
    """States of everything that is armed, by name."""
    pages = reach.client("scheduler").get_paginator("list_schedules").paginate(GroupName=group)
    return {one["Name"]: str(one.get("State", "ENABLED")) for page in pages for one in page["Schedules"]}


def _alarm(check: str, alarm: Json | None, topic_arn: str | None) -> Finding:
    if alarm is None:
        return Finding(check=check, level=Severity.RED, found="is missing", do=DEPLOY)
    if alarm["StateValue"] == "ALARM":
        do = f"docs/runbook.md tells what to do about {check.partition(' ')[2]}"
        return Finding(check=check, level=Severity.RED, found=f"rings: {alarm.get('AlarmDescription', '')}", do=do)
    if not alarm.get("ActionsEnabled", True) or (topic_arn and topic_arn not in alarm.get("AlarmActions", ())):
        return Finding(check=check, level=Severity.YELLOW, found="is quiet, but would tell nobody", do=DEPLOY)
    quiet = "has no data yet" if alarm["StateValue"] == "INSUFFICIENT_DATA" else "is quiet"
    return Finding(check=check, level=Severity.GREEN, found=quiet)


def clock(header: Any, before: datetime, after: datetime) -> Finding:
    """How far this clock is from the one that told the HTTP date `header` at a moment between `before` and `after`."""
    try:
        there = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return Finding(check="clock", level=Severity.UNCHECKED, found="AWS did not tell its time")
    # The answer tells whole seconds, made at some moment of the call.
    skew = max(timedelta(0), before - there - timedelta(seconds=1), there - after)
    level = Severity.RED if skew >= _MUCH_SKEW else Severity.YELLOW if skew >= _SKEW else Severity.GREEN
    if level is Severity.GREEN:
        return Finding(check="clock", level=level, found="as AWS's, to a few seconds")
    return Finding(check="clock", level=level, found=f"{skew.total_seconds():.0f} s off AWS's", do=_CLOCK)
