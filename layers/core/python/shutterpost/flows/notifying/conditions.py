"""A condition: something that stands at the moment of a run, and that the owner must know."""

from datetime import datetime

from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.runtime.values import Value


class Condition(Value):
    """A condition of a persona, or of the deployment if `persona_id` is `None`.

    `subject` identifies it among those of its kind. Another `level` is mailed at once. `remind_at` replaces the kind's
    next reminder. `commands` repair it in the console; `link` is a page that helps. Times are shown in `zone`.
    """

    kind: NoticeKind
    subject: str
    persona_id: str | None = None
    label: str
    what: str
    level: str = ""
    post_id: str | None = None
    picture: str | None = None
    commands: tuple[str, ...]
    link: str | None = None
    deadline: datetime | None = None
    remind_at: datetime | None = None
    zone: str = "UTC"

    @property
    def key(self) -> str:
        return f"{self.kind}#{self.persona_id or ''}#{self.subject}"


class Scope(Value):
    """What a run examined: of the kinds `kinds` of one persona every condition is known, also that there is none."""

    persona_id: str | None
    kinds: frozenset[NoticeKind]
