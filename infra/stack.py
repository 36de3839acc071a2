"""The stack of a stage: what is kept (tables, library), and what runs (functions, publish chain, timers, API, CDN)."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Duration, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_lambda_event_sources import SqsEventSource

from constructs import Construct
from infra.constructs.alarms import Alarms
from infra.constructs.handler import Handler, Layers
from infra.constructs.http_api import ApiGateway
from infra.constructs.library import IMPORT_TIMEOUT, ContentDelivery, LibraryBucket
from infra.constructs.publish_chain import PublishChain
from infra.constructs.tables import MODELS, PackTable
from infra.constructs.timers import TimerGroup
from infra.permissions import Permissions
from infra.stage import Stage
from shutterpost.console.client.version import version_of
from shutterpost.runtime.settings import (
    ApiSettings,
    ImportPhotosSettings,
    PostNextBestSettings,
    StepsSettings,
    SuggestionsSettings,
    SyncStatusSettings,
)

NOTIFY_EVERY = Duration.minutes(15)
IMPORT_BATCH = 10
IMPORT_CONCURRENCY = 2
"""The minimum of SQS. A new account has ten in all, and the rest stays free for publishing."""


class Shutterpost(Stack):
    """A stage, from `layers` (directories by name), `functions` (a folder each) and `definition` (the ASL text).

    Without `env` the template is for any account and region.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layers: Mapping[str, Path],
        functions: Path,
        definition: str,
        env: Environment | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Shutterpost, stage {stage.stage}",
            synthesizer=stage.synthesizer(),
            env=env,
        )
        self._stage = stage
        self._functions = functions
        self.library = LibraryBucket(self, "Library", stage=stage)
        self.cdn = ContentDelivery(self, "Cdn", bucket=self.library.bucket)
        tables = {
            name: PackTable(self, name.title(), name=name, model=model, stage=stage) for name, model in MODELS.items()
        }
        for table in tables.values():
            # AWS refuses a distribution to an account that it has not verified: fail before the tables are created.
            table.node.add_dependency(self.cdn.distribution)
        self.personas, self.channels = tables["personas"], tables["channels"]
        self.photos, self.posts = tables["photos"], tables["posts"]
        self.authoring = tables["authoring"]
        built = Layers(self, "Layers", directories=layers, stage=stage)
        self._imaging = built["imaging"]
        self._layers = [built["dependencies"], built["core"]]
        self.timers = TimerGroup(self, "Timers", stage=stage, dead_letters=self.library.dead_letters)
        self.chain = PublishChain(self, "Chain", stage=stage)

        self.alarms = Alarms(self, "Alarms", stage=stage)
        self._permissions = Permissions(
            stage=stage,
            tables=tables,
            library=self.library,
            timers=self.timers,
            chain=self.chain,
            topic=self.alarms.topic,
        )

        self.import_photos = self._import_photos()
        self.steps = self._steps()
        self.post_next_best = self._post_next_best()
        self.sync_status = self._sync_status()
        self.suggestions = self._suggestions()
        self.api = self._api()

        self.chain.define(definition, steps_arn=self.steps.arn)
        self.timers.may_start(self.post_next_best.arn, self.steps.arn)
        self._scheduled_jobs()
        # The construct keeps its first id, because another one replaces the API and its address.
        self.gateway = ApiGateway(self, "Door", function=self.api.function)
        self.alarms.watch(dead_letters=self.library.dead_letters, sync=self.sync_alias)
        self.alarms.watch_notices(notify=self.notify_alias, notify_every=NOTIFY_EVERY, daily=self.daily_alias)
        self._outputs()

    # -- functions ---------------------------------------------------------------------------------------------------

    def _import_photos(self) -> Handler:
        handler = Handler(
            self,
            "ImportPhotos",
            stage=self._stage,
            functions=self._functions,
            entry="import_photos.handler.handler",
            description="Imports uploaded photos and analyses",
            layers=[*self._layers, self._imaging],
            settings=ImportPhotosSettings(
                stage=self._stage.stage,
                personas_table=self.personas.name,
                photos_table=self.photos.name,
                channels_table=self.channels.name,
                library_bucket=self.library.bucket.bucket_name,
                sharpen_renditions=self._stage.sharpen_renditions,
            ),
            # One whole processor (docs.aws.amazon.com/lambda, "Configure Lambda function memory"), for decoding.
            memory_mib=1769,
            timeout=IMPORT_TIMEOUT,
        )
        self._permissions.import_photos(handler.grants)
        handler.function.add_event_source(
            SqsEventSource(
                self.library.queue,
                batch_size=IMPORT_BATCH,
                max_concurrency=IMPORT_CONCURRENCY,
                report_batch_item_failures=True,
            )
        )
        return handler

    def _steps(self) -> Handler:
        handler = Handler(
            self,
            "Steps",
            stage=self._stage,
            functions=self._functions,
            entry="schedule_post.steps.handler",
            description="Runs the steps of the publish chain, and starts it",
            layers=self._layers,
            settings=StepsSettings(
                stage=self._stage.stage,
                **self._state_names(),
                **self._chain_names(),
                state_machine_arn=self.chain.arn,
            ),
            memory_mib=512,
            # A step waits up to five seconds for the publish time, and then for the platform's responses.
            timeout=Duration.seconds(60),
            undelivered=self.timers.dead_letters,
            max_event_age=Duration.hours(1),
        )
        self._permissions.steps(handler.grants)
        return handler

    def _post_next_best(self) -> Handler:
        handler = Handler(
            self,
            "PostNextBest",
            stage=self._stage,
            functions=self._functions,
            entry="post_next_best.handler.handler",
            description="Arms the coming slots, and picks the best photo for each",
            layers=self._layers,
            settings=PostNextBestSettings(stage=self._stage.stage, **self._state_names(), **self._timer_names()),
            memory_mib=256,
            timeout=Duration.seconds(60),
            undelivered=self.timers.dead_letters,
            max_event_age=Duration.hours(1),
        )
        self._permissions.post_next_best(handler.grants)
        return handler

    def _sync_status(self) -> Handler:
        handler = Handler(
            self,
            "SyncStatus",
            stage=self._stage,
            functions=self._functions,
            entry="sync_status.handler.handler",
            description="Syncs statuses with the platforms, resolves unknown outcomes, refreshes tokens, mails",
            layers=self._layers,
            settings=SyncStatusSettings(
                stage=self._stage.stage,
                **self._state_names(),
                **self._timer_names(),
                **self._chain_names(),
                authoring_table=self.authoring.name,
                notice_topic_arn=self.alarms.topic.topic_arn,
                dead_letters_url=self.library.dead_letters.queue_url,
            ),
            memory_mib=512,
            timeout=Duration.minutes(5),
            # The next run is minutes away; repeating an old one only adds load where something is slow already.
            retries=0,
            max_event_age=Duration.minutes(self._stage.sync_minutes),
        )
        # CloudWatch counts the runs of an alias by themselves, at no cost: what a person asks for, and another job,
        # cannot hide a failing job from its alarm.
        self.sync_alias = self._alias(handler, "sync", Duration.minutes(self._stage.sync_minutes))
        self.notify_alias = self._alias(handler, "notify", NOTIFY_EVERY)
        self.daily_alias = self._alias(handler, "daily", Duration.hours(6))
        self._permissions.sync_status(handler.grants)
        return handler

    def _suggestions(self) -> Handler:
        handler = Handler(
            self,
            "Suggestions",
            stage=self._stage,
            functions=self._functions,
            entry="schedule_post.suggestions.handler",
            description="Writes the suggestions of a session",
            layers=self._layers,
            settings=SuggestionsSettings(
                stage=self._stage.stage,
                personas_table=self.personas.name,
                photos_table=self.photos.name,
                library_bucket=self.library.bucket.bucket_name,
                authoring_table=self.authoring.name,
                **self._stage.bedrock,
            ),
            memory_mib=512,
            timeout=Duration.minutes(5),
            undelivered=self.timers.dead_letters,
            # Sync ends a session that was not written by then.
            max_event_age=Duration.minutes(20),
        )
        self._permissions.suggestions(handler.grants)
        return handler

    def _api(self) -> Handler:
        handler = Handler(
            self,
            "Api",
            stage=self._stage,
            functions=self._functions,
            entry="schedule_post.api.handler",
            description="The HTTP API: personas, connections, photos, posts and schedules",
            layers=self._layers,
            settings=ApiSettings(
                stage=self._stage.stage,
                **self._state_names(),
                **self._timer_names(),
                authoring_table=self.authoring.name,
                pick_function_arn=self.post_next_best.arn,
                sync_function_arn=self.sync_status.arn,
                import_queue_url=self.library.queue.queue_url,
                max_future_days=self._stage.max_future_days,
                suggest_function_arn=self.suggestions.arn,
            ),
            memory_mib=512,
            timeout=Duration.seconds(29),
        )
        invokes = [self.post_next_best.arn, self.sync_status.arn, self.suggestions.arn]
        self._permissions.api(handler.grants, invokes=invokes)
        return handler

    def _alias(self, handler: Handler, job: str, max_event_age: Duration) -> lambda_.Alias:
        return lambda_.Alias(
            self,
            f"{job.title()}Alias",
            alias_name=job,
            version=handler.function.latest_version,
            retry_attempts=0,
            max_event_age=max_event_age,
        )

    # -- what several functions share --------------------------------------------------------------------------------

    def _state_names(self) -> dict[str, str]:
        return {
            "personas_table": self.personas.name,
            "photos_table": self.photos.name,
            "library_bucket": self.library.bucket.bucket_name,
            "channels_table": self.channels.name,
            "token_prefix": self._stage.token_prefix,
            "posts_table": self.posts.name,
        }

    def _chain_names(self) -> dict[str, str]:
        return {
            "cdn_host": self.cdn.distribution.distribution_domain_name,
            "import_queue_url": self.library.queue.queue_url,
            **self._stage.platforms,
        }

    def _timer_names(self) -> dict[str, str]:
        return {
            "schedule_group": self.timers.group_name,
            "scheduler_role_arn": self.timers.role.role_arn,
            "scheduler_dlq_arn": self.timers.dead_letters.queue_arn,
            "start_function_arn": self.steps.arn,
            "state_machine_arn": self.chain.arn,
        }

    def _scheduled_jobs(self) -> None:
        stage = self._stage
        self.timers.every(
            "ArmSlots",
            expression=f"cron(10 {stage.arm_hour} * * ? *)",
            function_arn=self.post_next_best.arn,
            event={"job": "arm"},
            max_age=Duration.hours(12),
            retries=20,
        )
        unit = "minute" if stage.sync_minutes == 1 else "minutes"
        self.timers.every(
            "Sync",
            expression=f"rate({stage.sync_minutes} {unit})",
            function_arn=self.sync_alias.function_arn,
            event={"job": "sync"},
            max_age=Duration.minutes(stage.sync_minutes),
            retries=2,
        )
        self.timers.every(
            "Health",
            expression=f"cron(40 {stage.arm_hour} * * ? *)",
            function_arn=self.daily_alias.function_arn,
            event={"job": "health"},
            max_age=Duration.hours(12),
            retries=20,
        )
        self.timers.every(
            "Notify",
            expression=f"cron(0/{NOTIFY_EVERY.to_minutes():.0f} * * * ? *)",
            function_arn=self.notify_alias.function_arn,
            event={"job": "notify"},
            max_age=NOTIFY_EVERY,
            retries=2,
        )

    def _outputs(self) -> None:
        functions: dict[str, lambda_.Function] = {
            "ImportPhotosFunction": self.import_photos.function,
            "PostNextBestFunction": self.post_next_best.function,
            "ApiFunction": self.api.function,
            "StepsFunction": self.steps.function,
            "SyncStatusFunction": self.sync_status.function,
            "SuggestionsFunction": self.suggestions.function,
        }
        values = {
            "ApiUrl": self.gateway.url,
            "ApiId": self.gateway.api.api_id,
            "LibraryBucket": self.library.bucket.bucket_name,
            "CdnDomain": self.cdn.distribution.distribution_domain_name,
            "StateMachineArn": self.chain.arn,
            "ScheduleGroup": self.timers.group_name,
            "TimerRoleArn": self.timers.role.role_arn,
            "ImportQueueUrl": self.library.queue.queue_url,
            "DlqUrl": self.library.dead_letters.queue_url,
            "PersonasTable": self.personas.name,
            "ChannelsTable": self.channels.name,
            "PhotosTable": self.photos.name,
            "PostsTable": self.posts.name,
            "AuthoringTable": self.authoring.name,
            "Version": version_of(),
            "TokenPrefix": self._stage.token_prefix,
            "AlarmTopicArn": self.alarms.topic.topic_arn,
            **{name: function.function_name for name, function in functions.items()},
        }
        for name, value in values.items():
            CfnOutput(self, name, value=value)
