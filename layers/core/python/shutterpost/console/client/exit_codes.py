"""How a command ends: its exit code, and what it says where it fails. The table is in docs/console.md."""

from enum import IntEnum

from shutterpost.runtime.refusals import Invalid, NotFound, Refusal


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    REFUSED = 1
    SENSELESS = 2
    UNKNOWN = 3
    FORBIDDEN = 4
    UNREACHABLE = 5
    WARNED = 6
    BROKEN = 70
    INTERRUPTED = 130


MEANINGS = {
    Exit.DONE: "Done, or accepted: it goes on by itself.",
    Exit.REFUSED: "Refused, or not over yet: the state of things does not allow it. The message says what would.",
    Exit.SENSELESS: "The command, an option or a value makes no sense. Nothing was changed.",
    Exit.UNKNOWN: "There is no such persona, connection, photo or post, or the name fits several.",
    Exit.FORBIDDEN: "There are no credentials, they have ended, or they may not do this.",
    Exit.UNREACHABLE: "No deployment was found, or it gave no answer. Repeating the command is safe.",
    Exit.WARNED: "All is well for now, and something wants care soon (`doctor`, `watch`).",
    Exit.BROKEN: "An error of Shutterpost's own; the message says where.",
    Exit.INTERRUPTED: "Interrupted with Ctrl-C. The same command goes on where it was.",
}
_BY_STATUS = {
    400: Exit.SENSELESS,
    401: Exit.FORBIDDEN,
    403: Exit.FORBIDDEN,
    404: Exit.UNKNOWN,
    413: Exit.SENSELESS,
    422: Exit.SENSELESS,
    429: Exit.UNREACHABLE,
}
_SERVER_ERROR = 500


class ApiRefused(Refusal):
    """The API said no; `status` is HTTP's, `problem` the name of its refusal, `members` those of its document."""

    kind = "api-refused"

    def __init__(self, detail: str, *, status: int, problem: str = "", **members: object) -> None:
        super().__init__(detail, **members)
        self.status = status
        self.problem = problem


class ApiUnreachable(Refusal):
    """There was no answer; whether it was done is not known where it was to change something."""

    kind = "no-answer"


class DeploymentUnknown(Refusal):
    """There is no such deployment, or it does not say how to reach it."""

    kind = "deployment-unknown"


class CredentialsMissing(Refusal):
    """Nobody is logged in, or not as somebody who may do this."""

    kind = "credentials-missing"


class Ambiguous(NotFound):
    """What was named could be several things."""

    kind = "ambiguous"


def exit_of(refusal: Refusal) -> Exit:
    """The exit code of a refusal."""
    if isinstance(refusal, ApiRefused):
        usual = Exit.UNREACHABLE if refusal.status >= _SERVER_ERROR else Exit.REFUSED
        return _BY_STATUS.get(refusal.status, usual)
    if isinstance(refusal, ApiUnreachable | DeploymentUnknown):
        return Exit.UNREACHABLE
    if isinstance(refusal, CredentialsMissing):
        return Exit.FORBIDDEN
    if isinstance(refusal, NotFound):
        return Exit.UNKNOWN
    return Exit.SENSELESS if isinstance(refusal, Invalid) else Exit.REFUSED


def said_of(refusal: Refusal) -> str:
    """What is said of a refusal: its sentences, and its name for who looks it up."""
    kind = refusal.problem if isinstance(refusal, ApiRefused) else refusal.kind
    return f"{refusal.detail} [{kind}]" if kind else refusal.detail
