"""What an examination finds: each thing looked at, how it stands, and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from shutterpost.console.exits import Exit
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.values import Value

_UNSEEN = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}


class Level(StrEnum):
    """How something stands; `unchecked` is what could not be looked at, and counts for nothing."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNCHECKED = "not checked here"


_WORSE = (Level.GREEN, Level.YELLOW, Level.RED)
EXITS = {Level.GREEN: Exit.DONE, Level.YELLOW: Exit.WARNED, Level.RED: Exit.REFUSED}


class Finding(Value):
    """One thing that was looked at, and `do`, what mends it."""

    check: str
    level: Level
    found: str
    do: str = ""


def worst_of(levels: Iterable[Level]) -> Level:
    """The worst of what was checked."""
    return max((level for level in levels if level in _WORSE), key=_WORSE.index, default=Level.GREEN)


def looked_at(check: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What `look` finds; where it is not allowed to look, or cannot, that."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from look()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _UNSEEN:
            permission = f"let your role do {error.operation_name}, to have it checked"
            yield Finding(check=check, level=Level.UNCHECKED, found=f"not allowed to look ({code})", do=permission)
        else:
            yield Finding(check=check, level=Level.UNCHECKED, found=f"{error.operation_name} was answered {code}")
    except BotoCoreError as error:
        yield Finding(check=check, level=Level.UNCHECKED, found=str(error), do="check the network")
    except Refusal as refusal:
        yield Finding(check=check, level=Level.RED, found=refusal.detail)
