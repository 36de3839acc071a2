"""What the owner is told, once for each change of how something stands."""

from dataclasses import dataclass
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import NotificationStates


class Messenger(Protocol):
    """What takes a message to the owner."""

    def send(self, subject: str, text: str) -> None:
        """Send it, or raise botocore's errors."""
        ...


@dataclass(frozen=True, kw_only=True)
class Notices:
    """Tells changes of standing, and remembers them so that none is told twice."""

    standings: NotificationStates
    messenger: Messenger

    def tell(self, persona_id: str, owner: str, topic: str, standing: str, *, subject: str, text: str) -> bool:
        """Tell `text` where `topic` did not stand so before; says whether it was told.

        What cannot be sent is logged, and told the next time.
        """
        before = self.standings.get(persona_id, topic)
        if not self.standings.change(persona_id, owner, topic, standing, before=before):
            return False
        logger.warning("notice", persona_id=persona_id, topic=topic, standing=standing, text=text)
        try:
            self.messenger.send(subject, text)
        except (BotoCoreError, ClientError):
            logger.exception("notice not sent", persona_id=persona_id, topic=topic)
            self.standings.change(persona_id, owner, topic, before or "", before=standing)
            return False
        return True

    def standing(self, persona_id: str, topic: str) -> str | None:
        """How `topic` stood when it was told last; `None` where it never was."""
        return self.standings.get(persona_id, topic)

    def note(self, persona_id: str, owner: str, topic: str, standing: str) -> None:
        """Remember how `topic` stands without telling it, where something was told of it before."""
        before = self.standings.get(persona_id, topic)
        if before is not None:
            self.standings.change(persona_id, owner, topic, standing, before=before)
