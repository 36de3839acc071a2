"""The publish chain: a Step Functions Standard machine from `infra/workflows/publish.asl.json`."""

from typing import Final

from aws_cdk import ArnFormat, Aws, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn

from constructs import Construct
from infra.constructs.grants import Grants, acknowledge
from infra.constructs.handler import LOG_RETENTION
from infra.layers import ROOT
from infra.stage import Stage

DEFINITION: Final = ROOT / "infra" / "workflows" / "publish.asl.json"


class PublishChain(Construct):
    """One execution per schedule revision; only failures are logged, without execution data."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._name = f"{stage.prefix}-publish"
        self.arn = self._arn("stateMachine", self._name)

    def define(self, definition: str, *, steps_arn: str) -> None:
        """Create the machine from the ASL text `definition`, whose `${StepsFn}` is the function of its tasks."""
        log_group = logs.LogGroup(self, "Logs", retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY)
        principal = iam.ServicePrincipal(
            "states.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
        )
        role = iam.Role(self, "Role", assumed_by=principal)
        Grants(role).allow("lambda:InvokeFunction", on=[steps_arn])
        machine = sfn.StateMachine(
            self,
            "Machine",
            # Named, because the steps function needs the ARN of its machine (it starts executions) and the machine that
            # of its function: with a generated name each would depend on the other.
            state_machine_name=self._name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(definition),
            definition_substitutions={"StepsFn": steps_arn},
            role=role,
            logs=sfn.LogOptions(destination=log_group, level=sfn.LogLevel.ERROR, include_execution_data=False),
            tracing_enabled=False,
        )
        acknowledge(
            machine,
            {
                "AwsSolutions-SF1": "Each step logs its fact itself; histories stay readable for 90 days.",
                "AwsSolutions-SF2": "A schedule's recorded steps and events hold the same information at no cost.",
            },
        )
        acknowledge(
            role,
            {"AwsSolutions-IAM5[Resource::*]": "CloudWatch's log delivery actions take no resource; CDK adds them."},
        )

    def allow_start(self, grants: Grants) -> None:
        grants.allow("states:StartExecution", on=[self.arn])

    def _arn(self, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="states", resource=resource, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
