"""Three alarms, and the topic that they notify."""

from typing import Final

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.aws_cloudwatch_actions import SnsAction
from aws_cdk.aws_lambda import Alias
from aws_cdk.aws_sns_subscriptions import EmailSubscription
from aws_cdk.aws_sqs import Queue

from constructs import Construct
from infra.stage import Stage
from shutterpost.runtime.telemetry import METRICS_NAMESPACE, OVERDUE_METRIC

OVERDUE_LIMIT: Final = Duration.minutes(15)


class Alarms(Construct):
    """Alarms on dead letters, failed or missing syncs, and overdue schedules; one metric each, because metrics cost.

    The period of sync alarms covers several syncs, so that each evaluation has data.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage = stage
        self.topic = sns.Topic(self, "Topic", display_name=f"Shutterpost {stage.stage}", enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                    "ArnLike": {
                        "aws:SourceArn": Stack.of(self).format_arn(
                            service="cloudwatch", resource=f"alarm:{stage.prefix}-*"
                        )
                    },
                },
            )
        )
        if stage.alarm_email:
            self.topic.add_subscription(EmailSubscription(stage.alarm_email))

    def watch(self, *, dead_letters: Queue, sync: Alias) -> None:
        stage = self._stage
        several_syncs = Duration.minutes(3 * stage.sync_minutes)
        self._alarm(
            "DeadLetters",
            description="A photo was not imported or a timer not delivered: read the dead letters, then redrive.",
            metric=dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            above=0,
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        self._alarm(
            "Sync",
            description="Nothing looks after what was published: sync fails or does not run.",
            # Lambda counts 0 or 1 per run, so the least is 1 where not one run was good.
            metric=sync.metric_errors(period=several_syncs, statistic="Minimum"),
            above=0,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        self._alarm(
            "Overdue",
            description="A post should have been out by now: list the schedules of its persona, then read its events.",
            metric=cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=OVERDUE_METRIC,
                dimensions_map={"stage": stage.stage},
                period=several_syncs,
                statistic="Maximum",
            ),
            above=OVERDUE_LIMIT.to_seconds(),
            # Silence is the other alarm's business.
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _alarm(
        self,
        name: str,
        *,
        description: str,
        metric: cloudwatch.IMetric,
        above: float,
        missing: cloudwatch.TreatMissingData,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=metric,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=above,
            evaluation_periods=1,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(SnsAction(self.topic))
        alarm.add_ok_action(SnsAction(self.topic))
