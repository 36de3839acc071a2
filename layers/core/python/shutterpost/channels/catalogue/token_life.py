"""How long a channel's tokens live, and when they are refreshed."""

from datetime import datetime, timedelta

from shutterpost.channels.connection import Connection
from shutterpost.runtime.values import Value


class TokenPolicy(Value):
    """Lifetime of a token in days, `None` means unlimited; `refresh_after_days` is `None` where a person renews it."""

    life_days: int | None = None
    refresh_after_days: int | None = None

    def refresh_due(self, connection: Connection, now: datetime) -> bool:
        """Whether to exchange the connection's token; Meta exchanges none that is younger than a day."""
        if self.refresh_after_days is None or self.life_days is None or connection.token_updated_at is None:
            return False
        age, days_left = now - connection.token_updated_at, self.days_left(connection, now)
        near = days_left is not None and days_left < self.life_days - self.refresh_after_days
        return age >= timedelta(days=self.refresh_after_days) or (near and age >= timedelta(days=1))

    def ends_at(self, connection: Connection) -> datetime | None:
        """When the connection's token ends; `None` where it does not."""
        ends_at = connection.token_expires_at
        if ends_at is None and self.life_days is not None and connection.token_updated_at is not None:
            ends_at = connection.token_updated_at + timedelta(days=self.life_days)
        return ends_at

    def days_left(self, connection: Connection, now: datetime) -> int | None:
        """Whole days until the connection's token ends, below 0 once it has; `None` where it does not end."""
        ends_at = self.ends_at(connection)
        return None if ends_at is None else (ends_at - now).days
