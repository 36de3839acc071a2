"""What the curator sees and says. Instants are aware, in UTC; scores are aesthetic scores from 1 to 10."""

from datetime import datetime

from shutterpost.runtime.values import Value

CURATORS_CHOICE = "curators_choice"


class Candidate(Value):
    """A photo not yet posted, as the index *unposted by score* gives it; `score` is `None` without an analysis."""

    photo_id: str
    name: str
    score: float | None
    provisional: bool = False
    captured_at: datetime | None = None
    dhash: str = ""


class Considered(Value):
    """A candidate and what was found of it: `picked`, `next` in line, or refused by the named rules; `looks_like` is
    the photo that it is a near duplicate of."""

    photo_id: str
    name: str
    score: float | None
    verdict: str
    rules: tuple[str, ...] = ()
    looks_like: str | None = None


class Decision(Value):
    """Why a photo was picked for a slot, or why none was; `reason` is a sentence for the owner."""

    persona_id: str
    slot_at: datetime
    decided_at: datetime
    strategy: str
    picked: str | None
    score: float | None = None
    reason: str
    considered: tuple[Considered, ...] = ()
