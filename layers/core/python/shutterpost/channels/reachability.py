"""Whether platforms can fetch a picture from its public address."""

from http import HTTPStatus

from shutterpost.channels.ports import Cause, Failure, FailureClass


def check_reachable(url: str) -> Failure | None:
    """The failure of fetching `url` from outside, `None` where it succeeds."""
    # Imported late, so that a function that makes no check does not load an HTTP client.
    from shutterpost.channels.http import NoAnswer, send

    answer = send("HEAD", url)
    if isinstance(answer, NoAnswer):
        result = f"no answer ({answer.reason})"
    elif answer.status == HTTPStatus.OK:
        return None
    else:
        result = f"HTTP {answer.status}"
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code="address-unreachable",
        message=f"The address under which platforms fetch pictures gave {result}.",
    )
