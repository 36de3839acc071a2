"""Exit codes, and the message of an error. The table is in docs/console.md."""

import re
from enum import IntEnum

from shutterpost.runtime.refusals import Invalid, NotFound, Refusal


class ExitCode(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    UNAVAILABLE = 5
    WARNING = 6
    INTERNAL_ERROR = 70
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "Success, or accepted and continuing in the background.",
    ExitCode.REFUSED: "Refused, failed or not complete yet. The message says what to do.",
    ExitCode.USAGE: "A command, an option or a value is invalid. Nothing was changed.",
    ExitCode.NOT_FOUND: "No persona, connection, photo or post has that name, or several have.",
    ExitCode.FORBIDDEN: "AWS credentials are missing or expired, or lack a permission.",
    ExitCode.UNAVAILABLE: "No deployment was found, or it did not respond. Repeating the command is safe.",
    ExitCode.WARNING: "Nothing failed, but something needs attention soon (`doctor`, `watch`).",
    ExitCode.INTERNAL_ERROR: "An internal error of Shutterpost; the message names the place.",
    ExitCode.INTERRUPTED: "Interrupted with Ctrl-C. The same command continues from there.",
}
_BY_STATUS = {
    400: ExitCode.USAGE,
    401: ExitCode.FORBIDDEN,
    403: ExitCode.FORBIDDEN,
    404: ExitCode.NOT_FOUND,
    413: ExitCode.USAGE,
    422: ExitCode.USAGE,
    429: ExitCode.UNAVAILABLE,
}
_SERVER_ERROR = 500
# The API's fields whose option or argument has another name.
_OPTIONS = {
    "account_id": "ACCOUNT_ID",
    "alt_text": "--alt-text",
    "at": "--at",
    "base_caption": "--caption",
    "caption": "--caption",
    "channel": "CHANNEL",
    "connection_ids": "--connection",
    "cycle": "--cycle",
    "default_caption": "--caption",
    "display_name": "--name",
    "hashtags": "--hashtag",
    "label": "--label",
    "live_url": "--live",
    "login": "--login",
    "metadata": "--meta",
    "name": "NAME",
    "organization_id": "--organization",
    "photo": "PHOTO",
    "reason": "REASON",
    "slots": "--slot",
    "status": "--status",
    "tags": "--tag",
    "text": "--text",
    "title": "--title",
    "token_expires_at": "--expires",
    "tone": "--tone",
    "variant_ids": "--variant",
    "zone": "--zone",
}
_FIELD = re.compile(r"^(\w+)(?:\.\w+)*: ")
_EXTRA, _UNKNOWN = "Extra inputs are not permitted", "there is no such rule; list them with: shutterpost personas rules"


class ApiRefused(Refusal):
    """The API returned an error; `status` is the HTTP status, `problem` the problem's name, `members` its members."""

    kind = "api-refused"

    def __init__(self, detail: str, *, status: int, problem: str = "", **members: object) -> None:
        super().__init__(detail, **members)
        self.status = status
        self.problem = problem


class ApiUnreachable(Refusal):
    """Whether a write was applied is unknown."""

    kind = "no-answer"


class DeploymentUnknown(Refusal):
    kind = "deployment-unknown"


class CredentialsMissing(Refusal):
    """AWS credentials are missing, expired or not permitted to do this."""

    kind = "credentials-missing"


class Ambiguous(NotFound):
    kind = "ambiguous"


class UnknownName(NotFound):
    kind = "unknown"


class OptionMissing(Invalid):
    kind = "word-missing"


class OptionInvalid(Invalid):
    """An option has an invalid value."""

    kind = "option-invalid"


def exit_code_of(refusal: Refusal) -> ExitCode:
    if isinstance(refusal, ApiRefused):
        usual = ExitCode.UNAVAILABLE if refusal.status >= _SERVER_ERROR else ExitCode.REFUSED
        return _BY_STATUS.get(refusal.status, usual)
    if isinstance(refusal, ApiUnreachable | DeploymentUnknown):
        return ExitCode.UNAVAILABLE
    if isinstance(refusal, CredentialsMissing):
        return ExitCode.FORBIDDEN
    if isinstance(refusal, NotFound):
        return ExitCode.NOT_FOUND
    return ExitCode.USAGE if isinstance(refusal, Invalid) else ExitCode.REFUSED


def message_of(refusal: Refusal) -> str:
    """The error's detail, with options in place of API fields, followed by its name in brackets."""
    kind, detail = refusal.kind, refusal.detail
    if isinstance(refusal, ApiRefused):
        kind = refusal.problem
        detail = _FIELD.sub(lambda match: f"{_OPTIONS.get(match[1], match[1])}: ", detail).replace(_EXTRA, _UNKNOWN)
    return f"{detail} [{kind}]" if kind else detail
