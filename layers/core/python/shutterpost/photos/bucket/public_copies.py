"""Reading renditions, and public copies of them under unguessable URLs, which are deleted after publishing."""

import secrets

from botocore.exceptions import ClientError

from shutterpost.runtime.clients import client

# The library's lifecycle removes what was forgotten under `public/` after this; copies still in use are made anew.
KEPT_DAYS = 3
# How S3 says that an object is missing: of a copy, and of a request for its metadata.
NOT_THERE = frozenset({"NoSuchKey", "404"})
# A platform may fetch the copy again while it exists, but no cache should keep it much longer.
CACHE_CONTROL = "public, max-age=300"


def new_public_key() -> str:
    """A new key under `public/` with 128 random bits."""
    return f"public/{secrets.token_hex(16)}.jpg"


class PublicCopies:
    def __init__(self, bucket: str, cdn_host: str) -> None:
        self._bucket = bucket
        self._cdn_host = cdn_host

    def publish(self, rendition_key: str, public_key: str) -> str:
        """Copy a rendition to `public_key` and return its URL; idempotent."""
        client("s3").copy_object(
            Bucket=self._bucket,
            Key=public_key,
            CopySource={"Bucket": self._bucket, "Key": rendition_key},
            MetadataDirective="REPLACE",
            ContentType="image/jpeg",
            CacheControl=CACHE_CONTROL,
        )
        return self.url(public_key)

    def has_rendition(self, rendition_key: str) -> bool:
        """Whether the rendition's file is there."""
        try:
            client("s3").head_object(Bucket=self._bucket, Key=rendition_key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_THERE:
                raise
            return False
        return True

    def url(self, public_key: str) -> str:
        return f"https://{self._cdn_host}/{public_key}"

    def remove(self, public_keys: tuple[str, ...]) -> None:
        """Delete copies; missing ones are ignored."""
        for key in public_keys:
            client("s3").delete_object(Bucket=self._bucket, Key=key)


class RenditionReader:
    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def read(self, rendition_key: str) -> bytes:
        """The rendition's JPEG."""
        jpeg: bytes = client("s3").get_object(Bucket=self._bucket, Key=rendition_key)["Body"].read()
        return jpeg
