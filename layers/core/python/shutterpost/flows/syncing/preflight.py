"""The look at a post ahead of its time: account, quota, renditions and their address (requirements §3, pain 12).

A photo that cannot go out for a reason of its own is swapped, where a pick chose it. All else is told, once for each
trouble, because another photo would meet it too.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from shutterpost.channels import Cause, Failure, FailureClass, check_reachable
from shutterpost.flows.operating.review import Reviewer, may_be_swapped
from shutterpost.flows.posting.deadlines import start_deadline
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.syncing.notices import Notices
from shutterpost.photos import new_public_key
from shutterpost.runtime.clock import iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import PostDetails, Schedule, StaleWrite

WELL = "well"
# How many posts a run of sync looks at ahead of their time.
MOST = 50


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """Looks at what waits, with the chain's stores and adapters; publishes nothing."""

    chain: PublishContext
    reviewer: Reviewer
    notices: Notices

    def run(self) -> "ShownPhotos":
        """The looks of one run of sync."""
        return ShownPhotos(self)

    def look(self, schedule: Schedule, trouble: Failure | None) -> Schedule | None:
        """Look at a schedule that waits, whose connection has `trouble`; the schedule where it ended by that."""
        details = self.chain.posts.details(schedule.post_id)
        self._tell_connection(schedule, trouble)
        faulty = self._fault_of_photo(schedule, details) if trouble is None else None
        if faulty is not None and faulty.cause is Cause.PHOTO and may_be_swapped(details):
            swapped = self.reviewer.swap(details, faulty)
            if swapped is not None:
                logger.warning("photo swapped ahead of its time", post_id=schedule.post_id, reason=swapped.reason)
                return self.chain.schedules.get(schedule.schedule_id)
            return None
        if faulty is not None:
            self._tell_fault(schedule, faulty)
        elif trouble is None:
            self.notices.note(schedule.persona_id, schedule.owner, "address", WELL)
        concern = trouble or faulty
        self.keep(schedule, concern.message if concern else None)
        return None

    def trouble(self, schedule: Schedule) -> Failure | None:
        """Why the connection could not take the post."""
        account = self.chain.account(schedule)
        if isinstance(account, Failure):
            return account
        answer = self.chain.adapter(schedule).health(account, schedule.goes_at)
        return answer if isinstance(answer, Failure) else None

    def _fault_of_photo(self, schedule: Schedule, details: PostDetails) -> Failure | None:
        """Why a platform could not be given the post's photos."""
        profile = self.chain.row(schedule).rendition
        for photo_id in details.post.photo_ids:
            photo = self.chain.photos.get(schedule.persona_id, photo_id)
            rendition = photo.renditions.get(profile)
            if photo.withheld is not None or rendition is None:
                return _fault(photo.withheld or f"It has no rendition {profile}.")
            probe = new_public_key()
            try:
                answer = check_reachable(self.chain.copies.publish(rendition, probe))
            except ClientError as error:
                if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                    raise
                return _fault(f"The file of its rendition {profile} is gone.")
            finally:
                self.chain.copies.remove((probe,))
            if answer is not None:
                return answer
        return None

    def keep(self, schedule: Schedule, concern: str | None, *, looked: bool = True) -> None:
        """Let the schedule wait for its start, with what was found, if it was looked at."""
        persona = self.chain.personas.get(schedule.persona_id)
        now = self.chain.clock.now()
        due_at = start_deadline(persona, schedule.review, run_at=schedule.run_at, start_at=schedule.start_at)
        found: dict[str, Any] = {"checked_at": now, "concern": concern} if looked else {}
        kept = self.chain.schedules.move(schedule, schedule.status, now=now, due_at=max(now, due_at), **found)
        if looked and not isinstance(kept, StaleWrite):
            logger.info("looked at ahead of its time", schedule_id=schedule.schedule_id, concern=concern)

    def _tell_connection(self, schedule: Schedule, trouble: Failure | None) -> None:
        """That it is well is kept, so that the next trouble is told again."""
        topic = f"connection#{schedule.connection_id}"
        if trouble is None:
            self.notices.note(schedule.persona_id, schedule.owner, topic, WELL)
        else:
            advice = "See to the connection; its schedules stay queued."
            self._tell(schedule, topic, trouble, "A connection would fail", advice)

    def _tell_fault(self, schedule: Schedule, fault: Failure) -> None:
        if fault.cause is Cause.PHOTO:
            advice = f"A person chose the photo, so it is not swapped; change or cancel post {schedule.post_id}."
            self._tell(schedule, f"photo#{schedule.post_id}", fault, "A planned post would fail", advice)
        else:
            advice = "See whether the CDN serves what lies under public/."
            self._tell(schedule, "address", fault, "Pictures cannot be fetched", advice)

    def _tell(self, schedule: Schedule, topic: str, failure: Failure, subject: str, advice: str) -> None:
        what = f"What is to go out at {iso(schedule.run_at)} on {schedule.channel} would fail: {failure.message}"
        text = f"{what} {advice}"
        self.notices.tell(schedule.persona_id, schedule.owner, topic, failure.code, subject=subject, text=text)


@dataclass(frozen=True)
class ShownPhotos:
    """The looks of one run: each connection is asked once for the posts of a day, and a run has an end."""

    preflight: Preflight
    asked: dict[tuple[str, date], Failure | None] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def look(self, schedule: Schedule) -> Schedule | None:
        """Look at one more; what goes beyond `MOST` is left to its chain, so that nothing else waits for it."""
        if schedule.checked_at is not None or len(self.seen) >= MOST:
            self.preflight.keep(schedule, schedule.concern, looked=False)
            return None
        self.seen.append(schedule.schedule_id)
        key = schedule.connection_id, schedule.goes_at.date()
        if key not in self.asked:
            self.asked[key] = self.preflight.trouble(schedule)
        return self.preflight.look(schedule, self.asked[key])


def _fault(message: str) -> Failure:
    return Failure(failure_class=FailureClass.PERMANENT, cause=Cause.PHOTO, code="preflight", message=message)
