"""Which deployment the console talks to: the one that is named, else a demo that runs here, else the stage's stack."""

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
_NOT_THERE = "ValidationError"


class Deployment(Value):
    """Addresses of a deployment; keys and `endpoint_url` only for one on this machine, as `make demo` writes them."""

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
    """The deployment `file` describes, else a running demo's where `stage` is `local`, else that of the stage's stack.

    Without a stage it is the demo's where one runs (see `running_demo`), else `prod`. Raises `DeploymentUnknown`
    and `CredentialsMissing`.
    """
    demo = running_demo()
    if file is None and (stage == LOCAL or (stage is None and demo is not None)):
        file = demo or DEMO
    if file is None:
        return _of_stack(stage or PROD, profile, region)
    try:
        return Deployment.model_validate({"profile": profile, **json.loads(file.read_text())})
    except OSError as error:
        remedy = "start a demo with: make demo KEEP=1" if file.name == DEMO.name else "name one that is there"
        raise DeploymentUnknown(f"There is no {file}; {remedy}.") from error
    except (ValueError, TypeError, ValidationError):
        # What it holds may be a key, so that nothing of it is repeated.
        raise DeploymentUnknown(f"{file} does not describe a deployment; it needs api_url and bucket.") from None


def running_demo() -> Path | None:
    """The description of a demo that runs in this directory, one above it, or the checkout that this code lies in."""
    here = Path.cwd()
    places = (here, *here.parents, *Path(__file__).resolve().parents)
    return next((place / DEMO for place in places if (place / DEMO).is_file()), None)


def _of_stack(stage: str, profile: str | None, region: str | None) -> Deployment:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    stack = f"shutterpost-{stage}"
    try:
        session = boto3.Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))
        if session.region_name is None:
            raise DeploymentUnknown("There is no AWS region; say --region, or set AWS_REGION.")
        found = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        told = error.response["Error"]
        if told["Code"] != _NOT_THERE:
            raise CredentialsMissing(f"AWS refused to say where {stack} is ({told['Code']}); log in again.") from error
        detail = f"There is no stack {stack} in {session.region_name}; choose another --stage, --region or --profile."
        raise DeploymentUnknown(detail) from error
    except BotoCoreError as error:
        raise CredentialsMissing(f"{error} Log in, or choose a --profile.") from error
    outputs: dict[str, Any] = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}
    if missing := [name for name in _OUTPUTS if name not in outputs]:
        raise DeploymentUnknown(f"The stack {stack} does not tell {', '.join(missing)}; deploy it again.")
    return Deployment(
        api_url=outputs["ApiUrl"],
        bucket=outputs["LibraryBucket"],
        queue_url=outputs["ImportQueueUrl"],
        stack=stack,
        region=str(session.region_name),
        profile=profile,
    )
