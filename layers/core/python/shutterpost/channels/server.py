"""The limits that the server of an account states."""

from datetime import datetime

from shutterpost.runtime.values import Value


class ServerLimits(Value):
    """Limits of one server as it stated them at `read_at` (UTC); `None` means that it did not."""

    version: str = ""
    read_at: datetime
    max_text_length: int | None = None
    link_length: int | None = None
    max_pictures: int | None = None
    max_alt_text: int | None = None
    max_bytes: int | None = None

    def same_as(self, other: "ServerLimits | None") -> bool:
        """Whether both state the same, whenever they were read."""
        return other is not None and self == other.model_copy(update={"read_at": self.read_at})
