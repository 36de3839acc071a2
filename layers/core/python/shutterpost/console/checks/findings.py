"""What an examination finds: each thing looked at, how it stands, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from shutterpost.console.client.exit_codes import Exit
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value

_UNSEEN = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}


class Severity(StrEnum):
    """How something stands; `unchecked` is what could not be looked at, and counts for nothing."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNCHECKED = "not checked here"


_WORSE = (Severity.GREEN, Severity.YELLOW, Severity.RED)
EXITS = {Severity.GREEN: Exit.DONE, Severity.YELLOW: Exit.WARNED, Severity.RED: Exit.REFUSED}


class Finding(Value):
    """One thing that was looked at, and `do`, what mends it."""

    check: str
    level: Severity
    found: str
    do: str = ""


def worst_of(levels: Iterable[Severity]) -> Severity:
    """The worst of what was checked."""
    return max((level for level in levels if level in _WORSE), key=_WORSE.index, default=Severity.GREEN)


def looked_at(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; where it is not allowed to look, or cannot, that."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from look()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _UNSEEN:
            permission = f"let your role do {error.operation_name}, to have it checked"
            yield Finding(check=check, level=Severity.UNCHECKED, found=f"not allowed to look ({code})", do=permission)
        else:
            yield Finding(check=check, level=Severity.UNCHECKED, found=f"{error.operation_name} was answered {code}")
    except BotoCoreError as error:
        yield Finding(check=check, level=Severity.UNCHECKED, found=str(error), do="check the network")
    except Refusal as refusal:
        yield Finding(check=check, level=Severity.RED, found=refusal.detail)
