"""The whole app."""

import json
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks
from cfnlint import ManualArgs, lint

from infra.app import check_region
from infra.constructs.grants import Grants
from shutterpost.console.client.version import version_of
from tests.infra.reading import Synthesised


def test_cdk_nag_finds_nothing_unacknowledged(either: Synthesised) -> None:
    report = AwsSolutionsChecks(either.cdk).validate_scope(either.stack)
    violations = {
        violation.rule_name: [resource.construct_path for resource in violation.violating_resources or []]
        for violation in report.violations
    }
    assert violations == {}


def test_the_stack_outputs_the_version_of_its_code(either: Synthesised) -> None:
    assert either.template.body["Outputs"]["Version"]["Value"] == version_of()


def test_findings_are_acknowledged_below_the_stack(either: Synthesised) -> None:
    for scope in (either.cdk, either.stack):
        kinds = {entry.type for entry in scope.node.metadata}
        assert Validations.ACKNOWLEDGED_RULES_METADATA_KEY not in kinds


def test_nothing_costly_is_deployed(either: Synthesised) -> None:
    kinds = {resource["Type"] for resource in _resources(either.template.body)}
    costly = ("Dashboard", "AWS::KMS", "AWS::SecretsManager", "AWS::XRay", "AWS::WAF", "AWS::EC2", "Custom::")
    assert not [kind for kind in kinds if any(term in kind for term in costly)]
    assert all(machine["TracingConfiguration"] == {"Enabled": False} for machine in _machines(either))
    for function in either.template.of("AWS::Lambda::Function").values():
        assert not {"TracingConfig", "ReservedConcurrentExecutions"} & set(function)


def test_names_are_left_to_cloudformation_but_for_what_is_found_again_by_them(either: Synthesised) -> None:
    services = {"Lambda", "SQS", "SNS", "Logs", "CloudWatch"}
    for resource in _resources(either.template.body):
        _, service, kind = resource["Type"].split("::")
        if service in services or kind == "Role":
            assert f"{kind}Name" not in resource.get("Properties", {})
    assert either.template.only("AWS::Scheduler::ScheduleGroup")["Name"] == either.stage.prefix
    assert [machine["StateMachineName"] for machine in _machines(either)] == [f"{either.stage.prefix}-publish"]


def test_outputs_name_all_that_a_caller_needs(either: Synthesised) -> None:
    names = set(either.template.body["Outputs"])
    assert names >= {
        *("ApiUrl", "ApiId", "LibraryBucket", "CdnDomain", "StateMachineArn", "ScheduleGroup", "TokenPrefix"),
        *("ImportQueueUrl", "DlqUrl", "AlarmTopicArn"),
        *("PersonasTable", "ChannelsTable", "PhotosTable", "PostsTable", "AuthoringTable"),
        *("ImportPhotosFunction", "PostNextBestFunction", "ApiFunction", "StepsFunction", "SyncStatusFunction"),
        "SuggestionsFunction",
    }


@pytest.mark.parametrize(
    ("action", "arn"), [("s3:*", "arn:aws:s3:::one"), ("s3:GetObject", "*"), ("s3:GetObject", "arn:aws:s3:::one/*")]
)
def test_a_wildcard_without_a_reason_is_refused(action: str, arn: str) -> None:
    stack = Stack(App(), "shutterpost-prod")
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    with pytest.raises(ValueError, match="needs narrowing or a reason"):
        Grants(role).allow(action, on=[arn])


def _resources(body: dict[str, Any]) -> list[dict[str, Any]]:
    return list(body["Resources"].values())


def _machines(synthesised: Synthesised) -> list[dict[str, Any]]:
    return list(synthesised.template.of("AWS::StepFunctions::StateMachine").values())


def test_cfn_lint_finds_nothing(either: Synthesised) -> None:
    # W3005: CDK writes down dependencies that a reference implies already.
    config = ManualArgs(regions=["us-east-1", "eu-central-1", "ap-southeast-4"], ignore_checks=["W3005"])
    assert [str(result) for result in lint(json.dumps(either.template.body), config=config)] == []


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1"])
def test_a_region_of_another_partition_is_refused_by_name(region: str) -> None:
    with pytest.raises(ValueError, match=f"The region {region} is not supported"):
        check_region(region)


@pytest.mark.parametrize("region", [None, "us-east-1", "eu-central-1", "ca-central-1"])
def test_a_region_of_the_partition_aws_is_taken(region: str | None) -> None:
    check_region(region)
