"""Notifications to the owner, one for each change of a topic's status."""

from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import NotificationStates


class Messenger(Protocol):
    """Delivers messages to the owner."""

    def send(self, subject: str, text: str) -> None:
        """Send the message, or raise botocore's errors."""
        ...


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Notifies the owner of changes, and stores the last status of each topic so that none is repeated."""

    states: NotificationStates
    messenger: Messenger

    def notify(self, persona_id: str, owner: str, topic: str, status: str, *, subject: str, text: str) -> bool:
        """Send `text` if the topic's status changed to `status`; returns whether it was sent.

        A message that cannot be sent is logged, and sent the next time.
        """
        before = self.states.get(persona_id, topic)
        if not self.states.change(persona_id, owner, topic, status, before=before):
            return False
        logger.warning("notice", persona_id=persona_id, topic=topic, status=status, text=text)
        try:
            self.messenger.send(subject, text)
        except (BotoCoreError, ClientError):
            logger.exception("notice not sent", persona_id=persona_id, topic=topic)
            self.states.change(persona_id, owner, topic, before or "", before=status)
            return False
        return True

    def status(self, persona_id: str, topic: str) -> str | None:
        """The topic's last status; `None` if the owner was never notified of it."""
        return self.states.get(persona_id, topic)

    def note(self, persona_id: str, owner: str, topic: str, status: str) -> None:
        """Store the status without a message, if the owner was notified of the topic before."""
        before = self.states.get(persona_id, topic)
        if before is not None:
            self.states.change(persona_id, owner, topic, status, before=before)
