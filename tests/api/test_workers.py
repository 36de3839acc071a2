"""Invocations of other functions, against botocore's stub of Lambda."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from schedule_post.http import lambda_calls
from schedule_post.http.lambda_calls import MAX_WAIT_SECONDS, LambdaWorkers, WorkerBusy, WorkerFailed
from shutterpost.runtime.clients import client

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:sync"
EVENT = {"job": "sync", "persona_id": "alps-1a2b3c"}
ASKED = {"FunctionName": ARN, "Payload": json.dumps(EVENT)}
STARTED = {**ASKED, "InvocationType": "Event"}


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    """Lambda as it is asked."""
    lambda_calls._waiting_client.cache_clear()
    with Stubber(lambda_calls._waiting_client()) as stub:
        yield stub
    lambda_calls._waiting_client.cache_clear()


@pytest.fixture
def starting() -> Iterator[Stubber]:
    """Lambda as functions are started on it."""
    client.cache_clear()
    with Stubber(client("lambda")) as stub:
        yield stub
    client.cache_clear()


def answered(body: Any, **more: str) -> dict[str, Any]:
    """An answer of Lambda."""
    data = json.dumps(body).encode()
    return {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(data), len(data)), **more}


def test_waiting_client_gives_the_functions_answer(stubber: Stubber) -> None:
    stubber.add_response("invoke", answered({"looked_at": 3}), ASKED)
    assert LambdaWorkers().run(ARN, EVENT) == {"looked_at": 3}


def test_waiting_client_is_sent_once_and_bounded_in_time(stubber: Stubber) -> None:
    config: Any = stubber.client.meta.config
    assert config.read_timeout == MAX_WAIT_SECONDS
    assert config.retries["total_max_attempts"] == 1
    # The last wait may begin when the first has used up all its time; API Gateway waits 29 s.
    assert MAX_WAIT_SECONDS + config.connect_timeout + config.read_timeout < 29


def test_an_answer_that_takes_too_long_is_none(stubber: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    def takes_too_long(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://lambda.example")

    monkeypatch.setattr(stubber.client, "invoke", takes_too_long)
    assert LambdaWorkers().run(ARN, EVENT) is None


def test_a_function_that_fails_is_refused_by_name(stubber: Stubber, caplog: pytest.LogCaptureFixture) -> None:
    stubber.add_response("invoke", answered({"errorMessage": "the inside"}, FunctionError="Unhandled"), ASKED)
    with pytest.raises(WorkerFailed) as refusal:
        LambdaWorkers().run(ARN, EVENT)
    assert "inside" not in refusal.value.detail
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_busy_account_is_refused_by_name(stubber: Stubber) -> None:
    stubber.add_client_error("invoke", "TooManyRequestsException", http_status_code=429)
    with pytest.raises(WorkerBusy):
        LambdaWorkers().run(ARN, EVENT)


def test_starting_does_not_wait(starting: Stubber) -> None:
    starting.add_response("invoke", {"StatusCode": 202}, STARTED)
    assert LambdaWorkers().start(ARN, EVENT)


def test_a_function_that_cannot_be_started_is_logged_and_reported(
    starting: Stubber, caplog: pytest.LogCaptureFixture
) -> None:
    starting.add_client_error("invoke", "AccessDeniedException", http_status_code=403)
    assert not LambdaWorkers().start(ARN, EVENT)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
