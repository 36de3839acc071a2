"""The HTTP API; every route requires IAM authorization."""

import json

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_authorizers import HttpIamAuthorizer
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_lambda import Function

from constructs import Construct
from infra.constructs.handler import LOG_RETENTION

REQUESTS_PER_SECOND = 20
BURST = 40
"""More than one owner needs, and less than would use an account's ten concurrent functions for long."""


class ApiGateway(Construct):
    """One catch-all route to the API function, which routes the paths."""

    def __init__(self, scope: Construct, construct_id: str, *, function: Function) -> None:
        super().__init__(scope, construct_id)
        self.api = apigateway.HttpApi(
            self,
            "Api",
            description="Shutterpost: personas, connections, photos, posts and schedules",
            default_authorizer=HttpIamAuthorizer(),
            default_integration=HttpLambdaIntegration(
                "Function",
                function,
                payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
                timeout=Duration.seconds(29),
            ),
            create_default_stage=False,
        )
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=REQUESTS_PER_SECOND, burst_limit=BURST),
        )
        log_group = logs.LogGroup(self, "Logs", retention=LOG_RETENTION, removal_policy=RemovalPolicy.DESTROY)
        resource = stage.node.default_child
        assert isinstance(resource, apigateway.CfnStage)  # noqa: S101 - tells mypy what CDK made
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.log_group_arn, format=_line()
        )
        self.url = stage.url


def _line() -> str:
    return json.dumps(
        {
            "request_id": "$context.requestId",
            "caller": "$context.identity.userArn",
            "source_ip": "$context.identity.sourceIp",
            "method": "$context.httpMethod",
            "path": "$context.path",
            "status": "$context.status",
            "latency_ms": "$context.responseLatency",
            "error": "$context.error.message",
        }
    )
