"""What lies in the library bucket, asked for again, or copied in from another one."""

import json
from collections.abc import Iterator
from itertools import islice

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import DeploymentUnknown

_SQS_BATCH = 10


def ask_again(reach: ApiClient, persona_id: str) -> int:
    """Have everything that lies in the persona's library imported again; how many files. Raises `DeploymentUnknown`."""
    queue = reach.deployment.queue_url
    if queue is None:
        raise DeploymentUnknown("This deployment's description names no import queue (queue_url).")
    keys = _keys(reach, reach.deployment.bucket, f"photos/{persona_id}/")
    return sum(_send(reach, queue, batch) for batch in _batches(keys))


def copy_in(reach: ApiClient, source: str, persona_id: str) -> int:
    """Copy, inside AWS, what lies at `source`; each copy is imported like any drop. How many."""
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    s3, count = reach.client("s3"), 0
    for key in _keys(reach, bucket, prefix):
        path = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
        s3.copy({"Bucket": bucket, "Key": key}, reach.deployment.bucket, f"photos/{persona_id}/{path}")
        count += 1
    return count


def _keys(reach: ApiClient, bucket: str, prefix: str) -> Iterator[str]:
    for page in reach.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", ()) if not item["Key"].endswith("/"))


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(keys, _SQS_BATCH)):
        yield batch


def _send(reach: ApiClient, queue: str, keys: list[str]) -> int:
    entries = [{"Id": str(number), "MessageBody": json.dumps({"key": key})} for number, key in enumerate(keys)]
    answer = reach.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    return len(answer.get("Successful", ()))
