"""What the synthesized template costs while nothing happens, and the facts of it that price what happens."""

import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import App

from infra.app import build
from infra.constructs.publish_chain import DEFINITION
from infra.layers import ROOT
from infra.stage import Stage
from tests.benchmarks.bill.prices import SECONDS_A_MONTH, Usage

Resource = dict[str, Any]

# Lambda keeps this many long polls open on a queue; it goes down to 2 when idle, but not with a maximum concurrency
# (docs.aws.amazon.com/lambda, "Configuring scaling behavior for SQS event source mappings").
POLLERS: Final = 5
POLLERS_IDLE: Final = 2
LONG_POLL_SECONDS: Final = 20

PRICED_PER_PIECE: Final[Mapping[str, str]] = {
    "AWS::CloudWatch::Alarm": "cloudwatch-alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::KMS::Key": "kms-keys",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::SSM::Parameter": "ssm-standard-parameters",
}
# These cost by use alone, which is counted, or nothing at all.
PRICED_BY_USE: Final = frozenset(
    {
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::Authorizer",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Stage",
        "AWS::CDK::Metadata",
        "AWS::CloudFront::CachePolicy",
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::OriginAccessControl",
        "AWS::DynamoDB::Table",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Alias",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::EventSourceMapping",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Subscription",
        "AWS::SNS::Topic",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::Queue",
        "AWS::SQS::QueuePolicy",
        "AWS::Scheduler::Schedule",
        "AWS::Scheduler::ScheduleGroup",
        "AWS::StepFunctions::StateMachine",
    }
)


def synthesized() -> list[Resource]:
    """All resources of the production stage's stack."""
    return list(synthesized_template()["Resources"].values())


def synthesized_template() -> dict[str, Any]:
    """The template of the production stage, made without an account and without building a layer."""
    with tempfile.TemporaryDirectory(prefix="cost-") as home:
        layers = {}
        for name in ("dependencies", "core", "imaging"):
            layers[name] = Path(home) / name
            (layers[name] / "python").mkdir(parents=True)
            (layers[name] / "python" / f"{name}.py").touch()
        app = App(outdir=f"{home}/out", context=json.loads((ROOT / "cdk.json").read_text())["context"])
        stage = Stage(alarm_email="owner@example.org")
        stack = build(app, stage=stage, layers=layers, definition=DEFINITION.read_text())
        app.synth()
        template: dict[str, Any] = json.loads(Path(home, "out", f"{stack.stack_name}.template.json").read_text())
    return template


def standing(resources: list[Resource]) -> list[Usage]:
    """What stands there by the piece, and the polling of queues.

    Raises `ValueError` for a type that this does not know: it may cost something.
    """
    usages = []
    for resource in resources:
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in PRICED_PER_PIECE:
            usages.append(Usage(PRICED_PER_PIECE[kind], 1, "standing"))
        elif kind not in PRICED_BY_USE:
            raise ValueError(f"What does {kind} cost? Price it in {__name__}.")
        if kind == "AWS::Lambda::EventSourceMapping":
            pollers = POLLERS if "ScalingConfig" in properties else POLLERS_IDLE
            polls = pollers * SECONDS_A_MONTH / LONG_POLL_SECONDS
            usages.append(Usage("sqs-requests", polls, f"{pollers} idle pollers of the import queue"))
    return usages


def memory_gb(resources: list[Resource]) -> dict[str, float]:
    """GB of memory of each function, by its entry."""
    functions = [each["Properties"] for each in resources if each["Type"] == "AWS::Lambda::Function"]
    return {properties["Handler"]: properties["MemorySize"] / 1024 for properties in functions}


def recovers(resources: list[Resource]) -> bool:
    """Whether tables are kept recoverable to any point in time."""
    tables = [each["Properties"] for each in resources if each["Type"] == "AWS::DynamoDB::Table"]
    return any(table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") for table in tables)


def retention_days(resources: list[Resource]) -> int:
    """The longest time that a log group keeps its lines; 3 653 where one keeps them for ever."""
    groups = [each.get("Properties", {}) for each in resources if each["Type"] == "AWS::Logs::LogGroup"]
    return max(int(group.get("RetentionInDays", 3653)) for group in groups)


def sync_minutes(resources: list[Resource]) -> int:
    """Minutes between two runs of the standing job with a rate."""
    schedules = [each["Properties"] for each in resources if each["Type"] == "AWS::Scheduler::Schedule"]
    rates = [re.fullmatch(r"rate\((\d+) minutes?\)", str(each["ScheduleExpression"])) for each in schedules]
    (minutes,) = [int(rate[1]) for rate in rates if rate]
    return minutes


def archived(resources: list[Resource]) -> str:
    """The price item of the storage class that originals end in."""
    classes = {"GLACIER_IR": "s3-glacier-ir", "STANDARD_IA": "s3-standard-ia"}
    for resource in resources:
        rules = resource.get("Properties", {}).get("LifecycleConfiguration", {}).get("Rules", [])
        for rule in rules:
            if rule.get("Prefix") == "photos/":
                return classes[rule["Transitions"][-1]["StorageClass"]]
    return "s3-standard"
