"""Invocation of the Lambda functions that work for the API."""

import json
from functools import lru_cache
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from shutterpost.runtime.clients import client, retry_policy
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger

# Two such waits and the API's own work fit into API Gateway's integration timeout of 29 s.
MAX_WAIT_SECONDS = 12
_BUSY = {"TooManyRequestsException", "ServiceException"}


class WorkerFailed(Refusal):
    kind = "worker-failed"


class WorkerBusy(Refusal):
    kind = "busy"


class Workers(Protocol):
    """Invokes other functions."""

    def start(self, function_arn: str, event: dict[str, Any]) -> bool:
        """Invoke without waiting; an error is logged and returned as `False`, never raised."""
        ...

    def run(self, function_arn: str, event: dict[str, Any]) -> dict[str, Any] | None:
        """Invoke and return the result; `None` after `MAX_WAIT_SECONDS`, while the function continues.

        Raises `WorkerFailed` or `WorkerBusy`.
        """
        ...


class LambdaWorkers:
    def start(self, function_arn: str, event: dict[str, Any]) -> bool:
        payload = json.dumps(event)
        try:
            client("lambda").invoke(FunctionName=function_arn, InvocationType="Event", Payload=payload)
        except (BotoCoreError, ClientError):
            logger.exception("function not started", worker=function_arn, worker_event=event)
            return False
        return True

    def run(self, function_arn: str, event: dict[str, Any]) -> dict[str, Any] | None:
        """Invoke synchronously, without retries: a retry would run the work twice in parallel."""
        try:
            response = _waiting_client().invoke(FunctionName=function_arn, Payload=json.dumps(event))
        except ReadTimeoutError:
            return None
        except ClientError as error:
            if error.response["Error"]["Code"] in _BUSY:
                raise WorkerBusy("Too many functions are running; retry in a few seconds.") from error
            raise
        if "FunctionError" in response:
            logger.error("function failed", worker=function_arn, worker_event=event)
            raise WorkerFailed("The function ended in an error; retry, and see the function's log if it fails again.")
        report: dict[str, Any] = json.loads(response["Payload"].read())
        return report


@lru_cache
def _waiting_client() -> Any:
    import boto3  # late: most requests invoke nothing

    return boto3.client("lambda", config=retry_policy(attempts=1, read_timeout=MAX_WAIT_SECONDS))
