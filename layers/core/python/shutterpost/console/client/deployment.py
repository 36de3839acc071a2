"""Finds the deployment that the console talks to: a named one, a running demo, or the stage's stack."""

import json
import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shutterpost.console.client.exit_codes import CredentialsMissing, DeploymentUnknown
from shutterpost.runtime.values import Value

DEMO = Path("demo/running.json")
LOCAL, PROD = "local", "prod"
_OUTPUTS = ("ApiUrl", "LibraryBucket", "ImportQueueUrl")
_STACK_MISSING = "ValidationError"


class Deployment(Value):
    """Addresses of a deployment; keys and `endpoint_url` only of a demo on this machine."""

    api_url: str
    bucket: str
    queue_url: str | None = None
    stack: str | None = None
    endpoint_url: str | None = None
    region: str = "us-east-1"
    profile: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def find_deployment(
    *, stage: str | None, profile: str | None = None, region: str | None = None, file: Path | None = None
) -> Deployment:
    """The deployment that `file` describes, else the running demo if `stage` is `local`, else the stage's stack.

    Without a stage it is the running demo if there is one (see `running_demo`), else `prod`. Raises
    `DeploymentUnknown` and `CredentialsMissing`.
    """
    demo = running_demo()
    if file is None and (stage == LOCAL or (stage is None and demo is not None)):
        file = demo or DEMO
    if file is None:
        return _from_stack(stage or PROD, profile, region)
    try:
        return Deployment.model_validate({"profile": profile, **json.loads(file.read_text())})
    except OSError as error:
        remedy = "start a demo with: make demo KEEP=1" if file.name == DEMO.name else "give an existing file"
        raise DeploymentUnknown(f"There is no {file}; {remedy}.") from error
    except (ValueError, TypeError, ValidationError):
        # The content may include a key, so the message repeats nothing of it.
        raise DeploymentUnknown(f"{file} does not describe a deployment; it needs api_url and bucket.") from None


def running_demo() -> Path | None:
    """The description of a demo running in this directory, in one above it, or in the checkout of this code."""
    here = Path.cwd()
    places = (here, *here.parents, *Path(__file__).resolve().parents)
    return next((place / DEMO for place in places if (place / DEMO).is_file()), None)


def _from_stack(stage: str, profile: str | None, region: str | None) -> Deployment:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    stack = f"shutterpost-{stage}"
    try:
        session = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))
        if session.region_name is None:
            raise DeploymentUnknown(
                "No demo is running and no AWS region is set; start a demo with make demo KEEP=1, or use --region."
            )
        described = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code != _STACK_MISSING:
            raise CredentialsMissing(f"AWS refused to describe the stack {stack} ({code}); log in again.") from error
        detail = f"There is no stack {stack} in {session.region_name}; choose another --stage, --region or --profile."
        raise DeploymentUnknown(detail) from error
    except BotoCoreError as error:
        raise CredentialsMissing(f"{error} Log in, or choose a --profile.") from error
    outputs: dict[str, Any] = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}
    if missing := [name for name in _OUTPUTS if name not in outputs]:
        raise DeploymentUnknown(f"The stack {stack} lacks the outputs {', '.join(missing)}; deploy it again.")
    return Deployment(
        api_url=outputs["ApiUrl"],
        bucket=outputs["LibraryBucket"],
        queue_url=outputs["ImportQueueUrl"],
        stack=stack,
        region=str(session.region_name),
        profile=profile,
    )
