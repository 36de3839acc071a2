"""What a look-ahead found for a coming slot, as it is stored and as the slot's decision tells it."""

from datetime import datetime

from shutterpost.runtime.clock import iso
from shutterpost.runtime.values import Value


class ReplacedPhoto(Value):
    name: str
    reason: str


class Foreseen(Value):
    """The photo that the slot was to get at `checked_at` (UTC), unfit ones before it, and why the slot is at risk."""

    checked_at: datetime
    photo_id: str | None = None
    name: str = ""
    replaced: tuple[ReplacedPhoto, ...] = ()
    risk: str | None = None

    def note(self, picked: str | None) -> str:
        """What the decision for the slot says of the look-ahead."""
        unfit = "; ".join(f"{photo.name} is left out: {photo.reason}" for photo in self.replaced)
        if self.risk is not None:
            result = f"the slot was at risk: {self.risk}"
        elif self.photo_id == picked:
            result = f"{self.name} was expected and fit to post."
        else:
            result = f"{self.name} was expected; the library, the rules or other posts have changed since."
        return " ".join(filter(None, (f"Checked on {iso(self.checked_at)}:", f"{unfit};" if unfit else "", result)))
