"""What is advised after a failed deploy, by the messages of the CDK, CloudFormation and Node."""

import subprocess
from pathlib import Path

import pytest

from infra.advice import CAUSES, advice
from infra.layers import ROOT

ROLE = "arn:aws:sts::111122223333:assumed-role/cdk-cfn-exec-role/AWSCloudFormation"
FAILED = "shutterpost-prod | 3/68 | 9:14:11 AM | CREATE_FAILED | AWS::S3::Bucket | Library/Bucket"
MESSAGES = {
    f"{FAILED} User: {ROLE} is not authorized to perform: s3:PutBucketPublicAccessBlock on resource: "
    '"arn:aws:s3:::any" with an explicit deny in a service control policy (Service: S3, Status Code: 403)': (
        "A service control policy of your AWS organization forbids s3:PutBucketPublicAccessBlock"
    ),
    f"{FAILED} User: {ROLE} is not authorized to perform: iam:CreateRole on resource: role any because no "
    "identity-based policy allows the iam:CreateRole action": "Your credentials do not allow iam:CreateRole",
    "Your account must be verified before you can add new CloudFront resources.": "AWS has to verify the account",
    "SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run "
    "'cdk bootstrap'": "Run: make bootstrap",
    "shutterpost-prod-posts already exists in stack arn:aws:cloudformation:us-east-1:1:stack/x": (
        "shutterpost-prod-posts exists outside of the stack"
    ),
    "ExpiredToken: The security token included in the request is expired": "The credentials have expired",
    "Unable to resolve AWS account to use. It must be either configured when you define your CDK Stack, or through the "
    "environment": "There are no AWS credentials",
    "InvalidClientTokenId: The security token included in the request is invalid.": "Enable the region",
    "Error: self-signed certificate in certificate chain": "NODE_EXTRA_CA_CERTS",
    "Error: unable to get local issuer certificate": "NODE_EXTRA_CA_CERTS",
    "Error: getaddrinfo ENOTFOUND ssm.eu-cental-1.amazonaws.com": "The address ssm.eu-cental-1.amazonaws.com cannot be",
    "Error: getaddrinfo EAI_AGAIN sts.amazonaws.com": "The address sts.amazonaws.com cannot be",
    "Error: connect ECONNREFUSED 127.0.0.1:9": "AWS cannot be reached",
}


@pytest.mark.parametrize(("message", "start"), MESSAGES.items())
def test_each_cause_is_recognised_and_says_what_to_do(message: str, start: str) -> None:
    (sentence,) = advice(f"Deploying\n{message}\n")
    assert start in sentence


def test_every_cause_has_a_message_here() -> None:
    given = " ".join(sentence for message in MESSAGES for sentence in advice(message))
    assert [cause for cause in CAUSES if cause.advice.rpartition("}")[2] not in given] == []


def test_repeated_lines_are_advised_once_and_others_not_at_all() -> None:
    assert len(advice("connect ECONNREFUSED 127.0.0.1:9\n" * 3)) == 1
    assert advice("shutterpost-prod | 68/68 | CREATE_COMPLETE\n") == []


def test_a_failed_deploy_ends_with_its_advice_and_its_exit_code(tmp_path: Path) -> None:
    cdk = tmp_path / "cdk"
    cdk.write_text("#!/bin/sh\necho 'Error: connect ECONNREFUSED 127.0.0.1:9' >&2\nexit 7\n")
    cdk.chmod(0o755)
    ready = ["-o", ".venv/.ready", "-o", "node_modules/.ready"]
    command = ["make", "--silent", *ready, "deploy", f"CDK={cdk}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ECONNREFUSED" in done.stdout
    assert done.stdout.rstrip().endswith("then deploy again.")
