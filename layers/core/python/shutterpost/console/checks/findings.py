"""Findings of a check: what was checked, how severe the result is, and what to do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.runtime.refusals import Refusal

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"}


class Severity(StrEnum):
    """The severity of a finding; `unchecked` does not count."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    UNCHECKED = "not checked here"


_ASCENDING = (Severity.GREEN, Severity.YELLOW, Severity.RED)
EXIT_CODES = {Severity.GREEN: ExitCode.OK, Severity.YELLOW: ExitCode.WARNING, Severity.RED: ExitCode.REFUSED}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check; `do` is the repair."""

    check: str
    level: Severity
    found: str
    do: str = ""


def worst_of(levels: Iterable[Severity]) -> Severity:
    return max((level for level in levels if level in _ASCENDING), key=_ASCENDING.index, default=Severity.GREEN)


def run_check(check: str, examine: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of `examine`; an error becomes a finding."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield from examine()
    except ClientError as error:
        code, operation = error.response["Error"]["Code"], error.operation_name
        if code in _DENIED:
            do = f"allow {operation} for your role to have it checked"
            yield Finding(check=check, level=Severity.UNCHECKED, found=f"permission denied ({code})", do=do)
        else:
            yield Finding(check=check, level=Severity.UNCHECKED, found=f"{operation} returned {code}")
    except BotoCoreError as error:
        yield Finding(check=check, level=Severity.UNCHECKED, found=str(error), do="check the network")
    except Refusal as refusal:
        yield Finding(check=check, level=Severity.RED, found=refusal.detail)
