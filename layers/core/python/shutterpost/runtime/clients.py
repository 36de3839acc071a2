"""AWS clients, one per process and service, with one retry policy."""

from functools import lru_cache
from typing import Any

from botocore.config import Config

RETRIES = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=3, read_timeout=20)


@lru_cache
def client(service: str) -> Any:
    import boto3  # late: PynamoDB does not need it, nor does a run that only reads tables

    return boto3.client(service, config=RETRIES)  # type: ignore[call-overload]  # the name is only known at run time
