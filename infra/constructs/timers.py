"""EventBridge Scheduler: the group of one-off timers, the two scheduled jobs, and their roles."""

import json
from collections.abc import Mapping
from typing import Final

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sqs as sqs

from constructs import Construct
from infra.constructs.grants import Grants
from infra.stage import Stage

_SCHEDULER: Final = "scheduler.amazonaws.com"
_NAME_REASON: Final = "Names of one-off timers derive from posts and slots and are not known in advance."


class TimerGroup(Construct):
    """The timer group. One-off timers run as `role`, which functions pass on; scheduled jobs have another."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, dead_letters: sqs.Queue) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.dead_letters = dead_letters
        # Named, because people and the ARNs of timers made at run time (schedule/GROUP/NAME) refer to it.
        self.group = scheduler.CfnScheduleGroup(self, "Group", name=stage.prefix)
        self.role = self._role("TimerRole")
        self._job_role = self._role("JobRole")

    @property
    def group_name(self) -> str:
        return self.group.ref

    def may_start(self, *function_arns: str) -> None:
        """Allow one-off timers to invoke these functions."""
        Grants(self.role).allow("lambda:InvokeFunction", on=function_arns)

    def allow_arming(self, grants: Grants, *, listing: bool = False) -> None:
        """Allow timers of the group to be created, updated and deleted; with `listing` also listed."""
        grants.allow(
            "scheduler:CreateSchedule",
            "scheduler:UpdateSchedule",
            "scheduler:DeleteSchedule",
            on=self._arns(f"schedule/{self._stage.prefix}/*"),
            because=_NAME_REASON,
        )
        grants.allow(
            "iam:PassRole", on=[self.role.role_arn], where={"StringEquals": {"iam:PassedToService": _SCHEDULER}}
        )
        if listing:
            # IAM checks a listing against all schedules of the account, for any group in the request.
            grants.allow(
                "scheduler:ListSchedules",
                on=["*"] if self._stage.local else self._arns("schedule/*/*"),
                because="Names alone, and a listing cannot be narrowed to a group.",
            )

    def every(
        self, job: str, *, expression: str, function_arn: str, event: Mapping[str, str], max_age: Duration, retries: int
    ) -> None:
        """Invoke a function on the schedule `expression` (UTC); events older than `max_age` become dead letters."""
        Grants(self._job_role).allow("lambda:InvokeFunction", on=[function_arn])
        standing = scheduler.CfnSchedule(
            self,
            job,
            group_name=self.group_name,
            schedule_expression=expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=scheduler.CfnSchedule.FlexibleTimeWindowProperty(mode="OFF"),
            target=scheduler.CfnSchedule.TargetProperty(
                arn=function_arn,
                role_arn=self._job_role.role_arn,
                input=json.dumps(event),
                dead_letter_config=scheduler.CfnSchedule.DeadLetterConfigProperty(arn=self.dead_letters.queue_arn),
                retry_policy=scheduler.CfnSchedule.RetryPolicyProperty(
                    maximum_event_age_in_seconds=max_age.to_seconds(), maximum_retry_attempts=retries
                ),
            ),
        )
        standing.node.add_dependency(self._job_role)

    def _role(self, name: str) -> iam.Role:
        """A role for schedules of this group and account only (AWS, EventBridge Scheduler, "Confused deputy")."""
        role = iam.Role(
            self,
            name,
            assumed_by=iam.ServicePrincipal(
                _SCHEDULER,
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID, "aws:SourceArn": self.group.attr_arn}
                },
            ),
        )
        Grants(role).allow("sqs:SendMessage", on=[self.dead_letters.queue_arn])
        return role

    def _arns(self, resource: str) -> list[str]:
        arns = [Stack.of(self).format_arn(service="scheduler", resource=resource)]
        if self._stage.local:
            # The embedded AWS authorises every timer as one of the group "default".
            arns.append(Stack.of(self).format_arn(service="scheduler", resource="schedule/default/*"))
        return arns
