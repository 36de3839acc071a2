"""A post that leaves its time for another."""

from datetime import datetime

from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Post, Schedule


class PostMove(Value):
    """A post's schedules of one time, and their next."""

    post: Post
    schedules: tuple[Schedule, ...]
    when: ScheduledTime

    @property
    def connection_ids(self) -> tuple[str, ...]:
        return tuple(sorted(schedule.connection_id for schedule in self.schedules))

    @property
    def leaves(self) -> datetime:
        return self.schedules[0].run_at
