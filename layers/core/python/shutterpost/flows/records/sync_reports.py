"""Results of the sync function, which the API shows."""

from shutterpost.runtime.values import Value
from shutterpost.scheduling import ScheduleStatus


class ScheduleUpdate(Value):
    """A schedule whose status sync changed."""

    schedule_id: str
    post_id: str
    before: ScheduleStatus
    after: ScheduleStatus
    external_id: str | None = None
    external_url: str | None = None
    reason: str | None = None


class SyncReport(Value):
    """The result of a run; `overdue_seconds` is of the schedule longest past its grace.

    `failed` are the schedules that stay due, and the personas of slots that stay empty for now.
    """

    looked_at: int
    updated: tuple[ScheduleUpdate, ...]
    overdue_seconds: float
    failed: tuple[str, ...] = ()


class AddressReport(Value):
    """Whether the account has a post at the address; `None` where the platform cannot tell."""

    schedule_id: str
    is_ours: bool | None
    detail: str
