"""What the notifier needs: someone to observe, and someone to deliver; and the report of its run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.personas import Persona
from shutterpost.runtime.values import Value


@dataclass(frozen=True)
class Observed:
    """The conditions of a persona, and what was examined for them."""

    conditions: Sequence[Condition]
    scope: Scope


class Observer(Protocol):
    """Reads the conditions of a persona; writes nothing."""

    def observe(self, persona: Persona, now: datetime, known: Collection[str]) -> Observed:
        """The conditions at `now`; `known` are the subjects of the persona's standing notices."""
        ...


class Mailer(Protocol):
    def send(self, subject: str, text: str) -> None: ...


class Queues(Protocol):
    def conditions(self) -> Sequence[Condition]: ...


class NoticesReport(Value):
    """The result of a run: mails sent, notices that stand, and the personas that could not be examined."""

    mailed: int
    standing: int
    failed: tuple[str, ...] = ()
