"""Finds the deployment that the console talks to: a named one, a running demo, or the stage's stack."""

import json
import os
import re
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shutterpost.console.client.exit_codes import CredentialsMissing, DeploymentUnknown, OptionInvalid
from shutterpost.console.client.state_files import state_file_for

DEMO = Path("demo/running.json")
LOCAL, PROD = "local", "prod"
_STAGE, _REGION = re.compile(r"[a-z][a-z0-9]{0,9}"), re.compile(r"[a-z]{2,}(-[a-z]+)+-\d")
_OUTPUTS = ("ApiUrl", "LibraryBucket", "ImportQueueUrl")
_STACK_MISSING = "ValidationError"
_CACHE_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """Addresses of a deployment; keys, `endpoint_url` and `platforms_url` only of a demo on this machine."""

    api_url: str
    bucket: str
    queue_url: str | None = None
    stack: str | None = None
    endpoint_url: str | None = None
    platforms_url: str | None = None
    region: str = "us-east-1"
    profile: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = None


def find_deployment(
    *, stage: str | None, profile: str | None = None, region: str | None = None, file: Path | None = None
) -> Deployment:
    """The deployment that `file` describes, else the running demo if `stage` is `local`, else the stage's stack.

    Without a stage it is the running demo if there is one (see `running_demo`), else `prod`. Raises
    `OptionInvalid`, `DeploymentUnknown` and `CredentialsMissing`.
    """
    if stage is not None and not _STAGE.fullmatch(stage):
        raise OptionInvalid(f"{stage!r} is no stage; use up to 10 lower-case letters and digits, such as prod.")
    if region is not None and not _REGION.fullmatch(region):
        raise OptionInvalid(f"{region!r} is no AWS region; use a name such as eu-central-1.")
    demo = running_demo()
    if file is None and (stage == LOCAL or (stage is None and demo is not None)):
        file = demo or DEMO
    if file is None:
        return _from_cache(stage or PROD, profile, region)
    try:
        return read_description({"profile": profile, **json.loads(file.read_text())})
    except OSError as error:
        remedy = "start a demo with: make demo KEEP=1" if file.name == DEMO.name else "give an existing file"
        raise DeploymentUnknown(f"There is no {file}; {remedy}.") from error
    except (ValueError, TypeError):
        # The content may include a key, so the message repeats nothing of it.
        raise DeploymentUnknown(f"{file} does not describe a deployment; it needs api_url and bucket.") from None


def read_description(values: Mapping[str, Any]) -> Deployment:
    """A deployment from its description; other members are ignored. Raises ValueError and TypeError."""
    known = {field.name: values[field.name] for field in fields(Deployment) if values.get(field.name) is not None}
    deployment = Deployment(**known)
    texts = all(isinstance(value, str) for value in known.values())
    if not texts or urlsplit(deployment.api_url).scheme not in {"http", "https"}:
        raise ValueError("Every value is a string, and api_url a URL.")
    return deployment


def running_demo() -> Path | None:
    """The description of a demo running in this directory, in one above it, or in the checkout of this code."""
    here = Path.cwd()
    places = (here, *here.parents, *Path(__file__).resolve().parents)
    return next((place / DEMO for place in places if (place / DEMO).is_file()), None)


def _from_cache(stage: str, profile: str | None, region: str | None) -> Deployment:
    """As `_from_stack`, which takes most of a command's time, but from its result of the last hour."""
    scope = (stage, profile or os.environ.get("AWS_PROFILE", ""), region or os.environ.get("AWS_REGION", ""))
    file = state_file_for("deployment", *scope, suffix=".json")
    try:
        if time.time() - file.stat().st_mtime < _CACHE_SECONDS:
            return read_description(json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        pass
    deployment = _from_stack(stage, profile, region)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(deployment)))
    return deployment


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
