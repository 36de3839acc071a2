"""Conditions of imports: rejected files of a persona, and messages that wait in the queues."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.ports import Observed
from shutterpost.personas import Persona
from shutterpost.photos import Rejections
from shutterpost.runtime.clients import client

# Of more, the mail says that there are at least so many.
MAX_COUNTED: Final = 10_000
_WAITING: Final = "ApproximateNumberOfMessages"


@flow
class RejectedObserver:
    """Counts the rejected files of a persona: one S3 listing of at most a thousand files each."""

    rejections: Rejections

    def observe(self, persona: Persona, _: datetime, __: Collection[str]) -> Observed:
        count = self.rejections.count(persona.persona_id, MAX_COUNTED)
        scope = Scope(persona_id=persona.persona_id, kinds=frozenset({NoticeKind.FILES_REJECTED}))
        return Observed([_rejected(persona, count)] if count else [], scope)


@flow
class ImportQueues:
    """The queue of uploads and the queue of dead letters, by their addresses."""

    import_url: str
    dead_letters_url: str

    def conditions(self) -> Sequence[Condition]:
        """The conditions of the queues; makes two requests."""
        waiting, dead = self._count(self.import_url), self._count(self.dead_letters_url)
        if not waiting and not dead:
            return []
        return [
            Condition(
                kind=NoticeKind.IMPORTS_STUCK,
                subject="queues",
                label=f"{dead} dead letters, {waiting} waiting uploads",
                what=f"{dead} messages failed for good, and {waiting} uploads wait for their import.",
                commands=("shutterpost doctor",),
            )
        ]

    def _count(self, url: str) -> int:
        attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[_WAITING])["Attributes"]
        return int(attributes[_WAITING])


def _rejected(persona: Persona, count: int) -> Condition:
    files = "1 file was" if count == 1 else f"{count} files were"
    return Condition(
        kind=NoticeKind.FILES_REJECTED,
        subject="",
        persona_id=persona.persona_id,
        label=persona.name,
        what=f"{files} rejected so far.",
        level=str(count),
        commands=(f"shutterpost photos rejected --persona {persona.persona_id}",),
        zone=persona.zone,
    )
