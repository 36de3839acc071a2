"""What a template costs while nothing happens, and its facts that price what happens."""

import re
from collections.abc import Mapping
from typing import Any, Final

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
