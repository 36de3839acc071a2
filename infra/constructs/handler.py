"""One Lambda function with its own role and log group."""

import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from aws_cdk import Duration, IgnoreMode, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from constructs import Construct
from infra.constructs.grants import Grants, acknowledge
from infra.python_runtime import LAMBDA_PYTHON, START_CHEAPER
from infra.stage import Stage
from shutterpost.runtime.settings import Settings

LOG_RETENTION: Final = logs.RetentionDays.TWO_WEEKS


class Layers(Construct):
    """The built layers, by name, for one stage."""

    def __init__(self, scope: Construct, construct_id: str, *, directories: Mapping[str, Path], stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._versions = {
            name: lambda_.LayerVersion(
                self,
                name.title(),
                code=lambda_.Code.from_asset(str(directory)),
                compatible_runtimes=[runtime(stage)],
                compatible_architectures=[architecture(stage)],
                removal_policy=RemovalPolicy.DESTROY,
            )
            for name, directory in directories.items()
        }

    def __getitem__(self, name: str) -> lambda_.LayerVersion:
        return self._versions[name]


class Handler(Construct):
    """A function of the folder FOLDER below `functions`, imported there as FOLDER.module.function.

    `undelivered` receives events of failed asynchronous calls; without it, and after `max_event_age`, they are dropped.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        functions: Path,
        entry: str,
        description: str,
        layers: list[lambda_.LayerVersion],
        settings: Settings,
        memory_mib: int,
        timeout: Duration,
        undelivered: sqs.Queue | None = None,
        retries: int = 2,
        max_event_age: Duration | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        folder = entry.partition(".")[0]
        log_group = logs.LogGroup(self, "Logs", retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.grants = Grants(self.role)
        self.grants.allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log_group.log_group_arn])
        self.function = lambda_.Function(
            self,
            "Function",
            description=description,
            code=lambda_.Code.from_asset(
                str(functions), exclude=["*", f"!{folder}", f"!{folder}/**"], ignore_mode=IgnoreMode.GIT
            ),
            handler=entry,
            runtime=runtime(stage),
            architecture=architecture(stage),
            layers=layers,
            memory_size=memory_mib,
            timeout=timeout,
            environment={**settings.environment(), **START_CHEAPER},
            role=self.role,
            log_group=log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            retry_attempts=retries,
            max_event_age=max_event_age,
            on_failure=destinations.SqsDestination(undelivered) if undelivered else None,
        )
        acknowledge(
            self.function,
            {
                "AwsSolutions-L1": f"The layers are resolved, compiled and tested for Python {LAMBDA_PYTHON} on Amazon "
                "Linux 2023; a newer runtime is adopted together with them."
            },
        )

    @property
    def arn(self) -> str:
        return self.function.function_arn


def runtime(stage: Stage) -> lambda_.Runtime:
    """Lambda's Python; for a local stage, the Python that runs this app."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}" if stage.local else LAMBDA_PYTHON
    return lambda_.Runtime(f"python{version}", lambda_.RuntimeFamily.PYTHON)


def architecture(stage: Stage) -> lambda_.Architecture:
    """Arm, which costs a fifth less; for a local stage, this machine's."""
    if stage.local and platform.machine().lower() in {"x86_64", "amd64"}:
        return lambda_.Architecture.X86_64
    return lambda_.Architecture.ARM_64
