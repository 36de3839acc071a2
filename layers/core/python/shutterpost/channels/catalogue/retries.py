"""Retries of a channel before publish; durations are seconds."""

from datetime import timedelta

from pydantic import Field

from shutterpost.runtime.values import Value


class RetryPolicy(Value):
    """Retries before publish; `jitter` is the share of a delay that is random."""

    base: float = Field(default=15, gt=0)
    cap: float = Field(default=900, gt=0)
    max_attempts: int = Field(default=5, ge=1)
    jitter: float = Field(default=0.5, ge=0, le=1)

    def delay(self, attempt: int, chance: float, retry_after: float | None = None) -> timedelta | None:
        """The delay after failed `attempt` (from 1), or `None` after the last; `chance` is in [0, 1)."""
        if attempt >= self.max_attempts:
            return None
        own = min(self.cap, self.base * 2 ** (attempt - 1)) * (1 - self.jitter * chance)
        return timedelta(seconds=max(own, retry_after or 0))
