"""AWS clients, made once per process and name, with one retry policy."""

from functools import lru_cache
from typing import Any

from botocore.config import Config

RETRIES = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20)


@lru_cache
def client(service: str) -> Any:
    """The boto3 client of `service`; region, credentials and endpoint come from the environment."""
    import boto3  # PynamoDB does without it, and so does a run that only reads tables

    return boto3.client(service, config=RETRIES)  # type: ignore[call-overload]  # the name is only known at run time
