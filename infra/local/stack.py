"""Shutterpost on this machine: embedded AWS, simulated platforms, a CDK deploy, and a caller's keys.

All servers listen on 127.0.0.1 and stop at the end of the context.
"""

import contextlib
import json
import mimetypes
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from botocore.credentials import Credentials

from infra.local.emulator import ACCOUNT, REGION, Emulator
from infra.local.simulators import Simulators, running_simulators

STAGE: Final = "local"
CALLER: Final = "photographer"


@dataclass(frozen=True)
class StackResponse:
    """A response; `body` is decoded JSON (`None` if empty)."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        return self.status < 400  # noqa: PLR2004 - the lowest HTTP error status

    @property
    def kind(self) -> str:
        """The problem's name, the last part of its `type`; empty on success."""
        return "" if self.ok or not isinstance(self.body, dict) else str(self.body.get("type", "")).rpartition(":")[2]


class RequestRefused(RuntimeError):
    """A request that must succeed was refused; the message contains the response."""


@dataclass(frozen=True)
class Seconds:
    setup: float
    deploy: float


@dataclass(frozen=True)
class Stack:
    """A running deployment; `outputs` are its stack outputs, `caller` may call the API and upload files."""

    aws: Emulator
    simulators: Simulators
    outputs: Mapping[str, str]
    caller: Credentials
    seconds: Seconds

    @property
    def bucket(self) -> str:
        return self.outputs["LibraryBucket"]

    @property
    def api_url(self) -> str:
        return self.aws.http_api_url(self.outputs["ApiId"])

    @cached_property
    def _s3(self) -> Any:
        return self.aws.client("s3", self.caller)

    @cached_property
    def _root_s3(self) -> Any:
        return self.aws.client("s3")

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> StackResponse:
        """Send a signed request; `path` begins with a slash, `key` is the Idempotency-Key."""
        headers = {"idempotency-key": key} if key else None
        response = self.aws.signed_request(
            method, self.api_url + path, body=body, credentials=self.caller, headers=headers
        )
        return StackResponse(response.status_code, response.json() if response.content else None)

    def api(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The body of a request that must succeed. Raises `RequestRefused`."""
        answer = self.ask(method, path, body, key=key)
        if not answer.ok:
            raise RequestRefused(
                f"{method} {path} returned {answer.status}: {json.dumps(answer.body, ensure_ascii=False)}"
            )
        return answer.body

    def pages(self, path: str, name: str) -> list[dict[str, Any]]:
        """All items of a list; `name` is the member that holds them. Raises `RequestRefused`."""
        items: list[dict[str, Any]] = []
        joint, cursor = "&" if "?" in path else "?", ""
        while True:
            page = self.api("GET", path + (f"{joint}cursor={cursor}" if cursor else ""))
            items += page[name]
            cursor = page.get("cursor") or ""
            if not cursor:
                return items

    def drop(self, file: Path, key: str) -> None:
        """Upload `file` to the library bucket at `key`, as the caller."""
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=file.read_bytes(), ContentType=kind)

    def keys(self, prefix: str) -> list[str]:
        """Keys in the library bucket, listed as root."""
        pages = self._root_s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def read(self, key: str) -> bytes:
        """An object's bytes, read as root."""
        body: bytes = self._root_s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body

    def waiting(self, output: str) -> int:
        """The number of messages in the queue of that output, including those in flight."""
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        sqs = self.aws.client("sqs")
        attributes = sqs.get_queue_attributes(QueueUrl=self.outputs[output], AttributeNames=list(counts))["Attributes"]
        return sum(int(attributes[count]) for count in counts)

    def executions(self) -> list[str]:
        pages = self.aws.client("stepfunctions").get_paginator("list_executions")
        listed = pages.paginate(stateMachineArn=self.outputs["StateMachineArn"])
        return [execution["status"] for page in listed for execution in page["executions"]]

    def description(self, **more: Any) -> dict[str, Any]:
        """The description for the console (see `client/deployment.py`), including the caller's keys."""
        return {
            "api_url": self.api_url,
            "endpoint_url": self.aws.endpoint_url,
            "bucket": self.bucket,
            "queue_url": self.outputs["ImportQueueUrl"],
            "stack": f"shutterpost-{STAGE}",
            "platforms_url": self.simulators.base_url,
            "access_key_id": self.caller.access_key,
            "secret_access_key": self.caller.secret_key,
            **more,
        }

    def timers(self) -> list[str]:
        pages = self.aws.client("scheduler").get_paginator("list_schedules")
        listed = pages.paginate(GroupName=self.outputs["ScheduleGroup"])
        return [timer["Name"] for page in listed for timer in page["Schedules"]]


@contextlib.contextmanager
def running_stack(
    *, say: Callable[[str], None] = print, keep_log: Path | None = None, sdk: Path | None = None
) -> Iterator[Stack]:
    """Start and deploy a stack; see `Emulator`. Raises `EmulatorError`."""
    began = time.monotonic()
    with running_simulators() as simulators, Emulator(say=say, keep_log=keep_log, sdk=sdk) as aws:
        say(f"the embedded AWS runs at {aws.endpoint_url}, IAM enforced")
        say(f"the platforms are simulated at {simulators.base_url}")
        started = time.monotonic()
        stacks = aws.deploy(
            {
                "stage": STAGE,
                "instagram_url": simulators.instagram_url,
                "facebook_url": simulators.facebook_url,
                "facebook_page_url": simulators.facebook_page_url,
                "buffer_url": simulators.buffer_url,
                "threads_url": simulators.threads_url,
                "linkedin_url": simulators.linkedin_url,
                "x_url": simulators.x_url,
            }
        )
        outputs = {name: value for stack in stacks.values() for name, value in stack.items()}
        simulators.configure(host_map={outputs["CdnDomain"]: aws.endpoint_url})
        caller = create_user(aws, outputs, CALLER)
        seconds = Seconds(setup=started - began, deploy=time.monotonic() - started)
        yield Stack(aws=aws, simulators=simulators, outputs=outputs, caller=caller, seconds=seconds)


def create_user(aws: Emulator, outputs: Mapping[str, str], name: str) -> Credentials:
    """The keys of a new IAM user `name`, who may call the API, upload files and run `shutterpost doctor`."""
    bucket = f"arn:aws:s3:::{outputs['LibraryBucket']}"
    allowed = [
        {
            "Effect": "Allow",
            "Action": "execute-api:Invoke",
            "Resource": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{outputs['ApiId']}/*",
        },
        {
            "Effect": "Allow",
            "Action": "s3:PutObject",
            "Resource": [f"{bucket}/photos/*", f"{bucket}/analyses/*"],
        },
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{bucket}/renditions/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringLike": {"s3:prefix": ["photos/*", "renditions/*"]}},
        },
        {
            "Effect": "Allow",
            # The embedded AWS checks the batch action separately.
            "Action": ["sqs:SendMessage", "sqs:SendMessageBatch"],
            "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{outputs['ImportQueueUrl'].rpartition('/')[2]}",
        },
    ]
    allowed += [
        # For `shutterpost doctor`.
        {"Effect": "Allow", "Action": action, "Resource": "*"}
        for action in (
            "cloudformation:DescribeStacks",
            "cloudwatch:DescribeAlarms",
            "lambda:GetAccountSettings",
            "scheduler:ListSchedules",
            "sns:ListSubscriptionsByTopic",
        )
    ]
    iam = aws.client("iam")
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_user_policy(UserName=name, PolicyName="use-shutterpost", PolicyDocument=policy)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"])
