"""Whether a platform could fetch what it is to show."""

from http import HTTPStatus

from shutterpost.channels.ports import Cause, Failure, FailureClass


def reachable(url: str) -> Failure | None:
    """Why the picture at `url` could not be fetched from outside, or none."""
    # Imported late: a function that never looks need not load an HTTP client.
    from shutterpost.channels.http import NoAnswer, send

    answer = send("HEAD", url)
    if isinstance(answer, NoAnswer):
        said = f"no answer ({answer.reason})"
    elif answer.status == HTTPStatus.OK:
        return None
    else:
        said = f"the answer {answer.status}"
    return Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code="address-unreachable",
        message=f"The address under which platforms fetch pictures gave {said}.",
    )
