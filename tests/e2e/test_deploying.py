"""The deployed templates of a real account, by the command that the first day's guide gives."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.layers import ROOT
from infra.local.emulator import ACCOUNT, REGION, Emulator
from infra.python_runtime import LAMBDA_PYTHON, find_lambda_python

pytestmark = [
    pytest.mark.emulator,
    pytest.mark.xdist_group("deploying"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(find_lambda_python() is None, reason=f"There is no Python {LAMBDA_PYTHON} here to deploy with"),
]
BUILT = (".venv", "node_modules", ".build")
IGNORED = (
    ".git",
    "cdk.out",
    ".bench",
    "stages.json",
    "cdk.context.json",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
)
STACK = "shutterpost-prod"
STORED: dict[str, Any] = json.loads((ROOT / "tests/contract/stored_items.json").read_text())


class Clone:
    """A checkout of its own, whose environment is ready, and the embedded AWS that it deploys to."""

    def __init__(self, aws: Emulator, folder: Path) -> None:
        self.aws, self.folder = aws, folder
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*BUILT, *IGNORED))
        for name in BUILT:
            (folder / name).symlink_to(ROOT / name)

    def cdk(self, *words: str, good: bool = True) -> str:
        """What the locked CLI says, without a terminal."""
        done = subprocess.run(
            ["node_modules/.bin/cdk", *words, "--no-color"],
            cwd=self.folder,
            env={**self.aws.cdk_environment(), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode == 0) is good, done.stdout
        return done.stdout

    def copy_data(self, *, good: bool = True) -> str:
        """What the copy from the two stacks says."""
        environment = {**self.aws.cdk_environment(), "PATH": os.environ["PATH"]}
        command = ["make", "--silent", "copy-data"]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) is good, done.stderr
        return done.stdout if good else done.stderr

    def outputs(self) -> dict[str, str]:
        """Those of the deployed stack."""
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def mail(self) -> list[str]:
        """Where the alarms' topic sends."""
        listed = self.aws.client("sns").list_subscriptions_by_topic(TopicArn=self.outputs()["AlarmTopicArn"])
        return [each["Endpoint"] for each in listed["Subscriptions"]]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clone]:
    with Emulator(say=lambda _line: None, enforce_iam=False) as aws:
        clone = Clone(aws, tmp_path_factory.mktemp("clone") / "shutterpost")
        clone.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}")
        two_stacks(aws)
        clone.cdk("deploy", "--context", "alarm_email=owner@example.org")
        yield clone


def two_stacks(aws: Emulator) -> None:
    """Release 0.1.0, with the items that it wrote."""
    app = json.dumps({"Resources": {"AlarmsTopic": {"Type": "AWS::SNS::Topic"}}})
    data = (ROOT / "tests/infra/two_stacks.json").read_text()
    for name, template in ((f"{STACK}-app", app), (f"{STACK}-data", data)):
        aws.client("cloudformation").create_stack(StackName=name, TemplateBody=template)
        aws.client("cloudformation").get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    for table, items in STORED.items():
        for item in items.values():
            aws.client("dynamodb").put_item(TableName=old_name(aws, table.title()), Item=item)
    aws.client("s3").put_object(Bucket=old_name(aws, "Library"), Key="photos/any/fog.jpg", Body=b"fog")
    aws.client("s3").put_object(Bucket=old_name(aws, "Library"), Key="analyses/any/old.jsonl", Body=b"{}")


def old_name(aws: Emulator, prefix: str) -> str:
    listed = aws.client("cloudformation").list_stack_resources(StackName=f"{STACK}-data")["StackResourceSummaries"]
    (name,) = [each["PhysicalResourceId"] for each in listed if each["LogicalResourceId"].startswith(prefix)]
    return str(name)


def items_of(aws: Emulator, table: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName=table)["Items"]
    return items


def test_cdk_deploy_alone_brings_up_a_stage_with_its_outputs(clone: Clone) -> None:
    outputs = clone.outputs()
    assert outputs["LibraryBucket"] == f"shutterpost-prod-library-{ACCOUNT}-{REGION}"
    assert outputs["PostsTable"] == "shutterpost-prod-posts"
    assert clone.mail() == ["owner@example.org"]


def test_a_second_deploy_changes_nothing_and_keeps_the_mail(clone: Clone) -> None:
    assert "(no changes)" in clone.cdk("deploy")
    assert clone.mail() == ["owner@example.org"]


def test_the_data_of_the_two_stacks_is_copied_once_and_stays_there(clone: Clone) -> None:
    aws, outputs = clone.aws, clone.outputs()
    assert f"First delete the stack {STACK}-app" in clone.copy_data(good=False)
    assert items_of(aws, outputs["PersonasTable"]) == []
    aws.client("cloudformation").delete_stack(StackName=f"{STACK}-app")
    copied = {line.split(":")[0]: int(line.split()[-2]) for line in clone.copy_data().splitlines()}
    assert copied == {
        outputs["LibraryBucket"]: 1,
        **{outputs[f"{table.title()}Table"]: len(items) for table, items in STORED.items()},
    }
    for table, items in STORED.items():
        before = items_of(aws, old_name(aws, table.title()))
        assert len(before) == len(items)
        today = items_of(aws, outputs[f"{table.title()}Table"])
        assert [item for item in before if item not in today] == []
    photo = aws.client("s3").get_object(Bucket=outputs["LibraryBucket"], Key="photos/any/fog.jpg")
    assert photo["Body"].read() == b"fog"

    renamed = {**STORED["personas"]["Persona"], "name": {"S": "Renamed since"}}
    aws.client("dynamodb").put_item(TableName=outputs["PersonasTable"], Item=renamed)
    assert {line.split()[-2] for line in clone.copy_data().splitlines()} == {"0"}
    assert items_of(aws, outputs["PersonasTable"])[0]["name"] == {"S": "Renamed since"}


def test_what_a_destroyed_stage_left_is_refused_or_adopted_and_never_doubled(clone: Clone) -> None:
    s3, dynamodb = clone.aws.client("s3"), clone.aws.client("dynamodb")
    bucket, posts = clone.outputs()["LibraryBucket"], clone.outputs()["PostsTable"]
    s3.put_object(Bucket=bucket, Key="photos/any/dunes.jpg", Body=b"photo")
    item = {"pk": {"S": "POST#p1"}, "sk": {"S": "POST"}}
    dynamodb.put_item(TableName=posts, Item=item)

    synthesised = ("--app", "cdk.out")
    clone.cdk("destroy", "--force", *synthesised)
    assert f"{bucket} already exists" in clone.cdk("deploy", *synthesised, good=False)
    assert dynamodb.get_item(TableName=posts, Key=item)["Item"] == item

    clone.cdk("deploy", "--import-existing-resources", *synthesised)
    assert clone.outputs()["PostsTable"] == posts
    assert dynamodb.get_item(TableName=posts, Key=item)["Item"] == item
    assert s3.get_object(Bucket=bucket, Key="photos/any/dunes.jpg")["Body"].read() == b"photo"
    assert clone.mail() == ["owner@example.org"]
