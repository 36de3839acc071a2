"""AWS clients, one per process and service, and the retry policy of all AWS calls."""

from functools import lru_cache
from typing import Any

from botocore.config import Config

ATTEMPTS = 5
CONNECT_TIMEOUT, READ_TIMEOUT = 3, 20
"""Seconds."""


def retry_policy(*, attempts: int = ATTEMPTS, read_timeout: float = READ_TIMEOUT, **options: Any) -> Config:
    """The configuration of a client that makes at most `attempts` calls, each of `read_timeout` seconds."""
    retries = {"mode": "standard", "total_max_attempts": attempts}
    return Config(**{"connect_timeout": CONNECT_TIMEOUT, "read_timeout": read_timeout, "retries": retries, **options})


@lru_cache
def client(service: str) -> Any:
    import boto3  # late: PynamoDB does not need it, nor does a run that only reads tables

    return boto3.client(service, config=retry_policy())  # type: ignore[call-overload]  # the name is known at run time
