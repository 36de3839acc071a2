"""Re-imports photos of the library bucket, or copies photos into it from another bucket."""

import json
import re
from collections.abc import Iterator

from shutterpost.console import Json
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import DeploymentUnknown, OptionInvalid
from shutterpost.console.client.lookup import batches
from shutterpost.runtime.refusals import Refusal

_SQS_BATCH = 10
LINK_SECONDS = 15 * 60
# docs.aws.amazon.com/AmazonS3, "Bucket naming rules".
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class PhotoHasNoRendition(Refusal):
    kind = "photo-has-no-rendition"


def reimport(api: ApiClient, persona_id: str) -> int:
    """Queue every file of the persona's library for import; returns the count. Raises `DeploymentUnknown`."""
    queue = api.deployment.queue_url
    if queue is None:
        raise DeploymentUnknown("The deployment's description has no import queue (queue_url).")
    keys = list_keys(api, api.deployment.bucket, f"photos/{persona_id}/")
    return sum(_send(api, queue, batch) for batch in batches(keys, _SQS_BATCH))


def copy_from(api: ApiClient, source: str, persona_id: str) -> int:
    """Copy the objects at `source` inside AWS, each of which is then imported; returns the count.

    Raises `OptionInvalid` for a source without a bucket name that S3 allows.
    """
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise OptionInvalid(f"--source {source!r} names no bucket; write s3://BUCKET/PREFIX.")
    s3, count = api.client("s3"), 0
    for key in list_keys(api, bucket, prefix):
        path = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
        s3.copy({"Bucket": bucket, "Key": key}, api.deployment.bucket, f"photos/{persona_id}/{path}")
        count += 1
    return count


def sign_link(api: ApiClient, photo: Json) -> str:
    """A link to a photo's largest rendition that needs no login and expires. Raises `PhotoHasNoRendition`."""
    if not photo["renditions"]:
        raise PhotoHasNoRendition("This photo has no rendition; make them with: shutterpost photos remake.")
    from botocore.exceptions import ClientError

    key = next(iter(photo["renditions"].values()))
    request = {"Bucket": api.deployment.bucket, "Key": key}
    s3 = api.client("s3")
    try:
        # Without the permission the link would lead to an error of S3.
        s3.head_object(**request)
    except ClientError as error:
        # HEAD has no body, so that its code is the status.
        if error.response["Error"]["Code"] == "404":
            raise PhotoHasNoRendition(
                "This photo's rendition is no longer in the bucket; make it with: shutterpost photos remake."
            ) from error
        raise
    link: str = s3.generate_presigned_url("get_object", Params=request, ExpiresIn=LINK_SECONDS)
    return link


def list_keys(api: ApiClient, bucket: str, prefix: str) -> Iterator[str]:
    """The keys under `prefix`, without those of folders."""
    for page in api.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", ()) if not item["Key"].endswith("/"))


def _send(api: ApiClient, queue: str, keys: list[str]) -> int:
    entries = [{"Id": str(number), "MessageBody": json.dumps({"key": key})} for number, key in enumerate(keys)]
    response = api.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    return len(response.get("Successful", ()))
