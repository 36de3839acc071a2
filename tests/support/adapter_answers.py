"""What an adapter answers, as the tests of adapters read it."""

from typing import Any

from shutterpost.channels import Account, Cause, Channel, Failure, FailureClass, Message, RemoteState, Status, Submitted


def submitted(channel: Channel, account: Account, message: Message) -> str:
    """Submit each picture of the message; the last `ref`."""
    ref = None
    for _ in message.pictures:
        answer = channel.submit(account, message, ref)
        assert isinstance(answer, Submitted), answer
        ref = answer.ref
    assert ref is not None
    return ref


def state_of(answer: Status | Failure) -> RemoteState:
    assert isinstance(answer, Status), answer
    return answer.state


def failure_of(answer: Any) -> tuple[FailureClass, Cause, str]:
    assert isinstance(answer, Failure), answer
    return answer.failure_class, answer.cause, answer.code
