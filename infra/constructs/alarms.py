"""The alarms, and the topic that they notify."""

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
from shutterpost.runtime.telemetry import METRICS_NAMESPACE, OVERDUE_METRIC, SILENT_METRIC

OVERDUE_LIMIT: Final = Duration.minutes(15)
# A daily job is missing once this many hours have passed without a good run: a day, and time for its retries.
DAILY_HOURS: Final = 26


class Alarms(Construct):
    """Alarms on dead letters, on jobs that fail or do not run, and on posts that are overdue or missing.

    Each has one metric, because metrics cost. A period covers several runs, so that each evaluation has data; daily
    metrics are filled up by CloudWatch instead, hour by hour, with a value that counts as a failure.
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
            # Lambda counts 0 or 1 per run, so the minimum is 1 if no run succeeded.
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
            # Missing data is the subject of the other alarm.
            missing=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def watch_notices(self, *, notify: Alias, notify_every: Duration, daily: Alias) -> None:
        """Watch what mails the owner: these alarms come when no notice can."""
        self._alarm(
            "Notify",
            description="You get no notices: the job that mails them fails or does not run.",
            metric=notify.metric_errors(period=Duration.minutes(3 * notify_every.to_minutes()), statistic="Minimum"),
            above=0,
            missing=cloudwatch.TreatMissingData.BREACHING,
        )
        self._daily_alarm(
            "Daily",
            description="The daily checks fail or do not run: tokens are not refreshed, and libraries not counted.",
            metric=daily.metric_errors(period=Duration.hours(1), statistic="Minimum"),
        )
        self._daily_alarm(
            "Silence",
            description="Nothing went out for a day although something should have, or nobody counted.",
            metric=cloudwatch.Metric(
                namespace=METRICS_NAMESPACE,
                metric_name=SILENT_METRIC,
                dimensions_map={"stage": self._stage.stage},
                period=Duration.hours(1),
                statistic="Minimum",
            ),
        )

    def _daily_alarm(self, name: str, *, description: str, metric: cloudwatch.IMetric) -> None:
        """Alarm unless an hour of the last `DAILY_HOURS` has a value of 0; an hour without a value counts as 1."""
        self._alarm(
            name,
            description=description,
            metric=cloudwatch.MathExpression(
                expression="FILL(daily, 1)", using_metrics={"daily": metric}, period=Duration.hours(1)
            ),
            above=0,
            missing=cloudwatch.TreatMissingData.BREACHING,
            periods=DAILY_HOURS,
        )

    def _alarm(
        self,
        name: str,
        *,
        description: str,
        metric: cloudwatch.IMetric,
        above: float,
        missing: cloudwatch.TreatMissingData,
        periods: int = 1,
    ) -> None:
        alarm = cloudwatch.Alarm(
            self,
            name,
            alarm_description=description,
            metric=metric,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            threshold=above,
            evaluation_periods=periods,
            treat_missing_data=missing,
        )
        alarm.add_alarm_action(SnsAction(self.topic))
        alarm.add_ok_action(SnsAction(self.topic))
