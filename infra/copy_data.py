"""Copies a stage's data from the stack `-data` of release 0.1.0: `python -m infra.copy_data STAGE`."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_TABLE, _BUCKET = "AWS::DynamoDB::Table", "AWS::S3::Bucket"
_PREFIXES: Final = ("photos/", "rejected/", "renditions/")
"""The contents of `analyses/` are in the tables, and importing them again could undo later changes."""


class DataNotCopied(RuntimeError):
    """A stack is missing, or AWS refused a call; the message says what to do."""


@dataclass(frozen=True)
class CopyData:
    """Copies what the new stack does not have; a repeat continues an interrupted copy. The old data stays."""

    session: boto3.Session
    stage: str

    def run(self) -> Iterator[tuple[str, int]]:
        """Copy tables, then objects; yields each table or bucket with its number of copies. Raises DataNotCopied."""
        name = f"shutterpost-{self.stage}"
        if self._exists(f"{name}-app"):
            raise DataNotCopied(f"First delete the stack {name}-app; two releases would publish the same posts.")
        old, new = self._resources(f"{name}-data"), self._resources(name)
        if missing := old.keys() - new.keys():
            raise DataNotCopied(f"The stack {name} has no {', '.join(sorted(missing))}; deploy it first.")
        for logical_id in sorted(old, key=lambda each: old[each]["ResourceType"]):
            copy = self._copy_items if old[logical_id]["ResourceType"] == _TABLE else self._copy_objects
            source, target = (stack[logical_id]["PhysicalResourceId"] for stack in (old, new))
            yield target, sum(copy(source, target))

    def _exists(self, stack: str) -> bool:
        try:
            self.session.client("cloudformation").describe_stacks(StackName=stack)
        except ClientError as error:
            # CloudFormation's code for a stack that is not there.
            if error.response["Error"]["Code"] == "ValidationError":
                return False
            raise
        return True

    def _resources(self, stack: str) -> dict[str, dict[str, Any]]:
        pages = self.session.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        try:
            listed = [resource for page in pages for resource in page["StackResourceSummaries"]]
        except ClientError as error:
            raise DataNotCopied(f"The stack {stack} cannot be read: {error}. Choose its account and region.") from error
        return {each["LogicalResourceId"]: dict(each) for each in listed if each["ResourceType"] in {_TABLE, _BUCKET}}

    def _copy_items(self, source: str, target: str) -> Iterator[bool]:
        dynamodb = self.session.client("dynamodb")
        key = dynamodb.describe_table(TableName=target)["Table"]["KeySchema"][0]["AttributeName"]
        for page in dynamodb.get_paginator("scan").paginate(TableName=source, ConsistentRead=True):
            for item in page["Items"]:
                try:
                    dynamodb.put_item(
                        TableName=target,
                        Item=item,
                        ConditionExpression="attribute_not_exists(#key)",
                        ExpressionAttributeNames={"#key": key},
                    )
                    yield True
                except dynamodb.exceptions.ConditionalCheckFailedException:
                    yield False

    def _copy_objects(self, source: str, target: str) -> Iterator[bool]:
        s3 = self.session.client("s3")
        for prefix in _PREFIXES:
            present = set(self._keys(s3, target, prefix))
            for key in self._keys(s3, source, prefix):
                if key not in present:
                    s3.copy({"Bucket": source, "Key": key}, target, key)
                yield key not in present

    @staticmethod
    def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            yield from (each["Key"] for each in page.get("Contents", ()))


def main() -> None:
    try:
        for name, copied in CopyData(boto3.Session(), sys.argv[1]).run():
            print(f"{name}: {copied} copied", flush=True)  # noqa: T201 - the command's output
    except (DataNotCopied, BotoCoreError, ClientError) as error:
        sys.exit(f"{error}\nNothing was removed; correct it and run the command again.")


if __name__ == "__main__":
    main()
