"""The functions the API hands work to."""

import json
from functools import lru_cache
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from shutterpost.runtime.clients import client
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger

# Two such waits and our own work fit into the 29 s that API Gateway gives an integration.
PATIENCE_SECONDS = 12
_BUSY = {"TooManyRequestsException", "ServiceException"}


class WorkerFailed(Refusal):
    """The function that does the work ended in an error; its own log tells why."""

    kind = "worker-failed"


class WorkerBusy(Refusal):
    """The account runs as many functions as it may; ask again in a moment."""

    kind = "busy"


class Workers(Protocol):
    """What runs another function."""

    def start(self, function_arn: str, event: dict[str, Any]) -> bool:
        """Let it run by itself; false where it could not be started, which is logged and never raised."""
        ...

    def ask(self, function_arn: str, event: dict[str, Any]) -> dict[str, Any] | None:
        """Its answer, or none where that takes longer than `PATIENCE_SECONDS`; it runs on then.

        Raises `WorkerFailed` or `WorkerBusy`.
        """
        ...


class LambdaWorkers:
    """Functions on AWS Lambda."""

    def start(self, function_arn: str, event: dict[str, Any]) -> bool:
        """An asynchronous invocation."""
        payload = json.dumps(event)
        try:
            client("lambda").invoke(FunctionName=function_arn, InvocationType="Event", Payload=payload)
        except (BotoCoreError, ClientError):
            logger.exception("function not started", worker=function_arn, worker_event=event)
            return False
        return True

    def ask(self, function_arn: str, event: dict[str, Any]) -> dict[str, Any] | None:
        """A synchronous invocation, sent once: a repeat would do the work twice at a time."""
        asking = _asking()
        try:
            answer = asking.invoke(FunctionName=function_arn, Payload=json.dumps(event))
        except ReadTimeoutError:
            return None
        except ClientError as error:
            if error.response["Error"]["Code"] in _BUSY:
                raise WorkerBusy("Too much is going on at this moment; ask again in a few seconds.") from error
            raise
        if "FunctionError" in answer:
            logger.error("function failed", worker=function_arn, worker_event=event)
            raise WorkerFailed("The work ended in an error; ask again, and look into the function's log if it stays.")
        report: dict[str, Any] = json.loads(answer["Payload"].read())
        return report


@lru_cache
def _asking() -> Any:
    config = Config(connect_timeout=3, read_timeout=PATIENCE_SECONDS, retries={"total_max_attempts": 1})
    return boto3.client("lambda", config=config)
