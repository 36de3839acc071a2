"""An operator's verdict on a schedule whose outcome is unknown; the reconciler applies it."""

import re
from datetime import datetime
from urllib.parse import urlsplit

from shutterpost.channels import Catalogue, ConnectionStore, Grade
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.stale_writes import change_schedule
from shutterpost.flows.publishing.decision import settles_at
from shutterpost.flows.refusals import AddressInvalid, NothingToResolve, TooEarlyToResolve
from shutterpost.runtime.clock import Clock, iso
from shutterpost.scheduling import OperatorVerdict, Schedule, Schedules, ScheduleStatus, StaleWrite

MAX_ADDRESS = 500


@flow
class Resolver:
    """Stores verdicts; never calls a platform itself."""

    clock: Clock
    schedules: Schedules
    connections: ConnectionStore
    catalogue: Catalogue

    def resolve(self, schedule_id: str, *, live_url: str | None = None, not_live: bool = False) -> Schedule:
        """Store the verdict: live at `live_url`, or not live; exactly one of them is given.

        Raises `ScheduleNotFound`, `NothingToResolve` if the outcome is not unknown, `TooEarlyToResolve` and
        `AddressInvalid`.
        """
        if not_live == (live_url is not None):
            raise AddressInvalid("Give either the address of the live post or that it is not live.", field="live_url")
        if live_url is not None:
            self._check_address(live_url, self.schedules.get(schedule_id).channel)
        verdict = OperatorVerdict.NOT_LIVE if not_live else OperatorVerdict.LIVE
        return change_schedule(
            self.schedules, schedule_id, NothingToResolve, lambda schedule: self._store(schedule, verdict, live_url)
        )

    def check_address(self, schedule: Schedule, live_url: str) -> None:
        """Raise as `resolve` would, without storing the verdict."""
        self._check_address(live_url, schedule.channel)
        _check_unknown(schedule)

    def _store(self, schedule: Schedule, verdict: OperatorVerdict, live_url: str | None) -> Schedule | None:
        _check_unknown(schedule)
        now = self.clock.now()
        if verdict is OperatorVerdict.NOT_LIVE:
            self._check_settled(schedule, now)
        moved = self.schedules.move(
            schedule, ScheduleStatus.UNKNOWN, now=now, verdict=verdict, verdict_url=live_url, due_at=now
        )
        return None if isinstance(moved, StaleWrite) else moved

    def _check_settled(self, schedule: Schedule, now: datetime) -> None:
        # Elsewhere the platform is read once more before "not live" counts.
        row = self.catalogue.row(schedule.channel)
        connection = self.connections.get(schedule.persona_id, schedule.connection_id)
        if row.grade_of(connection) is Grade.E and now < settles_at(schedule):
            raise TooEarlyToResolve(
                f"{row.name} may still publish this post, and does not show whether it has; look at the account again "
                f"after {iso(settles_at(schedule))}, then resolve this schedule."
            )

    def _check_address(self, text: str, channel: str) -> None:
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if len(text) > MAX_ADDRESS or parts.scheme != "https" or not parts.netloc or not text.isprintable():
            raise AddressInvalid("Give the address of the live post, beginning with https://.", field="live_url")
        row = self.catalogue.row(channel)
        if row.post_address is not None and not re.fullmatch(row.post_address, text):
            detail = f"This is no address of a post on {row.name}; copy the post's link from {row.name}."
            raise AddressInvalid(detail, field="live_url")


def _check_unknown(schedule: Schedule) -> None:
    if schedule.status is not ScheduleStatus.UNKNOWN:
        raise NothingToResolve(
            f"Schedule {schedule.schedule_id} is {schedule.status}; only an unknown outcome can be resolved."
        )
