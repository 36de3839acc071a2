"""A connection's circuit breaker: no attempts after failures of several posts, then one probe. Pure."""

from datetime import datetime, timedelta

from shutterpost.runtime.values import Value

# Keeps the growth of a cooldown within the range of `timedelta`.
MAX_DOUBLINGS = 16


class BreakerRules(Value):
    """Opens after failures of `posts` different posts in a row within `window`; after a cooldown it admits one probe.

    The first cooldown is `cooldown`; it doubles with each failed probe, up to `longest`. A probe may take `patience`.
    """

    posts: int
    window: timedelta
    cooldown: timedelta
    longest: timedelta
    patience: timedelta = timedelta(minutes=10)


class FailedPost(Value):
    post_id: str
    at: datetime


class Circuit(Value):
    """The latest failed posts; `opened_at` while the breaker is open, with the admitted `probe`.

    `reopened` counts failed probes, `reason` is the failure that opened the breaker. `requested` are schedules that an
    operator wants published at once, whatever the breaker's state.
    """

    failed_posts: tuple[FailedPost, ...] = ()
    opened_at: datetime | None = None
    reopened: int = 0
    reason: str = ""
    probe: str | None = None
    probe_at: datetime | None = None
    requested: tuple[str, ...] = ()

    def half_open_at(self, rules: BreakerRules) -> datetime | None:
        """When the open breaker admits a probe; `None` if it is closed."""
        if self.opened_at is None:
            return None
        doubled: int = 2 ** min(self.reopened, MAX_DOUBLINGS)
        return self.opened_at + min(rules.cooldown * doubled, rules.longest)

    def open_until(self, schedule_id: str, rules: BreakerRules, now: datetime) -> datetime | None:
        """The instant of the schedule's next attempt, or `None` for now; a half-open circuit admits it as the probe."""
        half_open_at = self.half_open_at(rules)
        if half_open_at is None or schedule_id in self.requested:
            return None
        if now < half_open_at:
            return half_open_at
        if self.probe in {None, schedule_id} or self.probe_at is None:
            return None
        probe_ends_at = self.probe_at + rules.patience
        return probe_ends_at if now < probe_ends_at else None

    def let_through(self, schedule_id: str, now: datetime) -> "Circuit":
        if self.opened_at is None or self.probe == schedule_id or schedule_id in self.requested:
            return self
        return self.model_copy(update={"probe": schedule_id, "probe_at": now})

    def admit(self, schedule_id: str) -> "Circuit":
        """The circuit after an operator's request; only an open one remembers it, until the schedule's next failure."""
        if self.opened_at is None or schedule_id in self.requested:
            return self
        return self.model_copy(update={"requested": (*self.requested, schedule_id)})

    def failed(self, schedule_id: str, post_id: str, rules: BreakerRules, now: datetime, *, reason: str) -> "Circuit":
        """The circuit after a failed attempt; an open circuit counts only its probe's failure, which reopens it."""
        if self.opened_at is not None:
            requested = tuple(other for other in self.requested if other != schedule_id)
            # A retry that waited in its execution is the probe if it comes first.
            first = self.probe is None and now >= (self.half_open_at(rules) or now)
            if self.probe != schedule_id and not first:
                return self.model_copy(update={"requested": requested})
            return Circuit(opened_at=now, reopened=self.reopened + 1, reason=reason, requested=requested)
        recent = [failure for failure in self.failed_posts if failure.at > now - rules.window]
        others = [failure for failure in recent if failure.post_id != post_id]
        failed_posts = (*others, FailedPost(post_id=post_id, at=now))
        opens = len(failed_posts) >= rules.posts
        return Circuit(opened_at=now, reason=reason) if opens else Circuit(failed_posts=failed_posts)
